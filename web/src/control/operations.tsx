import { useRef } from 'preact/hooks';
import type { Call } from '../alarm';
import { shortCode } from '../alerts';
import { useAnswer, useSecond } from '../hooks';
import { Ltr, NotHeardApart, State } from '../parts';
import { deskNow } from '../time';
import { ago, day, isolated, said, sentence, span, t, today } from '../words';

interface Health { decoded: number; analysed: number; dropped: number; faces: number; failures_to_acquire: number; passages: number }
export interface CameraState { camera: string; state: string; reason: string; health: Health | null }
export interface Operation {
    operation: string; state: string; why: string; starts_at: number; ends_at: number; list_size: number; withheld?: number; statuses_at?: number; refused?: { why: string; count: number; newest_at: number }[]; list_hash: string; request_hash: string;
    requester: string; cameras: CameraState[];
}

function Camera({ one, name }: { one: CameraState; name: string }) {
    return (
        <li>
            <span class="line"><strong><bdi>{name}</bdi></strong> <State code={one.state} /></span>
            {one.reason && <span class="warn">{sentence(one.reason)}</span>}
            {one.health && <small>{t('camera_counts', { faces: one.health.faces, passages: one.health.passages, failed: one.health.failures_to_acquire, dropped: one.health.dropped })}</small>}
        </li>
    );
}

const MANY = 6;

/** What needs somebody stands there whole; of many that run well their number is enough. */
function Cameras({ all, names }: { all: CameraState[]; names: Map<string, string> }) {
    const well = all.length > MANY ? all.filter((one) => one.state === 'running' && !one.reason) : [];
    const list = (some: CameraState[]) => (
        <ul class="cameras">{some.map((one) => <Camera key={one.camera} one={one} name={names.get(one.camera) ?? shortCode(one.camera)} />)}</ul>
    );
    return (
        <>
            {list(all.filter((one) => !well.includes(one)))}
            {well.length > 0 && <details><summary>{t('cameras_well', { count: well.length })}</summary>{list(well)}</details>}
        </>
    );
}

/** What may be halted. */
export const isLive = (one: Operation): boolean => ['running', 'paused', 'authorised'].includes(one.state);

const DAY_S = 86400;

/** What matching rests on, of the entry where it is the oldest: after a day it would not start on it. */
function ListAge({ at }: { at: number }) {
    return <p class={deskNow() - at > DAY_S ? 'warn' : 'quiet'}>{t('list_age', { time: isolated(day(at)), age: ago(at) })}</p>;
}

/** What runs says when it ends; what has not begun says when it begins, too. */
function timesOf(one: Operation): string {
    const time = isolated(today(one.ends_at));
    if (['running', 'paused'].includes(one.state)) return t('ends_in', { time, left: isolated(span(one.ends_at - deskNow())) });
    return one.state === 'authorised' ? `${t('starts_at', { time: isolated(today(one.starts_at)) })} · ${t('ends_at', { time })}` : t('ends_at', { time });
}

function Row({ one, names }: { one: Operation; names: Map<string, string> }) {
    useSecond();
    return (
        <section class="operation">
            <h2>{t('operation')} <Ltr>{shortCode(one.operation)}</Ltr>: {said(one.state)}</h2>
            {one.why && <p class={one.state === 'running' ? 'quiet' : 'warn'}>{said(one.why)}</p>}
            <p class="quiet">{t('list_of', { count: one.list_size })}{one.withheld ? ` · ${t('list_withheld', { count: one.withheld })}` : ''} · {timesOf(one)}</p>
            {one.statuses_at && <ListAge at={one.statuses_at} />}
            {one.refused?.map(({ why, count, newest_at }) => <p key={why} class="warn">{t('list_refused', { count, time: isolated(today(newest_at)), why: said(why) })}</p>)}
            <Cameras all={one.cameras ?? []} names={names} />
        </section>
    );
}

/** What ran while this page looked, and stands still now. */
export function useOperationCalls(): Call[] {
    const heard = useAnswer<{ operations: Operation[] }>('/operations').value?.operations ?? [];
    const ran = useRef(new Set<string>());
    for (const one of heard) if (one.state === 'running') ran.current.add(one.operation);
    return heard.filter((one) => ['paused', 'halted'].includes(one.state) && ran.current.has(one.operation)).map((one) => ({
        key: `${one.operation} ${one.state} ${one.why ?? ''}`, words: t('operation_stands', { code: isolated(shortCode(one.operation)), state: said(one.state), why: one.why ? said(one.why) : '' }) }));
}

export function Operations() {
    const heard = useAnswer<{ operations: Operation[] }>('/operations');
    const { value, problem } = heard;
    const cameras = useAnswer<{ cameras: { camera: string; name: string }[] }>('/cameras').value?.cameras ?? [];
    const names = new Map(cameras.map((one) => [one.camera, one.name]));
    const shown = (value?.operations ?? []).filter((one) => ['running', 'paused', 'authorised', 'halted'].includes(one.state));
    if (value && !problem && shown.length === 0) return <section><p class="quiet">{t('no_operation')}</p></section>;
    return <><NotHeardApart what={t('operations')} of={heard} />{shown.map((one) => <Row key={one.operation} one={one} names={names} />)}</>;
}
