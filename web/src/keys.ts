// This device's own keys, in the browser's key store: made here, not extractable, never in a file, never at the desk.
import { newDeviceKey, newSigningKey, sha256, type DeviceKey, type Envelope, type SigningKey } from '../statement.js';

export interface OwnKeys {
    officer: string; name: string; site: string; unit: string; root_key: string; oversight_key: string;
    signing: SigningKey; device: DeviceKey | null;
    roster_number?: number;
    /** What the administrator is to have, until the first session shows that the roster has it. */
    request?: Envelope;
}

const STORE = 'keys';
const OWN = 'own';

/** Looking leaves nothing behind: the store comes into being when there is a key to keep. */
function open(mode: IDBTransactionMode): Promise<IDBDatabase> {
    return new Promise((done, fail) => {
        const request = indexedDB.open('mizan', 1);
        request.onupgradeneeded = () => {
            if (mode === 'readonly') request.transaction?.abort();
            else request.result.createObjectStore(STORE);
        };
        request.onsuccess = () => done(request.result);
        request.onerror = () => fail(request.error ?? new Error('IndexedDB'));
    });
}

async function use<T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
    const database = await open(mode);
    try {
        return await new Promise<T>((done, fail) => {
            const request = work(database.transaction(STORE, mode).objectStore(STORE));
            request.onsuccess = () => done(request.result);
            request.onerror = () => fail(request.error ?? new Error('IndexedDB'));
        });
    } finally {
        database.close();
    }
}

export const keepKeys = (keys: OwnKeys): Promise<unknown> => use('readwrite', (store) => store.put(keys, OWN));
/** And whatever lies beside them. */
export const forgetKeys = (): Promise<unknown> => use('readwrite', (store) => store.clear());
export const ownKeys = async (): Promise<OwnKeys | null> => (await use<OwnKeys | undefined>('readonly', (store) => store.get(OWN)).catch(() => undefined)) ?? null;

/** Whether the browser promises not to throw the store away when it wants the space. */
export const keepsForGood = async (): Promise<boolean> => {
    try {
        return await navigator.storage.persist();
    } catch {
        return false;
    }
};

/** What lies beside the keys, by its name (shelf.ts); nothing where there is no store. */
export async function rowsBeside<T>(): Promise<[string, T][]> {
    let rows: T[] = [];
    const names = await use('readonly', (store) => {
        const values: IDBRequest<T[]> = store.getAll();
        values.onsuccess = () => { rows = values.result; };
        return store.getAllKeys();
    }).catch(() => []);
    return names.map((name, i): [string, T] => [String(name), rows[i] as T]).filter(([name]) => name !== OWN);
}

export const putBeside = (name: string, row: object): Promise<unknown> => use('readwrite', (store) => store.put(row, name));
export const dropBeside = (names: string[]): Promise<unknown> => use('readwrite', (store) => {
    for (const name of names) store.delete(name);
    return store.count();
});

/** Of the newest roster that this device has believed: no desk brings it back to an older one. 0 where no keys of this site are kept. */
export async function newestRoster(rootKey: string): Promise<number> {
    const own = await ownKeys();
    return own?.root_key === rootKey ? (own.roster_number ?? 0) : 0;
}

/** In one transaction: keys that were forgotten meanwhile do not come back. */
async function change(rootKey: string, to: (own: OwnKeys) => OwnKeys): Promise<void> {
    if ((await ownKeys())?.root_key !== rootKey) return;
    await use<OwnKeys | undefined>('readwrite', (store) => {
        const request: IDBRequest<OwnKeys | undefined> = store.get(OWN);
        request.addEventListener('success', () => {
            if (request.result?.root_key === rootKey) store.put(to(request.result), OWN);
        });
        return request;
    });
}

export const noteRoster = (rootKey: string, number: number): Promise<void> =>
    change(rootKey, (own) => ({ ...own, roster_number: Math.max(number, own.roster_number ?? 0) }));
/** The roster has it: nothing is asked for any more. */
export const forgetRequest = (rootKey: string): Promise<void> => change(rootKey, (own) => {
    const { request: _, ...rest } = own;
    return rest;
});

/** Whether this browser can make and keep such keys at all. */
export async function canKeepKeys(): Promise<boolean> {
    try {
        await newSigningKey();
        await newDeviceKey();
        return 'indexedDB' in window;
    } catch {
        return false;
    }
}

/** What two people compare by eye or voice: 20 digits of the hash of the public keys, in fives. */
export async function fingerprintOf(signing: string, device: string): Promise<string> {
    const digits = await sha256(`${signing}\n${device}`);
    return (digits.slice(0, 20).match(/.{5}/g) ?? []).join(' ').toUpperCase();
}

export const shortKey = (key: string): string => (key.slice(0, 20).match(/.{5}/g) ?? []).join(' ').toUpperCase();
