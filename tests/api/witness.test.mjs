// A running desk with a witness over HTTP: what it co-signs, and what it refuses.
import fs from 'node:fs';
import path from 'node:path';
import { execFileSync } from 'node:child_process';
import { assert, inACopy, sleep, story } from './story.mjs';
import { assets, freePort } from '../../tools/demo/site.mjs';
import { lendClock } from './preload.mjs';
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

/** It runs, and the site's next desk asks it. */
async function nameWitness(site) {
    site.witnessPort = await freePort();
    site.witness = await startWitness(site, site.witnessPort);
    const key = fs.readFileSync(path.join(site.folder, 'witness.key.pub'), 'utf8').trim();
    fs.appendFileSync(path.join(site.folder, 'site.ini'), `\n[witness]\naddress = 127.0.0.1:${site.witnessPort}\nname = witness.example\nkey = ${key}\n`);
}

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
    await nameWitness(site);
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

const uploads = (site) => Number(execFileSync('sqlite3', [path.join(site.folder, 'site.db'), 'SELECT count(*) FROM upload'], { encoding: 'utf8' }));

/** A desk that starts three days ahead, until it has been up for as long as its first timers take. */
async function startsAhead(site) {
    site.setClockOffBy(3 * 24 * 3600);
    await site.startDesk();
    await sleep(3000);
}

async function startsAheadOfItsWitness(site) {
    const log = () => fs.readFileSync(path.join(site.folder, 'desk.log'), 'utf8');
    const said = /by the witness witness\.example this desk's time is 259\d{3} s off: nothing is compared or destroyed/;
    await startsAhead(site);
    for (let i = 0; i < 150 && !said.test(log()); i++) await sleep(100);
    assert.match(log(), said);
    await sleep(3000);
    await site.killDesk();
    assert.equal(uploads(site), 1, 'a clock that the witness contradicts destroyed something');
}

story('s42 s44 a desk that starts three days ahead of its witness destroys nothing', async (site) => {
    await site.cast.watchOfficer.upload('/photos', fs.readFileSync(path.join(assets, 'photos', 'subject-1.jpg')));
    await site.killDesk();
    await inACopy(site, async () => {
        await startsAhead(site);
        await site.killDesk();
        assert.equal(uploads(site), 0, 'what is kept for an hour is there after three days that nobody contradicts');
    });
    await nameWitness(site);
    try {
        await inACopy(site, () => startsAheadOfItsWitness(site));
    } finally {
        await endWitness(site.witness);
    }
    site.setClockOffBy(0);
    await site.startDesk();
}, { scenes: {}, prepare: async (site) => {
    lendClock(site);
    await site.startDesk();
    await site.signInAll();
} });
