// What one officer works on, by role.
import { useEffect, useState } from 'preact/hooks';
import { Alarm } from './alarm';
import type { Alert } from './alerts';
import { Control } from './control/room';
import { listen, type Me } from './desk';
import { useAnswer } from './hooks';
import { PresencePart } from './presence';
import { Crew, Silence } from './unit/crew';
import { t } from './words';

/** What calls for this person: an alert to answer, to send or to accept. */
function dueFor(me: Me, alerts: Alert[]): string[] {
    const calls = (one: Alert) =>
        (me.roles.includes('reviewer') && one.state === 'raised' && !one.answered) ||
        (me.roles.includes('dispatcher') && (one.state === 'agreed' || (one.state === 'dispatched' && !one.unit))) ||
        (me.roles.includes('crew') && (one.state === 'dispatched' || Boolean(one.told)));
    return alerts.filter(calls).map((one) => `${one.alert}:${one.state}:${one.unit ?? ''}:${one.told ?? ''}`);
}

function Alerts({ me }: { me: Me }) {
    const { value } = useAnswer<{ alerts: Alert[] }>('/alerts');
    const alerts = value?.alerts ?? [];
    const crew = me.roles.includes('crew');
    return (
        <>
            <Alarm due={dueFor(me, alerts)} />
            {crew && <Silence />}
            {crew ? <><Crew me={me} alerts={alerts} /><PresencePart me={me} /></> : <Control me={me} alerts={alerts} />}
        </>
    );
}

const officeRoles = ['watch_officer', 'authoriser', 'outside_signer', 'station', 'auditor', 'inspector'];
type OfficePart = typeof import('./office/office').Office;

/** The forms of the offices are a file of their own: a unit never loads them. */
function OfficeWork({ me, kind }: { me: Me; kind: string }) {
    const [part, setPart] = useState<{ Office: OfficePart } | null>(null);
    useEffect(() => void import('./office/office').then(setPart), []);
    return part ? <part.Office me={me} kind={kind} /> : <section><p class="quiet">{t('loading')}</p></section>;
}

export function Desk({ me, kind }: { me: Me; kind: string }) {
    const [lost, setLost] = useState(false);
    useEffect(() => listen(setLost), []);
    const has = (roles: string[]) => roles.some((role) => me.roles.includes(role));
    const withAlerts = has(['reviewer', 'dispatcher', 'crew']);
    return (
        <>
            {lost && <p class="warn notice" role="status">⚠ {t('connection_lost')}</p>}
            {withAlerts && <Alerts me={me} />}
            {has(officeRoles) && <OfficeWork me={me} kind={kind} />}
            {!withAlerts && !has(officeRoles) && <section><p>{t('no_page_for_role')}</p></section>}
        </>
    );
}
