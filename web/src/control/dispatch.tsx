import { useEffect, useState } from 'preact/hooks';
import { agree, outcomeOf, type SignedOutcome } from '../agree';
import { clothings, colours, headings, shortCode, stopEnds, travels, type Alert } from '../alerts';
import { act, call, type Me } from '../desk';
import { useSecond, useSettled } from '../hooks';
import { Missing } from '../missing';
import { nameOf } from '../names';
import { Button, Choice, Figure, Grave, Ltr, Tick } from '../parts';
import { deskNow } from '../time';
import { clock, date, isolated, named, said, span, t, together } from '../words';
import { SiteMap } from './site-map';

const picture = (alert: Alert, name: string) => `/api/v1/alerts/${alert.alert}/pictures/${name}`;
const far = (metres: number | undefined): string => (metres === undefined ? t('place_unknown') : metres < 1000 ? `${Math.round(metres / 10) * 10} m` : `${(metres / 1000).toFixed(1)} km`);

interface Script { code: string; unit: string; place: { name: string }; description: Record<string, string | boolean>; read_back: string }

const describe = (fields: Record<string, string | boolean>): string => together(Object.entries(fields).filter(([, value]) => value !== 'unknown' && value !== false)
    .map(([name, value]) => said(value === true ? name : String(value)))) || said('unknown');

/** What goes over the radio when the packet does not arrive: the desk's own words, never a name, never an offence. */
function RadioScript({ alert }: { alert: Alert }) {
    const [script, setScript] = useState<Script | null>(null);
    return (
        <div class="radio">
            {!script && <Button words={t('radio_script')} work={async () => setScript(await call<Script>('GET', `/alerts/${alert.alert}/radio`))} />}
            {script && (
                <p class="lead script" role="status">{t('radio_words', { unit: isolated(nameOf(script.unit)), code: isolated([...script.code].join(' ')), place: isolated(script.place.name), seen: describe(script.description) })}{' '}
                    {t('radio_read_back')} <strong lang="en">{script.read_back}</strong></p>
            )}
        </div>
    );
}

interface Sending { travel: string; colour: string; clothing: string; heading: string; pillion: boolean }
const unknown: Sending = { travel: 'unknown', colour: 'unknown', clothing: 'unknown', heading: 'unknown', pillion: false };

function Seen({ value, change }: { value: Sending; change: (to: Sending) => void }) {
    return (
        <div class="fields tight">
            <Choice words={t('travels')} options={travels} value={value.travel} onChange={(travel) => change({ ...value, travel })} />
            <Choice words={t('colour')} options={colours} value={value.colour} onChange={(colour) => change({ ...value, colour })} />
            <Choice words={t('clothing')} options={clothings} value={value.clothing} onChange={(clothing) => change({ ...value, clothing })} />
            <Choice words={t('heading')} options={headings} value={value.heading} onChange={(heading) => change({ ...value, heading })} />
            <Tick words={t('pillion')} value={value.pillion} onChange={(pillion) => change({ ...value, pillion })} />
        </div>
    );
}

const sendUnit = (me: Me, alert: Alert, unit: string, seen: Sending) => act(me, `/alerts/${alert.alert}/dispatch`, 'dispatch', {
    alert: alert.alert, passage: alert.passage, pictures_hash: alert.pictures_hash, unit, ...seen });

/** The unit that would go, and the one that would have gone and is not free any more. */
interface Going { chosen: string; gone: string }

function stillGoing({ chosen, gone }: Going, free: string[]): Going {
    if (free.includes(chosen)) return { chosen, gone: '' };
    if (chosen && free.length > 0) return { chosen: '', gone: chosen };
    return { chosen: gone ? '' : free[0] ?? '', gone: free.length > 0 ? gone : '' };
}

