// The exported log, verified here and not at the desk (docs/log.md): form, links, tree, signature.
import { canonical, hex, unbase64, unhex } from '../../statement.js';
import { t } from '../words';

export interface Leaf { at: number; by: string; kind: string; seq: number; site: string; previous: string; commitment: string; [field: string]: unknown }
export interface Verified { leaves: Leaf[]; root: string; size: number; signed: string }

const encoder = new TextEncoder();
const digest = async (bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> => new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
const join = (...parts: Uint8Array[]): Uint8Array<ArrayBuffer> => {
    const all = new Uint8Array(parts.reduce((size, one) => size + one.length, 0));
    parts.reduce((at, one) => (all.set(one, at), at + one.length), 0);
    return all;
};
const leafHash = (line: string) => digest(join(new Uint8Array([0]), encoder.encode(line)));
const nodeHash = (left: Uint8Array, right: Uint8Array) => digest(join(new Uint8Array([1]), left, right));

/** RFC 6962's root: the perfect subtrees from the left, then folded from the right. */
async function rootOf(hashes: Uint8Array[]): Promise<Uint8Array> {
    const peaks: { size: number; hash: Uint8Array }[] = [];
    for (const hash of hashes) {
        let node = { size: 1, hash };
        for (let last = peaks.at(-1); last?.size === node.size; last = peaks.at(-1)) {
            peaks.pop();
            node = { size: node.size * 2, hash: await nodeHash(last.hash, node.hash) };
        }
        peaks.push(node);
    }
    let root = peaks.pop()?.hash ?? (await digest(new Uint8Array()));
    for (let peak = peaks.pop(); peak; peak = peaks.pop()) root = await nodeHash(peak.hash, root);
    return root;
}

async function checkNote(note: string, logKey: string, site: string): Promise<{ size: number; root: string; signed: string }> {
    const found = /^(mizan\/[a-z0-9-]+)\n(\d+)\n([A-Za-z0-9+/=]+)\n(keyring \d+ time (\d+))\n\n— (\S+) ([A-Za-z0-9+/=]+)\n$/.exec(note);
    if (!found || found[1] !== `mizan/${site}` || found[6] !== found[1]) throw new Error(t('log_bad_note'));
    const text = encoder.encode(note.slice(0, note.indexOf('\n\n') + 1));
    const key = await crypto.subtle.importKey('raw', unhex(logKey), { name: 'Ed25519' }, false, ['verify']);
    const signature = unbase64(found[7] ?? '').slice(4);
    if (!(await crypto.subtle.verify({ name: 'Ed25519' }, key, signature, text))) throw new Error(t('log_bad_signature'));
    return { size: Number(found[2]), root: hex(unbase64(found[3] ?? '')), signed: found[5] ?? '' };
}

/** Throws with the first thing that does not hold. */
export async function verifyLog(exported: string, logKey: string, site: string): Promise<Verified> {
    const end = exported.indexOf('\n\n');
    const lines = exported.slice(0, end).split('\n');
    const note = await checkNote(exported.slice(end + 2), logKey, site);
    const hashes: Uint8Array[] = [];
    const leaves: Leaf[] = [];
    let previous = '0'.repeat(64);
    for (const [seq, line] of lines.entries()) {
        const leaf = JSON.parse(line) as Leaf;
        if (canonical(leaf) !== line || leaf.seq !== seq || leaf.site !== site || leaf.previous !== previous || leaf.at < (leaves.at(-1)?.at ?? 0))
            throw new Error(t('log_changed', { seq }));
        const hash = await leafHash(line);
        previous = hex(hash);
        hashes.push(hash);
        leaves.push(leaf);
    }
    if (leaves.length !== note.size) throw new Error(t('log_missing', { has: leaves.length, says: note.size }));
    if (hex(await rootOf(hashes)) !== note.root) throw new Error(t('log_bad_root'));
    return { leaves, ...note };
}
