import { useEffect, useState } from 'preact/hooks';
import { base64, type Case, type Packet } from '../../statement.js';
import { cleared, fitting, forces, harms, matters, means, outcomes, type Alert } from '../alerts';
import { act, call, ring, type Me } from '../desk';
import { useSecond } from '../hooks';
import { Answers, Button, Choice, Field, Ltr } from '../parts';
import { shelf, type Kept } from '../shelf';
import { deskNow_ms } from '../time';
import { said, span, t, western } from '../words';
import { EarlierSlip } from './earlier-slip';
import { Slip } from './slip';

export interface StopNotes {
    alert: string; by: string; outcome: string; harm: string; force: string; means: string;
    case: string; statuses: Record<string, string>; matter: string; reference: string; missed: Missed;
}
/** Of a person who was not stopped. */
export interface Missed { outcome: string; harm: string; force: string }
const STOP_LIMIT_MS = 10 * 60 * 1000;
const place = 'stop';

/** Nothing is chosen before the crew chooses it: a wrong outcome must not be one careless press away. */
export const emptyNotes = (alert: string, by: string): StopNotes =>
    ({ alert, by, outcome: '', harm: '', force: '', means: '', case: '', statuses: {}, matter: '', reference: '', missed: { outcome: '', harm: '', force: '' } });

/** What was chosen outlives the page and the session's end, and goes with the outcome or its officer; who the person is, is never written down. */
export const notes = {
    read(alert: string): StopNotes | null {
        const found = shelf.get(place) as (Kept & StopNotes) | undefined;
        return found?.alert === alert ? { ...emptyNotes(alert, ''), ...found } : null;
    },
    /** The alert that they are about; "" when there are none. */
    about: (): string => shelf.get(place)?.alert ?? '',
    write: (some: StopNotes): void => void shelf.put(place, some),
    erase: (): void => void shelf.drop((_, name) => name === place),
};

/** The signed fields of it: why force was used is said where there was harm. */
export const harmOf = (harm: string, force: string): Record<string, string> => (harm === 'none' ? { harm } : { harm, force });
export const isHarmSaid = (harm: string, force: string): boolean => harm === 'none' || (harm !== '' && force !== '');

/** Nothing of it is chosen beforehand. */
export const Harm = ({ harm, force, change }: { harm: string; force: string; change: (some: { harm: string } | { force: string }) => void }) => (
    <>
        <Answers words={t('harm')} codes={harms} value={harm} onChange={(to) => change({ harm: to })} />
        {harm && harm !== 'none' && <Answers words={t('force')} codes={forces} value={force} onChange={(to) => change({ force: to })} />}
    </>
);

/** In the form that is printed on the card. */
export function cnicOf(typed: string): string {
    const digits = western(typed).replace(/\D/g, '').slice(0, 13);
    return [digits.slice(0, 5), digits.slice(5, 12), digits.slice(12)].filter(Boolean).join('-');
}

function Timer({ startedAt }: { startedAt: number }) {
    useSecond();
    const left = startedAt + STOP_LIMIT_MS - deskNow_ms();
    return (
        <p class={left < 60000 ? 'timer warn' : 'timer'} role="timer">
            {left > 0 ? t('stop_left') : `⚠ ${t('stop_over')}`} <Ltr>{span(Math.floor(left / 1000))}</Ltr>
        </p>
    );
}

const needsIdentity = ['custody', 'other_custody', 'right_person_not_wanted', 'right_person_no_action', 'found_safe'];

/** After these the desk withdraws the entry by itself. */
const endsEntry = ['custody', 'found_safe'];

/** Custody is for a case that is live; with several cases the crew says for which. */
const custodyCase = (kept: StopNotes, cases: Case[]): string =>
    (cases.length === 1 ? cases : cases.filter((one) => one.case === kept.case)).find((one) => kept.statuses[one.case] === 'live')?.case ?? '';

/** What is still missing, before the desk has to refuse it. */
function missing(kept: StopNotes, cases: Case[], offered: readonly string[]): string[] {
    const anyLive = cases.some((one) => kept.statuses[one.case] === 'live');
    return [
        !offered.includes(kept.outcome) && t('need_outcome'),
        !kept.harm && t('need_harm'),
        kept.harm && !isHarmSaid(kept.harm, kept.force) && t('need_force'),
        !kept.means && t('need_means'),
        needsIdentity.includes(kept.outcome) && kept.means === 'none' && t('need_identity', { outcome: said(kept.outcome) }),
        kept.outcome === 'other_custody' && (!kept.matter || kept.reference.length < 2) && t('need_matter'),
        kept.outcome === 'custody' && !anyLive && t('need_status'),
        kept.outcome === 'custody' && anyLive && !custodyCase(kept, cases) && t('need_case'),
        kept.outcome === 'right_person_not_wanted' && !cases.every((one) => kept.statuses[one.case] === 'closed') && t('need_closed', { outcome: said(kept.outcome) }),
        kept.outcome === 'identity_not_established' && kept.means !== '' && kept.means !== 'none' && t('need_no_means'),
    ].filter((one): one is string => Boolean(one));
}

export const caseName = (one: Case): string => `${one.number} · ${one.section}`;

