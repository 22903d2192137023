// The log's tree (RFC 6962) and its signed note, as anybody checks them (docs/log.md). Runs in the page and in Node, unbuilt.
import { base64, canonical, hex, sha256, unbase64, unhex } from './statement.js';

const encoder = new TextEncoder();
const digest = async (...parts) => {
    const all = new Uint8Array(parts.reduce((size, one) => size + one.length, 0));
    parts.reduce((at, one) => (all.set(one, at), at + one.length), 0);
    return new Uint8Array(await globalThis.crypto.subtle.digest('SHA-256', all));
};
export const leafHash = (line) => digest(new Uint8Array([0]), encoder.encode(line));
const nodeHash = (left, right) => digest(new Uint8Array([1]), left, right);
const same = (left, right) => hex(left) === hex(right);

/** The largest power of two below n. */
const splitOf = (n) => 2 ** (Math.ceil(Math.log2(n)) - 1);

/** The root over hashes[from, to): the perfect subtrees from the left, then folded from the right. */
export async function rootOf(hashes, from = 0, to = hashes.length) {
    const peaks = [];
    for (let i = from; i < to; i++) {
        let node = { size: 1, hash: hashes[i] };
        for (let last = peaks.at(-1); last?.size === node.size; last = peaks.at(-1)) {
            peaks.pop();
            node = { size: node.size * 2, hash: await nodeHash(last.hash, node.hash) };
        }
        peaks.push(node);
    }
    let root = peaks.pop()?.hash ?? (await digest());
    for (let peak = peaks.pop(); peak; peak = peaks.pop()) root = await nodeHash(peak.hash, root);
    return root;
}

/** What has to be known beside leaf `seq` to reach the root, from the leaf upwards. */
export async function inclusionPath(hashes, seq) {
    const path = [];
    let from = 0;
    let to = hashes.length;
    while (to - from > 1) {
        const middle = from + splitOf(to - from);
        if (seq < middle) {
            path.unshift(await rootOf(hashes, middle, to));
            to = middle;
        } else {
            path.unshift(await rootOf(hashes, from, middle));
            from = middle;
        }
    }
    return path;
}

/** RFC 9162, 2.1.3.2: whether the path leads from this leaf to this root. */
export async function leadsToRoot(leaf, seq, size, path, root) {
    if (seq < 0 || seq >= size) return false;
    let at = seq;
    let last = size - 1;
    let hash = leaf;
    for (const one of path) {
        if (last === 0) return false;
        if (at % 2 === 1 || at === last) {
            hash = await nodeHash(one, hash);
            while (at % 2 === 0 && at !== 0) {
                at = Math.floor(at / 2);
                last = Math.floor(last / 2);
            }
        } else {
            hash = await nodeHash(hash, one);
        }
        at = Math.floor(at / 2);
        last = Math.floor(last / 2);
    }
    return last === 0 && same(hash, root);
}

/** RFC 9162, 2.1.4.2: whether the tree of `size` begins with the tree of `oldSize`. */
export async function beginsWith(oldSize, oldRoot, size, root, path) {
    if (oldSize < 1 || oldSize > size) return false;
    if (oldSize === size) return path.length === 0 && same(oldRoot, root);
    const steps = Number.isInteger(Math.log2(oldSize)) ? [oldRoot, ...path] : [...path];
    let at = oldSize - 1;
    let last = size - 1;
    while (at % 2 === 1) {
        at = Math.floor(at / 2);
        last = Math.floor(last / 2);
    }
    if (steps.length === 0) return false;
    let old = steps[0];
    let now = steps[0];
    for (const one of steps.slice(1)) {
        if (last === 0) return false;
        if (at % 2 === 1 || at === last) {
            old = await nodeHash(one, old);
            now = await nodeHash(one, now);
            while (at % 2 === 0 && at !== 0) {
                at = Math.floor(at / 2);
                last = Math.floor(last / 2);
            }
        } else {
            now = await nodeHash(now, one);
        }
        at = Math.floor(at / 2);
        last = Math.floor(last / 2);
    }
    return last === 0 && same(old, oldRoot) && same(now, root);
}

export class LogProblem extends Error {
    constructor(code, values = {}) {
        super(`${code} ${JSON.stringify(values)}`);
        this.code = code;
        this.values = values;
    }
}

/** A C2SP checkpoint: exactly its form, and the signature by the log's key. */
export async function readCheckpoint(note, logKey, site) {
    const found = /^(mizan\/([a-z0-9-]+))\n(\d+)\n([A-Za-z0-9+/=]+)\nkeyring (\d+) time (\d+)\n\n— (\S+) ([A-Za-z0-9+/=]+)\n$/.exec(note);
    if (!found || (site && found[2] !== site)) throw new LogProblem('log_bad_note');
    const [, name, , size, root, epoch, signed, , mark] = found;
    const signature = unbase64(mark).slice(4);
    const text = `${name}\n${Number(size)}\n${base64(unbase64(root))}\nkeyring ${Number(epoch)} time ${Number(signed)}\n`;
    const keyHash = (await digest(encoder.encode(`${name}\n\u0001`), unhex(logKey))).slice(0, 4);
    const key = await globalThis.crypto.subtle.importKey('raw', unhex(logKey), { name: 'Ed25519' }, false, ['verify']);
    if (hex(keyHash) !== hex(unbase64(mark).slice(0, 4)) || !(await globalThis.crypto.subtle.verify({ name: 'Ed25519' }, key, signature, encoder.encode(text))))
        throw new LogProblem('log_bad_signature');
    if (`${text}\n— ${name} ${base64([...keyHash, ...signature])}\n` !== note) throw new LogProblem('log_bad_note');
    return { size: Number(size), root: unbase64(root), signed: Number(signed) };
}

