import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { bell, call, NoAnswer } from './desk';
import { tell } from './words';

/** Draws again every second: countdowns. */
export function useSecond(): number {
    const [second, setSecond] = useState(() => Date.now());
    useEffect(() => {
        const timer = setInterval(() => setSecond(Date.now()), 1000);
        return () => clearInterval(timer);
    }, []);
    return second;
}

/** A reply of the desk, asked again at every event and every 15 seconds; drawn again only when it changed. */
export function useAnswer<T>(path: string): { value: T | null; problem: string } {
    const [answer, setAnswer] = useState<{ value: T | null; problem: string }>({ value: null, problem: '' });
    const last = useRef('');
    const ask = useCallback(async () => {
        try {
            const value = await call<T>('GET', path);
            const text = JSON.stringify(value);
            if (text !== last.current) setAnswer({ value, problem: '' });
            last.current = text;
        } catch (problem) {
            // The last known answer stays on the screen; the banner says that the signal is lost.
            setAnswer((before) => ({ ...before, problem: tell(problem) }));
            last.current = '';
        }
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

const AGAIN_MS = 3000;

/** What is asked for once, by its `key`; what got no answer is asked for again at the bell and every few seconds. A refusal is an answer. */
export function useGiven<T>(ask: () => Promise<T>, key: string): { value: T | null; problem: string } {
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
                waits = problem instanceof NoAnswer;
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
