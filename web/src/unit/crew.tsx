import { useEffect, useState } from 'preact/hooks';
import { fitting, forMissing, missed, shortCode, type Alert } from '../alerts';
import { act, call, Problem, signal, type Me } from '../desk';
import { useGiven, useSecond, type Answer } from '../hooks';
import { Answers, Blank, Button, Choice, Ltr, Section } from '../parts';
import { believedRoster } from '../sign-in';
import { isolated, now, said, span, t } from '../words';
import { Marking, PacketView, usePacket } from './packet';
import { usePosition } from './position';
import { Harm, harmOf, isHarmSaid, notes, StopForm } from './stop';

const SILENCE_MS = 60000;

/** After a minute without the desk nothing on this page may be trusted to be current. The seconds are for the eye: an alert is read out whenever it changes. */
export function Silence() {
    useSecond();
    const silent = Date.now() - signal.heardAt > SILENCE_MS;
    return (
        <>
            {silent && <p class="silence" role="alert">⚠ {t('call_control')} <span aria-hidden="true"><Ltr>{span((Date.now() - signal.heardAt) / 1000)}</Ltr></span></p>}
            {signal.waiting > 0 && <p class="notice warn" role="status">⏳ {t('waits_for_signal')}</p>}
        </>
    );
}

interface StepProps { me: Me; alert: Alert }

function NotStopped({ me, alert }: StepProps) {
    const [outcome, setOutcome] = useState('');
    const [{ harm, force }, setHarm] = useState({ harm: '', force: '' });
    const arrived = alert.state === 'on_scene';
    return (
        <details>
            <summary>{t('no_stop')}</summary>
            <Answers words={t('why_no_stop')} codes={arrived ? fitting(alert, [...missed, ...forMissing]) : missed} value={outcome} onChange={setOutcome} />
            {['found_safe', 'contact_declined'].includes(outcome) && <p class="quiet">{t('missing_help')}</p>}
            {arrived && <Harm harm={harm} force={force} change={(some) => setHarm((before) => ({ ...before, ...some }))} />}
            <Button words={t('record_no_stop')} disabled={!outcome || (arrived && !isHarmSaid(harm, force))} work={() => act(me, `/alerts/${alert.alert}/outcome`, 'outcome',
                { alert: alert.alert, outcome, ...harmOf(arrived ? harm : 'none', force), means: 'none', case: '' })} />
        </details>
    );
}

/** What the crew has signed and somebody else still has to agree with: control at the scene, at a stop by a document the crew's second officer. */
function Pending({ me, alert }: StepProps) {
    if (!alert.concurrence_asked) return null;
    const outcome = said(alert.concurrence_asked);
    if (alert.state === 'on_scene' || alert.asked_by === me.officer)
        return <p class="notice warn" role="status">⏳ {t(alert.state === 'on_scene' ? 'awaits_control' : 'awaits_officer', { outcome })}</p>;
    return (
        <div class="opened">
            <p class="warn" role="alert">⚠ {t('officer_says', { officer: isolated(shortCode(alert.asked_by ?? '')), outcome })} {t('harm')}: {said(alert.harm ?? '')}</p>
            <div class="huge"><Button words={t('saw_document')} main work={() => act(me, `/alerts/${alert.alert}/concurrence`, 'concurrence',
                { alert: alert.alert, outcome: alert.concurrence_asked, outcome_hash: alert.outcome_hash })} /></div>
        </div>
    );
}

const SETTLE_MS = 1000;

/** Whether what stands here stands here long enough to be meant: the next step's button takes the place of the one before. */
function useSettled(what: string): boolean {
    const [settled, settle] = useState('');
    useEffect(() => {
        const timer = setTimeout(() => settle(what), SETTLE_MS);
        return () => clearTimeout(timer);
    }, [what]);
    return settled === what;
}

function Steps({ me, alert }: StepProps) {
    const early = !useSettled(alert.state);
    const send = (name: string, type: string, fields: object = {}) => act(me, `/alerts/${alert.alert}/${name}`, type, { alert: alert.alert, ...fields });
    if (alert.state === 'dispatched')
        return (
            <div class="huge act-bar">
                <Button words={t('accept')} main disabled={early} work={() => send('acceptance', 'acceptance', { answer: 'accepted' })} />
                <Button words={t('decline')} disabled={early} work={() => send('acceptance', 'acceptance', { answer: 'declined' })} />
            </div>
        );
    if (alert.state === 'accepted')
        return <><NotStopped me={me} alert={alert} /><div key="arrive" class="huge act-bar"><Button words={t('on_scene_now')} main disabled={early} work={() => send('arrival', 'arrival')} /></div></>;
    if (alert.state === 'on_scene')
        return <><NotStopped me={me} alert={alert} />{alert.missing !== 'adult' && <div key="stop" class="huge act-bar"><Button words={t('person_stopped')} main disabled={early} work={() => send('stop', 'stop')} /></div>}</>;
    return null;
}

