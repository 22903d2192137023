import { useState } from 'preact/hooks';
import { shortCode } from '../alerts';
import { Choice, Field } from '../parts';
import { date, isolated, said, t } from '../words';
import { isPast, secondsOf } from './checks';

/** As it is signed: why the operation looks here for which entries. */
export interface Reason { why_here: string; why_reference: string; why_dated: number; entries: string[] }
const empty = { why: '', reference: '', dated: '' };
type Typed = typeof empty;
/** Each entry's own, by its id. */
export type Whys = Record<string, Typed>;

const shown = (why_here: string, why_reference: string, why_dated: number): string =>
    `${said(why_here)} · ${isolated(why_reference)} · ${isolated(date(why_dated))}`;

/** To read before signing: the reason, and for whom it is. Requests from before had one for all. */
export const reasonShown = (one: Reason): string => [shown(one.why_here, one.why_reference, one.why_dated),
    ...(one.entries.length > 0 ? [isolated(one.entries.map(shortCode).join(' '))] : [])].join(' · ');

/** Entries with the same reason stand in one line of what is signed, each by its id. */
export function reasonsOf(entries: string[], whys: Whys): Reason[] {
    const lines = new Map<string, Reason>();
    for (const entry of [...entries].sort()) {
        const { why, reference, dated } = whys[entry] ?? empty;
        const key = JSON.stringify([why, reference, dated]);
        const line = lines.get(key) ?? { why_here: why, why_reference: reference, why_dated: secondsOf(dated), entries: [] };
        line.entries.push(entry);
        lines.set(key, line);
    }
    return [...lines.values()];
}

interface WhyHereProps { entries: [string, string][]; value: Whys; onChange: (to: Whys) => void }

/** A reason is written once and given to all, or to the entries that it is for: none has one that nobody gave it. */
export function WhyHere({ entries, value, onChange }: WhyHereProps) {
    const [typed, setTyped] = useState(empty);
    const set = (name: keyof Typed) => (to: string) => setTyped((before) => ({ ...before, [name]: to }));
    const whole = Boolean(typed.why && typed.reference) && isPast(typed.dated);
    const give = (to: string[]) => onChange({ ...value, ...Object.fromEntries(to.map((id) => [id, typed])) });
    return (
        <fieldset class="stacked"><legend>{t('why_here')}</legend>
            <p class="quiet">{t('why_help')}</p>
            <div class="fields">
                <Choice words={t('why_code')} options={['intelligence', 'last_seen', 'court_order', 'trial']} value={typed.why} onChange={set('why')} none={t('choose')} />
                <Field words={t('why_reference')} value={typed.reference} onChange={set('reference')} ltr />
                <Field words={t('why_dated')} value={typed.dated} onChange={set('dated')} type="date" />
            </div>
            <div class="row"><button type="button" disabled={!whole || entries.length === 0} onClick={() => give(entries.map(([id]) => id))}>
                {t('why_for_all', { count: entries.length })}</button></div>
            {entries.length > 0 && <ul class="list">{entries.map(([id, name]) => {
                const one = value[id];
                return (
                    <li key={id}><div class="row between">
                        <span class="line"><strong>{name}</strong>{' '}
                            {one ? <bdi>{shown(one.why, one.reference, secondsOf(one.dated))}</bdi> : <span class="warn">{t('why_none')}</span>}</span>
                        <button type="button" class="plain" disabled={!whole} aria-label={`${t('why_for_one')} ${name}`} onClick={() => give([id])}>{t('why_for_one')}</button>
                    </div></li>
                );
            })}</ul>}
        </fieldset>
    );
}