/** The nearest is proposed once, when there is one to propose; from then on only a person puts another in its place, whatever the order. */
function useGoing(free: string[]): [Going, (unit: string) => void] {
    const [before, keep] = useState<Going>({ chosen: '', gone: '' });
    const going = stillGoing(before, free);
    useEffect(() => keep(going), [going.chosen, going.gone]);
    return [going, (chosen) => keep({ chosen, gone: '' })];
}

/** What a press of the dispatcher's is about: never what has only just come to stand here. */
const about = (alert: Alert): string => `${alert.alert} ${alert.passage ?? ''}`;

/** The closed fields that a crew needs, and the unit that goes: the nearest is proposed, a person decides. */
function Send({ me, alert, going: { chosen, gone }, choose }: { me: Me; alert: Alert; going: Going; choose: (unit: string) => void }) {
    const units = alert.units ?? [];
    const [seen, setSeen] = useState(unknown);
    const early = !useSettled(`${about(alert)} ${units.length > 0}`);
    return (
        <>
            <Seen value={seen} change={setSeen} />
            <Choice words={t('unit')} options={units.map((one, i) => [one.unit, `${nameOf(one.unit)} · ${far(one.distance_m)}${i === 0 && one.distance_m !== undefined ? ` · ${t('nearest')}` : ''}`])}
                value={chosen} onChange={choose} {...(gone && { none: t('choose') })} />
            {gone && <p class="warn" role="alert">⚠ {t('unit_gone', { unit: isolated(nameOf(gone)) })}</p>}
            {units.length === 0 && <p class="warn">⚠ {t('no_free_unit')}</p>}
            <div class="row act-bar">
                <Button words={t('send_unit')} main disabled={early || !chosen} work={() => sendUnit(me, alert, chosen, seen)} />
                {alert.state === 'agreed' && <Grave words={t('close_no_unit')} means={t('close_no_unit_means')} work={(given) => act(me, `/alerts/${alert.alert}/concurrence`, 'concurrence', { alert: alert.alert, outcome: 'no_unit' }, given)} />}
            </div>
        </>
    );
}

/** The person was seen again and two officers said "same" of that, too: the unit that is on its way can be sent there. */
function Steer({ me, alert }: { me: Me; alert: Alert }) {
    const [seen, setSeen] = useState(unknown);
    const early = !useSettled(about(alert));
    return (
        <div class="opened">
            <p class="warn" role="alert">⚠ {t('newer_place', { place: alert.place ? named(alert.place.name) : t('place_unknown') })}</p>
            <Seen value={seen} change={setSeen} />
            <Button words={t('steer')} main disabled={early} work={() => sendUnit(me, alert, alert.unit ?? '', seen)} />
        </div>
    );
}

const steps = ['agreed', 'dispatched', 'accepted', 'on_scene', 'stopped'] as const;

function Progress({ alert }: { alert: Alert }) {
    const at = steps.findIndex((one) => one === alert.state);
    return (
        <ol class="steps">
            {steps.map((one, i) => <li key={one} aria-current={i === at ? 'step' : undefined} class={i < at ? 'past' : ''}>{i < at ? '✓ ' : ''}{said(one)}</li>)}
        </ol>
    );
}

function Facts({ alert, toSend }: { alert: Alert; toSend: boolean }) {
    return (
        <div class="about">
            <p class="lead"><bdi>{alert.person?.name}</bdi></p>
            <Missing alert={alert} />
            <ul class="plain">{(alert.cases ?? []).map((one) => <li key={one.case}>{said(one.kind)} <Ltr>{one.number} · {one.section} · {date(one.dated)}</Ltr></li>)}</ul>
            <p>{t('last_seen')}: <strong><bdi>{alert.place?.name ?? t('place_unknown')}</bdi></strong></p>
            {!toSend && <p>{t('unit')}: <strong><Ltr>{nameOf(alert.unit ?? '')}</Ltr></strong></p>}
            <p class="quiet">{t('agreed_at')} <Ltr>{clock(alert.agreed_at ?? 0)}</Ltr>{(alert.unreviewed ?? 0) > 0 && ` · ${t('unreviewed', { count: alert.unreviewed ?? 0 })}`}</p>
        </div>
    );
}

