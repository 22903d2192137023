// A backup of the running desk, brought back elsewhere: what was open goes on, what was wiped stays unreadable, nothing arms unasked.
import fs from 'node:fs';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { assert, refused, story, untilState, sleep, subject } from './story.mjs';
import { LiveSite, witnessKey } from './live.mjs';
import { lendClock } from './preload.mjs';
import { cosigned, endWitness, startWitness } from './witness.mjs';
import { freePort, mizan, nowSeconds } from '../../tools/demo/site.mjs';
import { openPacket } from '../../web/statement.js';

const places = (site) => ({ backups: path.join(site.folder, 'backups'), keys: path.join(site.folder, 'keys-elsewhere') });

function nameBackups(site) {
    const { backups, keys } = places(site);
    fs.appendFileSync(path.join(site.folder, 'site.ini'), `\n[backup]\nfolder = ${backups}\nkeys = ${keys}\n`);
    fs.mkdirSync(keys);
}

const withBackups = { prepare: async (site) => {
    nameBackups(site);
    await site.startAll();
} };

const runIn = (more, program, ...args) => spawnSync(program, args, { encoding: 'utf8', env: { ...process.env, MIZAN_PASSPHRASE: 'demo', ...more } });
const run = (program, ...args) => runIn({}, program, ...args);

story('a restored site ends its open alert by rule, opens nothing that was destroyed and arms only when asked again', async (site) => {
    const { admin, watchOfficer, auditor } = site.cast;
    const { backups, keys } = places(site);
    // Somebody who is withdrawn after the first backup: the old copy must not open them again.
    const other = await site.enrol('subject-1.jpg', { ...subject, name: 'Demo person B', cnic: '42101-0000009-9' });
    const first = await admin.call('POST', '/backups', {});
    await refused(auditor.call('POST', '/backups', {}), 403);
    await watchOfficer.act(`/entries/${other.entry}/withdrawal`, 'entry_withdrawal', { entry: other.entry, reason: 'wrong_photo' });
    const { alert, reviewers } = await site.untilDrawn();
    await site.review(reviewers[0], alert, 'same');
    await sleep(1100);
    const { backup, checkpoint } = await admin.call('POST', '/backups', {});
    assert.notEqual(backup, first.backup);
    const shown = path.join(site.folder, 'checkpoint');
    fs.writeFileSync(shown, checkpoint);
    const running = run(mizan, 'site', 'backup', site.folder, '--to', path.join(site.folder, 'x'), '--keys', keys);
    assert.equal(running.status, 69, running.stderr);
    assert.match(running.stderr, /mizan backup create/);
    await site.killDesk();

    const restored = path.join(site.folder, 'restored');
    const restore = (from, to, ...more) => run(mizan, 'site', 'restore', to, '--from', path.join(backups, from), '--keys', keys, '--secrets', site.folder, ...more);
    assert.ok(!fs.readdirSync(path.join(backups, backup)).some((name) => /key$|server|epoch/.test(name) && name !== 'log-key'), 'a secret lies in the backup');
    const done = restore(backup, restored, '--checkpoint', shown);
    assert.equal(done.status, 0, done.stderr);
    assert.match(done.stdout, /^0 records that the checkpoint counts are not in this backup\.$/m);
    assert.doesNotMatch(done.stdout, /done again/);
    assert.equal(restore(backup, restored).status, 69, 'a site was restored over another');

    // What lies in a folder that was there is not the restore's to replace, or to delete when it is refused.
    const taken = path.join(site.folder, 'taken');
    fs.mkdirSync(taken);
    for (const name of ['site-key', 'root.pub']) fs.writeFileSync(path.join(taken, name), 'somebody else\'s');
    const refusedThere = run(mizan, 'site', 'restore', taken, '--from', path.join(backups, backup), '--keys', path.join(site.folder, 'nowhere'), '--secrets', site.folder);
    assert.equal(refusedThere.status, 69, refusedThere.stderr);
    assert.match(refusedThere.stderr, /is there already; restore into a folder that does not exist yet/);
    for (const name of ['site-key', 'root.pub']) assert.equal(fs.readFileSync(path.join(taken, name), 'utf8'), 'somebody else\'s');

    // site.ini still names the simulator's file of the old folder.
    const ports = site.folder;
    site.writePorts({ statuses: site.statuses, statusAvailable: false });
    site.folder = restored;
    await site.startDesk();
    // The alert that was open is there and ends as rules say: what happened to its operation since, nobody here knows.
    assert.equal((await untilState(site, alert, 'closed')).outcome, 'recalled');
    await refused(site.review(reviewers[1], alert, 'same'), 409);
    assert.equal((await watchOfficer.get(`/entries/${other.entry}`)).state, 'withdrawn');
    assert.equal((await site.cast.dispatcher.get(`/operations/${site.operation}`)).state, 'halted');
    // A new operation does not arm while the status source is away, and does when it has answered about everybody.
    await site.presentAll();
    const again = await site.authoriseOperation([site.listed.entry]);
    await sleep(3000);
    assert.notEqual((await site.cast.dispatcher.get(`/operations/${again}`)).state, 'running');
    site.folder = ports;
    site.writePorts({ statuses: site.statuses });
    site.folder = restored;
    // Nor beside the one that the restore halted: that is ended, and its record published.
    await site.cast.dispatcher.until(`/operations/${again}`, (one) => one.why === 'publication', { seconds: 30, what: 'the record is owed' });
    await watchOfficer.act(`/operations/${site.operation}/end`, 'operation_end', { operation: site.operation });
    await site.untilOperation(site.operation, 'wiped', 30);
    await site.publishRecord();
    assert.deepEqual((await watchOfficer.get(`/operations/${site.operation}/older`)).operations.map((one) => one.operation), [site.operation]);
    assert.deepEqual((await watchOfficer.get(`/entries/${other.entry}/older`)).entries.map((one) => one.entry), [other.entry]);
    await site.untilOperation(again, 'running', 30);
    const log = (await auditor.bytes('/log')).toString();
    assert.match(log, /"kind":"site_restored"/);
    assert.match(log, /"records_lost":0/);
}, withBackups);

