import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { bell, call, NoAnswer, Problem } from './desk';
import { t, tell } from './words';

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

/** What the desk answered last, null when nothing yet, and why it did not answer since. Both together: the value is old. */
export interface Answer<T> { value: T | null; problem: string }

/** A reply of the desk, asked again at every event and every 15 seconds; drawn again only when it changed. */
export function useAnswer<T>(path: string): Answer<T> {
    const [answer, setAnswer] = useState<Answer<T>>({ value: null, problem: '' });
    const last = useRef('');
    const asked = useRef(0);
    const heard = useRef(0);
    const ask = useCallback(async () => {
        const mine = ++asked.current;
        const [value, problem] = await call<T>('GET', path).then((one) => [one, ''] as const, (reason: unknown) => [null, tell(reason)] as const);
        // Of two that are on their way the one that was asked first may come last: it says nothing about now.
        if (mine < heard.current) return;
        heard.current = mine;
        const text = JSON.stringify([value, problem]);
        // The last known answer stays on the screen; NotHeard says beside it that it is old.
        if (text !== last.current) setAnswer((before) => ({ value: problem ? before.value : value, problem }));
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
    return answer;
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
    const nothing = { of: key, value: null, problem: '' };
    const [given, setGiven] = useState<{ of: string; value: T | null; problem: string }>(nothing);
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
                if (current) setGiven({ of: key, value, problem: '' });
            } catch (problem) {
                waits = problem instanceof NoAnswer || (problem instanceof Problem && problem.status === 503);
                if (current) setGiven({ ...nothing, problem: tell(problem) });
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
    return given.of === key ? given : nothing;
}

/** A part of the page that is a file of its own; what did not come is asked for again. */
export const useFile = <T>(load: () => Promise<T>, name: string): Answer<T> => useGiven(() => load().catch(() => {
    throw new NoAnswer(t('no_answer'));
}), name);
