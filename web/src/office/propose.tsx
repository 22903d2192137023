import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { newId } from '../../statement.js';
import { shortCode } from '../alerts';
import { act, type Me } from '../desk';
import { useDraft } from '../drafts';
import { nameOf } from '../names';
import { Button, Choice, Field, Ltr, NotHeard, Section } from '../parts';
import { cnicOf } from '../unit/stop';
import { now } from '../time';
import { said, t } from '../words';
import { Checks, day_s, isPast, secondsOf, type Check } from './checks';
import { PhotoPart, type Photo } from './photo-part';
import { useRoster } from './roster';

/** What each ground asks for, as the desk's own table has it (src/list/entry_rules.c). */
const rules = {
    court_warrant: { days: 90, sources: ['custody', 'prison', 'court'], kind: 'court' },
    proclaimed_offender: { days: 90, sources: ['custody', 'prison', 'court'], kind: 'court' },
    suspect_with_warrant: { days: 90, sources: ['custody', 'prison', 'court'], kind: 'court' },
    suspect_fir_only: { days: 7, sources: ['custody', 'prison', 'court'], kind: 'fir' },
    escaped_prisoner: { days: 90, sources: ['custody', 'prison', 'court'], kind: '' },
    missing_or_at_risk: { days: 90, sources: ['family'], kind: '' },
    consenting_test_subject: { days: 90, sources: ['consenting_subject'], kind: '' },
} as const;
type Ground = keyof typeof rules;
const groundsOf = (kind: string): Ground[] => (Object.keys(rules) as Ground[]).filter((one) => (one === 'consenting_test_subject') === (kind === 'demo'));

/** Which one it is, whatever is taken out or judged meanwhile. */
interface Keyed { key: number }
let made = 0;
const blank = <T extends Keyed>(none: T): T => ({ ...none, key: ++made });

const noCase = { key: 0, kind: '', number: '', section: '', station: '', dated: '' };
type CaseForm = typeof noCase;
interface PhotoForm extends Keyed { photo: Photo | null; source: string; record: string; dated: string }
const noPhoto: PhotoForm = { key: 0, photo: null, source: '', record: '', dated: '' };
/** As many photographs as an entry may have (LIMIT_ENTRY_PHOTOS), and more cases than anybody was found to have. */
const MOST_PHOTOS = 3;
const MOST_CASES = 20;

const nobody = { ground: '', name: '', father: '', cnic: '', born: '', gender: '', description: '', days: '7' };
type Form = typeof nobody;

function checksOf(form: Form, cases: CaseForm[], photos: PhotoForm[]): Check[] {
    const rule = form.ground ? rules[form.ground as Ground] : null;
    const missing = form.ground === 'missing_or_at_risk';
    const born = Number(form.born);
    const adult = new Date().getFullYear() - born - 1 >= 18;
    return [
        { holds: Boolean(rule), words: t('check_ground') },
        { holds: cases.every((one) => one.kind && one.number && one.section && one.station), words: t('check_case') },
        { holds: !rule?.kind || cases.some((one) => one.kind === rule.kind), words: t('check_case_kind', { kind: said(rule?.kind ?? '') }) },
        { holds: cases.every((one) => isPast(one.dated)), words: t('check_case_dated') },
        { holds: Number(form.days) >= 1 && Number(form.days) <= (rule?.days ?? 90), words: t('check_days', { days: rule?.days ?? 90 }) },
        { holds: Boolean(form.name && form.gender && form.description), words: t('check_person') },
        { holds: form.cnic.length === 15 || (missing && !form.cnic), words: t('check_cnic') },
        { holds: born > 1900 && born <= new Date().getFullYear(), words: t('check_born') },
        { holds: missing || !form.born || adult, words: t('check_minor') },
        { holds: photos.every((one) => one.photo), words: t('check_photo') },
        { holds: photos.every((one) => one.source && (!rule || (rule.sources as readonly string[]).includes(one.source))), words: t('check_source') },
        { holds: photos.every((one) => one.record && isPast(one.dated)), words: t('check_record') },
    ];
}

interface SeveralProps<T> { all: T[]; set: (change: (before: T[]) => T[]) => void; none: T; most: number; title: (n: number) => string; another: string; one: (value: T, change: (some: Partial<T>) => void) => ComponentChildren }

/** One after the other, each to be taken out again as long as one is left. */
function Several<T extends Keyed>({ all, set, none, most, title, another, one }: SeveralProps<T>) {
    return (
        <>
            {all.map((value, i) => (
                <fieldset key={value.key} class="several"><legend>{title(i + 1)}</legend>
                    {one(value, (some) => set((before) => before.map((other) => (other.key === value.key ? { ...other, ...some } : other))))}
                    {all.length > 1 && <Button words={t('take_out')} of={title(i + 1)} work={() => set((before) => before.filter(({ key }) => key !== value.key))} />}
                </fieldset>
            ))}
            {all.length < most && <Button words={another} work={() => set((before) => [...before, blank(none)])} />}
        </>
    );
}

