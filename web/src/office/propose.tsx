import { useState } from 'preact/hooks';
import { newId } from '../../statement.js';
import { shortCode } from '../alerts';
import { act, type Me } from '../desk';
import { Button, Choice, Field, Ltr, Section } from '../parts';
import { cnicOf } from '../unit/stop';
import { now, Objection, said, t } from '../words';
import { Checks, day_s, isPast, secondsOf, type Check } from './checks';
import { PhotoPart, type Photo } from './photo-part';
import { useStations } from './roster';

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

const empty = { ground: '', name: '', father: '', cnic: '', born: '', gender: '', description: '', kind: '', number: '', section: '', station: '',
    dated: '', source: '', record: '', photoDated: '', days: '7' };
type Form = typeof empty;

function checksOf(form: Form, photo: Photo | null): Check[] {
    const rule = form.ground ? rules[form.ground as Ground] : null;
    const missing = form.ground === 'missing_or_at_risk';
    const born = Number(form.born);
    const adult = new Date().getFullYear() - born - 1 >= 18;
    return [
        { holds: Boolean(rule), words: t('check_ground') },
        { holds: Boolean(form.kind && form.number && form.section), words: t('check_case') },
        { holds: !rule?.kind || form.kind === rule.kind, words: t('check_case_kind', { kind: said(rule?.kind ?? '') }) },
        { holds: isPast(form.dated), words: t('check_case_dated') },
        { holds: Number(form.days) >= 1 && Number(form.days) <= (rule?.days ?? 90), words: t('check_days', { days: rule?.days ?? 90 }) },
        { holds: Boolean(form.name && form.gender && form.description), words: t('check_person') },
        { holds: form.cnic.length === 15 || (missing && !form.cnic), words: t('check_cnic') },
        { holds: born > 1900 && born <= new Date().getFullYear(), words: t('check_born') },
        { holds: missing || !form.born || adult, words: t('check_minor') },
        { holds: Boolean(photo), words: t('check_photo') },
        { holds: Boolean(form.source && (!rule || (rule.sources as readonly string[]).includes(form.source))), words: t('check_source') },
        { holds: Boolean(form.record) && isPast(form.photoDated), words: t('check_record') },
    ];
}

/** A proposal: grounds of a closed set, references of the case, where the photograph is from. Another officer approves. */
export function Propose({ me, kind }: { me: Me; kind: string }) {
    const [form, setForm] = useState(empty);
    const [photo, setPhoto] = useState<Photo | null>(null);
    const [sent, setSent] = useState('');
    const stations = useStations(me);
    const set = (name: keyof Form) => (to: string) => setForm((before) => ({ ...before, [name]: to }));
    const checks = checksOf(form, photo);
    const send = async () => {
        if (!photo) throw new Objection('check_photo');
        const entry = newId('e');
        await act(me, '/entries', 'entry_proposal', {
            entry, ground: form.ground,
            person: { name: form.name, father: form.father, cnic: form.cnic, born: Number(form.born), gender: form.gender, description: form.description },
            cases: [{ case: newId('k'), kind: form.kind, number: form.number, section: form.section, station: form.station || (stations[0] ?? ''),
                dated: secondsOf(form.dated), officer: me.officer }],
            photos: [{ photo: photo.photo, file_hash: photo.file_hash, source: form.source, record_number: form.record, dated: secondsOf(form.photoDated) }],
            expires_at: now() + Number(form.days) * day_s,
        });
        setForm(empty);
        setPhoto(null);
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
                <Choice words={t('case_kind')} options={['court', 'fir']} value={form.kind} onChange={set('kind')} none={none} />
                <Field words={t('case_number')} value={form.number} onChange={set('number')} ltr />
                <Field words={t('case_section')} value={form.section} onChange={set('section')} ltr help={t('case_section_help')} />
                <Field words={t('case_dated')} value={form.dated} onChange={set('dated')} type="date" />
                <Choice words={t('station')} options={stations.map((one): [string, string] => [one, shortCode(one)])} value={form.station || (stations[0] ?? '')} onChange={set('station')} />
                <Field words={t('expires_in_days')} value={form.days} onChange={set('days')} type="number" min="1" max="90" />
            </div>
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
            <PhotoPart key={sent} words={t('photo_file')} photo={photo} setPhoto={setPhoto} />
            <div class="fields">
                <Choice words={t('photo_source')} options={sources} value={form.source} onChange={set('source')} none={none} />
                <Field words={t('photo_record')} value={form.record} onChange={set('record')} ltr />
                <Field words={t('photo_dated')} value={form.photoDated} onChange={set('photoDated')} type="date" />
            </div>
            <Checks all={checks} />
            <Button main words={t('sign_proposal')} disabled={checks.some((one) => !one.holds)} work={send} />
        </Section>
    );
}