const LEAF_LIMIT = 64 * 1024;
const PUBLIC_DEPTH = 4;
const ownFields = new Set(['at', 'by', 'commitment', 'kind', 'previous', 'seq', 'site']);
const isText = (value, ...forms) => typeof value === 'string' && forms.some((form) => form.test(value));
/** A telephone or CNIC number is a long run of digits; a code has none. */
const code = /^(?!.*\d{11})[a-z0-9_]{0,40}$/;
const id = /^[a-z]{1,4}-[a-z0-9]{16}$/;
const digits = /^(?=.*[a-f])([0-9a-f]{2}){8,64}$/;

/** What may stand in a leaf, as src/govern/leaf.c has it: 13 digits are a CNIC. */
function isPublic(value, depth) {
    if (typeof value === 'boolean') return true;
    if (typeof value === 'number') return Math.abs(value) < 1e12 || Math.abs(value) >= 1e13;
    if (typeof value === 'string') return isText(value, code, id, digits);
    return value !== null && depth > 0 && Object.entries(value).every(([name, one]) => (Array.isArray(value) || code.test(name)) && isPublic(one, depth - 1));
}

const hasLeafForm = (leaf) => Number.isInteger(leaf.at) && isText(leaf.by, code, id) && isText(leaf.kind, code) && leaf.by && leaf.kind &&
    isText(leaf.commitment, /^([0-9a-f]{64})?$/) && Object.entries(leaf).every(([name, value]) => ownFields.has(name) || (code.test(name) && isPublic(value, PUBLIC_DEPTH)));

/** A record's own form: no name and no free text stands in a log that verifies. */
export function readLeaf(line, seq) {
    try {
        const leaf = JSON.parse(line);
        if (line.length <= LEAF_LIMIT && canonical(leaf) === line && hasLeafForm(leaf)) return leaf;
    } catch {
        // No JSON, or another number than a whole one.
    }
    throw new LogProblem('log_bad_form', { seq });
}

/** The whole export: form, links, tree, signature. Throws LogProblem with the first thing that does not hold. */
export async function readExport(exported, logKey, site) {
    const end = exported.indexOf('\n\n');
    const lines = exported.slice(0, end).split('\n');
    const checkpoint = exported.slice(end + 2);
    const note = await readCheckpoint(checkpoint, logKey, site);
    const hashes = [];
    const leaves = [];
    let previous = '0'.repeat(64);
    for (const [seq, line] of lines.entries()) {
        const leaf = readLeaf(line, seq);
        if (leaf.seq !== seq || leaf.site !== site || leaf.previous !== previous || leaf.at < (leaves.at(-1)?.at ?? 0)) throw new LogProblem('log_changed', { seq });
        const hash = await leafHash(line);
        previous = hex(hash);
        hashes.push(hash);
        leaves.push(leaf);
    }
    if (leaves.length !== note.size) throw new LogProblem('log_missing', { has: leaves.length, says: note.size });
    if (!same(await rootOf(hashes), note.root)) throw new LogProblem('log_bad_root');
    if (note.signed < leaves.at(-1).at) throw new LogProblem('log_older');
    return { leaves, lines, hashes, checkpoint, size: note.size, root: hex(note.root), signed: note.signed };
}

/** That a verified log goes on from what was seen of it before, {size, root in hex}. Throws LogProblem with the record. */
export async function goesOn(log, seen) {
    if (log.size < seen.size) throw new LogProblem('log_rolled_back', { seq: log.size });
    if (hex(await rootOf(log.hashes, 0, seen.size)) !== seen.root) throw new LogProblem('log_forked', { seq: seen.size - 1 });
}

/** A proof as `mizan audit prove` prints it, checked without the log. `heads`: the sizes and roots that it rests on. */
export async function readProof(text, logKey, site) {
    const proof = JSON.parse(text);
    const { size, root } = await readCheckpoint(proof.checkpoint, logKey, site);
    const path = proof.hashes.slice(0, 64).map(unhex);
    const head = { size, root: hex(root) };
    if (proof.proof === 'inclusion' && (await leadsToRoot(await leafHash(proof.record), proof.seq, size, path, root))) {
        const leaf = readLeaf(proof.record, proof.seq);
        if (leaf.seq === proof.seq && leaf.site === site) return { what: 'inclusion', size, seq: proof.seq, record: proof.record, heads: [head] };
    }
    if (proof.proof === 'consistency' && (await beginsWith(proof.from, unhex(proof.from_root), size, root, path)))
        return { what: 'consistency', size, seq: proof.from, record: '', heads: [head, { size: proof.from, root: proof.from_root }] };
    throw new LogProblem('log_bad_proof');
}

/** Of what a proof is: the `same` log as the one verified here, a `newer` one, or one `forked` from it, which the log's key signed as well. */
export async function standingOf(log, { what, size, seq, record, heads }) {
    for (const head of heads) if (head.size <= log.size && hex(await rootOf(log.hashes, 0, head.size)) !== head.root) return 'forked';
    if (what === 'inclusion' && seq < log.size && log.lines[seq] !== record) return 'forked';
    return size > log.size ? 'newer' : 'same';
}

/** That these marks of who was listed are those that the log names, and the sealed key the one that made them (records of before name none); "no" is only worth something of the whole list. */
export async function checkMarks(log, operation, marks, sealedKey) {
    const logged = log.leaves.find((leaf) => leaf.kind === 'operation_listed' && leaf.operation === operation);
    if (!logged) throw new LogProblem('listed_not_logged');
    if ((await sha256(marks)) !== logged.listed_hash) throw new LogProblem('listed_changed');
    if (logged.sealed_key_hash !== undefined && (await sha256(sealedKey)) !== logged.sealed_key_hash) throw new LogProblem('listed_changed');
    return logged.listed_hash;
}
