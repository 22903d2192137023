// A running desk with a witness over HTTP: what it co-signs, and what it refuses.
import fs from 'node:fs';
import path from 'node:path';
import { assert, sleep, story } from './story.mjs';
import { freePort } from '../../tools/demo/site.mjs';
import { endWitness, startWitness } from './witness.mjs';

async function untilNote(site, test) {
    for (let i = 0; i < 150; i++) {
        const note = fs.existsSync(path.join(site.folder, 'witnessed.note')) ? fs.readFileSync(path.join(site.folder, 'witnessed.note'), 'utf8') : '';
        if (note && test(note)) return note;
        await sleep(100);
    }
    throw new Error('no co-signed checkpoint within 15 s');
}

const size = (note) => Number(note.split('\n')[1]);

story('a running desk has its log co-signed over HTTP, and its witness finds that it was put back', async (site) => {
    const note = await untilNote(site, () => true);
    assert.match(note, /witness\.example/, 'the note carries the witness’s signature');
    // A site put back from an older copy: the witness has seen more.
    await site.killDesk();
    const database = fs.readFileSync(path.join(site.folder, 'early.db'));
    for (const name of ['site.db-wal', 'site.db-shm']) fs.rmSync(path.join(site.folder, name), { force: true });
    fs.copyFileSync(path.join(site.folder, 'site.db'), path.join(site.folder, 'late.db'));
    fs.writeFileSync(path.join(site.folder, 'site.db'), database);
    await site.startDesk();
    for (let i = 0; i < 100 && !/rolled back/.test(fs.readFileSync(path.join(site.folder, 'desk.log'), 'utf8')); i++) await sleep(100);
    assert.match(fs.readFileSync(path.join(site.folder, 'desk.log'), 'utf8'), /has seen \d+ records, this log has \d+: it was rolled back/);
    assert.equal(size(await untilNote(site, () => true)), size(note), 'a cut log got a signature');
    await endWitness(site.witness);
    await site.cast.auditor.signIn();
}, { scenes: {}, prepare: async (site) => {
    site.witnessPort = await freePort();
    site.witness = await startWitness(site, site.witnessPort);
    const key = fs.readFileSync(path.join(site.folder, 'witness.key.pub'), 'utf8').trim();
    fs.appendFileSync(path.join(site.folder, 'site.ini'), `\n[witness]\naddress = 127.0.0.1:${site.witnessPort}\nname = witness.example\nkey = ${key}\n`);
    // The first start is made without a witness, for a copy that the witness has not seen.
    await endWitness(site.witness);
    await site.startDesk();
    await site.signInAll();
    await sleep(1500);
    assert.ok(!fs.existsSync(path.join(site.folder, 'witnessed.note')));
    assert.ok(await site.cast.admin.get('/presence'), 'the desk answers without its witness');
    await site.killDesk();
    site.witness = await startWitness(site, site.witnessPort);
    fs.copyFileSync(path.join(site.folder, 'site.db'), path.join(site.folder, 'early.db'));
    await site.startDesk();
    await site.signInAll();
} });
