import { useState } from 'preact/hooks';
import { newId, sha256 } from '../../statement.js';
import { shortCode } from '../alerts';
import type { Operation } from '../control/operations';
import { act, call, type Me } from '../desk';
import { useAnswer } from '../hooks';
import { Button, Choice, Field, Ltr, Section, Tick } from '../parts';
import { day, now, said, t } from '../words';
import { secondsOf } from './roster';

interface Terms { list_hash: string; list_size: number; cameras: string[]; pack_hash: string; report_hash: string; threshold_e6: number; camera_class: string }
interface Outline { entry: string; state: string; ground: string }
interface CameraOutline { camera: string; name: string }

function Pick({ words, all, value, onChange }: { words: string; all: [string, string][]; value: string[]; onChange: (to: string[]) => void }) {
    return (
        <fieldset><legend>{words}</legend>
            {all.map(([id, shown]) => <Tick key={id} words={shown} value={value.includes(id)}
                onChange={(to) => onChange(to ? [...value, id] : value.filter((one) => one !== id))} />)}
        </fieldset>
    );
}

/** Who, where, why and how long; two authorisers of different offices sign what is asked for here, word by word. */
export function RequestOperation({ me, kind }: { me: Me; kind: string }) {
    const entries = (useAnswer<{ entries: Outline[] }>('/entries').value?.entries ?? []).filter((one) => one.state === 'approved');
    const cameras = useAnswer<{ cameras: CameraOutline[] }>('/cameras').value?.cameras ?? [];
    const [chosen, setChosen] = useState<string[]>([]);
    const [places, setPlaces] = useState<string[]>([]);
    const [form, setForm] = useState({ purpose: 'trial', why: 'trial', reference: '', dated: '', minutes: '60', assessment: '', assessed: '', passages: '1000' });
    const [notice, setNotice] = useState(false);
    const [sent, setSent] = useState('');
    const set = (name: keyof typeof form) => (to: string) => setForm((before) => ({ ...before, [name]: to }));
    const send = async () => {
        const operation = newId('op');
        const terms = await call<Terms>('POST', '/drafts', { operation, entries: chosen, cameras: places });
        await act(me, '/operations', 'operation_request', {
            kind, operation, purpose: form.purpose, why_here: form.why, why_reference: form.reference, why_dated: secondsOf(form.dated),
            cameras: [...terms.cameras].sort(), list_hash: terms.list_hash, list_size: terms.list_size, pack_hash: terms.pack_hash,
            report_hash: terms.report_hash, threshold_e6: terms.threshold_e6, camera_class: terms.camera_class,
            expected_passages: Number(form.passages), assessment_hash: await sha256(form.assessment), assessment_dated: secondsOf(form.assessed), notice_confirmed: notice,
            starts_at: now(), ends_at: now() + Number(form.minutes) * 60 });
        setSent(operation);
    };
    return (
        <Section title={t('request_operation')}>
            <Pick words={t('entries')} all={entries.map((one) => [one.entry, `${shortCode(one.entry)} · ${said(one.ground)}`])} value={chosen} onChange={setChosen} />
            <Pick words={t('cameras')} all={cameras.map((one) => [one.camera, one.name])} value={places} onChange={setPlaces} />
            <div class="fields">
                <Choice words={t('purpose')} options={['arrest_warrants', 'missing_persons', 'trial']} value={form.purpose} onChange={set('purpose')} />
                <Choice words={t('why_here')} options={['intelligence', 'last_seen', 'court_order', 'trial']} value={form.why} onChange={set('why')} />
                <Field words={t('why_reference')} value={form.reference} onChange={set('reference')} ltr />
                <Field words={t('why_dated')} value={form.dated} onChange={set('dated')} type="date" />
                <Field words={t('minutes')} value={form.minutes} onChange={set('minutes')} type="number" min="1" max="720" />
                <Field words={t('assessment')} value={form.assessment} onChange={set('assessment')} help={t('assessment_help')} />
                <Field words={t('assessment_dated')} value={form.assessed} onChange={set('assessed')} type="date" />
                <Field words={t('expected_passages')} value={form.passages} onChange={set('passages')} type="number" min="1" max="10000000" />
            </div>
            <Tick words={t('notice_confirmed')} value={notice} onChange={setNotice} />
            <Button main words={t('sign_request')} disabled={chosen.length === 0 || places.length === 0 || !notice || !form.assessment || !form.assessed} work={send} />
            {sent && <p role="status">✓ {t('requested')} <Ltr>{shortCode(sent)}</Ltr></p>}
        </Section>
    );
}

function Sign({ me, one }: { me: Me; one: Operation }) {
    const answer = (to: string) => act(me, `/operations/${one.operation}/authorisations`, 'authorisation', { operation: one.operation, request_hash: one.request_hash, answer: to });
    return (
        <div class="row">
            <Button main words={t('authorise')} work={() => answer('authorised')} />
            <Button words={t('refuse')} work={() => answer('refused')} />
        </div>
    );
}

export function OperationList({ me }: { me: Me }) {
    const all = useAnswer<{ operations: Operation[] }>('/operations').value?.operations ?? [];
    const signs = me.roles.includes('authoriser') || me.roles.includes('outside_signer');
    const ends = me.roles.includes('authoriser') || me.roles.includes('watch_officer');
    return (
        <Section title={t('operations')}>
            {all.length === 0 && <p class="quiet">{t('no_operations_yet')}</p>}
            <ul class="list">{all.map((one) => (
                <li key={one.operation}>
                    <strong><Ltr>{shortCode(one.operation)}</Ltr>: {said(one.state)}</strong>
                    <p class="quiet">{t('list_of', { count: one.list_size })} · {t('cameras')}: <Ltr>{(one.cameras ?? []).length}</Ltr> · <Ltr>{day(one.starts_at)} – {day(one.ends_at)}</Ltr></p>
                    {one.state === 'requested' && signs && <Sign me={me} one={one} />}
                    {['running', 'paused', 'authorised'].includes(one.state) && ends &&
                        <Button words={t('end_operation')} work={() => act(me, `/operations/${one.operation}/end`, 'operation_end', { operation: one.operation })} />}
                </li>
            ))}</ul>
        </Section>
    );
}
