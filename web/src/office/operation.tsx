import { useState } from 'preact/hooks';
import { newId, sha256 } from '../../statement.js';
import { shortCode } from '../alerts';
import { act, call, type Me } from '../desk';
import { useDraft } from '../drafts';
import { useAnswer } from '../hooks';
import { Blank, Button, Choice, Field, Ltr, NotHeard, Section, Tick } from '../parts';
import { now } from '../time';
import { isolated, named, said, t } from '../words';
import { Checks, day_s, isPast, secondsOf, type Check } from './checks';
import { reasonsOf, WhyHere, type Whys } from './why-here';

interface Terms { list_hash: string; list_size: number; cameras: string[]; pack_hash: string; report_hash: string; threshold_e6: number; camera_class: string }
interface Outline { entry: string; state: string; ground: string }
interface CameraOutline { camera: string; name: string; state: string }

const optionOf = (one: Outline): [string, string] => [one.entry, `${isolated(shortCode(one.entry))} · ${said(one.ground)}`];

interface PickProps { words: string; all: [string, string][]; value: string[]; onChange: (to: string[]) => void }

function Pick({ words, all, value, onChange }: PickProps) {
    return (
        <fieldset class="stacked"><legend>{words} <span class="quiet">({value.length}/{all.length})</span></legend>
            {all.map(([id, shown]) => <Tick key={id} words={shown} value={value.includes(id)}
                onChange={(to) => onChange(to ? [...value, id] : value.filter((one) => one !== id))} />)}
            {all.length > 1 && <button type="button" class="plain" onClick={() => onChange(value.length === all.length ? [] : all.map(([id]) => id))}>
                {value.length === all.length ? t('pick_none') : t('pick_all')}</button>}
        </fieldset>
    );
}

const empty = { purpose: '', starts: '', minutes: '60', assessment: '', assessed: '', passages: '' };
type Form = typeof empty;
const nothing = { entries: [] as string[], whys: {} as Whys, cameras: [] as string[], form: empty };
/** Empty is at once: when it is signed. */
const startOf = (form: Form): number => (form.starts ? secondsOf(form.starts) : now());
const isWithin = (form: Form, dated: string, days: number): boolean => isPast(dated) && startOf(form) - secondsOf(dated) <= days * day_s;

function checksOf(form: Form, entries: string[], whys: Whys, cameras: string[], notice: boolean, kind: string): Check[] {
    const stale = entries.filter((entry) => !isWithin(form, whys[entry]?.dated ?? '', 30));
    const most = kind === 'demo' ? { entries: 20, cameras: 4 } : { entries: 2000, cameras: 42 };
    return [
        { holds: entries.length > 0 && entries.length <= most.entries, words: t('check_entries', { most: most.entries }) },
        { holds: cameras.length > 0 && cameras.length <= most.cameras, words: t('check_cameras', { most: most.cameras }) },
        { holds: Boolean(form.purpose), words: t('check_purpose') },
        { holds: stale.length === 0, words: t('check_why', { entries: isolated(stale.slice(0, 12).map(shortCode).join(' ')) }) },
        { holds: startOf(form) >= now() && startOf(form) <= now() + 30 * day_s, words: t('check_starts') },
        { holds: Number(form.minutes) >= 1 && Number(form.minutes) <= 720, words: t('check_minutes') },
        { holds: Boolean(form.assessment) && isWithin(form, form.assessed, 365), words: t('check_assessment') },
        { holds: Number(form.passages) >= 1, words: t('check_passages') },
        { holds: notice, words: t('check_notice') },
    ];
}

