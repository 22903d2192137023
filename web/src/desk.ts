// The desk as the page knows it: replies, signed actions that survive a lost signal, and the bell that its events ring.
import { signStatement, type DeviceKey, type Envelope, type SigningKey } from '../statement.js';
import { listenToAll } from './events';
import { crewStatements, pending } from './pending';
import { deskNow, hearDesk, moment, now, passed_ms, type Moment } from './time';
import { Objection, t, tell, type Said } from './words';

export interface Me {
    officer: string; name: string; site: string; roles: string[]; unit: string; root_key: string; oversight_key: string; office: string;
    hasPass: boolean; serviceNumbers: Record<string, string>; signing: SigningKey; device: DeviceKey | null;
    /** Aborted when the session ends here: from then on nothing is signed and nothing goes out in this officer's name. */
    until: AbortSignal;
}

export class Problem extends Error {
    constructor(public status: number, detail: string, public says?: Said[], public code?: string) {
        super(detail);
    }
}

/** When the desk last answered anything; the unit's page says so when it stays silent. How many actions wait, and what the desk said why. */
export const signal = { heardAt: moment(), waiting: 0, why: '', lost: false };
export const silent_ms = (): number => passed_ms(signal.heardAt);
export const bell = new EventTarget();
export const ring = (): void => void bell.dispatchEvent(new Event('news'));

/** Nothing came back, or not all of it: whether the desk has heard is not known. */
export class NoAnswer extends Objection {
    constructor() {
        super('no_answer');
    }
}
/** A weak signal needs this long for a packet; where nothing comes back at all there is no other end to waiting. */
const PATIENCE_MS = 20000;

function parsed(text: string): unknown {
    try {
        return JSON.parse(text);
    } catch {
        return {};
    }
}

async function read(reply: Response, asked: Moment): Promise<unknown> {
    hearDesk(reply.headers.get('Date'), asked);
    const body = parsed(await reply.text()) as { detail?: string; says?: Said[]; code?: string };
    signal.heardAt = moment();
    if (!reply.ok) throw new Problem(reply.status, body.detail ?? t('desk_answered', { status: reply.status }), body.says, body.code);
    return body;
}

async function reach(path: string, request: RequestInit): Promise<unknown> {
    try {
        const asked = moment();
        return await read(await fetch(`/api/v1${path}`, request), asked);
    } catch (problem) {
        throw problem instanceof Problem ? problem : new NoAnswer();
    }
}

export async function call<T>(method: string, path: string, json?: unknown, given?: AbortSignal, priority: RequestPriority = 'auto'): Promise<T> {
    const body = json === undefined ? {} : { body: JSON.stringify(json) };
    const patience = AbortSignal.timeout(PATIENCE_MS);
    return (await reach(path, {
        method, ...body, priority, headers: { 'X-Mizan': '1', ...(json === undefined ? {} : { 'Content-Type': 'application/json' }) }, signal: given ? AbortSignal.any([given, patience]) : patience,
    })) as T;
}

/** What a weak signal carries in a second. */
const BYTES_A_SECOND = 20000;

export async function upload<T>(path: string, body: Blob | string, type = 'image/jpeg'): Promise<T> {
    const size = typeof body === 'string' ? body.length : body.size;
    const signal = AbortSignal.timeout(PATIENCE_MS + size / BYTES_A_SECOND * 1000);
    return (await reach(path, { method: 'POST', body, headers: { 'X-Mizan': '1', 'Content-Type': type }, signal })) as T;
}

/** The one that everybody who signs in is given, until somebody leaves. */
export let session = new AbortController();
export function endSession(): void {
    session.abort(new NoAnswer());
    session = new AbortController();
}

let leaving: Promise<unknown> = Promise.resolve();
/** Tells the desk that the session is over. */
export const signOff = (): Promise<unknown> => leaving = call('DELETE', '/sessions/current');
/** Its answer takes away whatever session the browser has by then: nobody signs in before it came, or is not waited for any more. */
export const signedOff = (): Promise<unknown> => leaving.catch(() => undefined);

const pause = (ms: number, given: AbortSignal): Promise<void> => new Promise((done) => {
    setTimeout(done, ms);
    given.addEventListener('abort', () => done());
});
/** Past this distance a refusal may mean that the statement's time is too far from the desk's (LIMIT_STATEMENT_SKEW_S): it is old, or the refusal told what time it is. */
const STALE_S = 280;
const RETRY_MS = 2000;
/** Whoever pressed is told this soon that it waits. */
const LATE_MS = 5000;

