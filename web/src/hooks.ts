import type { RefObject } from 'preact';
import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { bell, call, NoAnswer, Problem } from './desk';
import { Objection, tell } from './words';

/** Draws again every second: countdowns. */
export function useSecond(): number {
    const [second, setSecond] = useState(() => Date.now());
    useEffect(() => {
        const timer = setInterval(() => setSecond(Date.now()), 1000);
        return () => clearInterval(timer);
    }, []);
    return second;
}

const SETTLE_MS = 1000;

/** Whether what stands here stands here long enough to be meant: a button may take the place of another one that was just about to be pressed. */
export function useSettled(what: string): boolean {
    const [settled, settle] = useState('');
    useEffect(() => {
        const timer = setTimeout(() => settle(what), SETTLE_MS);
        return () => clearTimeout(timer);
    }, [what]);
    return settled === what;
}

const LOOK_MS = 250;

/** How far down the page something begins, in whole pixels; looked at again and again, because anything above may push it. */
const topOf = (one: HTMLElement | null): number => (one ? Math.round(one.getBoundingClientRect().top + scrollY) : -1);

/** Whether a part stands long enough where it stands; and, for the moment of a press, whether it has been pushed since that was looked at. */
export function useStanding(part: RefObject<HTMLElement>): [boolean, () => boolean] {
    const [top, setTop] = useState(-1);
    const look = () => setTop(topOf(part.current));
    useLayoutEffect(look);
    useEffect(() => {
        const timer = setInterval(look, LOOK_MS);
        return () => clearInterval(timer);
    }, []);
    return [useSettled(String(top)), () => topOf(part.current) !== top];
}

/** What the desk answered last, null when nothing yet, and why it did not answer since. Both together: the value is old. */
export interface Answer<T> { value: T | null; problem: string }

/** Longer than this nobody waits for one that is on its way before asking anew: the signal may have been lost under it. */
const MOMENT_MS = 1000;
interface Way { begun: number; fresh: boolean; reply: Promise<unknown>; next?: Promise<unknown> }
const ways = new Map<string, Way>();

function setOut(path: string): Promise<unknown> {
    // A browser has few connections to a desk: what a reviewer is asked does not queue behind what stands around it.
    const way: Way = { begun: Date.now(), fresh: true, reply: Promise.resolve().then(() => {
        way.fresh = false;
        return call('GET', path, undefined, undefined, path === '/alerts' ? 'high' : 'low');
    }).finally(() => {
        if (ways.get(path) === way) ways.delete(path);
    }) };
    ways.set(path, way);
    return way.reply;
}

/**
 * The desk's reply to a question that goes out now or later, never earlier: the parts of a page that ask the same at the same news share one, and of the
 * news that come while one is on its way all share the one after it.
 */
function askOnce(path: string): Promise<unknown> {
    const way = ways.get(path);
    if (!way || Date.now() - way.begun > MOMENT_MS) return setOut(path);
    if (way.fresh) return way.reply;
    const then = () => setOut(path);
    return way.next ??= way.reply.then(then, then);
}

/** Why, in the language that the page speaks now. */
const toldOf = (reason: unknown): string => (reason === null ? '' : tell(reason));

/** A reply of the desk, asked again at every event and every 15 seconds; drawn again only when it changed. */
export function useAnswer<T>(path: string): Answer<T> {
    const [{ value, reason }, setAnswer] = useState<{ value: T | null; reason: unknown }>({ value: null, reason: null });
    const last = useRef('');
    const asked = useRef(0);
    const heard = useRef(0);
    const ask = useCallback(async () => {
        const mine = ++asked.current;
        const [came, failed] = await askOnce(path).then((one) => [one as T, null] as const, (problem: unknown) => [null, problem] as const);
        // Of two that are on their way the one that was asked first may come last: it says nothing about now.
        if (mine < heard.current) return;
        heard.current = mine;
        const text = JSON.stringify([came, toldOf(failed)]);
        // The last known answer stays on the screen; NotHeard says beside it that it is old.
        if (text !== last.current) setAnswer((before) => ({ value: failed ? before.value : came, reason: failed }));
        last.current = text;
    }, [path]);
    useEffect(() => {
        void ask();
        const again = () => void ask();
        bell.addEventListener('news', again);
        const timer = setInterval(again, 15000);
        return () => {
            bell.removeEventListener('news', again);
            clearInterval(timer);
        };
    }, [ask]);
    return { value, problem: toldOf(reason) };
}

/** Of several that were begun one after the other the last one alone says what came of it, and none of them to a part that is gone. */
export function useLatest(): () => () => boolean {
    const begun = useRef(0);
    useEffect(() => () => void ++begun.current, []);
    return () => {
        const mine = ++begun.current;
        return () => mine === begun.current;
    };
}

const AGAIN_MS = 3000;

/** What is asked for once, by its `key`; what got no answer, or that it cannot be had now, is asked for again at the bell and every few seconds. A refusal is an answer. */
export function useGiven<T>(ask: () => Promise<T>, key: string): Answer<T> {
    const nothing = { of: key, value: null, reason: null };
    const [given, setGiven] = useState<{ of: string; value: T | null; reason: unknown }>(nothing);
    const latest = useRef(ask);
    latest.current = ask;
    useEffect(() => {
        let current = true;
        let waits = true;
        const attempt = async () => {
            if (!waits) return;
            waits = false;
            try {
                const value = await latest.current();
                if (current) setGiven({ of: key, value, reason: null });
            } catch (problem) {
                waits = problem instanceof NoAnswer || (problem instanceof Problem && problem.status === 503);
                if (current) setGiven({ ...nothing, reason: problem });
            }
        };
        void attempt();
        const again = () => void attempt();
        bell.addEventListener('news', again);
        const timer = setInterval(again, AGAIN_MS);
        return () => {
            current = false;
            bell.removeEventListener('news', again);
            clearInterval(timer);
            setGiven(nothing);
        };
    }, [key]);
    const { value, reason } = given.of === key ? given : nothing;
    return { value, problem: toldOf(reason) };
}

/** "?build=…", by which the page's parts name each other (tools/embed-page). */
export const build = new URL(import.meta.url).search;

/** A desk that was upgraded since has no part for this page any more. */
async function whyNoFile(): Promise<never> {
    const reply = await fetch(`/shell.js${build}`, { cache: 'no-store', signal: AbortSignal.timeout(AGAIN_MS) }).catch(() => null);
    throw reply?.status === 404 ? new Objection('other_build') : new NoAnswer();
}

/** A part of the page that is a file of its own; what did not come is asked for again. */
export const useFile = <T>(load: () => Promise<T>, name: string): Answer<T> => useGiven(() => load().catch(whyNoFile), name);
