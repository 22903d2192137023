import { useState } from 'preact/hooks';
import { newId } from '../../statement.js';
import { act, upload, type Me } from '../desk';
import { Button, Choice, Field, Section } from '../parts';
import { now, said, t } from '../words';
import { cnicOf } from '../unit/stop';
import { secondsOf, useStations } from './roster';

interface Photo { photo: string; verdict: string; advice: string; eye_distance_px: number }
const grounds = ['court_warrant', 'proclaimed_offender', 'suspect_with_warrant', 'suspect_fir_only', 'escaped_prisoner', 'missing_or_at_risk', 'consenting_test_subject'] as const;
const sources = ['custody', 'prison', 'court', 'family', 'consenting_subject'] as const;
const DAY_S = 86400;

const empty = { ground: 'court_warrant', name: '', father: '', cnic: '', born: '', gender: 'male', description: '', kind: 'court', number: '', section: '', station: '',
    dated: '', source: 'custody', record: '', photoDated: '', days: '7' };

function PhotoPart({ photo, setPhoto }: { photo: Photo | null; setPhoto: (to: Photo | null) => void }) {
    const [problem, setProblem] = useState('');
    const choose = async (file: File | undefined) => {
        setPhoto(null);
        setProblem('');
        if (!file) return;
        await upload<Photo>('/photos', file).then(setPhoto, (reason: Error) => setProblem(reason.message));
    };
    return (
        <>
            <label class="field">{t('photo_file')}
                <input type="file" accept="image/jpeg" onChange={(event) => void choose(event.currentTarget.files?.[0])} />
            </label>
            <p role="status" class={problem ? 'problem' : 'quiet'}>
                {problem || (photo ? `✓ ${said(photo.verdict)} ${photo.advice} · ${t('eye_distance', { px: photo.eye_distance_px })}` : t('photo_gate'))}
            </p>
        </>
    );
}

/** A proposal: grounds of a closed set, references of the case, where the photograph is from. Another officer approves. */
export function Propose({ me }: { me: Me }) {
    const [form, setForm] = useState(empty);
    const [photo, setPhoto] = useState<Photo | null>(null);
    const [sent, setSent] = useState('');
    const stations = useStations(me);
    const set = (name: keyof typeof empty) => (to: string) => setForm((before) => ({ ...before, [name]: to }));
    const send = async () => {
        if (!photo) throw new Error(t('photo_first'));
        const entry = newId('e');
        await act(me, '/entries', 'entry_proposal', {
            entry, ground: form.ground,
            person: { name: form.name, father: form.father, cnic: form.cnic, born: Number(form.born), gender: form.gender, description: form.description },
            cases: [{ case: newId('k'), kind: form.kind, number: form.number, section: form.section, station: form.station || (stations[0] ?? ''),
                dated: secondsOf(form.dated), officer: me.officer }],
            photos: [{ photo: photo.photo, source: form.source, record_number: form.record, dated: secondsOf(form.photoDated) }],
            expires_at: now() + Number(form.days) * DAY_S,
        });
        setForm(empty);
        setPhoto(null);
        setSent(entry);
    };
    return (
        <Section title={t('propose')}>
            <p class="quiet">{t('propose_help')}</p>
            <h3>{t('propose_why')}</h3>
            <div class="fields">
                <Choice words={t('ground')} options={grounds} value={form.ground} onChange={set('ground')} />
                <Choice words={t('case_kind')} options={['court', 'fir']} value={form.kind} onChange={set('kind')} />
                <Field words={t('case_number')} value={form.number} onChange={set('number')} ltr />
                <Field words={t('case_section')} value={form.section} onChange={set('section')} ltr />
                <Field words={t('case_dated')} value={form.dated} onChange={set('dated')} type="date" />
                <Choice words={t('station')} options={stations.map((one): [string, string] => [one, one.slice(-4).toUpperCase()])} value={form.station || (stations[0] ?? '')} onChange={set('station')} />
                <Field words={t('expires_in_days')} value={form.days} onChange={set('days')} type="number" min="1" max="90" />
            </div>
            <h3>{t('propose_who')}</h3>
            <div class="fields">
                <Field words={t('person_name')} value={form.name} onChange={set('name')} />
                <Field words={t('father_name')} value={form.father} onChange={set('father')} />
                <Field words={t('cnic')} value={form.cnic} onChange={(to) => set('cnic')(cnicOf(to))} ltr inputMode="numeric" placeholder="42101-0000000-1" />
                <Field words={t('born')} value={form.born} onChange={set('born')} type="number" min="1900" max="2100" />
                <Choice words={t('gender')} options={['male', 'female', 'other']} value={form.gender} onChange={set('gender')} />
                <Field words={t('description')} value={form.description} onChange={set('description')} />
            </div>
            <h3>{t('propose_photo')}</h3>
            <PhotoPart key={sent} photo={photo} setPhoto={setPhoto} />
            <div class="fields">
                <Choice words={t('photo_source')} options={sources} value={form.source} onChange={set('source')} />
                <Field words={t('photo_record')} value={form.record} onChange={set('record')} ltr />
                <Field words={t('photo_dated')} value={form.photoDated} onChange={set('photoDated')} type="date" />
            </div>
            <Button main words={t('sign_proposal')} work={send} />
            {sent && <p role="status">✓ {t('proposed')} <bdi dir="ltr">{sent}</bdi></p>}
        </Section>
    );
}
