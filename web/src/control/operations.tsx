import { useRef, useState } from 'preact/hooks';
import { haltReasons, shortCode } from '../alerts';
import { act, type Me } from '../desk';
import { useAnswer, useSecond } from '../hooks';
import { Button, Choice, Ltr } from '../parts';
import { clock, now, said, span, t } from '../words';

interface Health { decoded: number; analysed: number; dropped: number; faces: number; failures_to_acquire: number; passages: number }
export interface CameraState { camera: string; state: string; reason: string; health: Health | null }
export interface Operation {
    operation: string; state: string; why: string; starts_at: number; ends_at: number; list_size: number; list_hash: string; request_hash: string;
    requester: string; cameras: CameraState[];
}

/** Always within reach of anybody in the control room; asks once, then it is done. */
function Halt({ me, operation }: { me: Me; operation: string }) {
    const dialog = useRef<HTMLDialogElement>(null);
    const [reason, setReason] = useState('safety');
    return (
        <>
            <Button danger words={t('halt')} work={() => dialog.current?.showModal()} />
            <dialog ref={dialog} aria-label={t('halt')}>
                <h2>{t('halt_sure')}</h2>
                <p>{t('halt_means')}</p>
                <Choice words={t('reason')} options={haltReasons} value={reason} onChange={setReason} />
                <div class="row">
                    <Button danger words={t('halt_now')} work={async () => {
                        await act(me, `/operations/${operation}/halt`, 'halt', { operation, reason });
                        dialog.current?.close();
                    }} />
                    <Button words={t('cancel')} work={() => dialog.current?.close()} />
                </div>
            </dialog>
        </>
    );
}

const marks: Record<string, string> = { running: '●', blind: '▲', degraded: '◆', paused: '⏸', off: '○' };

function Camera({ one, name }: { one: CameraState; name: string }) {
    return (
        <li class={one.state === 'running' ? '' : 'warn'}>
            <span aria-hidden="true">{marks[one.state] ?? '○'}</span> <strong>{name}</strong> {said(one.state)}{one.reason ? `: ${said(one.reason)}` : ''}
            {one.health && <span class="quiet"> · {t('camera_counts', { faces: one.health.faces, passages: one.health.passages, failed: one.health.failures_to_acquire, dropped: one.health.dropped })}</span>}
        </li>
    );
}

function Row({ me, one, names }: { me: Me; one: Operation; names: Map<string, string> }) {
    useSecond();
    const live = ['running', 'paused', 'authorised'].includes(one.state);
    const mayHalt = ['reviewer', 'dispatcher', 'authoriser', 'watch_officer', 'inspector'].some((role) => me.roles.includes(role));
    return (
        <section class="operation">
            <div class="row between">
                <h2>{t('operation')} <Ltr>{shortCode(one.operation)}</Ltr>: {said(one.state)}</h2>
                {live && mayHalt && <Halt me={me} operation={one.operation} />}
            </div>
            {one.why && <p class={one.state === 'running' ? 'quiet' : 'warn'}>{said(one.why)}</p>}
            <p class="quiet">{t('list_of', { count: one.list_size })} · {t('ends_at')} <Ltr>{clock(one.ends_at)}{live ? ` (${span(one.ends_at - now())})` : ''}</Ltr></p>
            <ul class="cameras">{(one.cameras ?? []).map((camera) => <Camera key={camera.camera} one={camera} name={names.get(camera.camera) ?? shortCode(camera.camera)} />)}</ul>
        </section>
    );
}

export function Operations({ me }: { me: Me }) {
    const { value } = useAnswer<{ operations: Operation[] }>('/operations');
    const cameras = useAnswer<{ cameras: { camera: string; name: string }[] }>('/cameras').value?.cameras ?? [];
    const names = new Map(cameras.map((one) => [one.camera, one.name]));
    const shown = (value?.operations ?? []).filter((one) => ['running', 'paused', 'authorised', 'halted'].includes(one.state));
    if (value && shown.length === 0) return <section><p class="quiet">{t('no_operation')}</p></section>;
    return <>{shown.map((one) => <Row key={one.operation} me={me} one={one} names={names} />)}</>;
}
