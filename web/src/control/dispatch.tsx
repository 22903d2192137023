import { useState } from 'preact/hooks';
import { clothings, colours, headings, readBackWord, shortCode, travels, type Alert } from '../alerts';
import { act, type Me } from '../desk';
import { useSecond } from '../hooks';
import { Button, Choice, Figure, Ltr, Tick } from '../parts';
import { clock, now, said, span, t } from '../words';

const picture = (alert: Alert, name: string) => `/api/v1/alerts/${alert.alert}/pictures/${name}`;

/** What goes over the radio when the packet does not arrive: never a name, never an offence. */
function RadioScript({ alert, seen }: { alert: Alert; seen: string }) {
    return (
        <details>
            <summary>{t('radio_script')}</summary>
            <p class="lead">{t('radio_words', { code: [...shortCode(alert.alert)].join(' '), place: alert.place?.name ?? '', seen, word: readBackWord(alert.alert) })}</p>
        </details>
    );
}

/** The closed fields that a crew needs, and the unit that goes. */
function Send({ me, alert }: { me: Me; alert: Alert }) {
    const units = alert.units ?? [];
    const [unit, setUnit] = useState('');
    const [travel, setTravel] = useState('unknown');
    const [colour, setColour] = useState('unknown');
    const [clothing, setClothing] = useState('unknown');
    const [heading, setHeading] = useState('unknown');
    const [pillion, setPillion] = useState(false);
    const chosen = units.some((one) => one.unit === unit) ? unit : units[0]?.unit ?? '';
    const seen = [travel, colour, clothing, heading].filter((one) => one !== 'unknown').map(said).join(', ');
    return (
        <>
            <div class="row">
                <Choice words={t('unit')} options={units.map((one) => [one.unit, `ERV ${shortCode(one.unit)}`])} value={chosen} onChange={setUnit} />
                <Choice words={t('travels')} options={travels} value={travel} onChange={setTravel} />
                <Choice words={t('colour')} options={colours} value={colour} onChange={setColour} />
                <Choice words={t('clothing')} options={clothings} value={clothing} onChange={setClothing} />
                <Choice words={t('heading')} options={headings} value={heading} onChange={setHeading} />
                <Tick words={t('pillion')} value={pillion} onChange={setPillion} />
            </div>
            {units.length === 0 && <p class="warn">⚠ {t('no_free_unit')}</p>}
            <div class="row">
                <Button words={t('send_unit')} main disabled={!chosen} work={() => act(me, `/alerts/${alert.alert}/dispatch`, 'dispatch', {
                    alert: alert.alert, passage: alert.passage, pictures_hash: alert.pictures_hash, unit: chosen, travel, colour, clothing, pillion, heading })} />
                {alert.state === 'agreed' && <Button words={t('close_no_unit')} work={() => concur(me, alert, 'no_unit')} />}
            </div>
            <RadioScript alert={alert} seen={seen} />
        </>
    );
}

const concur = (me: Me, alert: Alert, outcome: string) => act(me, `/alerts/${alert.alert}/concurrence`, 'concurrence', { alert: alert.alert, outcome });
const steps = ['agreed', 'dispatched', 'accepted', 'on_scene', 'stopped'] as const;

function Progress({ alert }: { alert: Alert }) {
    const at = steps.findIndex((one) => one === alert.state);
    return (
        <ol class="steps">
            {steps.map((one, i) => <li key={one} aria-current={i === at ? 'step' : undefined} class={i < at ? 'past' : ''}>{i < at ? '✓ ' : ''}{said(one)}</li>)}
        </ol>
    );
}

/** One open alert in the dispatcher's hands, after two "same". */
export function Dispatch({ me, alert }: { me: Me; alert: Alert }) {
    useSecond();
    const left = (alert.dispatch_until ?? 0) - now();
    const toSend = alert.state === 'agreed' || (alert.state === 'dispatched' && !alert.unit);
    return (
        <section class="dispatch">
            <h2>{t('two_say_same')}</h2>
            <Progress alert={alert} />
            <p>
                <strong>{alert.person?.name}</strong> · {alert.place?.name} · {t('agreed_at')} <Ltr>{clock(alert.agreed_at ?? 0)}</Ltr>
                {toSend && <> · <span class={left < 60 ? 'warn' : ''}>{t('time_left')} <Ltr>{span(left)}</Ltr></span></>}
            </p>
            <ul class="cases">{(alert.cases ?? []).map((one) => <li key={one.case}><Ltr>{one.number}</Ltr> · <Ltr>{one.section}</Ltr></li>)}</ul>
            <div class="faces">
                <Figure src={picture(alert, 'probe')} caption={t('seen_by_camera')} />
                <Figure src={picture(alert, 'enrolled')} caption={t('enrolled_photograph')} />
            </div>
            {(alert.unreviewed ?? 0) > 0 && <p class="quiet">{t('unreviewed', { count: alert.unreviewed ?? 0 })}</p>}
            {alert.state === 'dispatched' && !alert.unit && <p class="warn" role="alert">⚠ {t('send_another')}</p>}
            {toSend ? <Send me={me} alert={alert} /> : <p>{t('unit')}: <Ltr>ERV {shortCode(alert.unit ?? '')}</Ltr></p>}
            {!toSend && <RadioScript alert={alert} seen="" />}
            {alert.told && <p class="warn" role="alert">⚠ {said(alert.told)}</p>}
            {alert.concurrence_asked && (
                <div class="row">
                    <p class="warn">{t('crew_says', { outcome: said(alert.concurrence_asked) })}</p>
                    <Button words={t('i_concur')} main work={() => concur(me, alert, alert.concurrence_asked ?? '')} />
                </div>
            )}
        </section>
    );
}
