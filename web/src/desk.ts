// The desk as the page knows it: replies, signed actions that survive a lost signal, and the bell that its events ring.
import { signStatement, type DeviceKey, type Envelope, type SigningKey } from '../statement.js';
import { listenToAll } from './events';
import { now, t, tell, type Said } from './words';

export interface Me {
    officer: string; name: string; site: string; roles: string[]; unit: string; root_key: string; oversight_key: string; office: string;
    hasPass: boolean; serviceNumbers: Record<string, string>; signing: SigningKey; device: DeviceKey | null;
}

export class Problem extends Error {
    constructor(public status: number, detail: string, public says?: Said[]) {
        super(detail);
    }
}

/** When the desk last answered anything, in milliseconds; the unit's page says so when it stays silent. How many actions wait, and what the desk said why. */
export const signal = { heardAt: Date.now(), waiting: 0, why: '', lost: false };
export const bell = new EventTarget();
export const ring = (): void => void bell.dispatchEvent(new Event('news'));

async function read(reply: Response): Promise<unknown> {
    signal.heardAt = Date.now();
    const body = (await reply.json().catch(() => ({}))) as { detail?: string; says?: Said[] };
    if (!reply.ok) throw new Problem(reply.status, body.detail ?? t('desk_answered', { status: reply.status }), body.says);
    return body;
}

export async function call<T>(method: string, path: string, json?: unknown, given?: AbortSignal): Promise<T> {
    const body = json === undefined ? {} : { body: JSON.stringify(json) };
    return (await read(await fetch(`/api/v1${path}`, {
        method, ...body, signal: given ?? null, headers: { 'X-Mizan': '1', ...(json === undefined ? {} : { 'Content-Type': 'application/json' }) },
    }))) as T;
}

export async function upload<T>(path: string, body: Blob | string, type = 'image/jpeg'): Promise<T> {
    return (await read(await fetch(`/api/v1${path}`, { method: 'POST', body, headers: { 'X-Mizan': '1', 'Content-Type': type } }))) as T;
}

const pause = (ms: number, given: AbortSignal | undefined): Promise<void> => new Promise((done) => {
    setTimeout(done, ms);
    given?.addEventListener('abort', () => done());
});
/** Past this age a refusal may mean that the statement is too old for the desk (LIMIT_STATEMENT_SKEW_S). */
const STALE_S = 280;
const RETRY_MS = 2000;

/**
 * The same signed envelope again and again until the desk answers: an action that arrived twice counts once. One that has
 * become too old is signed anew only after the desk refused it for that, because then it never counted.
 */
async function sendUntilAnswered<T>(path: string, sign: () => Promise<Envelope>, waits: (why: string) => void, given: AbortSignal | undefined): Promise<T> {
    let signedAt = now();
    let envelope = await sign();
    for (;;) {
        let why = '';
        try {
            return await call<T>('POST', path, envelope, given);
        } catch (problem) {
            given?.throwIfAborted();
            const isStale = problem instanceof Problem && problem.status === 400 && now() - signedAt > STALE_S;
            if (problem instanceof Problem && problem.status !== 503 && !isStale) throw problem;
            if (isStale) {
                signedAt = now();
                envelope = await sign();
                continue;
            }
            why = problem instanceof Problem ? tell(problem) : '';
        }
        waits(why);
        await pause(RETRY_MS, given);
        given?.throwIfAborted();
    }
}

/** Signs a statement and sends it until the desk answers, or whoever asked for it gives it up. */
export async function act<T>(me: Me, path: string, type: string, fields: object, given?: AbortSignal): Promise<T> {
    const sign = () => signStatement({ type, site: me.site, by: me.officer, at: now(), ...fields }, me.signing);
    let counted = 0;
    try {
        return await sendUntilAnswered<T>(path, sign, (why) => {
            signal.why = why;
            signal.waiting += 1 - counted;
            counted = 1;
        }, given);
    } finally {
        signal.waiting -= counted;
    }
}

/** Rings the bell at every event; `lost` and `over` are about the stream and the session. */
export function listen(lost: (is: boolean) => void, over: () => void): () => void {
    return listenToAll({ heard: () => {
        signal.heardAt = Date.now();
        ring();
    }, lost, over });
}
