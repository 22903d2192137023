import { useEffect, useRef, useState } from 'preact/hooks';
import { Button } from './parts';
import { clock, isolated, now, t } from './words';

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

/** One tab of the browser sounds, also when nobody looks at it; the promise is kept until `signal` ends it. */
function beTheVoice(signal: AbortSignal, speak: () => void): void {
    const whileItRings = () => {
        speak();
        return new Promise<void>((done) => signal.addEventListener('abort', () => done()));
    };
    void navigator.locks.request('mizan-alarm', { signal }, whileItRings).catch(() => undefined);
}

interface Heard { due: string[]; at: number }

/** Words, sound, shaking and the tab's title until somebody acknowledges; never colour or sound alone. What was heard and still waits says so. */
export function Alarm({ due }: { due: string[] }) {
    const [heard, setHeard] = useState<Heard>({ due: [], at: 0 });
    const [mute, setMute] = useState(false);
    const context = useRef<AudioContext | null>(null);
    // Heard in one tab is heard in all of this browser's.
    const shared = useRef<BroadcastChannel | null>(null);
    useEffect(() => {
        shared.current = new BroadcastChannel('mizan-alarm');
        shared.current.onmessage = ({ data }: MessageEvent<Heard>) => setHeard(data);
        return () => shared.current?.close();
    }, []);
    // What no longer waits is forgotten: when it comes back, it rings again.
    useEffect(() => setHeard((before) => ({ ...before, due: before.due.filter((one) => due.includes(one)) })), [due.join()]);
    const fresh = due.filter((one) => !heard.due.includes(one));
    const rings = fresh.length > 0;
    useEffect(() => {
        if (!rings) return undefined;
        const over = new AbortController();
        let isVoice = false;
        context.current ??= new AudioContext();
        const ring = () => {
            if (isVoice && context.current?.state === 'running') beep(context.current);
        };
        beTheVoice(over.signal, () => {
            isVoice = true;
            ring();
        });
        const sound = () => {
            setMute(context.current?.state !== 'running');
            ring();
            navigator.vibrate?.([300, 150, 300]);
            document.title = document.title === 'Mizan' ? `⚠ ${t('alarm')}` : 'Mizan';
        };
        sound();
        const timer = setInterval(sound, 2500);
        return () => {
            clearInterval(timer);
            over.abort();
            document.title = 'Mizan';
        };
    }, [rings]);
    if (due.length === 0) return null;
    if (!rings) return <p class="heard" role="status">✓ {t('alarm_heard', { time: isolated(clock(heard.at)) })}</p>;
    const acknowledge = () => {
        const to = { due, at: now() };
        setHeard(to);
        shared.current?.postMessage(to);
    };
    return (
        <div class="alarm" role="alert">
            <span><strong>⚠ {t('alarm')}</strong>{mute && <small> {t('alarm_mute')}</small>}</span>
            <Button words={t('acknowledge')} main work={acknowledge} />
        </div>
    );
}
