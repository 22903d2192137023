import { useState } from 'preact/hooks';
import { act, type Me } from '../desk';
import { useDraft } from '../drafts';
import { useAnswer } from '../hooks';
import { Blank, Button, Choice, Field, Ltr, Section, Tick } from '../parts';
import { period, said, t } from '../words';
import { Checks, secondsOf } from './checks';

interface Place { kind: string; name: string; latitude_e7: number; longitude_e7: number; radius_m: number; from: number; until: number }
interface PlaceList { part: number; number: number; places: Place[] }

const kinds = ['protest', 'worship', 'hospital', 'court', 'polling', 'school'] as const;
const empty = { kind: '', name: '', latitude: '', longitude: '', radius: '200', from: '', until: '' };
type Form = typeof empty;

const between = (text: string, least: number, most: number) => text.trim() !== '' && Number(text) >= least && Number(text) <= most;
const e7 = (degrees: string): number => Math.round(Number(degrees) * 1e7);
const timeOf = (text: string): number => (text ? secondsOf(text) : 0);

const checksOf = (form: Form) => [
    { holds: Boolean(form.kind && form.name), words: t('place_check_name') },
    { holds: between(form.latitude, -90, 90) && between(form.longitude, -180, 180), words: t('check_place') },
    { holds: between(form.radius, 1, 100000) && Number.isInteger(Number(form.radius)), words: t('place_check_radius') },
    { holds: form.from === '' ? form.until === '' : timeOf(form.until) > timeOf(form.from), words: t('place_check_times') },
];

const placeOf = (form: Form): Place => ({ kind: form.kind, name: form.name, latitude_e7: e7(form.latitude), longitude_e7: e7(form.longitude),
    radius_m: Number(form.radius), from: timeOf(form.from), until: timeOf(form.until) });

/** Signed as a whole and numbered: who signs sees what the list will be, and what an authoriser took away is refused by the desk. */
const sign = (me: Me, list: PlaceList, places: Place[]) => act<{ halted: string[] }>(me, '/places', 'protected_places', { part: list.part, number: list.number + 1, places });

function Add({ me, list, done }: { me: Me; list: PlaceList; done: (halted: string[]) => void }) {
    const [form, setForm] = useDraft('place', () => empty);
    const set = (name: keyof Form) => (to: string) => setForm((before) => ({ ...before, [name]: to }));
    const checks = checksOf(form);
    return (
        <>
            <h3>{t('place_add')}</h3>
            <div class="fields">
                <Choice words={t('place_kind')} options={kinds} value={form.kind} onChange={set('kind')} none={t('choose')} />
                <Field words={t('place_name')} value={form.name} onChange={set('name')} />
                <Field words={t('latitude')} value={form.latitude} onChange={set('latitude')} ltr placeholder="24.8607" />
                <Field words={t('longitude')} value={form.longitude} onChange={set('longitude')} ltr placeholder="67.0011" />
                <Field words={t('place_radius')} value={form.radius} onChange={set('radius')} type="number" min="1" max="100000" />
                <Field words={t('place_from')} value={form.from} onChange={set('from')} type="datetime-local" help={t('place_always')} />
                <Field words={t('place_until')} value={form.until} onChange={set('until')} type="datetime-local" help={t('place_always')} />
            </div>
            <Checks all={checks} />
            <Button main words={t('place_sign')} disabled={checks.some((one) => !one.holds)} work={async () => {
                done((await sign(me, list, [...list.places, placeOf(form)])).halted);
                setForm(empty);
            }} />
        </>
    );
}

/** Only who stands outside takes a place off the list. */
function Take({ me, list, at, done }: { me: Me; list: PlaceList; at: number; done: (halted: string[]) => void }) {
    const [sure, setSure] = useState(false);
    return (
        <span class="row">
            <Tick words={t('place_sure')} value={sure} onChange={setSure} />
            <Button danger words={t('place_take')} disabled={!sure} work={async () => done((await sign(me, list, list.places.filter((_, i) => i !== at))).halted)} />
        </span>
    );
}

const when = (one: Place) => (one.from || one.until ? <Ltr>{period(one.from, one.until)}</Ltr> : t('place_is_always'));

/** Where and when nothing starts without the outside signer: prayer, protest, hospital, court, polling and school. */
export function Places({ me }: { me: Me }) {
    const { value, problem } = useAnswer<{ parts: PlaceList[] }>('/places');
    const [halted, setHalted] = useState<string[] | null>(null);
    const parts = value?.parts ?? [];
    const outside = me.roles.includes('outside_signer');
    const maySign = outside || me.roles.includes('authoriser');
    return (
        <Section title={t('tab_places')}>
            <p class="quiet">{t('places_help')}</p>
            {problem && <p class="problem" role="alert">{problem}</p>}
            {halted && <p class={halted.length ? 'warn' : 'good'} role="status">{halted.length ? `⚠ ${t('places_halted', { count: halted.length })}` : `✓ ${t('places_signed')}`}</p>}
            {value && parts.every((list) => list.places.length === 0) && <Blank words={t('no_places')} more={t('no_places_more')} />}
            <ul class="list">{parts.flatMap((list) => list.places.map((one, i) => (
                <li key={`${list.part}:${i}`}>
                    <div class="row between">
                        <span class="line"><strong><bdi>{one.name}</bdi></strong> <span>{said(one.kind)}</span> <span>{when(one)}</span>
                            <span class="quiet"><Ltr>{(one.latitude_e7 / 1e7).toFixed(5)}, {(one.longitude_e7 / 1e7).toFixed(5)} · {one.radius_m} m</Ltr></span></span>
                        {outside && <Take key={list.number} me={me} list={list} at={i} done={setHalted} />}
                    </div>
                </li>
            )))}</ul>
            {value && maySign && <Add me={me} list={parts[0] ?? { part: 0, number: 0, places: [] }} done={setHalted} />}
        </Section>
    );
}