/** Nothing is measured from the time of these but how near it lies to the desk's: they count on a device whose clock is wrong, too. What a packet, a roster or an operation lives by is dated by its signer's device alone. */
const timeOf = (type: string): number => (type === 'sign_in' || crewStatements.has(type) ? deskNow() : now());

/** What the statement is, and whose, stands last: no field that came with a reply of the desk changes it. */
export const signAs = (me: Me, type: string, fields: object): Promise<Envelope> => signStatement({ ...fields, type, site: me.site, by: me.officer, at: timeOf(type) }, me.signing);

const stated = (envelope: Envelope) => JSON.parse(envelope.statement) as { type: string; at: number };

/**
 * The same signed envelope again and again until the desk answers: an action that arrived twice counts once. One that has
 * become too old is signed anew only after the desk refused it for that, because then it never counted.
 */
async function sendUntilAnswered<T>(me: Me, path: string, first: Envelope, waits: (why: string) => void, given: AbortSignal): Promise<T> {
    const isKept = pending.has(first);
    let envelope = first;
    for (;;) {
        const late = setTimeout(() => waits(''), LATE_MS);
        let why = '';
        try {
            const reply = await call<T>('POST', path, envelope, given);
            pending.drop(envelope);
            return reply;
        } catch (problem) {
            given.throwIfAborted();
            const { type, at } = stated(envelope);
            if (problem instanceof Problem && problem.status === 400 && Math.abs(timeOf(type) - at) > STALE_S) {
                envelope = await signAs(me, type, stated(envelope));
                given.throwIfAborted();
                if (isKept) await pending.keep(path, envelope);
                continue;
            }
            if (problem instanceof Problem && problem.status !== 503) {
                // Without a session nobody has looked at it: it waits until its officer is signed in again.
                if (problem.status !== 401) pending.drop(envelope);
                throw problem;
            }
            why = problem instanceof Problem ? tell(problem) : '';
        } finally {
            clearTimeout(late);
        }
        waits(why);
        await pause(RETRY_MS, given);
        given.throwIfAborted();
        // The alert is over, or it was pressed anew: this one is nobody's word any more.
        if (isKept && !pending.has(envelope)) throw new NoAnswer();
    }
}

const underway = new Set<string>();
/** The alerts about which something waits, or was refused after it had waited, and who pressed it. */
export const unanswered = new Map<string, string>();

async function deliver<T>(me: Me, path: string, envelope: Envelope, given: AbortSignal): Promise<T> {
    const { alert } = JSON.parse(envelope.statement) as { alert?: string };
    let counted = 0;
    underway.add(path);
    try {
        const reply = await sendUntilAnswered<T>(me, path, envelope, (why) => {
            signal.why = why;
            signal.waiting += 1 - counted;
            counted = 1;
            if (alert) unanswered.set(alert, me.officer);
        }, given);
        if (alert) unanswered.delete(alert);
        return reply;
    } finally {
        underway.delete(path);
        signal.waiting -= counted;
    }
}

/** Signs a statement and sends it until the desk answers, whoever asked for it gives it up or the session ends. A crew's is kept until the desk answers. */
export async function act<T>(me: Me, path: string, type: string, fields: object, given = me.until): Promise<T> {
    const until = AbortSignal.any([me.until, given]);
    const envelope = await signAs(me, type, fields);
    until.throwIfAborted();
    if (me.unit) await pending.keep(path, envelope);
    until.throwIfAborted();
    return deliver<T>(me, path, envelope, until);
}

/** What this officer pressed before the tab was killed or the session was over goes out now, where its alert is heard of; `refused` hears why the desk takes it no more. */
export function sendPending(me: Me, alerts: string[], refused: (problem: unknown) => void): void {
    const tellRefusal = (problem: unknown) => {
        if (problem instanceof Problem && problem.status !== 401) refused(problem);
    };
    for (const one of pending.all()) {
        if (one.by === me.officer && alerts.includes(one.alert) && !underway.has(one.path)) void deliver(me, one.path, one.envelope, me.until).then(ring, tellRefusal);
    }
}

/** Rings the bell at every event; `lost` and `over` are about the stream and the session. */
export function listen(lost: (is: boolean) => void, over: () => void): () => void {
    return listenToAll({ heard: () => {
        signal.heardAt = moment();
        ring();
    }, lost, over });
}
