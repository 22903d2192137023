import { useEffect, useRef, useState } from 'preact/hooks';
import { features, type Alert } from '../alerts';
import { act, type Me } from '../desk';
import { useSecond } from '../hooks';
import { Button, Figure, Ltr, Ticks } from '../parts';
import { clock, Objection, t } from '../words';

type Answer = 'same' | 'different' | 'cannot_tell';
const keys: Record<string, Answer> = { s: 'same', d: 'different', c: 'cannot_tell' };

/** The groups of ticks by the key that goes to them. */
const groups = ['1', '2'] as const;

/** What the key is labelled with; of a keyboard that writes no Latin letters and digits, what stands there on one that does. */
const labelOf = ({ key, code }: KeyboardEvent): string => (/^[a-z0-9]$/i.test(key) ? key.toLowerCase() : code.replace(/^(Key|Digit)/, '').toLowerCase());

const ticksOf = (key: string): HTMLElement | null => document.querySelector(`fieldset[aria-keyshortcuts="${key}"] input`);

/** Whoever is writing, picking from a list or asked something is not called away. */
const isTaken = (): boolean => document.activeElement?.closest('select, textarea, input:not([type=checkbox]), dialog') != null;

const picture = (alert: Alert, name: string) => `/api/v1/alerts/${alert.alert}/pictures/${name}`;

const faces = ['probe', 'enrolled'] as const;

/** Seconds of the least look that are left: it begins when both faces are there to be looked at; before that nobody knows. */
function useLookLeft(look_s: number): [number, (name: string) => () => void] {
    const [cameAt, come] = useState<Record<string, number>>({});
    const second = useSecond();
    const left = faces.every((one) => cameAt[one]) ? Math.ceil((Math.max(...Object.values(cameAt)) + look_s * 1000 - second) / 1000) : Infinity;
    return [left, (name) => () => come((before) => ({ ...before, [name]: Date.now() }))];
}

/**
 * Two faces of equal size and nothing around them, a minimum look; nothing here comes from the other reviewer. Its keys lead to ticks and
 * answers while the keyboard's place is in it, and it takes that place when it opens; S and D lie side by side, so that none of them signs.
 */
export function Review({ me, alert }: { me: Me; alert: Alert }) {
    const [likenesses, setLikenesses] = useState<string[]>([]);
    const [differences, setDifferences] = useState<string[]>([]);
    const place = useRef<HTMLElement>(null);
    const [left, came] = useLookLeft(alert.look_s ?? 3);
    const [pressed, setPressed] = useState('');
    const send = async (answer: Answer) => {
        const bare = answer === 'same' && likenesses.length === 0 ? groups[0] : answer === 'different' && differences.length === 0 ? groups[1] : '';
        if (bare) {
            ticksOf(bare)?.focus();
            throw new Objection(answer === 'same' ? 'likeness_first' : 'difference_first');
        }
        await act(me, `/alerts/${alert.alert}/reviews`, 'review', { alert: alert.alert, passage: alert.passage, pictures_hash: alert.pictures_hash, answer, likenesses, differences });
    };
    const press = (event: KeyboardEvent) => {
        const label = labelOf(event);
        const answer = keys[label];
        if (event.repeat || event.ctrlKey || event.altKey || event.metaKey) return;
        ticksOf(groups.find((one) => one === label) ?? '')?.focus();
        if (answer && left <= 0) document.getElementById(`answer-${answer}`)?.querySelector('button')?.focus();
        setPressed(answer && left > 0 ? t('look_first') : '');
    };
    useEffect(() => {
        if (!isTaken()) place.current?.focus({ preventScroll: true });
    }, []);
    return (
        <section ref={place} class="review" tabIndex={-1} aria-label={t('same_person')} onKeyDown={press}>
            <h2>{t('same_person')}</h2>
            <p class="quiet"><bdi>{alert.place?.name ?? t('place_unknown')}</bdi> · <Ltr>{clock(alert.raised_at ?? 0)}</Ltr> · {left === Infinity ? t('pictures_come') : left > 0 ? t('look_for', { seconds: left }) : t('look_done')}{alert.answer_by ? <> · {t('answer_by')} <Ltr>{clock(alert.answer_by)}</Ltr></> : null} <span role="status">{pressed}</span></p>
            {alert.near_pair && <p class="warn">⚠ {t('near_pair')}</p>}
            <div class="faces">
                <Figure src={picture(alert, 'probe')} caption={t('seen_by_camera')} came={came('probe')} />
                <Figure src={picture(alert, 'enrolled')} caption={t('enrolled_photograph')} came={came('enrolled')} />
            </div>
            <div class="answers row">
                <span id="answer-same"><Button words={t('same')} hint="S" disabled={left > 0} work={() => send('same')} /></span>
                <span id="answer-different"><Button words={t('different')} hint="D" disabled={left > 0} work={() => send('different')} /></span>
                <span id="answer-cannot_tell"><Button words={t('cannot_tell')} hint="C" disabled={left > 0} work={() => send('cannot_tell')} /></span>
            </div>
            <p class="quiet">{t('tick_keys')}</p>
            <div class="two">
                <Ticks hint={groups[0]} words={t('alike')} codes={features} value={likenesses} onChange={setLikenesses} />
                <Ticks hint={groups[1]} words={t('differs')} codes={features} value={differences} onChange={setDifferences} />
            </div>
        </section>
    );
}
