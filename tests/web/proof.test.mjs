// What the page's own verifiers believe of a log and of a record: the same as the command line's. No desk runs here.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { leafHash, readCheckpoint, readExport } from '../../web/proof.js';
import { reportOf } from '../../web/report.js';
import { canonical, newSigningKey } from '../../web/statement.js';
import { linesOf, noteOf, signLines } from './signed-log.mjs';

const about = { site: 'demo-one', at: 1763836000 };
const shared = (name) => fs.readFileSync(new URL(`../govern/${name}`, import.meta.url), 'utf8');
const holds = (exported, key) => readExport(exported, key.public, about.site);

test('s44 the page refuses the records that the command line refuses, and no other', async () => {
    const key = await newSigningKey();
    const rows = shared('leaves.tsv').split('\n').filter((row) => row && !row.startsWith('#')).map((row) => row.split('\t'));
    assert.ok(rows.length > 50);
    for (const [word, leaf] of rows) {
        const read = holds(await signLines([leaf], key, about), key);
        if (word === '-') assert.equal((await read).size, 1, leaf);
        else await assert.rejects(read, word === 'older' ? /log_older/ : /log_bad_form/, leaf);
    }
    const long = (count) => linesOf([{ kind: 'k', counts: Array(count).fill(1) }], about);
    assert.equal((await holds(await signLines(await long(30000), key, about), key)).size, 1);
    await assert.rejects(holds(await signLines(await long(40000), key, about), key), /log_bad_form/);
});

test('a note of another form, of another log or of another key is none', async () => {
    const key = await newSigningKey();
    const other = await newSigningKey();
    const lines = await linesOf([{ kind: 'k' }], about);
    const hashes = await Promise.all(lines.map(leafHash));
    const note = await noteOf(hashes, key, about);
    assert.equal((await readCheckpoint(note, key.public, about.site)).size, 1);
    const mark = note.trimEnd().split(' ').at(-1);
    for (const wrong of [note.replace(mark, `AAAA${mark.slice(4)}`), note.replace('keyring 1', 'keyring 2')])
        await assert.rejects(readCheckpoint(wrong, key.public, about.site), /log_bad_signature/, wrong);
    for (const wrong of [`${note}\n`, note.replace('\n1\n', '\n01\n'), note.replace('mizan/demo-one', 'mizan/demo-two'), await noteOf(hashes, key, { ...about, site: 'demo-two' })])
        await assert.rejects(readCheckpoint(wrong, key.public, about.site), /log_bad_note/, wrong);
    await assert.rejects(readCheckpoint(note, other.public, about.site), /log_bad_signature/);
});

test('s46 the page counts a public record as the command line does, to the byte', () => {
    const leaves = shared('reported.export').trimEnd().split('\n').map((line) => JSON.parse(line));
    assert.equal(`${canonical(reportOf(leaves, 'op-0000000000000001'))}\n`, shared('reported.json'));
});
