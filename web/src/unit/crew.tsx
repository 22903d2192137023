import type { ComponentChildren } from 'preact';
import { useContext, useEffect, useRef, useState } from 'preact/hooks';
import type { Case } from '../../statement.js';
import { agree, outcomeOf, type SignedOutcome } from '../agree';
import { fitting, forMissing, isUnheard, missed, shortCode, type Alert } from '../alerts';
import { act, call, Problem, sendPending, signal, silent_ms, unanswered, type Me } from '../desk';
import { useGiven, useSecond, useSettled, useStanding, type Answer } from '../hooks';
import { Missing } from '../missing';
import { Answers, Button, Choice, Ltr, Moving } from '../parts';
import { nameOf } from '../names';
import { pending } from '../pending';
import { Idle } from '../presence';
import { shelf } from '../shelf';
import { believedRoster } from '../sign-in';
import { deskNow, latestNow } from '../time';
import { isolated, said, span, t, tell } from '../words';
import { Awake } from './awake';
import { Marking, PacketView, usePacket } from './packet';
import { Position } from './position';
import { caseName, emptyNotes, Harm, harmOf, isHarmSaid, notes, StopForm, type Missed, type StopNotes } from './stop';

const SILENCE_MS = 60000;

/** After a minute without the desk nothing on this page may be trusted to be current. The seconds are for the eye: an alert is read out whenever it changes. */
export function Silence() {
    useSecond();
    const silent = silent_ms() > SILENCE_MS;
    return (
        <>
            {silent && <p class="silence" role="alert">⚠ {t('call_control')} <span aria-hidden="true"><Ltr>{span(silent_ms() / 1000)}</Ltr></span></p>}
            {signal.waiting > 0 && <p class="notice warn" role="status">⏳ {t(shelf.works() && pending.all().length >= signal.waiting ? 'waits_kept' : 'waits_for_signal')}</p>}
        </>
    );
}

interface StepProps { me: Me; alert: Alert }

const notesOf = (me: Me, alert: Alert): StopNotes => notes.read(alert.alert) ?? emptyNotes(alert.alert, me.officer);

function NotStopped({ me, alert }: StepProps) {
    const [{ outcome, harm, force }, setMissed] = useState<Missed>(() => notesOf(me, alert).missed);
    const change = (some: Partial<Missed>) => {
        const missed = { outcome, harm, force, ...some };
        notes.write({ ...notesOf(me, alert), missed });
        setMissed(missed);
    };
    const arrived = alert.state === 'on_scene';
    return (
        <details open={outcome !== ''}>
            <summary>{t('no_stop')}</summary>
            <Answers words={t('why_no_stop')} codes={arrived ? fitting(alert, [...missed, ...forMissing]) : missed} value={outcome} onChange={(to) => change({ outcome: to })} />
            {['found_safe', 'contact_declined'].includes(outcome) && <p class="quiet">{t('missing_help')}</p>}
            {arrived && <Harm harm={harm} force={force} change={change} />}
            <Button words={t('record_no_stop')} disabled={!outcome || (arrived && !isHarmSaid(harm, force))} work={() => act(me, `/alerts/${alert.alert}/outcome`, 'outcome',
                { alert: alert.alert, outcome, ...harmOf(arrived ? harm : 'none', force), means: 'none', case: '' })} />
        </details>
    );
}

/** All that the second officer signs beside the outcome; a device that opened no packet knows a case by its code only. */
function AgreedWith({ signed, cases }: { signed: SignedOutcome; cases: Case[] }) {
    const about = cases.find((one) => one.case === signed.case);
    return (
        <dl>
            {signed.matter && <><dt>{t('matter')}</dt><dd>{said(signed.matter)} <Ltr>{signed.matter_reference}</Ltr></dd></>}
            {signed.case && <><dt>{t('custody_case')}</dt><dd><Ltr>{about ? caseName(about) : shortCode(signed.case)}</Ltr></dd></>}
            <dt>{t('harm')}</dt><dd>{said(signed.harm)}</dd>
            {signed.force && <><dt>{t('force')}</dt><dd>{said(signed.force)}</dd></>}
        </dl>
    );
}