/** Twelve days after it was made: whether that is so, or the clock is wrong, somebody has to say. */
function restoresAnOldBackup(site, backup, keys) {
    const late = path.join(site.folder, 'late');
    const days_s = 12 * 24 * 3600;
    lendClock(site);
    site.setClockOffBy(days_s);
    const restore = (...more) => runIn(site.underClock, mizan, 'site', 'restore', late, '--from', backup, '--keys', keys, '--secrets', site.folder, ...more);
    const unsaid = restore();
    assert.equal(unsaid.status, 75, unsaid.stderr);
    assert.match(unsaid.stderr, /lies 1[12] days after the newest checkpoint \(.*'mizan site restore' with --after-pause and today's date/);
    assert.ok(!fs.existsSync(late), 'a restore that is refused leaves nothing');
    const said = restore('--after-pause', new Date((nowSeconds() + days_s) * 1000).toISOString().slice(0, 10));
    assert.equal(said.status, 0, said.stderr);
    site.setClockOffBy(0);
}

story('the copy from before an operation was wiped opens nothing of it', async (site) => {
    const { admin, watchOfficer } = site.cast;
    const { backups, keys } = places(site);
    const { backup } = await admin.call('POST', '/backups', {});
    assert.match((await watchOfficer.get(`/operations/${site.operation}`)).request.statement, /why_reference/);
    await watchOfficer.act(`/operations/${site.operation}/end`, 'operation_end', { operation: site.operation });
    await site.untilOperation(site.operation, 'wiped', 30);
    await site.killDesk();
    const restored = path.join(site.folder, 'restored');
    const done = run(mizan, 'site', 'restore', restored, '--from', path.join(backups, backup), '--keys', keys, '--secrets', site.folder);
    assert.equal(done.status, 0, done.stderr);
    assert.match(done.stdout, /No newest checkpoint/);
    assert.match(done.stdout, /has to be done again, before anything is armed: entries withdrawn/);
    restoresAnOldBackup(site, path.join(backups, backup), keys);
    site.folder = restored;
    await site.startDesk();
    // The database is the old one, where the operation runs. Its key is gone: nobody reads what was asked, nothing runs.
    const shown = await watchOfficer.get(`/operations/${site.operation}`).catch((problem) => problem);
    assert.ok(!shown.request, JSON.stringify(shown));
    assert.notEqual(shown.state, 'running');
    assert.equal(site.children('watch').length, 0);
    const all = await watchOfficer.get('/operations');
    assert.ok(all.operations.every((one) => !one.request && one.state !== 'running'), JSON.stringify(all));
}, withBackups);

story('a stop that was open at the backup goes on at the restored site: card, custody, hand-over, receipt', async (site) => {
    const { admin, crew, station, watchOfficer } = site.cast;
    const { backups, keys } = places(site);
    const { alert, act, slip_proof } = await site.untilStopped();
    const { backup } = await admin.call('POST', '/backups', {});
    await site.killDesk();
    const restored = path.join(site.folder, 'restored');
    const done = run(mizan, 'site', 'restore', restored, '--from', path.join(backups, backup), '--keys', keys, '--secrets', site.folder);
    assert.equal(done.status, 0, done.stderr);
    site.folder = restored;
    await site.startDesk();
    const open = await crew.get(`/alerts/${alert.alert}`);
    assert.equal(open.state, 'stopped');
    assert.equal(open.told, 'operation_halted', 'the crew is told what happened to the operation');
    const yes = await crew.call('POST', `/alerts/${alert.alert}/verification`, { cnic: subject.cnic, sample: Buffer.from('thumb').toString('base64') });
    assert.equal(yes.answer, 'yes', 'the restored site can still compare the number with the entry\'s own');
    assert.equal((await crew.call('POST', `/alerts/${alert.alert}/case_status`, { case: site.listed.case })).answer, 'live');
    await act('outcome', 'outcome', { outcome: 'custody', harm: 'none', means: 'cnic_verified', case: site.listed.case, slip_proof });
    assert.equal((await watchOfficer.get(`/entries/${site.listed.entry}`)).state, 'withdrawn');
    await act('handover', 'handover', { station: station.station });
    const { packet, handover_hash } = await station.get(`/handovers/${alert.alert}`);
    const opened = await openPacket(packet, station.device, `handover:${alert.alert}`);
    assert.ok(opened.pictures.face && JSON.stringify(opened).includes(site.listed.case), 'the hand-over has what the backup had');
    assert.equal((await station.act(`/alerts/${alert.alert}/receipt`, 'receipt', { alert: alert.alert, handover_hash })).state, 'received');
}, withBackups);

story('s44 nobody takes a live site back to an earlier day unseen: it is restored with what its witness cosigned just now', async (site) => {
    const { backups, keys } = places(site);
    const { backup, checkpoint } = await site.cast.admin.call('POST', '/backups', {});
    const shown = path.join(site.folder, 'checkpoint');
    const restored = path.join(site.folder, 'restored');
    const restore = (note) => {
        if (note) fs.writeFileSync(shown, note);
        return runIn(site.underClock, site.program, 'site', 'restore', restored, '--from', path.join(backups, backup), '--keys', keys, '--secrets', site.folder, ...(note ? ['--checkpoint', shown] : []));
    };
    const unseen = restore();
    assert.equal(unseen.status, 64, unseen.stderr);
    assert.match(unseen.stderr, /--checkpoint FILE, the newest checkpoint that its witness has: curl http/);
    // The log's own key signed each day's: the backup's own would pass for the newest.
    const own = restore(checkpoint);
    assert.equal(own.status, 77, own.stderr);
    assert.match(own.stderr, /no cosignature of witness\.example; ask the witness for its newest: curl http:\/\/127\.0\.0\.1:9\/checkpoint/);
    const old = restore(cosigned(checkpoint, witnessKey, nowSeconds() - 45 * 60));
    assert.equal(old.status, 77, old.stderr);
    assert.match(old.stderr, /cosigned it 45 minutes ago and may have a newer one; ask the witness/);
    assert.ok(!fs.existsSync(restored), 'something of it is left');
    // Of a backup of twelve days ago the witness says, too, that it is twelve days later.
    lendClock(site);
    site.setClockOffBy(12 * 24 * 3600);
    const late = restore(cosigned(checkpoint, witnessKey, nowSeconds() + 12 * 24 * 3600));
    assert.equal(late.status, 0, late.stderr);
    fs.rmSync(restored, { recursive: true });
    site.setClockOffBy(0);
    // The witness gives its newest to whoever asks, cosigned anew.
    const address = `http://127.0.0.1:${site.witnessPort}`;
    assert.equal((await fetch(`${address}/checkpoint`)).status, 404);
    assert.equal((await fetch(`${address}/add-checkpoint`, { method: 'POST', body: `old 0\n\n${checkpoint}` })).status, 200);
    const newest = await (await fetch(`${address}/checkpoint`)).text();
    assert.ok(newest.startsWith(checkpoint) && newest.length > checkpoint.length, newest);
    const done = restore(newest);
    assert.equal(done.status, 0, done.stderr);
    const { findings } = JSON.parse(run(site.program, 'doctor', restored, '--json').stdout);
    assert.match(findings.find((one) => one.check === 'log').cure, /have each station feed the status of its cases/, 'a live site has no status source to repair');
    await endWitness(site.witness);
}, { kind: LiveSite, scenes: {}, prepare: async (site) => {
    nameBackups(site);
    await site.startDesk();
    await site.signInParts('admin', 'auditor');
    fs.writeFileSync(path.join(site.folder, 'witness.key'), `${witnessKey.seed}\n`);
    site.witnessPort = await freePort();
    site.witness = await startWitness(site, site.witnessPort);
} });
