import { useEffect, useRef, useState } from 'preact/hooks';
import { isTooLong, isUnheard, shortCode, type Alert } from '../alerts';
import { act, type Me } from '../desk';
import { useSecond, type Answer } from '../hooks';
import { nameOf } from '../names';
import { Button, Field, Ltr, Section } from '../parts';
import { Idle, PresencePart } from '../presence';
import { Shift } from '../shift';
import { Waits } from '../waits';
import { deskNow } from '../time';
import { isolated, said, span, t } from '../words';
import { Dispatch } from './dispatch';
import { Operations } from './operations';
import { Review } from './review';
import { SiteMap } from './site-map';

const isOver = (one: Alert) => ['closed', 'handed_over', 'received'].includes(one.state);
const HOUR_S = 3600;
/** Until it lapses or passes on: what waits longest for its reviewers has least. */
function timeLeft(one: Alert): number {
    const until = one.state === 'raised' ? one.answer_by : one.state === 'agreed' || !one.unit ? one.dispatch_until : undefined;
    return until === undefined ? HOUR_S : until - deskNow();
}
/** Then risk: first what another entry looks like, and what the crew waits for. */
const risk = (one: Alert) => Number(one.near_pair ?? false) + Number(Boolean(one.concurrence_asked)) + Number(one.newer_place ?? false) + Number(isTooLong(one));

/** What waits for this officer, the most urgent first; one of them is on the desk. */
function Queue({ open, chosen, choose }: { open: Alert[]; chosen: string; choose: (alert: string) => void }) {
    useSecond();
    return (
        <nav class="queue" aria-label={t('queue')}>
            {open.map((one) => (
                <button type="button" key={one.alert} aria-current={one.alert === chosen} onClick={() => choose(one.alert)}>
                    <strong><Ltr>{shortCode(one.alert)}</Ltr></strong> {said(one.state)}{timeLeft(one) < HOUR_S ? <> <span class="timer"><Ltr>{span(timeLeft(one))}</Ltr></span></> : null}{one.newer_place && <> ⚠ {t('seen_elsewhere')}</>}{isTooLong(one) && <> ⚠ {t('stop_over_short')}</>}
                </button>
            ))}
        </nav>
    );
}

/** A silent page is called by radio: the crew reads the word back, and who called it enters what was heard and signs. */
function ReadBack({ me, alert }: { me: Me; alert: Alert }) {
    const [heard, setHeard] = useState('');
    return (
        <div class="row">
            <p>{t('recall_word')} <strong lang="en"><Ltr>{alert.recall_word}</Ltr></strong></p>
            <Field words={t('recall_heard')} value={heard} ltr onChange={setHeard} />
            <Button words={t('recall_read_back')} disabled={!heard.trim()} work={() => act(me, `/alerts/${alert.alert}/radio_acknowledgement`, 'radio_acknowledgement',
                { alert: alert.alert, unit: alert.unit, read_back: heard.trim().toLowerCase() })} />
        </div>
    );
}

/** A crew that still may stop somebody for what was taken back, however it stands with the rest of the room. */
function Unheard({ me, alerts }: { me: Me; alerts: Alert[] }) {
    if (alerts.length === 0) return null;
    return (
        <section class="unheard" role="alert">
            {alerts.map((one) => {
                const which = { alert: isolated(shortCode(one.alert)), unit: isolated(nameOf(one.unit ?? '')) };
                return (
                    <div key={one.alert}>
                        <p class="warn">⚠ {one.recall === 'escalated' ? t('recall_escalated', which) : t('recall_unheard', which)}</p>
                        {one.recall_word && <ReadBack me={me} alert={one} />}
                    </div>
                );
            })}
        </section>
    );
}

function Ended({ alerts }: { alerts: Alert[] }) {
    if (alerts.length === 0) return null;
    return (
        <Section title={t('ended_alerts')}>
            <ul class="ended">{alerts.slice(0, 12).map((one) =>
                <li key={one.alert}><Ltr>{shortCode(one.alert)}</Ltr> · {said(one.outcome || one.state)}</li>)}</ul>
        </Section>
    );
}

function Current({ me, alert }: { me: Me; alert: Alert }) {
    if (alert.state !== 'raised') return <Dispatch me={me} alert={alert} />;
    if (!alert.answered) return <Review me={me} alert={alert} />;
    return <Section title={t('answer_in')}><p class="quiet">{t('nothing_until_both')}</p></Section>;
}

/** The alert whose question to this officer went unanswered until its time, so that nobody wonders where it went. */
function useMissed(alerts: Alert[]): [string, () => void] {
    const asked = useRef(new Map<string, Alert>());
    const [missed, setMissed] = useState('');
    useEffect(() => {
        const before = asked.current;
        asked.current = new Map(alerts.filter((one) => one.answer_by).map((one) => [one.passage ?? '', one]));
        const here = new Set(alerts.filter((one) => !isOver(one)).map((one) => one.passage));
        for (const [passage, one] of before)
            if (!here.has(passage) && deskNow() >= (one.answer_by ?? 0)) setMissed(one.alert);
    }, [alerts]);
    return [missed, () => setMissed('')];
}

/** What is on the desk stays there until it is over, it is answered or another is chosen: nothing filled in goes, and no press meets another alert. */
function useHeld(waiting: Alert[]): [Alert | undefined, (alert: string) => void] {
    const [held, hold] = useState('');
    const current = waiting.find((one) => one.alert === held) ?? waiting[0];
    useEffect(() => hold(current?.alert ?? ''), [current?.alert]);
    return [current, hold];
}

/** Only an answer of now says that nothing waits. */
export function Control({ me, heard: { value, problem } }: { me: Me; heard: Answer<Alert[]> }) {
    const alerts = value ?? [];
    const open = alerts.filter((one) => !isOver(one)).sort((a, b) => timeLeft(a) - timeLeft(b) || risk(b) - risk(a));
    const waiting = open.filter((one) => !one.answered);
    const [missed, forget] = useMissed(alerts);
    const [held, hold] = useHeld(waiting);
    const current = held ?? open[0];
    const unheard = alerts.filter(isUnheard);
    return (
        <div class="room">
            <div>
                {missed && <section role="status"><p class="warn">⚠ {t('missed', { alert: isolated(shortCode(missed)) })}</p><Button words={t('understood')} work={forget} /></section>}
                <Waits />
                <Unheard me={me} alerts={unheard} />
                {waiting.length > 1 && <p class="lead">{t('queue_count', { count: waiting.length })}</p>}
                {waiting.length > 1 && <Queue open={waiting} chosen={current?.alert ?? ''} choose={hold} />}
                {current ? <Current key={`${current.alert}:${current.passage ?? ''}`} me={me} alert={current} />
                    : <>{value && !problem && unheard.length === 0 && <Idle words={t('nothing_to_do')} />}<section><SiteMap /></section></>}
            </div>
            <div class="aside">
                <Operations />
                <PresencePart me={me} />
                {me.roles.includes('dispatcher') && <Shift me={me} />}
                <Ended alerts={alerts.filter(isOver)} />
            </div>
        </div>
    );
}
