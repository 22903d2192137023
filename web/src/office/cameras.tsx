import { useState } from 'preact/hooks';
import { newId } from '../../statement.js';
import { shortCode } from '../alerts';
import { call, signAs, type Me } from '../desk';
import { useAnswer } from '../hooks';
import { Blank, Button, Field, Long, Ltr, NotHeard, Section, State, Tick } from '../parts';
import { now } from '../time';
import { said, sentence, t, tell, type Said } from '../words';
import { Checks, type Check } from './checks';
import { SetUpView } from './set-up-view';

interface Place { name: string; latitude_e7: number; longitude_e7: number; heading_deg: number }
interface CameraRow extends Place {
    address?: string; tls?: string; camera: string; key: string; record_hash: string; state: string; reason: string;
    health: { decoded: number; analysed: number; dropped: number; faces: number; failures_to_acquire: number; passages: number } | null;
}
/** One whose record counts no more: nothing is known of it but what its suspended signer had signed. */
interface RefusedRow { camera: string; state: 'refused'; refusal: { detail: string; says: Said[] }; record?: Place & { address: string; tls: string } }
const isRefused = (one: CameraRow | RefusedRow): one is RefusedRow => one.state === 'refused';
const empty = { camera: '', replaces: '', name: '', address: '', user: '', password: '', latitude: '', longitude: '', heading: '', tls: '' };
type Form = typeof empty;

const isNumber = (text: string, least: number, most: number) => text.trim() !== '' && Number(text) >= least && Number(text) <= most;

function checksOf(form: Form, signs: boolean, pinned: boolean): Check[] {
    return [
        { holds: Boolean(form.name), words: t('check_camera_name') },
        { holds: /^((rtsp|rtsp\+udp|http):\/\/[^@\s]+|v4l2:\/dev\/video\d{1,3})$/.test(form.address), words: t('check_address') },
        { holds: isNumber(form.latitude, -90, 90) && isNumber(form.longitude, -180, 180), words: t('check_place') },
        { holds: isNumber(form.heading, 0, 359), words: t('check_heading') },
        { holds: form.tls === '' || /^[0-9a-f]{64}$/.test(form.tls), words: t('check_tls') },
        { holds: pinned, words: t('check_pin') },
        { holds: signs, words: t('check_signs') },
    ];
}

const e7 = (degrees: string): number => Math.round(Number(degrees) * 1e7);

function Register({ me, given, anew, done }: { me: Me; given: Form; anew: boolean; done: () => void }) {
    const [form, setForm] = useState(given);
    const [signs, setSigns] = useState(false);
    const [unpinned, setUnpinned] = useState(false);
    const drops = given.tls !== '' && form.tls === '';
    const set = (name: keyof Form) => (to: string) => setForm((before) => ({ ...before, [name]: to }));
    const checks = checksOf(form, signs, !drops || unpinned);
    const send = async () => {
        const envelope = await signAs(me, 'camera', { camera: form.camera || newId('c'), name: form.name, address: form.address,
            latitude_e7: e7(form.latitude), longitude_e7: e7(form.longitude), heading_deg: Number(form.heading), tls: form.tls, sign_checked_at: now(), ...(form.replaces && { replaces: form.replaces }) });
        await call('POST', '/cameras', { envelope, credentials: form.user ? `${form.user}:${form.password}` : '' });
        done();
    };
    return (
        <article class="opened">
            <h3>{anew ? t('camera_anew') : form.camera ? t('camera_change') : t('camera_add')}</h3>
            <p class={anew ? 'warn' : 'quiet'}>{anew ? t('camera_anew_help') : t('camera_help')}</p>
            <div class="fields">
                <Field words={t('camera_name')} value={form.name} onChange={set('name')} />
                <Field words={t('camera_address')} value={form.address} onChange={set('address')} ltr placeholder="rtsp://10.0.0.21/stream" />
                <Field words={t('camera_user')} value={form.user} onChange={set('user')} ltr help={t('camera_user_help')} />
                <Field words={t('camera_password')} value={form.password} onChange={set('password')} ltr type="password" />
                <Field words={t('latitude')} value={form.latitude} onChange={set('latitude')} ltr placeholder="24.8607" />
                <Field words={t('longitude')} value={form.longitude} onChange={set('longitude')} ltr placeholder="67.0011" />
                <Field words={t('camera_heading')} value={form.heading} onChange={set('heading')} type="number" min="0" max="359" />
                <Field words={t('camera_tls')} value={form.tls} onChange={set('tls')} ltr />
            </div>
            {drops && <Tick words={t('camera_unpinned')} value={unpinned} onChange={setUnpinned} />}
            <Tick words={t('camera_signs')} value={signs} onChange={setSigns} />
            <Checks all={checks} />
            <div class="row">
                <Button main words={t('camera_sign')} disabled={checks.some((one) => !one.holds)} work={send} />
                <Button words={t('cancel')} work={done} />
            </div>
        </article>
    );
}

