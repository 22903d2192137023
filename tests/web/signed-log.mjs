// A log as a desk signs it, made here: what a page is shown, whoever made it.
import { leafHash, rootOf } from '../../web/proof.js';
import { base64, canonical, hex, sha256, unhex } from '../../web/statement.js';

const bytes = (text) => new TextEncoder().encode(text);

/** The signed note of these leaves' hashes (docs/log.md). */
export async function noteOf(hashes, key, { site, at }) {
    const text = `mizan/${site}\n${hashes.length}\n${base64(await rootOf(hashes))}\nkeyring 1 time ${at}\n`;
    const keyHash = unhex((await sha256(new Uint8Array([...bytes(`mizan/${site}\n\u0001`), ...unhex(key.public)]))).slice(0, 8));
    const signature = new Uint8Array(await crypto.subtle.sign({ name: 'Ed25519' }, key.privateKey, bytes(text)));
    return `${text}\n— mizan/${site} ${base64([...keyHash, ...signature])}\n`;
}

/** The lines as they are, whatever they hold, and a note that signs them. */
export const signLines = async (lines, key, about) => `${lines.join('\n')}\n\n${await noteOf(await Promise.all(lines.map(leafHash)), key, about)}`;

/** Records of these fields, each linked to the one before. */
export async function linesOf(records, { site, at }) {
    const lines = [];
    for (const [seq, fields] of records.entries()) {
        const previous = seq ? hex(await leafHash(lines[seq - 1])) : '0'.repeat(64);
        lines.push(canonical({ at: at + seq, by: 'site', commitment: '', previous, seq, site, ...fields }));
    }
    return lines;
}
