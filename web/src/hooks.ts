import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { bell, call } from './desk';
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
