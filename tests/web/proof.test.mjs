// What the page's own verifiers believe of a log, of a proof, of marks and of a record: the same as the command line's. No desk runs here.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { checkMarks, inclusionPath, leafHash, readCheckpoint, readExport, readProof, rootOf, standingOf } from '../../web/proof.js';
import { reportOf } from '../../web/report.js';
import { canonical, hex, newSigningKey, sha256 } from '../../web/statement.js';
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

/** Proofs as `mizan audit prove` prints them, of the log of these lines. */
async function proverOf(lines, key) {
    const hashes = await Promise.all(lines.map(leafHash));
    const checkpoint = await noteOf(hashes, key, { ...about, at: about.at + lines.length });
    return {
        record: async (seq, changes = {}) => JSON.stringify({ proof: 'inclusion', seq, record: lines[seq], hashes: (await inclusionPath(hashes, seq)).map(hex), checkpoint, ...changes }),
        // Of two records, the beginning of three or four: one hash is the whole path.
        beginning: async () => JSON.stringify({ proof: 'consistency', from: 2, from_root: hex(await rootOf(hashes, 0, 2)), hashes: [hex(await rootOf(hashes, 2))], checkpoint }),
    };
}

test('s44 a proof from a fork is told apart from one of the log that was verified, however large the fork is', async () => {
    const key = await newSigningKey();
    const told = [{ kind: 'log_started' }, { kind: 'alert_raised', alert: 'a-0000000000000001' }, { kind: 'alert_closed', alert: 'a-0000000000000001', outcome: 'wrong_person' },
        { kind: 'alert_raised', alert: 'a-0000000000000002' }];
    const forked = told.map((record, seq) => (seq === 1 ? { ...record, alert: 'a-0000000000000009' } : record));
    const lines = await linesOf(told, about);
    const other = await linesOf(forked, about);
    const log = await holds(await signLines(lines.slice(0, 3), key, { ...about, at: about.at + 3 }), key);
    const standing = async (text) => standingOf(log, await readProof(text, key.public, about.site));
    for (const [size, wanted] of [[2, 'same'], [3, 'same'], [4, 'newer']]) {
        const [honest, fork] = await Promise.all([lines, other].map((all) => proverOf(all.slice(0, size), key)));
        assert.equal(await standing(await honest.record(1)), wanted, `record 1 of ${size}`);
        assert.equal(await standing(await fork.record(1)), 'forked', `record 1 of a fork of ${size}`);
        if (size === 2) continue;
        assert.equal(await standing(await honest.beginning()), wanted, `the beginning of ${size}`);
        assert.equal(await standing(await fork.beginning()), 'forked', `the beginning of a fork of ${size}`);
    }
    // Signed and in the tree, but no record, or another one's.
    const [name] = await linesOf([{ kind: 'log_started', officer: 'Ghulam Ali' }], about);
    await assert.rejects(standing(await (await proverOf([name], key)).record(0)), /log_bad_form/);
    await assert.rejects(standing(await (await proverOf([lines[0], lines[0]], key)).record(1)), /log_bad_proof/);
    await assert.rejects(standing(await (await proverOf(lines, key)).record(1, { record: other[1] })), /log_bad_proof/);
});

test('s40 marks are those that the log names for this operation, or answer nothing', async () => {
    const key = await newSigningKey();
    const marks = new Uint8Array(64).fill(7);
    const sealed = new Uint8Array(80).fill(9);
    const named = [['op-0000000000000001', marks], ['op-0000000000000002', new Uint8Array(32)]];
    const lines = await linesOf(await Promise.all(named.map(async ([operation, of]) => ({ kind: 'operation_listed', operation, listed: of.length / 32, listed_hash: await sha256(of),
        ...(of === marks ? { sealed_key_hash: await sha256(sealed) } : {}) }))), about);
    const log = await holds(await signLines(lines, key, { ...about, at: about.at + 2 }), key);
    assert.equal(await checkMarks(log, 'op-0000000000000001', marks, sealed), await sha256(marks));
    for (const wrong of [new Uint8Array(), marks.slice(32), new Uint8Array(32)]) await assert.rejects(checkMarks(log, 'op-0000000000000001', wrong, sealed), /listed_changed/);
    await assert.rejects(checkMarks(log, 'op-0000000000000001', marks, new Uint8Array(80)), /listed_changed/, 'another key, under which nobody was listed');
    assert.ok(await checkMarks(log, 'op-0000000000000002', new Uint8Array(32), sealed), 'a record of before names no key');
    await assert.rejects(checkMarks(log, 'op-0000000000000003', marks, sealed), /listed_not_logged/);
});

test('s46 the page counts a public record as the command line does, to the byte', () => {
    const leaves = shared('reported.export').trimEnd().split('\n').map((line) => JSON.parse(line));
    assert.equal(`${canonical(reportOf(leaves, 'op-0000000000000001'))}\n`, shared('reported.json'));
});
