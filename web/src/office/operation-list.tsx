import { useState } from 'preact/hooks';
import { hashOfShown, type Envelope } from '../../statement.js';
import { shortCode } from '../alerts';
import type { Operation } from '../control/operations';
import { act, type Me } from '../desk';
import { useAnswer, useSecond } from '../hooks';
import { Blank, Button, Choice, Grave, Long, Ltr, NotHeard, Section, State } from '../parts';
import { believedRoster } from '../sign-in';
import { latestNow } from '../time';
import { cureOf, day, isolated, period, said, t, together } from '../words';
import { useOlder, type Page } from './older';
import { rowsOf, type Row as Stated } from './stated';
import { reasonShown, type Reason } from './why-here';

/** What the page computes with; all of it stands in the table. */
interface Terms { reasons?: Reason[]; cameras: string[]; list_size: number; starts_at: number; ends_at: number }
export type Asked = Operation & { request?: Envelope | null; signed_by?: string[]; urgent?: boolean; halted_at?: number; ratify_until?: number };
interface CameraOutline { camera: string; key: string; name: string }

const termsOf = (one: Asked): Terms | null => (one.request ? (JSON.parse(one.request.statement) as Terms) : null);

/** What is on the line, too, is what was signed; the desk's outline says it of a request that was wiped. */
const termsAsked = (one: Asked): Pick<Terms, 'cameras' | 'list_size' | 'starts_at' | 'ends_at'> =>
    termsOf(one) ?? { cameras: (one.cameras ?? []).map(({ camera }) => camera), list_size: one.list_size, starts_at: one.starts_at, ends_at: one.ends_at };

/** Of the very request whose terms stand on the page, so that nobody signs for another. */
const requestHashOf = async (me: Me, one: Asked): Promise<string> => hashOfShown(one.request, { type: 'operation_request', site: me.site,
    about: { operation: one.operation }, stated: one.request_hash, role: 'watch_officer', roster: await believedRoster(me) });

/** The request as the two authorisers read it: all that was signed, with what this page knows of a camera or a reason besides. */
function rows(me: Me, terms: Terms, cameras: CameraOutline[]): Stated[] {
    const name = (key: string) => [cameras.find((one) => one.key === key)?.name, isolated(key.slice(0, 8))].filter(Boolean).join(' ');
    return rowsOf({ ...terms }, me.serviceNumbers, {
        cameras: (keys: string[]) => together(keys.map(name).sort()),
        reasons: (reasons: Reason[]) => together(reasons.map(reasonShown)),
        list_size: (count: number) => t('list_of', { count }),
        ends_at: (at: number) => `${isolated(day(at))} · ${t('minutes_long', { minutes: Math.round((at - terms.starts_at) / 60) })}`,
    });
}

function Differences({ me, one, before, cameras }: { me: Me; one: Asked; before: Asked | undefined; cameras: CameraOutline[] }) {
    const terms = termsOf(one);
    const old = before && termsOf(before);
    if (!terms) return <p class="quiet">{t('terms_wiped')}</p>;
    const was = new Map((old ? rows(me, old, cameras) : []).map(({ path, text }) => [path, text]));
    return (
        <div class="wide" tabIndex={0} role="region" aria-label={t('terms')}>
            <table>
                <thead><tr><th scope="col">{t('terms')}</th><th scope="col">{t('asked_now')}</th>{old && <th scope="col">{t('asked_before')} <Ltr>{shortCode(before.operation)}</Ltr></th>}</tr></thead>
                <tbody>{rows(me, terms, cameras).map(({ path, name, text }) => {
                    const other = was.get(path) ?? '–';
                    const changed = old && other !== text;
                    return <tr key={path} class={changed ? 'changed' : ''}><th scope="row">{name}</th><td><bdi>{text}</bdi></td>{old && <td class="quiet">{changed ? <bdi>≠ {other}</bdi> : '='}</td>}</tr>;
                })}</tbody>
            </table>
        </div>
    );
}

/** As the statement's form has it (src/sign/types.c). */
const refusals = ['wrong_purpose', 'wrong_place', 'wrong_time', 'wrong_list', 'no_reference', 'no_assessment', 'no_notice', 'other'];

function Sign({ me, one }: { me: Me; one: Asked }) {
    const [reason, setReason] = useState('');
    const signed = one.signed_by ?? [];
    const answer = async (to: string, why?: string) => act(me, `/operations/${one.operation}/authorisations`, 'authorisation',
        { operation: one.operation, request_hash: await requestHashOf(me, one), answer: to, ...(why && { reason: why }) });
    if (signed.includes(me.officer)) return <p class="good">✓ {t('you_signed')} {t('signed_by', { count: signed.length })}</p>;
    return (
        <>
            <p class="quiet">{t('authorise_help')} {t('signed_by', { count: signed.length })}</p>
            <div class="row">
                <Button main words={t('authorise')} work={() => answer('authorised')} />
                <Choice words={t('authorise_refusal')} options={refusals} value={reason} onChange={setReason} none={t('choose')} />
                <Button words={t('refuse')} disabled={!reason} work={() => answer('refused', reason)} />
            </div>
        </>
    );
}

/** Why it is refused, and what whoever asked does about it. */
function Refused({ one }: { one: Asked }) {
    return (
        <p class="warn">{said(one.why)}. {cureOf(one.why) || t('refused_cure')}</p>
    );
}