/** What the crew has signed and somebody else still has to agree with: control at the scene, at a stop by a document the crew's second officer. */
function Pending({ me, alert, cases }: StepProps & { cases: Case[] }) {
    const early = !useSettled(alert.outcome_hash ?? '');
    const signed = outcomeOf(alert);
    if (!signed) return null;
    const outcome = said(signed.outcome);
    if (alert.state === 'on_scene' || alert.asked_by === me.officer)
        return <p class="notice warn" role="status">⏳ {t(alert.state === 'on_scene' ? 'awaits_control' : 'awaits_officer', { outcome })}</p>;
    return (
        <div class="opened">
            <p class="warn" role="alert">⚠ {t('officer_says', { officer: isolated(shortCode(alert.asked_by ?? '')), outcome })}</p>
            <AgreedWith signed={signed} cases={cases} />
            <div class="huge"><Button words={t('saw_document')} main disabled={early} work={() => agree(me, alert, signed)} /></div>
        </div>
    );
}

/** Without a packet that was checked nobody is gone for and nobody is stopped: what is left are the ways to end it. */
function Steps({ me, alert, open }: StepProps & { open: boolean }) {
    const early = !useSettled(`${alert.state} ${open}`);
    const send = (name: string, type: string, fields: object = {}) => act(me, `/alerts/${alert.alert}/${name}`, type, { alert: alert.alert, ...fields });
    if (alert.state === 'dispatched')
        return (
            <div class="huge act-bar">
                {open && <Button key="accept" words={t('accept')} main disabled={early} work={() => send('acceptance', 'acceptance', { answer: 'accepted' })} />}
                <Button key="decline" words={t('decline')} disabled={early} work={() => send('acceptance', 'acceptance', { answer: 'declined' })} />
            </div>
        );
    if (alert.state === 'accepted')
        return <><NotStopped me={me} alert={alert} />{open && <div key="arrive" class="huge act-bar"><Button words={t('on_scene_now')} main disabled={early} work={() => send('arrival', 'arrival')} /></div>}</>;
    if (alert.state === 'on_scene')
        return <><NotStopped me={me} alert={alert} />{open && alert.missing !== 'adult' && <div key="stop" class="huge act-bar"><Button words={t('person_stopped')} main disabled={early} work={() => send('stop', 'stop')} /></div>}</>;
    return null;
}

/** One alert's part of the page. Another one's end or its pictures push it under a thumb that was on its way to something else. */
function Part({ children }: { children: ComponentChildren }) {
    const place = useRef<HTMLElement>(null);
    const moving = useContext(Moving);
    const [stands, isPushed] = useStanding(place);
    return (
        <section ref={place} class="unit" onClickCapture={(event) => {
            if (isPushed()) event.stopPropagation();
        }}>
            <Moving.Provider value={moving || !stands}>{children}</Moving.Provider>
        </section>
    );
}

/** Told is told only when the crew says so; after a minute without it the control room calls. */
function Told({ me, alert, words }: StepProps & { words: string }) {
    const [known, setKnown] = useState(false);
    const acknowledge = async () => {
        await act(me, `/alerts/${alert.alert}/acknowledgement`, 'acknowledgement', { alert: alert.alert }).catch((problem: unknown) => {
            if (!(problem instanceof Problem && problem.status === 409)) throw problem;
        });
        setKnown(true);
    };
    return (
        <div class="silence" role="alert">
            <p>⚠ {words}</p>
            {alert.recall !== 'acknowledged' && !known && <Button words={t('understood')} work={acknowledge} />}
        </div>
    );
}

function Open({ me, alert }: StepProps) {
    const { checked, problem } = usePacket(me, alert);
    const packet = checked?.packet ?? null;
    return (
        <Part>
            <h2>{t('alert')} <Ltr>{shortCode(alert.alert)}</Ltr>: {said(alert.state)}</h2>
            <Missing alert={alert} />
            {alert.told && <Told me={me} alert={alert} words={`${t('told')}: ${said(alert.told)}`} />}
            <Pending me={me} alert={alert} cases={packet?.cases ?? []} />
            {alert.dies_at !== undefined && alert.dies_at > latestNow() && alert.state === 'dispatched' &&
                <p class="timer">{t('packet_dies')} <Ltr>{span(alert.dies_at - latestNow())}</Ltr></p>}
            {problem && <p class="lead warn" role="alert">⚠ {t('nothing_shown', { problem })} {t('call_control')}</p>}
            {!checked && !problem && <p class="quiet" role="status">⏳ {t('packet_opening')}</p>}
            {packet && alert.steered && alert.state !== 'stopped' && <p class="lead warn" role="alert">⚠ {t('new_place')}: <bdi>{packet.place.name}</bdi></p>}
            {checked && (alert.state === 'stopped' ? <><Marking packet={checked.packet} /><details><summary>{t('the_packet')}</summary><PacketView {...checked} /></details></> : <PacketView {...checked} />)}
            <Steps me={me} alert={alert} open={checked !== null && !problem} />
            {alert.state === 'stopped' && <StopForm key={alert.alert} me={me} alert={alert} packet={packet} />}
        </Part>
    );
}

