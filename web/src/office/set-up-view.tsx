import { useEffect, useRef, useState } from 'preact/hooks';
import { unbase64 } from '../../statement.js';
import { call, Problem } from '../desk';
import type { Answer } from '../hooks';
import { Button, Ltr, NotHeard } from '../parts';
import { said, sentence, span, t, tell } from '../words';

interface View {
    seconds_left: number; codec: string; width: number; height: number; pictures_a_second: number; faces: number; eye_distances_px: Record<string, number>;
    verdicts: Record<string, number>; sharpness_percent: number; light_percent: number; light_by_hour: Record<string, number>; fitness: string; findings: string[]; picture: string;
}

/** Reduced as a whole: it shows where the camera looks and nobody's face. */
function Picture({ base }: { base: string }) {
    const [url, setUrl] = useState('');
    useEffect(() => {
        const made = URL.createObjectURL(new Blob([unbase64(base)], { type: 'image/jpeg' }));
        setUrl(made);
        return () => URL.revokeObjectURL(made);
    }, [base]);
    return url ? <img class="scene set-up" src={url} alt={t('set_up_picture')} /> : null;
}

/** "14:00 43 %", by the hour. */
const light = (hours: Record<string, number>) => Object.entries(hours).sort().map(([hour, percent]) => `${hour}:00 ${percent} %`).join(' · ') || '–';

function Seen({ view, hours, over }: { view: View; hours: Record<string, number>; over: boolean }) {
    const counts = (of: Record<string, number>) => Object.entries(of).filter(([, count]) => count > 0).map(([name, count]) => `${said(name)} ${count}`).join(' · ') || '–';
    return (
        <div class="two">
            {over ? <p class="quiet">{t('set_up_over')}</p> : view.picture ? <Picture base={view.picture} /> : <p class="quiet">{t('loading')}</p>}
            <dl>
                <dt>{t('set_up_fitness')}</dt><dd><strong class={view.fitness === 'suitable' ? 'good' : 'warn'}>{said(view.fitness)}</strong></dd>
                <dt>{t('set_up_stream')}</dt><dd><Ltr>{view.codec} {view.width}×{view.height}, {view.pictures_a_second}/s</Ltr></dd>
                <dt>{t('set_up_faces')}</dt><dd><Ltr>{view.faces}</Ltr>: {counts(view.eye_distances_px)}</dd>
                <dt>{t('set_up_verdicts')}</dt><dd>{counts(view.verdicts)}</dd>
                <dt>{t('set_up_sharpness')}</dt><dd><Ltr>{view.sharpness_percent} %</Ltr></dd>
                <dt>{t('set_up_light')}</dt><dd><Ltr>{light(hours)}</Ltr> <small class="quiet">{t('set_up_light_help')}</small></dd>
            </dl>
            <ul>{view.findings.map((one) => <li key={one}>{sentence(one)}</li>)}</ul>
        </div>
    );
}

const nothing: Answer<View> = { value: null, problem: '' };

/** A minute, twice a day, recorded: whether this camera can do the work where it hangs. */
export function SetUpView({ camera }: { camera: string }) {
    const [looking, setLooking] = useState(false);
    const ends_ms = useRef(0);
    const [heard, setHeard] = useState(nothing);
    const [hours, setHours] = useState<Record<string, number>>({});
    const view = heard.value;
    useEffect(() => {
        if (!looking) return undefined;
        let current = true;
        const end = () => {
            setLooking(false);
            setHeard(({ value }) => ({ value: value && { ...value, picture: '' }, problem: '' }));
        };
        const ask = (asked_ms: number) => call<View>('GET', `/cameras/${camera}/set_up`).then((seen) => {
            if (!current) return;
            ends_ms.current = asked_ms + seen.seconds_left * 1000;
            setHeard({ value: seen, problem: '' });
            setHours((before) => ({ ...before, ...seen.light_by_hour }));
        }, (reason: unknown) => {
            if (!current) return;
            // One that got lost ends nothing: the minute goes on, and is not given again today.
            if (reason instanceof Problem && reason.status !== 503) end();
            else setHeard(({ value }) => ({ value, problem: tell(reason) }));
        });
        const look = () => (Date.now() < ends_ms.current ? void ask(Date.now()) : end());
        look();
        const timer = setInterval(look, 1000);
        return () => {
            current = false;
            clearInterval(timer);
        };
    }, [looking, camera]);
    return (
        <>
            {!looking && <Button words={t('set_up_look')} work={async () => {
                const { seconds } = await call<{ seconds: number }>('POST', `/cameras/${camera}/set_up`);
                ends_ms.current = Date.now() + seconds * 1000;
                setHeard(nothing);
                setLooking(true);
            }} />}
            {looking && <NotHeard what={t('set_up_view')} of={heard} />}
            {looking && view && <p class="timer">{t('set_up_left')} <Ltr>{span(view.seconds_left)}</Ltr></p>}
            {view && <Seen view={view} hours={hours} over={!looking} />}
        </>
    );
}