function Concur({ me, alert, signed }: { me: Me; alert: Alert; signed: SignedOutcome }) {
    const early = !useSettled(`${about(alert)} ${alert.outcome_hash ?? ''}`);
    return (
        <div class="row">
            <p class="warn">{t('crew_says', { outcome: said(signed.outcome) })} {t('harm')}: {said(signed.harm)}{signed.force && ` · ${t('force')}: ${said(signed.force)}`}</p>
            <Button words={t('i_concur')} main disabled={early} work={() => agree(me, alert, signed)} />
        </div>
    );
}

function Warnings({ me, alert }: { me: Me; alert: Alert }) {
    const signed = outcomeOf(alert);
    return (
        <>
            {alert.state === 'dispatched' && !alert.unit && <p class="warn" role="alert">⚠ {t('send_another')}</p>}
            {alert.near_pair && <p class="warn">⚠ {t('near_pair')}</p>}
            {alert.told && <p class="warn" role="alert">⚠ {said(alert.told)} {alert.recall === 'acknowledged' ? `✓ ${t('crew_knows')}` : alert.recall === 'escalated' ? t('crew_silent') : ''}</p>}
            {signed && <Concur me={me} alert={alert} signed={signed} />}
        </>
    );
}

/** How long somebody has been held up. */
function StopTime({ alert }: { alert: Alert }) {
    useSecond();
    const ends = stopEnds(alert);
    if (ends === undefined) return null;
    const left = ends - deskNow();
    return <p class={left < 60 ? 'timer warn' : 'timer'} role="timer">{left > 0 ? t('stop_left') : `⚠ ${t('stop_over')}`} <Ltr>{span(left)}</Ltr></p>;
}

function TimeLeft({ until }: { until: number }) {
    useSecond();
    const left = until - deskNow();
    return <p class={left < 60 ? 'timer warn' : 'timer'}>{t('time_left')} <Ltr>{span(left)}</Ltr></p>;
}

/** One open alert in the dispatcher's hands, after two "same": who and where, what the crew needs, and the map beside it. */
export function Dispatch({ me, alert }: { me: Me; alert: Alert }) {
    const toSend = alert.state === 'agreed' || (alert.state === 'dispatched' && !alert.unit);
    const onItsWay = ['dispatched', 'accepted', 'on_scene'].includes(alert.state) && Boolean(alert.unit);
    const free = toSend ? (alert.units ?? []).map((one) => one.unit) : [];
    const [going, choose] = useGoing(free);
    return (
        <section class="dispatch">
            <div class="row between">
                <h2>{t('two_say_same')}</h2>
                <span class="line"><span class="quiet">{t('alert')} <Ltr>{shortCode(alert.alert)}</Ltr></span>{toSend && <TimeLeft until={alert.dispatch_until ?? 0} />}</span>
            </div>
            <Progress alert={alert} />
            <StopTime alert={alert} />
            <div class="pictures">
                <Figure src={picture(alert, 'probe')} caption={t('seen_by_camera')} />
                <Figure src={picture(alert, 'enrolled')} caption={t('enrolled_photograph')} />
                {toSend && <Figure scene src={picture(alert, 'scene')} caption={t('the_scene')} />}
                <Facts alert={alert} toSend={toSend} />
            </div>
            <div class="two">
                <div class="acts">
                    <Warnings me={me} alert={alert} />
                    {toSend && <Send me={me} alert={alert} going={going} choose={choose} />}
                    {onItsWay && alert.newer_place && <Steer me={me} alert={alert} />}
                    {onItsWay && <RadioScript key={alert.unit} alert={alert} />}
                </div>
                {toSend ? <SiteMap place={alert.place} units={free} chosen={going.chosen} choose={choose} /> : <SiteMap place={alert.place} units={[alert.unit ?? '']} chosen={alert.unit ?? ''} />}
            </div>
        </section>
    );
}
