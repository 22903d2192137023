// What one officer works on, by role.
import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { Alarm, type Call } from './alarm';
import { isTooLong, isUnheard, shortCode, type Alert } from './alerts';
import { useOperationCalls } from './control/operations';
import { Control } from './control/room';
import { listen, signal, type Me } from './desk';
import { useAnswer, useFile, useSecond } from './hooks';
import { Blank, NotHeard, NotHeardApart } from './parts';
import { PresencePart, usePresenceCalls } from './presence';
import { Shift, ShiftOffers } from './shift';
import { Crew, Silence } from './unit/crew';
import { Waits } from './waits';
import { isolated, t, type Word } from './words';

/** A recall is no alert that waits: the crew is told something, and the room has a unit to call. */
const wordsOf = (me: Me, one: Alert): string =>
    me.roles.includes('crew') ? t(isUnheard(one) ? 'alarm_told' : 'alarm') : t(one.recall === 'escalated' ? 'alarm_unheard' : 'alarm');

/** What calls for this person: an alert to answer, to send, to send on, to accept or to leave alone; a crew that has not heard of its recall, or is sent on to a newer place; a stop that takes too long. */
function callsOf(me: Me, alerts: Alert[]): Call[] {
    const calls = (one: Alert) =>
        (me.roles.includes('reviewer') && one.state === 'raised' && !one.answered) ||
        (me.roles.includes('dispatcher') && (one.state === 'agreed' || (one.state === 'dispatched' && !one.unit) || one.concurrence_asked || one.recall === 'escalated' || one.newer_place)) ||
        (me.roles.includes('crew') && (one.state === 'dispatched' || isUnheard(one) || (one.state === 'stopped' && one.concurrence_asked && one.asked_by !== me.officer)));
    const steered = (one: Alert) => me.roles.includes('crew') && one.steered && one.state !== 'stopped';
    return [...alerts.filter(calls).map((one) => ({ key: [one.alert, one.state, one.passage, one.packet, one.unit, one.told, one.concurrence_asked, one.recall].join(':'), words: wordsOf(me, one) })),
        ...alerts.filter(steered).map((one) => ({ key: `${one.alert}:${one.packet ?? ''}`, words: t('alarm') })),
        ...alerts.filter(isTooLong).map((one) => ({ key: `${one.alert} too long`, words: t('stop_too_long', { code: isolated(shortCode(one.alert)) }) }))];
}

interface AlarmProps { me: Me; alerts: Alert[] }

function CrewAlarm({ me, alerts }: AlarmProps) {
    useSecond();
    return <Alarm calls={[...callsOf(me, alerts), ...usePresenceCalls()]} />;
}

function RoomAlarm({ me, alerts }: AlarmProps) {
    useSecond();
    return <Alarm calls={[...callsOf(me, alerts), ...usePresenceCalls(), ...useOperationCalls()]} />;
}

function Alerts({ me }: { me: Me }) {
    const { value, problem } = useAnswer<{ alerts: Alert[] }>('/alerts');
    const heard = { value: value?.alerts ?? null, problem };
    const crew = me.roles.includes('crew');
    return (
        <>
            {crew ? <CrewAlarm me={me} alerts={heard.value ?? []} /> : <RoomAlarm me={me} alerts={heard.value ?? []} />}
            <NotHeardApart what={t('alerts')} of={heard} />
            {crew ? <><Crew me={me} heard={heard} /><Shift me={me} /><PresencePart me={me} /></> : <Control me={me} heard={heard} />}
        </>
    );
}

export interface Part { id: string; words: Word; roles: readonly string[]; body: ComponentType<{ me: Me; kind: string }> }

/** The offices' parts are a file of their own, which a unit never loads; one part at a time, and Back goes to the one before. */
function Office({ me, kind }: { me: Me; kind: string }) {
    const office = useFile(() => import('./office/office'), 'office');
    const parts = (office.value?.parts ?? []).filter((one: Part) => one.roles.some((role) => me.roles.includes(role)));
    const [at, setAt] = useState(location.hash.slice(1));
    useEffect(() => {
        const moved = () => setAt(location.hash.slice(1));
        addEventListener('hashchange', moved);
        return () => removeEventListener('hashchange', moved);
    }, [me]);
    const current = parts.find((one) => one.id === at) ?? parts[0];
    useEffect(() => document.querySelector('.tabs [aria-current]')?.scrollIntoView({ inline: 'nearest', block: 'nearest' }), [current]);
    if (!current) return office.problem ? <section><NotHeard what={t('parts')} of={office} /></section> : <Blank words={t('loading')} />;
    return (
        <div class="office">
            {parts.length > 1 && (
                <nav class="tabs" aria-label={t('parts')}>
                    {parts.map((one) => <a key={one.id} href={`#${one.id}`} aria-current={one === current ? 'page' : undefined}>{t(one.words)}</a>)}
                </nav>
            )}
            <current.body key={current.id} me={me} kind={kind} />
            <Waits />
        </div>
    );
}

const shiftRoles = ['dispatcher', 'crew', 'station', 'watch_officer', 'authoriser', 'outside_signer'];
const officeRoles = ['watch_officer', 'authoriser', 'outside_signer', 'station', 'auditor', 'inspector', 'admin'];

export function Desk({ me, kind, leave }: { me: Me; kind: string; leave: (why: 'session_over' | 'session_taken') => void }) {
    const [lost, setLost] = useState(false);
    useEffect(() => listen((is) => {
        signal.lost = is;
        setLost(is);
    }, () => leave('session_over')), [me]);
    // One browser has one session: whoever signs in later takes the other tabs' session away.
    useEffect(() => {
        const channel = new BroadcastChannel('mizan-officer');
        channel.onmessage = ({ data }: MessageEvent<string>) => data !== me.officer && leave('session_taken');
        channel.postMessage(me.officer);
        return () => channel.close();
    }, [me]);
    const has = (roles: string[]) => roles.some((role) => me.roles.includes(role));
    const withAlerts = has(['reviewer', 'dispatcher', 'crew']);
    return (
        <>
            {me.roles.includes('crew') && <Silence />}
            {lost && <p class="warn notice" role="status">⚠ {t('connection_lost')}</p>}
            {has(shiftRoles) && <ShiftOffers me={me} />}
            {withAlerts && <Alerts me={me} />}
            {has(officeRoles) && <Office me={me} kind={kind} />}
            {!withAlerts && has(shiftRoles) && <Shift me={me} />}
        </>
    );
}
