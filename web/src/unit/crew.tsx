import { useEffect, useState } from 'preact/hooks';
import { readEnvelope, type Envelope, type Roster } from '../../statement.js';
import { missed, shortCode, type Alert } from '../alerts';
import { act, call, signal, type Me } from '../desk';
import { useSecond } from '../hooks';
import { Button, Choice, Ltr, Section } from '../parts';
import { now, said, span, t } from '../words';
import { PacketView, usePacket } from './packet';
import { notes, StopForm } from './stop';

const SILENCE_MS = 60000;

/** After a minute without the desk nothing on this page may be trusted to be current. */
export function Silence() {
    useSecond();
    const silent = Date.now() - signal.heardAt > SILENCE_MS;
    return (
        <>
            {silent && <p class="silence" role="alert">⚠ {t('call_control')}</p>}
            {signal.waiting > 0 && <p class="warn" role="status">⏳ {t('waits_for_signal')}</p>}
        </>
    );
}

interface StepProps { me: Me; alert: Alert }

function NotStopped({ me, alert }: StepProps) {
    const [outcome, setOutcome] = useState('not_found');
    return (
        <details>
            <summary>{t('no_stop')}</summary>
            <Choice words={t('why_no_stop')} options={missed} value={outcome} onChange={setOutcome} />
            <Button words={t('record_no_stop')} work={() => act(me, `/alerts/${alert.alert}/outcome`, 'outcome',
                { alert: alert.alert, outcome, harm: 'none', means: 'none', case: '', slip: '' })} />
        </details>
    );
}

function Steps({ me, alert }: StepProps) {
    const send = <T,>(name: string, type: string, fields: object = {}) => act<T>(me, `/alerts/${alert.alert}/${name}`, type, { alert: alert.alert, ...fields });
    const stop = async () => {
        const given = await send<{ slip: string; slip_text: string }>('stop', 'stop');
        notes.write({ alert: alert.alert, code: given.slip, text: given.slip_text, startedAt: Date.now(), cnic: '', outcome: 'wrong_person', harm: 'none', means: 'none' });
    };
    if (alert.state === 'dispatched')
        return (
            <div class="huge">
                <Button words={t('accept')} main work={() => send('acceptance', 'acceptance', { answer: 'accepted' })} />
                <Button words={t('decline')} work={() => send('acceptance', 'acceptance', { answer: 'declined' })} />
            </div>
        );
    if (alert.state === 'accepted')
        return <div class="huge"><Button words={t('on_scene_now')} main work={() => send('arrival', 'arrival')} /><NotStopped me={me} alert={alert} /></div>;
    if (alert.state === 'on_scene')
        return <div class="huge"><Button words={t('person_stopped')} main work={stop} /><NotStopped me={me} alert={alert} /></div>;
    return null;
}

function Open({ me, alert }: StepProps) {
    const { packet, problem } = usePacket(me, alert);
    useSecond();
    return (
        <section class="unit">
            <h2>{t('alert')} <Ltr>{shortCode(alert.alert)}</Ltr>: {said(alert.state)}</h2>
            {alert.told && <p class="silence" role="alert">⚠ {t('told')}: {said(alert.told)}</p>}
            {alert.dies_at !== undefined && alert.dies_at > now() && alert.state === 'dispatched' &&
                <p class="quiet">{t('packet_dies')} <Ltr>{span(alert.dies_at - now())}</Ltr></p>}
            {problem && <p class="lead warn" role="alert">⚠ {t('nothing_shown', { problem })} {t('call_control')}</p>}
            {packet && <PacketView packet={packet} />}
            {!problem && packet && <Steps me={me} alert={alert} />}
            {alert.state === 'stopped' && <StopForm key={alert.alert} me={me} alert={alert} packet={packet} />}
        </section>
    );
}

/** After custody: which station takes the person over. */
function HandOver({ me, alert }: StepProps) {
    const [stations, setStations] = useState<string[]>([]);
    const [station, setStation] = useState('');
    useEffect(() => {
        void call<{ envelope: Envelope }>('GET', '/roster').then(async ({ envelope }) => {
            if (envelope.key !== me.root_key) throw new Error(t('roster_not_signed'));
            const roster = await readEnvelope<Roster>(envelope);
            setStations(roster.stations.map((one) => one.station));
            setStation(roster.stations[0]?.station ?? '');
        });
    }, [me]);
    return (
        <Section title={t('hand_over_title')}>
            <Choice words={t('station')} options={stations.map((one) => [one, shortCode(one)])} value={station} onChange={setStation} />
            <Button words={t('hand_over')} main disabled={!station} work={() => act(me, `/alerts/${alert.alert}/handover`, 'handover', { alert: alert.alert, station })} />
        </Section>
    );
}

export function Crew({ me, alerts }: { me: Me; alerts: Alert[] }) {
    const open = alerts.filter((one) => ['dispatched', 'accepted', 'on_scene', 'stopped'].includes(one.state));
    const custody = alerts.filter((one) => one.state === 'closed' && one.outcome === 'custody');
    // Taken back or timed out: whatever was typed belongs to nobody any more.
    useEffect(() => {
        if (open.length === 0) notes.erase();
    }, [open.length]);
    return (
        <>
            {open.map((one) => <Open key={one.alert} me={me} alert={one} />)}
            {custody.map((one) => <HandOver key={one.alert} me={me} alert={one} />)}
            {open.length + custody.length === 0 && <section><p class="lead">{t('no_alert')}</p><p class="quiet">{t('wakes_up')}</p></section>}
        </>
    );
}
