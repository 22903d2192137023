import { useEffect, useRef, useState } from 'preact/hooks';
import { Button } from './parts';
import { deskNow } from './time';
import { clock, isolated, t } from './words';

function beep(context: AudioContext): void {
    for (const [start, pitch] of [[0, 880], [0.25, 660], [0.5, 880]] as const) {
        const tone = context.createOscillator();
        const loudness = context.createGain();
        tone.frequency.value = pitch;
        tone.type = 'square';
        loudness.gain.value = 0.4;
        tone.connect(loudness).connect(context.destination);
        tone.start(context.currentTime + start);
        tone.stop(context.currentTime + start + 0.18);
    }
}

/**
 * A loudspeaker, null while it is mute: the browser lets a page sound only after a press on it, and stops it for a call or in its
 * sleep. Asked for again at each press (a finger's counts when it goes up) and each return to the page.
 */
function useLoudspeaker(): AudioContext | null {
    const [loud, setLoud] = useState<AudioContext | null>(null);
    useEffect(() => {
        const context = new AudioContext();
        const over = new AbortController();
        const look = () => setLoud(context.state === 'running' ? context : null);
        const wake = () => {
            if (context.state !== 'running') void context.resume().catch(() => undefined);
        };
        context.addEventListener('statechange', look, { signal: over.signal });
        for (const one of ['pointerdown', 'pointerup', 'keydown', 'visibilitychange'])
            document.addEventListener(one, wake, { capture: true, signal: over.signal });
        look();
        return () => {
            over.abort();
            void context.close();
        };
    }, []);
    return loud;
}

const AGAIN_MS = 2500;

/** One tab of the browser sounds, also when nobody looks at it: of those that can, the first that asked, until `signal` ends it. */
function beTheVoice(loud: AudioContext, signal: AbortSignal): void {
    const whileItRings = () => {
        beep(loud);
        const timer = setInterval(() => beep(loud), AGAIN_MS);
        return new Promise<void>((done) => signal.addEventListener('abort', () => {
            clearInterval(timer);
            done();
        }));
    };
    void navigator.locks.request('mizan-alarm', { signal }, whileItRings).catch(() => undefined);
}

/** Something that calls for this person; under another `key` it is another one, and rings again. */
export interface Call { key: string; words: string }
interface Heard { due: string[]; at: number }

/** Words, sound, shaking and the tab's title until somebody acknowledges; never colour or sound alone. What was heard and still waits says so. */
export function Alarm({ calls }: { calls: Call[] }) {
    const due = calls.map(({ key }) => key);
    const [heard, setHeard] = useState<Heard>({ due: [], at: 0 });
    const loud = useLoudspeaker();
    // Heard in one tab is heard in all of this browser's.
    const shared = useRef<BroadcastChannel | null>(null);
    useEffect(() => {
        shared.current = new BroadcastChannel('mizan-alarm');
        shared.current.onmessage = ({ data }: MessageEvent<Heard>) => setHeard(data);
        return () => shared.current?.close();
    }, []);
    // What no longer waits is forgotten: when it comes back, it rings again.
    useEffect(() => setHeard((before) => ({ ...before, due: before.due.filter((one) => due.includes(one)) })), [due.join()]);
    const fresh = calls.filter(({ key }) => !heard.due.includes(key));
    const words = [...new Set(fresh.map((one) => one.words))];
    const rings = fresh.length > 0;
    useEffect(() => {
        if (!rings || !loud) return undefined;
        const over = new AbortController();
        beTheVoice(loud, over.signal);
        return () => over.abort();
    }, [rings, loud]);
    useEffect(() => {
        if (!rings) return undefined;
        const call = () => {
            navigator.vibrate?.([300, 150, 300]);
            document.title = document.title === 'Mizan' ? `⚠ ${words[0] ?? ''}` : 'Mizan';
        };
        call();
        const timer = setInterval(call, AGAIN_MS);
        return () => {
            clearInterval(timer);
            document.title = 'Mizan';
        };
    }, [rings, words[0]]);
    if (due.length === 0) return null;
    if (!rings) return <p class="heard" role="status">✓ {t('alarm_heard', { time: isolated(clock(heard.at)) })}</p>;
    const acknowledge = () => {
        const to = { due, at: deskNow() };
        setHeard(to);
        shared.current?.postMessage(to);
    };
    return (
        <div class="alarm" role="alert">
            <span><strong>⚠ {words.join(' ')}</strong>{!loud && <small> {t('alarm_mute')}</small>}</span>
            <Button words={t('acknowledge')} main work={acknowledge} />
        </div>
    );
}