/** After custody: which station takes the person over. */
function HandOver({ me, alert }: StepProps) {
    const [station, setStation] = useState('');
    const { value: roster, problem } = useGiven(() => believedRoster(me), me.officer);
    const stations = roster?.stations.map((one) => one.station) ?? [];
    return (
        <Part>
            <h2>{t('hand_over_title')}</h2>
            {problem && <p class="warn" role="alert">⚠ {problem}</p>}
            <Choice words={t('station')} options={stations.map((one) => [one, nameOf(one)])} value={station} onChange={setStation} none={t('choose')} />
            <div class="huge"><Button words={t('hand_over')} main disabled={!station} work={() => act(me, `/alerts/${alert.alert}/handover`, 'handover', { alert: alert.alert, station })} /></div>
        </Part>
    );
}

const isOpen = (alert: Alert): boolean => ['dispatched', 'accepted', 'on_scene', 'stopped'].includes(alert.state);

const isHere = (): Promise<boolean> => call<{ until?: number }>('GET', '/presence').then(({ until = 0 }) => until > deskNow(), () => false);

/** A crew that may not see an alert has nothing to do with it, if it was here before it asked and is after: one whose session was over comes back in between. */
async function isOver(alert: string, known: Alert | undefined): Promise<boolean> {
    if (known) return !isOpen(known);
    const here = await isHere();
    return call<Alert>('GET', `/alerts/${alert}`).then((one) => !isOpen(one), (problem: unknown) => here && problem instanceof Problem && problem.status === 403 && isHere());
}

/** What was chosen goes when its alert is known to be over, or another crew's; a list that does not show it says neither. What was pressed about one that is listed the desk answers itself; of another one the crew is told that it waits no more. */
async function eraseWhatIsOver(heard: Alert[], missed: (alert: string) => void): Promise<void> {
    for (const about of new Set([notes.about(), ...pending.all().map((one) => one.alert), ...unanswered.keys()].filter(Boolean))) {
        const known = heard.find((one) => one.alert === about);
        if (!(await isOver(about, known))) continue;
        if (notes.about() === about) notes.erase();
        const waited = pending.all().some((one) => one.alert === about) || unanswered.has(about);
        unanswered.delete(about);
        if (known) continue;
        pending.eraseOf(about);
        if (waited) missed(about);
    }
}

/** Nothing is known to be over until the desk has answered, and nothing to be none while it does not. */
export function Crew({ me, heard: { value: heard, problem } }: { me: Me; heard: Answer<Alert[]> }) {
    const alerts = heard ?? [];
    const open = alerts.filter(isOpen);
    const custody = alerts.filter((one) => one.state === 'closed' && one.outcome === 'custody');
    const recalled = alerts.filter((one) => one.state === 'closed' && ['recalled', 'lapsed'].includes(one.outcome ?? '') && isUnheard(one));
    const [refused, setRefused] = useState<unknown>(null);
    const [lost, setLost] = useState('');
    useEffect(() => {
        if (!heard) return;
        sendPending(me, heard.map((one) => one.alert), setRefused);
        void eraseWhatIsOver(heard, setLost);
    }, [heard]);
    const moving = !useSettled([lost, refused !== null, ...[...recalled, ...open, ...custody].map((one) => `${one.alert} ${one.state}`)].join());
    return (
        <Moving.Provider value={moving}>
            {refused !== null && <p class="notice warn" role="alert">⚠ {t('pressed_before', { problem: isolated(tell(refused)) })}</p>}
            {lost && <p class="notice warn" role="alert">⚠ {t('not_this_units', { code: isolated(shortCode(lost)) })}</p>}
            {recalled.map((one) => <Told key={one.alert} me={me} alert={one} words={t('recalled', { code: isolated(shortCode(one.alert)) })} />)}
            {open.map((one) => <Open key={one.alert} me={me} alert={one} />)}
            {custody.map((one) => <HandOver key={one.alert} me={me} alert={one} />)}
            {heard && !problem && open.length + custody.length === 0 && <Idle words={t('no_alert')} />}
            <Awake busy={open.length > 0} />
            <Position />
        </Moving.Provider>
    );
}