function CaseFields({ of, change, stations }: { of: CaseForm; change: (some: Partial<CaseForm>) => void; stations: string[] }) {
    return (
        <div class="fields">
            <Choice words={t('case_kind')} options={['court', 'fir']} value={of.kind} onChange={(kind) => change({ kind })} none={t('choose')} />
            <Field words={t('case_number')} value={of.number} onChange={(number) => change({ number })} ltr />
            <Field words={t('case_section')} value={of.section} onChange={(section) => change({ section })} ltr help={t('case_section_help')} />
            <Field words={t('case_dated')} value={of.dated} onChange={(dated) => change({ dated })} type="date" />
            <Choice words={t('station')} options={stations.map((one): [string, string] => [one, nameOf(one)])} value={of.station} onChange={(station) => change({ station })} none={t('choose')} />
        </div>
    );
}

function PhotoFields({ of, change, sources }: { of: PhotoForm; change: (some: Partial<PhotoForm>) => void; sources: readonly string[] }) {
    return (
        <>
            <PhotoPart words={t('photo_file')} photo={of.photo} setPhoto={(photo) => change({ photo })} />
            <div class="fields">
                <Choice words={t('photo_source')} options={sources} value={of.source} onChange={(source) => change({ source })} none={t('choose')} />
                <Field words={t('photo_record')} value={of.record} onChange={(record) => change({ record })} ltr />
                <Field words={t('photo_dated')} value={of.dated} onChange={(dated) => change({ dated })} type="date" />
            </div>
        </>
    );
}

/** A proposal: grounds of a closed set, references of the case, where the photograph is from. Another officer approves. */
export function Propose({ me, kind }: { me: Me; kind: string }) {
    const [form, setForm] = useDraft('proposal', () => nobody);
    const [cases, setCases] = useDraft('proposal cases', () => [blank(noCase)]);
    const [photos, setPhotos] = useDraft('proposal photographs', () => [blank(noPhoto)]);
    const [sent, setSent] = useState('');
    const roster = useRoster(me);
    const stations = (roster.value?.stations ?? []).map((one) => one.station);
    const set = (name: keyof Form) => (to: string) => setForm((before) => ({ ...before, [name]: to }));
    const checks = checksOf(form, cases, photos);
    const send = async () => {
        const entry = newId('e');
        await act(me, '/entries', 'entry_proposal', {
            entry, ground: form.ground,
            person: { name: form.name, father: form.father, cnic: form.cnic, born: Number(form.born), gender: form.gender, description: form.description },
            cases: cases.map((one) => ({ case: newId('k'), kind: one.kind, number: one.number, section: one.section, station: one.station, dated: secondsOf(one.dated), officer: me.officer })),
            photos: photos.map((one) => ({ photo: one.photo?.photo, file_hash: one.photo?.file_hash, source: one.source, record_number: one.record, dated: secondsOf(one.dated) })),
            expires_at: now() + Number(form.days) * day_s,
        });
        setForm(nobody);
        setCases([blank(noCase)]);
        setPhotos([blank(noPhoto)]);
        setSent(entry);
    };
    const none = t('choose');
    const sources = form.ground ? rules[form.ground as Ground].sources : ['custody', 'prison', 'court', 'family', 'consenting_subject'];
    return (
        <Section title={t('propose')}>
            <p class="quiet">{t('propose_help')}</p>
            {sent && <p class="good" role="status">✓ {t('proposed')} <Ltr>{shortCode(sent)}</Ltr>. {t('proposed_then')}</p>}
            <h3>{t('propose_why')}</h3>
            <div class="fields">
                <Choice words={t('ground')} options={groundsOf(kind)} value={form.ground} onChange={set('ground')} none={none} />
                <Field words={t('expires_in_days')} value={form.days} onChange={set('days')} type="number" min="1" max="90" />
            </div>
            {roster.problem ? <p class="problem" role="alert">{roster.problem}</p> : <NotHeard what={t('roster')} of={roster} />}
            <Several all={cases} set={setCases} none={noCase} most={MOST_CASES} title={(n) => t('case_nth', { n })} another={t('another_case')}
                one={(of, change) => <CaseFields of={of} change={change} stations={stations} />} />
            <h3>{t('propose_who')}</h3>
            <div class="fields">
                <Field words={t('person_name')} value={form.name} onChange={set('name')} />
                <Field words={t('father_name')} value={form.father} onChange={set('father')} />
                <Field words={t('cnic')} value={form.cnic} onChange={(to) => set('cnic')(cnicOf(to))} ltr inputMode="numeric" placeholder="42101-0000000-1" />
                <Field words={t('born')} value={form.born} onChange={set('born')} type="number" min="1900" max="2100" />
                <Choice words={t('gender')} options={['male', 'female', 'other']} value={form.gender} onChange={set('gender')} none={none} />
                <Field words={t('description')} value={form.description} onChange={set('description')} />
            </div>
            <h3>{t('propose_photo')}</h3>
            <Several all={photos} set={setPhotos} none={noPhoto} most={MOST_PHOTOS} title={(n) => t('photo_nth', { n })} another={t('another_photo')}
                one={(of, change) => <PhotoFields of={of} change={change} sources={sources} />} />
            <Checks all={checks} />
            <Button main words={t('sign_proposal')} disabled={checks.some((one) => !one.holds)} work={send} />
        </Section>
    );
}
