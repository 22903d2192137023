// A witness for the stories: the program, which anybody may ask for its newest, and a cosignature of any time.
import crypto from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { spawn } from 'node:child_process';
import { buildFolder, sleep } from '../../tools/demo/site.mjs';

const program = path.join(buildFolder, 'tools/witness/mizan-witness');

const answers = (port) => new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => resolve(socket.destroy() && true));
    socket.on('error', () => resolve(false));
});

/** Of the site, with its files there: witness.key is made when it is missing, witness.key.pub always. */
export async function startWitness(site, port) {
    const file = (name) => path.join(site.folder, name);
    const witness = spawn(program, [String(port), 'witness.example', file('witness.key'), file('log-key.pub'), file('witness.state')], { stdio: 'ignore' });
    for (let i = 0; i < 100 && !(fs.existsSync(file('witness.key.pub')) && (await answers(port))); i++) await sleep(50);
    return witness;
}

export const endWitness = (witness) => new Promise((resolve) => {
    witness.once('exit', resolve);
    witness.kill();
});

/** The note with a C2SP cosignature (tlog-cosignature, cosignature/v1) of that time below it. */
export function cosigned(note, key, at_s) {
    const text = note.slice(0, note.indexOf('\n\n') + 1);
    const hash = crypto.createHash('sha256').update(Buffer.concat([Buffer.from(`${key.name}\n\x04`), key.public])).digest().subarray(0, 4);
    const time = Buffer.alloc(8);
    time.writeBigUInt64BE(BigInt(at_s));
    const signature = crypto.sign(null, Buffer.from(`cosignature/v1\ntime ${at_s}\n${text}`), key.privateKey);
    return `${note}— ${key.name} ${Buffer.concat([hash, time, signature]).toString('base64')}\n`;
}