/** Going on after a halt: two authorisers of different offices, with the same reason or each with an own one. */
function Resume({ me, one }: { me: Me; one: Asked }) {
    const [reason, setReason] = useState('');
    return (
        <>
            <p class="warn">{t('resume_help')}</p>
            <div class="row">
                <Choice words={t('resume_reason')} options={['cause_removed', 'false_alarm', 'checked', 'legal', 'other']} value={reason} onChange={setReason} none={t('choose')} />
                <Button words={t('resume')} disabled={!reason} work={() => act(me, `/operations/${one.operation}/resume`, 'resume', { operation: one.operation, halted_at: one.halted_at ?? 0, reason })} />
            </div>
        </>
    );
}

/** Without the outside signer, for a threat to life or somebody missing only; 4 hours, and ratified within 24 or destroyed. */
function Urgent({ me, one }: { me: Me; one: Asked }) {
    const [reason, setReason] = useState('');
    return (
        <details>
            <summary>{t('urgency')}</summary>
            <p>{t('urgency_help')}</p>
            <div class="row">
                <Choice words={t('reason')} options={['threat_to_life', 'missing']} value={reason} onChange={setReason} none={t('choose')} />
                <Button words={t('urgency_sign')} disabled={!reason} work={async () => act(me, `/operations/${one.operation}/urgency`, 'urgency', { operation: one.operation, request_hash: await requestHashOf(me, one), reason })} />
            </div>
        </details>
    );
}

function Ratify({ me, one }: { me: Me; one: Asked }) {
    const until = one.ratify_until ?? 0;
    const answer = async (to: string, given?: AbortSignal) => act(me, `/operations/${one.operation}/ratification`, 'ratification', { operation: one.operation, request_hash: await requestHashOf(me, one), answer: to }, given);
    useSecond();
    if (until <= latestNow()) return <p class="warn" role="alert">⚠ {t('ratify_over')}</p>;
    return (
        <>
            <p class="warn">{t('ratify_until')} <Ltr>{day(until)}</Ltr></p>
            {me.roles.includes('outside_signer') && (
                <>
                    <p class="quiet">{t('ratify_help')}</p>
                    <div class="row"><Button main words={t('ratify')} work={() => answer('ratified')} /><Grave words={t('refuse')} means={t('ratify_help')} work={(given) => answer('refused', given)} /></div>
                </>
            )}
        </>
    );
}

function Row({ me, one, before, cameras }: { me: Me; one: Asked; before: Asked | undefined; cameras: CameraOutline[] }) {
    const is = (...roles: string[]) => roles.some((role) => me.roles.includes(role));
    const toSign = one.state === 'requested' && is('authoriser', 'outside_signer');
    const terms = termsAsked(one);
    return (
        <li>
            <div class="row between">
                <span class="line"><strong><Ltr>{shortCode(one.operation)}</Ltr></strong> <State code={one.state} />
                    <span class="quiet">{t('list_of', { count: terms.list_size })} · {t('cameras')}: <Ltr>{terms.cameras.length}</Ltr> · <Ltr>{period(terms.starts_at, terms.ends_at)}</Ltr></span></span>
                {['running', 'paused', 'authorised'].includes(one.state) && is('authoriser', 'watch_officer') &&
                    <Grave words={t('end_operation')} means={t('end_operation_means')} work={(given) => act(me, `/operations/${one.operation}/end`, 'operation_end', { operation: one.operation }, given)} />}
            </div>
            {one.state === 'refused' ? <Refused one={one} /> : one.why && <p class="warn">{said(one.why)}</p>}
            <details open={toSign}>
                <summary>{t('terms')}</summary>
                <Differences me={me} one={one} before={before} cameras={cameras} />
            </details>
            {toSign && <Sign me={me} one={one} />}
            {one.urgent && ['requested', 'authorised'].includes(one.state) && <p class="warn">{t('urgency_signed')}</p>}
            {one.state === 'requested' && is('authoriser') && !one.urgent && one.requester !== me.officer && <Urgent me={me} one={one} />}
            {Boolean(one.ratify_until) && <Ratify me={me} one={one} />}
            {one.state === 'halted' && is('authoriser') && <Resume me={me} one={one} />}
        </li>
    );
}

const isPending = (one: Asked) => (['requested', 'halted'].includes(one.state) ? 0 : 1);

export function OperationList({ me }: { me: Me }) {
    const heard = useAnswer<Page<'operations', Asked>>('/operations');
    const { value, problem } = heard;
    const { older, more } = useOlder('operations', value);
    const cameras = useAnswer<{ cameras: CameraOutline[] }>('/cameras').value?.cameras ?? [];
    const all = [...(value?.operations ?? []), ...older].sort((a, b) => isPending(a) - isPending(b) || b.starts_at - a.starts_at);
    const before = (one: Asked) => all.filter((other) => other.starts_at < one.starts_at && other.request).sort((a, b) => b.starts_at - a.starts_at)[0];
    if (value && !problem && all.length === 0 && !more) return <Blank words={t('no_operations_yet')} more={t('no_operations_more')} />;
    return (
        <Section title={t('operations')}>
            <NotHeard what={t('operations')} of={heard} />
            <Long all={all} says={(one) => `${shortCode(one.operation)} ${said(one.state)} ${period(one.starts_at, one.ends_at)}`}
                line={(one) => <Row key={one.operation} me={me} one={one} before={before(one)} cameras={cameras} />} />
            {more}
        </Section>
    );
}