/** Told is told only when the crew says so; after a minute without it the control room calls. */
function Told({ me, alert, words }: StepProps & { words: string }) {
    const [known, setKnown] = useState(false);
    const acknowledge = async () => {
        await act(me, `/alerts/${alert.alert}/acknowledgement`, 'acknowledgement', { alert: alert.alert }).catch((problem: unknown) => {
            if (!(problem instanceof Problem && problem.status === 409)) throw problem;
        });
        setKnown(true);
    };
    return (
        <div class="silence" role="alert">
            <p>⚠ {words}</p>
            {alert.recall !== 'acknowledged' && !known && <Button words={t('understood')} work={acknowledge} />}
        </div>
    );
}

function Open({ me, alert }: StepProps) {
    const { packet, problem } = usePacket(me, alert);
    return (
        <section class="unit">
            <h2>{t('alert')} <Ltr>{shortCode(alert.alert)}</Ltr>: {said(alert.state)}</h2>
            {alert.told && <Told me={me} alert={alert} words={`${t('told')}: ${said(alert.told)}`} />}
            <Pending me={me} alert={alert} />
            {alert.dies_at !== undefined && alert.dies_at > now() && alert.state === 'dispatched' &&
                <p class="timer">{t('packet_dies')} <Ltr>{span(alert.dies_at - now())}</Ltr></p>}
            {problem && <p class="lead warn" role="alert">⚠ {t('nothing_shown', { problem })} {t('call_control')}</p>}
            {packet && alert.steered && alert.state !== 'stopped' && <p class="lead warn" role="alert">⚠ {t('new_place')}: <bdi>{packet.place.name}</bdi></p>}
            {packet && (alert.state === 'stopped' ? <><Marking packet={packet} /><details><summary>{t('the_packet')}</summary><PacketView packet={packet} /></details></> : <PacketView packet={packet} />)}
            {!problem && packet && <Steps me={me} alert={alert} />}
            {alert.state === 'stopped' && <StopForm key={alert.alert} me={me} alert={alert} packet={packet} />}
        </section>
    );
}

/** After custody: which station takes the person over. */
function HandOver({ me, alert }: StepProps) {
    const [station, setStation] = useState('');
    const { value: roster, problem } = useGiven(() => believedRoster(me), me.officer);
    const stations = roster?.stations.map((one) => one.station) ?? [];
    return (
        <Section title={t('hand_over_title')}>
            {problem && <p class="warn" role="alert">⚠ {problem}</p>}
            <Choice words={t('station')} options={stations.map((one) => [one, shortCode(one)])} value={station} onChange={setStation} none={t('choose')} />
            <div class="huge"><Button words={t('hand_over')} main disabled={!station} work={() => act(me, `/alerts/${alert.alert}/handover`, 'handover', { alert: alert.alert, station })} /></div>
        </Section>
    );
}

const isOpen = (alert: Alert): boolean => ['dispatched', 'accepted', 'on_scene', 'stopped'].includes(alert.state);

/** A crew that is here and may not see an alert has nothing to do with it; one whose session was over is not here yet. */
const isOthers = async (problem: unknown): Promise<boolean> => problem instanceof Problem && problem.status === 403 &&
    call<{ until?: number }>('GET', '/presence').then(({ until = 0 }) => until > now(), () => false);

/** What was chosen goes when its alert is known to be over, or another crew's; a list that does not show it says neither. */
async function eraseWhatIsOver(heard: Alert[]): Promise<void> {
    const about = notes.about();
    if (!about) return;
    const known = heard.find((one) => one.alert === about);
    const over = known ? !isOpen(known) : await call<Alert>('GET', `/alerts/${about}`)
        .then((one) => !isOpen(one), isOthers);
    if (over && notes.about() === about) notes.erase();
}

/** Nothing is known to be over until the desk has answered, and nothing to be none while it does not. */
export function Crew({ me, heard: { value: heard, problem } }: { me: Me; heard: Answer<Alert[]> }) {
    const alerts = heard ?? [];
    const open = alerts.filter(isOpen);
    const custody = alerts.filter((one) => one.state === 'closed' && one.outcome === 'custody');
    const recalled = alerts.filter((one) => one.state === 'closed' && one.outcome === 'recalled' && ['told', 'escalated'].includes(one.recall ?? ''));
    usePosition((latitude_e7, longitude_e7) => void call('PUT', '/position', { latitude_e7, longitude_e7 }).catch(() => undefined));
    useEffect(() => {
        if (heard) void eraseWhatIsOver(heard);
    }, [heard]);
    return (
        <>
            {recalled.map((one) => <Told key={one.alert} me={me} alert={one} words={t('recalled', { code: isolated(shortCode(one.alert)) })} />)}
            {open.map((one) => <Open key={one.alert} me={me} alert={one} />)}
            {custody.map((one) => <HandOver key={one.alert} me={me} alert={one} />)}
            {heard && !problem && open.length + custody.length === 0 && <Blank words={t('no_alert')} more={t('wakes_up')} />}
        </>
    );
}