/** Who, where, why and how long; two authorisers of different offices sign what is asked for here, word by word. */
export function RequestOperation({ me, kind }: { me: Me; kind: string }) {
    const heard = useAnswer<{ entries: Outline[] }>('/entries');
    const known = heard.value?.entries;
    const entries = (known ?? []).filter((one) => one.state === 'approved');
    const suspended = (known ?? []).filter((one) => one.state === 'suspended').length;
    const cameras = useAnswer<{ cameras: CameraOutline[] }>('/cameras');
    const offered = (cameras.value?.cameras ?? []).filter((one) => one.state !== 'refused');
    const [draft, setDraft] = useDraft('request', () => nothing);
    // Whoever signs has looked: that is said when it is signed, and kept in no draft.
    const [notice, setNotice] = useState(false);
    const [sent, setSent] = useState('');
    // What was picked before the form was left may be approved, or registered, no more.
    const chosen = draft.entries.filter((id) => entries.some(({ entry }) => entry === id));
    const places = draft.cameras.filter((id) => offered.some(({ camera }) => camera === id));
    const { whys, form } = draft;
    const change = (some: Partial<typeof nothing>) => setDraft((before) => ({ ...before, ...some }));
    const set = (name: keyof Form) => (to: string) => setDraft((before) => ({ ...before, form: { ...before.form, [name]: to } }));
    const checks = checksOf(form, chosen, whys, places, notice, kind);
    const send = async () => {
        const operation = newId('op');
        const starts_at = startOf(form);
        const reasons = reasonsOf(chosen, whys);
        const terms = await call<Terms>('POST', '/drafts', { operation, reasons, cameras: places, starts_at });
        await act(me, '/operations', 'operation_request', {
            kind, operation, purpose: form.purpose, reasons, cameras: [...terms.cameras].sort(), list_hash: terms.list_hash, list_size: terms.list_size, pack_hash: terms.pack_hash,
            report_hash: terms.report_hash, threshold_e6: terms.threshold_e6, camera_class: terms.camera_class,
            expected_passages: Number(form.passages), assessment_hash: await sha256(form.assessment), assessment_dated: secondsOf(form.assessed), notice_confirmed: notice,
            starts_at, ends_at: starts_at + Number(form.minutes) * 60 });
        setDraft(nothing);
        setNotice(false);
        setSent(operation);
    };
    const none = t('choose');
    if (known && entries.length === 0) return <Blank words={t('no_approved')} more={suspended > 0 ? t('request_suspended', { count: suspended }) : t('no_approved_more')} />;
    return (
        <Section title={t('request_operation')}>
            <p class="quiet">{t('request_help')}</p>
            {sent && <p class="good" role="status">✓ {t('requested')} <Ltr>{shortCode(sent)}</Ltr>. {t('requested_then')}</p>}
            {suspended > 0 && <p class="warn">{t('request_suspended', { count: suspended })}</p>}
            <NotHeard what={t('entries')} of={heard} />
            <NotHeard what={t('cameras')} of={cameras} />
            <div class="two">
                {known && <Pick words={t('entries')} all={entries.map(optionOf)} value={chosen} onChange={(to) => change({ entries: to })} />}
                {cameras.value && <Pick words={t('cameras')} all={offered.map((one) => [one.camera, named(one.name)])} value={places} onChange={(to) => change({ cameras: to })} />}
            </div>
            <WhyHere entries={entries.filter((one) => chosen.includes(one.entry)).map(optionOf)} value={whys} onChange={(to) => change({ whys: to })} />
            <div class="fields">
                <Choice words={t('purpose')} options={['arrest_warrants', 'missing_persons', 'trial']} value={form.purpose} onChange={set('purpose')} none={none} />
                <Field words={t('starts')} value={form.starts} onChange={set('starts')} type="datetime-local" help={t('starts_help')} />
                <Field words={t('minutes')} value={form.minutes} onChange={set('minutes')} type="number" min="1" max="720" />
                <Field words={t('expected_passages')} value={form.passages} onChange={set('passages')} type="number" min="1" max="10000000" />
                <Field words={t('assessment')} value={form.assessment} onChange={set('assessment')} help={t('assessment_help')} />
                <Field words={t('assessment_dated')} value={form.assessed} onChange={set('assessed')} type="date" />
            </div>
            <Tick words={t('notice_confirmed')} value={notice} onChange={setNotice} />
            <Checks all={checks} />
            <Button main words={t('sign_request')} disabled={checks.some((one) => !one.holds)} work={send} />
        </Section>
    );
}