const toForm = (camera: string, one: Place & { address?: string; tls?: string; record_hash?: string }): Form => ({ ...empty, camera, replaces: one.record_hash ?? '', name: one.name, address: one.address ?? '',
    latitude: String(one.latitude_e7 / 1e7), longitude: String(one.longitude_e7 / 1e7), heading: String(one.heading_deg), tls: one.tls ?? '' });

function Refused({ one, sign }: { one: RefusedRow; sign: ((given: Form) => void) | null }) {
    const given = one.record ? toForm(one.camera, one.record) : { ...empty, camera: one.camera };
    return (
        <li class="row between">
            <span class="line"><Ltr>{shortCode(one.camera)}</Ltr> <State code={one.state} />
                <span class="warn">{tell({ says: one.refusal.says, message: one.refusal.detail })}</span></span>
            {sign && <Button words={t('camera_anew')} work={() => sign(given)} />}
        </li>
    );
}

/** Cameras, without pictures: a fixed place, an address, who looked whether the signs stand. */
export function Cameras({ me }: { me: Me }) {
    const heard = useAnswer<{ cameras: (CameraRow | RefusedRow)[] }>('/cameras');
    const { value, problem } = heard;
    const [form, setForm] = useState<Form | null>(null);
    const [anew, setAnew] = useState(false);
    const fill = (given: Form, again = false) => {
        setForm(given);
        setAnew(again);
    };
    const all = value?.cameras ?? [];
    return (
        <Section title={t('cameras')}>
            {form ? <Register me={me} given={form} anew={anew} done={() => setForm(null)} /> : <Button main words={t('camera_add')} work={() => fill(empty)} />}
            <NotHeard what={t('cameras')} of={heard} />
            {value && !problem && all.length === 0 && <Blank words={t('no_cameras')} more={t('no_cameras_more')} />}
            <Long all={all} says={(one) => `${shortCode(one.camera)} ${isRefused(one) ? one.record?.name ?? '' : one.name} ${said(one.state)}`} line={(one) => (isRefused(one) ? <Refused key={one.camera} one={one} sign={form ? null : (given) => fill(given, true)} /> : (
                <li key={one.camera}>
                    <div class="row between">
                    <span class="line"><strong><bdi>{one.name}</bdi></strong> <Ltr>{shortCode(one.camera)}</Ltr> <State code={one.state} />
                        {one.reason && <span class="warn">{sentence(one.reason)}</span>}
                        <span class="quiet"><Ltr>{(one.latitude_e7 / 1e7).toFixed(5)}, {(one.longitude_e7 / 1e7).toFixed(5)} · {one.heading_deg}°</Ltr> · {t('key')} <Ltr>{one.key.slice(0, 8)}</Ltr></span>
                        {one.health && <span class="quiet">{t('camera_counts', { faces: one.health.faces, passages: one.health.passages, failed: one.health.failures_to_acquire, dropped: one.health.dropped })}</span>}</span>
                    {!form && <Button words={t('change')} of={one.name} work={() => fill(toForm(one.camera, one))} />}
                    </div>
                    <SetUpView camera={one.camera} />
                </li>
            ))} />
        </Section>
    );
}
