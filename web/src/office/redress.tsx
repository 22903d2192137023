import { useState } from 'preact/hooks';
import { newId } from '../../statement.js';
import { shortCode } from '../alerts';
import { act, call, type Me } from '../desk';
import { useDraft } from '../drafts';
import { useAnswer } from '../hooks';
import { Blank, Button, Choice, Field, Grave, Long, Ltr, NotHeard, Section, State, Writing } from '../parts';
import { SLIP_LENGTH, slipCodeOf } from '../unit/slip';
import { cnicOf } from '../unit/stop';
import { date, day, said, t } from '../words';
import { Checks } from './checks';

interface Told {
    listed?: boolean; alerted?: boolean; stopped_at?: number; why?: string; why_here?: string; why_dated?: number; entry_state?: string; operation?: string; outcome?: string; amended?: boolean;
    reviews?: { same: number; different: number; cannot_tell: number; offices: number };
}
interface Outline { request: string; kind: string; state: string; made_at: number }
interface Whole extends Outline { finding?: string; signed?: string; signed_by?: string; refused_for?: string; answer?: Told }

/** What the person at the counter is told, to be read out or shown. */
function Answer({ told }: { told: Told }) {
    const yes = (is: boolean | undefined) => (is ? said('yes') : said('no'));
    return (
        <dl class="told">
            {told.listed !== undefined && <><dt>{t('redress_listed')}</dt><dd><strong>{yes(told.listed)}</strong></dd></>}
            <dt>{t('redress_alerted')}</dt><dd><strong>{yes(told.alerted)}</strong></dd>
            {told.stopped_at !== undefined && told.stopped_at > 0 && <><dt>{t('redress_stopped')}</dt><dd><Ltr>{day(told.stopped_at)}</Ltr></dd></>}
            {told.why && <><dt>{t('redress_why')}</dt><dd>{t('redress_resembled', { ground: said(told.why) })}</dd></>}
            {told.why_here && <><dt>{t('why_here')}</dt><dd>{said(told.why_here)} · <Ltr>{date(told.why_dated ?? 0)}</Ltr></dd></>}
            {told.reviews && <><dt>{t('redress_reviewed')}</dt><dd>{t('redress_answers', { ...told.reviews })}</dd></>}
            {told.outcome && <><dt>{t('outcome')}</dt><dd>{said(told.outcome)}{told.amended ? ` (${t('redress_amended')})` : ''}</dd></>}
            {told.entry_state && <><dt>{t('entry')}</dt><dd>{said(told.entry_state)}</dd></>}
            {told.operation && <><dt>{t('operation')}</dt><dd><Ltr>{shortCode(told.operation)}</Ltr></dd></>}
        </dl>
    );
}

const empty = { kind: '', slip: '', cnic: '', words: '', contact: '' };

/** Somebody asks at the counter, with the slip and the identity card in hand. */
function Ask({ me }: { me: Me }) {
    const [form, setForm] = useDraft('redress', () => empty);
    const [told, setTold] = useState<{ request: string; state: string; answer?: Told } | null>(null);
    const set = (name: keyof typeof form) => (to: string) => setForm((before) => ({ ...before, [name]: to }));
    const checks = [
        { holds: Boolean(form.kind), words: t('redress_check_kind') },
        { holds: form.kind === 'access' || form.slip.length === SLIP_LENGTH, words: t('redress_check_slip') },
        { holds: form.cnic.length === 15, words: t('redress_check_card') },
        { holds: form.kind === 'access' || Boolean(form.words), words: t('redress_check_words') },
    ];
    const ask = async () => {
        setTold(await act(me, '/redress', 'redress_request', { request: newId('q'), ...form }));
        setForm(empty);
    };
    return (
        <Section title={t('redress_ask')}>
            <p class="quiet">{t('redress_help')}</p>
            <div class="fields">
                <Choice words={t('redress_kind')} options={['access', 'complaint', 'correction']} value={form.kind} onChange={set('kind')} none={t('choose')} />
                <Field words={t('redress_slip')} value={form.slip} onChange={(to) => set('slip')(slipCodeOf(to))} ltr />
                <Field words={t('card_number')} value={form.cnic} onChange={(to) => set('cnic')(cnicOf(to))} ltr inputMode="numeric" placeholder="42101-0000000-1" />
                <Field words={t('redress_contact')} value={form.contact} onChange={set('contact')} />
            </div>
            <Writing words={t('redress_words')} value={form.words} onChange={set('words')} />
            <Checks all={checks} />
            <Button main words={t('redress_send')} disabled={checks.some((one) => !one.holds)} work={ask} />
            {told && (
                <article class="opened" role="status">
                    <h3><Ltr>{shortCode(told.request)}</Ltr> <State code={told.state} /></h3>
                    {told.answer ? <Answer told={told.answer} /> : <p>{t('redress_later')}</p>}
                </article>
            )}
        </Section>
    );
}

