import { useEffect, useRef, useState } from 'preact/hooks';
import { Button } from './parts';
import { t } from './words';

function beep(context: AudioContext): void {
    for (const [start, pitch] of [[0, 880], [0.25, 660], [0.5, 880]] as const) {
        const tone = context.createOscillator();
        const loudness = context.createGain();
        tone.frequency.value = pitch;
        loudness.gain.value = 0.25;
        tone.connect(loudness).connect(context.destination);
        tone.start(context.currentTime + start);
        tone.stop(context.currentTime + start + 0.18);
    }
}

/** Words, sound, shaking and the tab's title until somebody acknowledges; never colour or sound alone. */
export function Alarm({ due }: { due: string[] }) {
    const [seen, setSeen] = useState<string[]>([]);
    const context = useRef<AudioContext | null>(null);
    // Heard in one tab is heard in all of this browser's.
    const shared = useRef<BroadcastChannel | null>(null);
    useEffect(() => {
        shared.current = new BroadcastChannel('mizan-alarm');
        shared.current.onmessage = ({ data }: MessageEvent<string[]>) => setSeen(data);
        return () => shared.current?.close();
    }, []);
    const fresh = due.filter((one) => !seen.includes(one));
    const rings = fresh.length > 0;
    useEffect(() => {
        if (!rings) return undefined;
        context.current ??= new AudioContext();
        const sound = () => {
            if (context.current?.state === 'running' && document.visibilityState === 'visible') beep(context.current);
            navigator.vibrate?.([300, 150, 300]);
            document.title = document.title === 'Mizan' ? `⚠ ${t('alarm')}` : 'Mizan';
        };
        sound();
        const timer = setInterval(sound, 2500);
        return () => {
            clearInterval(timer);
            document.title = 'Mizan';
        };
    }, [rings]);
    if (!rings) return null;
    return (
        <div class="alarm" role="alert">
            <strong>⚠ {t('alarm')}</strong>
            <Button words={t('acknowledge')} main work={() => {
                setSeen(due);
                shared.current?.postMessage(due);
            }} />
        </div>
    );
}