/** What was answered about each case, and for which of several live ones custody is. */
function Statuses({ kept, cases, change }: { kept: StopNotes; cases: Case[]; change: (some: Partial<StopNotes>) => void }) {
    const asked = cases.filter((one) => kept.statuses[one.case]);
    return (
        <>
            <div role="status">
                {asked.map((one) => (
                    <p key={one.case} class={kept.statuses[one.case] === 'live' ? 'lead good' : 'lead warn'}>
                        {cases.length > 1 && <><Ltr>{caseName(one)}</Ltr>: </>}{t('case_is', { answer: said(kept.statuses[one.case] ?? '') })}
                    </p>
                ))}
                {asked.some((one) => kept.statuses[one.case] === 'unavailable') && <p>{t('status_unavailable_help')}</p>}
            </div>
            {kept.outcome === 'custody' && cases.length > 1 && <Choice words={t('custody_case')} value={kept.case} onChange={(to) => change({ case: to })}
                options={asked.filter((one) => kept.statuses[one.case] === 'live').map((one) => [one.case, caseName(one)] as const)} none={t('choose')} />}
        </>
    );
}

export function StopForm({ me, alert, packet }: { me: Me; alert: Alert; packet: Packet | null }) {
    const [kept, setKept] = useState<StopNotes>(() => notes.read(alert.alert) ?? emptyNotes(alert.alert, me.officer));
    const [cnic, setCnic] = useState('');
    const [sample, setSample] = useState('');
    const [answered, setAnswered] = useState({ cnic: '', sample: '', answer: '' });
    const answer = answered.cnic === cnic && answered.sample === sample ? answered.answer : '';
    // The slip and the time of the stop are the desk's to tell, as often as a page begins anew; neither is written down here.
    const { slip = '', slip_text = '', slip_proof = '', stopped_at = 0, register: hasRegister = true } = alert;
    useEffect(() => notes.write(kept), [kept]);
    const change = (some: Partial<StopNotes>) => setKept((before) => ({ ...before, ...some }));
    const cases = packet?.cases ?? [];
    const verify = async () => {
        const reply = await call<{ answer: string }>('POST', `/alerts/${alert.alert}/verification`,
            { cnic, sample: base64(new TextEncoder().encode(sample)) });
        setAnswered({ cnic, sample, answer: reply.answer });
        ring(); // it goes before what an earlier slip said
    };
    const askStatus = async () => {
        for (const one of cases) {
            const { answer: status } = await call<{ answer: string }>('POST', `/alerts/${alert.alert}/case_status`, { case: one.case });
            setKept((before) => ({ ...before, statuses: { ...before.statuses, [one.case]: status } }));
        }
    };
    const record = async () => {
        const { state } = await act<{ state: string }>(me, `/alerts/${alert.alert}/outcome`, 'outcome', { alert: alert.alert, outcome: kept.outcome, ...harmOf(kept.harm, kept.force), means: kept.means,
            case: kept.outcome === 'custody' ? custodyCase(kept, cases) : '', slip_proof,
            ...(kept.outcome === 'other_custody' ? { matter: kept.matter, matter_reference: kept.reference } : {}) });
        if (state !== 'stopped') notes.erase();
    };
    const offered: readonly string[] = alert.earlier_slip ? cleared : fitting(alert, outcomes);
    const open = missing(kept, cases, offered);
    return (
        <div class="stop">
            <Timer startedAt={stopped_at * 1000} />
            {slip_text ? <Slip me={me} code={slip} text={slip_text} /> : <p class="warn" role="alert">⚠ {t('slip_missing')}</p>}
            <h3>{t('step_identity')}</h3>
            <p class="quiet">{t('identity_help')}</p>
            <Field words={t('card_number')} value={cnic} ltr inputMode="numeric" placeholder="42101-0000000-1" onChange={(to) => setCnic(cnicOf(to))} />
            {hasRegister ? <Field words={t('sample')} value={sample} ltr onChange={setSample} /> : <p class="lead">{t('no_register')}</p>}
            <div class="row">
                {hasRegister && <Button words={t('verify_card')} disabled={cnic.length !== 15 || !sample} work={verify} />}
                <Button words={t('ask_status')} disabled={cases.length === 0} work={askStatus} />
            </div>
            <div role="status">
                {answer && <p class={answer === 'yes' ? 'lead good' : 'lead warn'}>{t('register_answers', { answer: said(answer) })}</p>}
                {answer === 'unavailable' && <p>{t('unavailable_help')}</p>}
            </div>
            <Statuses kept={kept} cases={cases} change={change} />
            <EarlierSlip alert={alert} cnic={cnic} />
            <h3>{t('step_outcome')}</h3>
            <Answers words={t('outcome')} codes={offered} value={kept.outcome} onChange={(outcome) => change({ outcome })} />
            {kept.outcome === 'other_custody' && (
                <>
                    <Answers words={t('matter')} codes={matters} value={kept.matter} onChange={(to) => change({ matter: to })} />
                    <Field words={t('matter_reference')} value={kept.reference} ltr placeholder="112/2026"
                        onChange={(to) => change({ reference: western(to).replace(/[^0-9A-Za-z/-]/g, '').slice(0, 24) })} />
                </>
            )}
            <Harm harm={kept.harm} force={kept.force} change={change} />
            <Answers words={t('identity_by')} codes={means.filter((one) => hasRegister || one !== 'cnic_verified')} value={kept.means} onChange={(to) => change({ means: to })} />
            {endsEntry.includes(kept.outcome) && <p>{t('outcome_ends_entry')}</p>}
            {open.length > 0 && <ul class="checks">{open.map((one) => <li key={one}>{one}</li>)}</ul>}
            <div class="huge"><Button words={t('record_outcome')} main disabled={!slip_proof || open.length > 0} work={record} /></div>
        </div>
    );
}