const refusals = ['investigation', 'safety', 'court', 'identity'] as const;

/** A refusal, and an answer without a slip, count when two offices signed the same. */
function Decide({ me, one, done }: { me: Me; one: Whole; done: () => Promise<void> }) {
    const [reason, setReason] = useState('');
    const sign = async (answer: string, why: string) => {
        await act(me, `/redress/${one.request}/answer`, 'redress_answer', { request: one.request, answer, reason: why });
        await done();
    };
    const once = one.signed === 'refused' ? t('redress_once_refused', { reason: said(one.refused_for ?? '') }) : t('redress_once_given');
    return (
        <>
            {one.signed ? <p class="warn" role="status">{t('redress_once', { answer: once })} {t('first_signed')} <Ltr>{shortCode(one.signed_by ?? '')}</Ltr></p>
                : <p class="quiet">{t('redress_two')}</p>}
            <div class="row">
                <Button main words={t('redress_give')} work={() => sign('given', 'none')} />
                <Choice words={t('redress_refusal')} options={refusals} value={reason} onChange={setReason} none={t('choose')} />
                <Button words={t('refuse')} disabled={!reason} work={() => sign('refused', reason)} />
            </div>
        </>
    );
}

function One({ me, outline }: { me: Me; outline: Outline }) {
    const [whole, setWhole] = useState<Whole | null>(null);
    const is = (role: string) => me.roles.includes(role);
    const look = async () => setWhole(await call<Whole>('GET', `/redress/${outline.request}`));
    const judge = async (finding: string, given: AbortSignal) => {
        await act(me, `/redress/${outline.request}/finding`, 'redress_finding', { request: outline.request, finding }, given);
        await look();
    };
    return (
        <li>
            <div class="row between">
                <span class="line"><strong><Ltr>{shortCode(outline.request)}</Ltr></strong> <State code={outline.state} /> <span>{said(outline.kind)}</span> <span class="quiet"><Ltr>{day(outline.made_at)}</Ltr></span></span>
                <Button words={whole ? t('close_entry') : t('open_entry')} work={() => (whole ? setWhole(null) : look())} />
            </div>
            {whole && (
                <article class="opened">
                    {whole.answer && <Answer told={whole.answer} />}
                    {outline.state !== 'asked' && whole.refused_for && whole.refused_for !== 'none' && <p class="warn">{t('redress_refused_for', { reason: said(whole.refused_for) })}</p>}
                    {whole.finding && <p class="lead">{t('redress_finding', { finding: said(whole.finding) })}</p>}
                    {outline.state === 'asked' && (is('station') || is('authoriser')) && <Decide me={me} one={whole} done={look} />}
                    {outline.kind === 'complaint' && is('inspector') && !whole.finding && (
                        <div class="row">
                            <Grave words={t('redress_uphold')} means={t('redress_finding_means')} work={(given) => judge('upheld', given)} />
                            <Grave words={t('redress_not_uphold')} means={t('redress_finding_means')} work={(given) => judge('not_upheld', given)} />
                        </div>
                    )}
                    {outline.state === 'to_tell' && is('station') && <Button main words={t('redress_told')} work={() => act(me, `/redress/${outline.request}/told`, 'redress_told', { request: outline.request })} />}
                </article>
            )}
        </li>
    );
}

/** Was I listed? Was I alerted? Why, and reviewed how? Asked at a station, answered by the desk, refused only by two offices. */
export function Redress({ me }: { me: Me }) {
    const heard = useAnswer<{ requests: Outline[] }>('/redress');
    const { value, problem } = heard;
    const all = value?.requests ?? [];
    return (
        <>
            {me.roles.includes('station') && <Ask me={me} />}
            {value && !problem && all.length === 0 ? <Blank words={t('no_redress')} more={t('no_redress_more')} />
                : <Section title={t('tab_redress')}><NotHeard what={t('tab_redress')} of={heard} /><Long all={all} says={(one) => `${shortCode(one.request)} ${said(one.state)} ${said(one.kind)} ${day(one.made_at)}`}
                    line={(one) => <One key={one.request} me={me} outline={one} />} /></Section>}
        </>
    );
}
