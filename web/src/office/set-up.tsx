import { useEffect, useState } from 'preact/hooks';
import type { Roster } from '../../statement.js';
import { call, type Me } from '../desk';
import { useAnswer, useGiven } from '../hooks';
import { canKeepKeys, shortKey } from '../keys';
import { Button, Ltr, NotHeard, Section } from '../parts';
import { ago, day, said, t } from '../words';
import { useRoster } from './roster';

interface SiteFacts { site: string; kind: string; roster_number: number; root_key: string; log_key: string; version: string }
interface Presence { reviewer_offices: number; dispatchers: number; units_free: number; enough: boolean }
interface Finding { holds: boolean; words: string; cure: string }

const has = (roster: Roster, role: string) => roster.officers.filter((one) => one.roles.includes(role));
const officesOf = (roster: Roster, role: string) => new Set(has(roster, role).map((one) => one.office)).size;

function useCheckpoint(): { size: number; at: number } | null {
    const [found, setFound] = useState<{ size: number; at: number } | null>(null);
    useEffect(() => void fetch('/api/v1/log/checkpoint').then((reply) => reply.text()).then((note) => {
        const at = /keyring \d+ time (\d+)/.exec(note);
        setFound({ size: Number(note.split('\n')[1]), at: Number(at?.[1] ?? 0) });
    }).catch(() => undefined), []);
    return found;
}

function findings(roster: Roster, presence: Presence, cameras: { state: string }[], keys: boolean): Finding[] {
    return [
        { holds: officesOf(roster, 'authoriser') >= 2, words: t('set_authorisers'), cure: t('set_authorisers_cure') },
        { holds: officesOf(roster, 'reviewer') >= 2, words: t('set_reviewers'), cure: t('set_reviewers_cure') },
        { holds: has(roster, 'dispatcher').length > 0 && has(roster, 'crew').length > 0, words: t('set_dispatch'), cure: t('set_dispatch_cure') },
        { holds: roster.units.length > 0, words: t('set_units'), cure: t('set_units_cure') },
        { holds: roster.stations.length > 0, words: t('set_stations'), cure: t('set_stations_cure') },
        { holds: has(roster, 'auditor').length > 0, words: t('set_auditor'), cure: t('set_auditor_cure') },
        { holds: cameras.length > 0, words: t('set_cameras'), cure: t('set_cameras_cure') },
        { holds: cameras.every((one) => one.state !== 'refused'), words: t('set_records'), cure: t('set_records_cure') },
        { holds: cameras.every((one) => one.state !== 'blind' && one.state !== 'degraded'), words: t('set_sight'), cure: t('set_sight_cure') },
        { holds: presence.enough, words: t('set_presence'), cure: t('set_presence_cure') },
        { holds: keys, words: t('set_keys'), cure: t('set_keys_cure') },
        { holds: isSecureContext && location.protocol === 'https:', words: t('set_https'), cure: t('set_https_cure') },
    ];
}

/** Whether this site could do its work now, and what is missing; no faces, no lists. */
export function SetUp({ me }: { me: Me }) {
    const roster = useRoster(me);
    const presence = useAnswer<Presence>('/presence');
    const cameras = useAnswer<{ cameras: { state: string }[] }>('/cameras');
    const site = useGiven(() => call<SiteFacts>('GET', '/site'), 'site').value;
    const keys = useGiven(canKeepKeys, 'keys').value;
    const [backup, setBackup] = useState('');
    const checkpoint = useCheckpoint();
    const all = roster.value && presence.value && cameras.value && keys !== null ? findings(roster.value, presence.value, cameras.value.cameras, keys) : null;
    const open = all?.filter((one) => !one.holds).length;
    const isOld = presence.problem !== '' || cameras.problem !== '';
    return (
        <>
            <Section title={t('tab_set_up')}>
                {roster.problem ? <p class="problem" role="alert">{roster.problem}</p> : <NotHeard what={t('roster')} of={roster} />}
                <NotHeard what={t('presence')} of={presence} />
                <NotHeard what={t('cameras')} of={cameras} />
                {open !== undefined && !isOld && <p class={open ? 'lead warn' : 'lead good'} role="status">{open ? t('set_up_open', { count: open }) : `✓ ${t('set_up_done')}`}</p>}
                <ul class="findings">{all?.map((one) => (
                    <li key={one.words} class={one.holds ? 'holds' : 'fails'}><span aria-hidden="true">{one.holds ? '✓' : '✗'}</span>
                        <span><span class="unseen">{one.holds ? t('holds') : t('fails')}: </span>{one.words}{!one.holds && <small>{one.cure}</small>}</span></li>
                ))}</ul>
            </Section>
            <Section title={t('backup')}>
                <p class="quiet">{t('backup_help')}</p>
                <Button words={t('backup_now')} work={async () => setBackup((await call<{ backup: string }>('POST', '/backups', {})).backup)} />
                {backup && <p class="good" role="status">✓ {t('backup_done')} <Ltr>{backup}</Ltr></p>}
            </Section>
            <Section title={t('settings')}>
                <p class="quiet">{t('settings_help')}</p>
                {site && (
                    <dl>
                        <dt>{t('site')}</dt><dd><Ltr>{site.site}</Ltr> · {said(`${site.kind}_site`)} · <Ltr>{site.version}</Ltr></dd>
                        <dt>{t('roster')}</dt><dd><Ltr>{site.roster_number}</Ltr></dd>
                        <dt>{t('root_key')}</dt><dd><Ltr>{shortKey(site.root_key)}</Ltr> {site.root_key === me.root_key ? `✓ ${t('key_pinned')}` : `✗ ${t('key_other')}`}</dd>
                        <dt>{t('log_key')}</dt><dd><Ltr>{shortKey(site.log_key)}</Ltr></dd>
                        {checkpoint && <><dt>{t('log')}</dt><dd>{t('log_signed', { count: checkpoint.size })} <Ltr>{day(checkpoint.at)}</Ltr>, {ago(checkpoint.at)}</dd></>}
                    </dl>
                )}
            </Section>
        </>
    );
}
