import { useEffect, useState } from 'preact/hooks';
import { useSecond } from '../hooks';
import { usePresence } from '../presence';
import { deskNow } from '../time';
import { t } from '../words';

const AGAIN_MS = 15000;

/** Keeps the screen on while that is wanted: a device asleep sounds no alarm. Whether the browser refuses it; it is asked again, because a charger may come. */
function useAwake(wanted: boolean): boolean {
    const [refused, setRefused] = useState(false);
    useEffect(() => {
        if (!wanted) return undefined;
        const over = new AbortController();
        let held: WakeLockSentinel | null = null;
        let asking = false;
        const hold = async () => {
            // Whoever looks at another page is not refused: the browser takes the lock away there, and gives it again here.
            if (asking || (held && !held.released) || document.visibilityState !== 'visible') return;
            asking = true;
            try {
                held = await navigator.wakeLock.request('screen');
                if (over.signal.aborted) void held.release();
            } catch {
                held = null;
            }
            asking = false;
            if (!over.signal.aborted && document.visibilityState === 'visible') setRefused(!held);
        };
        void hold();
        document.addEventListener('visibilitychange', () => void hold(), { signal: over.signal });
        const timer = setInterval(() => void hold(), AGAIN_MS);
        return () => {
            over.abort();
            clearInterval(timer);
            void held?.release();
            setRefused(false);
        };
    }, [wanted]);
    return refused;
}

/** While the crew is here, or has an alert, which it keeps to its end. */
export function Awake({ busy }: { busy: boolean }) {
    const until = usePresence().value?.until ?? 0;
    useSecond();
    const refused = useAwake(busy || until > deskNow());
    return refused ? <p class="notice warn" role="status">⚠ {t('screen_sleeps')}</p> : null;
}
