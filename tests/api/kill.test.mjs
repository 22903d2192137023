// kill -9 in the middle of each state: it goes on after the restart, and nothing acknowledged is lost.
import fs from 'node:fs';
import path from 'node:path';
import { execFileSync } from 'node:child_process';
import { assert, inACopy, story, templatesComputed, untilNewHealth, untilState, newId, subject, sleep } from './story.mjs';
import { lendClock, startWith } from './preload.mjs';
import { AlertKills } from '../../tools/long/alert-kills.mjs';
import { halves, lookForHalves } from '../../tools/long/halves.mjs';

/** Every other time a watch or a feed dies as well, so each kind is gone in the middle of some state. */
let restarts = 0;
async function restart(site) {
    const [child] = site.children(['watch', 'feed'][++restarts % 2]);
    if (child) process.kill(child, 'SIGKILL');
    await site.killDesk();
    await site.startDesk();
}

async function gone(pid) {
    for (let i = 0; i < 100; i++) {
        try {
            if (/^State:\s+Z/m.test(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))) return true;
        } catch {
            return true;
        }
        await sleep(50);
    }
    return false;
}

async function running(site, kind) {
    for (let i = 0; i < 600; i++) {
        const [pid] = site.children(kind);
        if (pid) return pid;
        await sleep(50);
    }
    throw new Error(`no ${kind} runs within 30 s`);
}

story('the desk killed in every state of an alert goes on where it was acknowledged', async (site) => {
    const { crew, dispatcher, station, watchOfficer } = site.cast;
    const { alert, reviewers } = await site.untilDrawn();
    await restart(site);
    await site.review(reviewers[0], alert, 'same');
    await restart(site);
    await site.review(reviewers[1], alert, 'same');
    await restart(site);
    await untilState(site, alert, 'agreed');
    await site.dispatch(alert);
    const act = (step, type, fields = {}) => crew.act(`/alerts/${alert.alert}/${step}`, type, { alert: alert.alert, ...fields });
    const steps = [
        ['dispatched', () => act('acceptance', 'acceptance', { answer: 'accepted' }), 'accepted'],
        ['accepted', () => act('arrival', 'arrival'), 'on_scene'],
        ['on_scene', () => act('stop', 'stop'), 'stopped'],
    ];
    let slip_proof;
    for (const [before, work, after] of steps) {
        await restart(site);
        assert.equal((await dispatcher.get(`/alerts/${alert.alert}`)).state, before);
        const reply = await work();
        slip_proof = reply.slip_proof ?? slip_proof;
        assert.equal(reply.state, after);
    }
    await restart(site);
    const verified = await crew.call('POST', `/alerts/${alert.alert}/verification`, { cnic: subject.cnic, sample: 'dGh1bWI=' });
    assert.equal(verified.answer, 'yes');
    await crew.call('POST', `/alerts/${alert.alert}/case_status`, { case: site.listed.case });
    await restart(site);
    await act('outcome', 'outcome', { outcome: 'custody', harm: 'none', means: 'cnic_verified', case: site.listed.case, slip_proof });
    await restart(site);
    await act('handover', 'handover', { station: station.station });
    await restart(site);
    const { handover_hash } = await station.get(`/handovers/${alert.alert}`);
    await station.act(`/alerts/${alert.alert}/receipt`, 'receipt', { alert: alert.alert, handover_hash });
    await restart(site);
    assert.equal((await dispatcher.get(`/alerts/${alert.alert}`)).state, 'received');
    const { entries } = await watchOfficer.get('/entries');
    assert.equal(entries.find((one) => one.entry === site.listed.entry).state, 'withdrawn');
});

const processes = (site) => ['feed', 'watch', 'still'].flatMap((kind) => site.children(kind));

/** On a disk that fails while the file is there which is returned. */
async function startOnFailingDisk(site) {
    const sign = path.join(site.folder, 'failing-disk');
    await startWith(site, 'store/failing_fsync.so', { MIZAN_FAILING_DISK: sign });
    return sign;
}

story('s44 a desk that is killed, or whose disk loses a write, takes its feeds, watches and still with it and goes on after it', async (site) => {
    const children = processes(site);
    assert.ok(children.length >= 3, `only ${children.length} children run`);
    await site.killDesk();
    for (const pid of children) assert.ok(await gone(pid), `process ${pid} outlived its desk`);
    const sign = await startOnFailingDisk(site);
    await site.untilOperation(site.operation, 'running');
    const { until } = await site.cast.reviewerOne.present('reviewer');
    const before = processes(site);
    assert.ok(before.length >= 3, `only ${before.length} children run`);
    fs.writeFileSync(sign, '');
    for (let i = 0; i < 600 && !site.desk.ended; i++) await sleep(50);
    assert.equal(site.desk.ended?.code, 75, 'the desk went on without its log');
    for (const pid of before) assert.ok(await gone(pid), `process ${pid} outlived its desk`);
    assert.match(fs.readFileSync(path.join(site.folder, 'desk.log'), 'utf8'), /lost a write or cannot be read, so the desk ends/);
    fs.rmSync(sign);
    await site.startDesk();
    await site.untilOperation(site.operation, 'running');
    assert.ok((await site.cast.dispatcher.get('/presence')).reviewer_offices >= 2, `what was acknowledged until ${until} is gone`);
});

const underAMovedClock = { prepare: async (site) => {
    lendClock(site);
    await site.startAll();
} };

story('s44 a wall clock set two hours on or back pauses matching visibly, the log goes on in its own time, and no desk starts in its past', async (site) => {
    for (const hours of [2, -2]) {
        site.setClockOffBy(hours * 3600);
        assert.equal((await site.untilOperation(site.operation, 'paused')).why, 'clock');
        await untilNewHealth(site);
        const before = await templatesComputed(site);
        await sleep(2000);
        assert.equal(await templatesComputed(site), before, 'templates were computed while nobody knew the time');
        // Statements are judged by the time that the desk keeps itself.
        await site.cast.reviewerOne.present('reviewer');
        site.setClockOffBy(0);
        await site.untilOperation(site.operation, 'running');
    }
    await site.untilDrawn();
    const log = (await site.cast.auditor.bytes('/log')).toString();
    const times = [...log.matchAll(/^\{"at":(\d+)/gm)].map(([, at]) => Number(at));
    assert.ok(times.length > 20 && times.every((at, i) => i === 0 || at >= times[i - 1]), 'the log’s time ran back');
    assert.ok(Math.abs(times.at(-1) - Date.now() / 1000) < 60, 'the log’s time went along');
    await site.killDesk();
    site.setClockOffBy(-7200);
    await assert.rejects(site.startDesk());
    assert.match(fs.readFileSync(path.join(site.folder, 'desk.log'), 'utf8'), /the clock \(.*\) lies before the newest checkpoint \(.*\); set the clock/);
    site.setClockOffBy(0);
    await site.startDesk();
    await site.untilOperation(site.operation, 'running');
}, underAMovedClock);

const DAY_S = 24 * 3600;
const dateIn = (days) => new Date(Date.now() + days * DAY_S * 1000).toISOString().slice(0, 10);

/** How much is there of what is kept for a month or longer, with the desk ended. */
function keptForLong(site) {
    const tables = ['alert_oversight', 'slip', 'redress', 'operation_listed', 'entry_oversight', "entry WHERE state IN ('approved', 'suspended')"];
    return tables.map((one) => Number(execFileSync('sqlite3', [path.join(site.folder, 'site.db'), `SELECT count(*) FROM ${one}`], { encoding: 'utf8' })));
}

async function refusesToStart(site, words, ...options) {
    const file = path.join(site.folder, 'desk.log');
    const before = fs.readFileSync(file, 'utf8').length;
    await assert.rejects(site.startDesk(...options));
    assert.match(fs.readFileSync(file, 'utf8').slice(before), words);
}

/** Nobody was there, and the clock is right. Then it turns out to have been wrong: what to do is said. */
async function afterTwelveDays(site) {
    site.setClockOffBy(12 * DAY_S);
    await refusesToStart(site, /lies 1[12] days after the newest checkpoint/);
    await site.startDesk('--after-pause', dateIn(12));
    await site.killDesk();
    await site.startDesk();
    await site.killDesk();
    const said = execFileSync('sqlite3', [path.join(site.folder, 'site.db'), "SELECT leaf FROM ledger_leaf WHERE leaf LIKE '%pause_confirmed%'"], { encoding: 'utf8' });
    assert.match(said, /^[^\n]*"days":1[12],[^\n]*\n$/, 'the log has it, once');
    site.setClockOffBy(0);
    await refusesToStart(site, /lies before the newest checkpoint \(.*\); set the clock, or, when it is right and went ahead before, start again after that time/);
}

async function complain(site, slip) {
    const { station } = site.cast;
    const request = newId('q');
    await station.act('/redress', 'redress_request', { request, kind: 'complaint', slip, cnic: '42101-7654321-9', words: 'It was not me.', contact: 'door' });
}

story('s40 s42 s43 a desk whose clock goes years ahead does not start and destroys nothing, and after a real pause starts on somebody’s word about the date', async (site) => {
    const { act, slip, slip_proof } = await site.untilStopped();
    await act('outcome', 'outcome', { outcome: 'identity_not_established', harm: 'none', means: 'none', case: '', slip_proof });
    await complain(site, slip);
    await site.killDesk();
    const kept = keptForLong(site);
    assert.ok(kept.every((one) => one > 0), `something is not kept before: ${kept}`);
    site.setClockOffBy(730 * DAY_S);
    await refusesToStart(site, /lies 730 days after the newest checkpoint \(.*--after-pause/);
    await refusesToStart(site, /the clock says .*, --after-pause says .*; set the clock/, '--after-pause', dateIn(0));
    assert.deepEqual(keptForLong(site), kept);
    // The right clock: it goes on, and a clock that is set ahead while it runs ends nothing either.
    site.setClockOffBy(0);
    await site.startDesk();
    await site.untilOperation(site.operation, 'running');
    site.setClockOffBy(730 * DAY_S);
    assert.equal((await site.untilOperation(site.operation, 'paused')).why, 'clock');
    await sleep(3000);
    await site.killDesk();
    assert.deepEqual(keptForLong(site), kept);
    assert.match(fs.readFileSync(path.join(site.folder, 'desk.log'), 'utf8'), /nothing is compared; when the wall clock is right now, restart the desk/);
    await inACopy(site, () => afterTwelveDays(site));
    site.setClockOffBy(0);
    await site.startDesk();
}, underAMovedClock);

story('a killed watch, feed or still comes back and the man is found', async (site) => {
    for (const kind of ['watch', 'feed', 'still']) {
        const pid = await running(site, kind);
        process.kill(pid, 'SIGKILL');
        assert.ok(await gone(pid));
    }
    await site.untilOperation(site.operation, 'running');
    const { alert, reviewers } = await site.untilDrawn();
    const picture = await reviewers[0].bytes(`/alerts/${alert.alert}/pictures/probe`);
    assert.equal(picture.readUInt16BE(0), 0xffd8);
    // In the middle of a raised alert as well: the alert stands, the camera comes back.
    process.kill(await running(site, 'watch'), 'SIGKILL');
    await site.review(reviewers[0], alert, 'same');
    await site.review(reviewers[1], alert, 'same');
    await untilState(site, alert, 'agreed');
    await site.untilOperation(site.operation, 'running');
});

story('a watch or a feed killed in every state leave the alert where it stands', async (site) => {
    const { crew, dispatcher } = site.cast;
    const { alert, reviewers } = await site.untilDrawn();
    const act = (step, type, fields = {}) => crew.act(`/alerts/${alert.alert}/${step}`, type, { alert: alert.alert, ...fields });
    const states = [
        ['raised', () => site.review(reviewers[0], alert, 'same').then(() => site.review(reviewers[1], alert, 'same'))],
        ['agreed', () => site.dispatch(alert)],
        ['dispatched', () => act('acceptance', 'acceptance', { answer: 'accepted' })],
        ['accepted', () => act('arrival', 'arrival')],
        ['on_scene', () => act('stop', 'stop')],
    ];
    let kills = 0;
    for (const [state, work] of states) {
        // The two come back as a pair, later each time: one of them a state keeps the story within the crew's time.
        process.kill(await running(site, ['watch', 'feed'][++kills % 2]), 'SIGKILL');
        const seen = state === 'raised' ? await reviewers[0].get(`/alerts/${alert.alert}`) : await dispatcher.get(`/alerts/${alert.alert}`);
        assert.equal(seen.state, state);
        await work();
    }
    await untilState(site, alert, 'stopped');
    await site.untilOperation(site.operation, 'running', 40);
});

/** Each of them makes half a change of what was whole. */
const edits = {
    'an alert is in another state than its log says': "UPDATE alert SET state = 'handed_over'",
    'an alert of the log has no row': 'DELETE FROM alert',
    'an entry is withdrawn without custody, or not withdrawn with it': "UPDATE entry SET state = 'approved'",
    'an entry is withdrawn without its record, or not with it, or twice': "UPDATE ledger_leaf SET leaf = replace(leaf, 'entry_withdrawn', 'entry_approved')",
    'a custody has no pictures before its receipt, or some after it': "UPDATE alert SET state = 'handed_over'",
    'a picture is left without its passage': "INSERT INTO alert_picture VALUES ('p', 'probe', x'00')",
    'there are hand-over packets of what is not handed over, or none of what is':
        "INSERT INTO alert_handover (alert, station, ordinal, hash, sealed) SELECT alert, 's', 0, '', x'00' FROM alert",
    'pictures are erased without the record, or not with it, or twice': 'UPDATE alert SET erased = 0',
    'a statement is kept that no record names, or named and not kept': "DELETE FROM alert_statement WHERE type = 'receipt'",
    'an operation is wiped without the record, or not with it, or twice': 'UPDATE operation SET wiped = 0',
    'something of a wiped operation is left': "INSERT INTO operation_gallery SELECT operation, x'00' FROM operation",
    'the key of a wiped operation is neither destroyed nor about to be': "UPDATE ledger_leaf SET leaf = replace(leaf, 'keys_destroyed', 'keys_made')",
};

function everyHalfIsFound(site) {
    const folder = path.join(site.folder, 'half');
    fs.mkdirSync(folder);
    for (const words of Object.keys(halves)) {
        for (const end of ['', '-wal']) fs.copyFileSync(path.join(site.folder, `site.db${end}`), path.join(folder, `site.db${end}`));
        execFileSync('sqlite3', [path.join(folder, 'site.db'), edits[words]]);
        assert.throws(() => lookForHalves(folder), (problem) => problem.message.includes(words), words);
    }
}

story('the desk killed again and again until the receipt and the wipe loses, doubles and halves nothing, and its timers fire once', async (site) => {
    const run = new AlertKills(site);
    const { crew } = site.cast;
    await run.reviewThroughTimer(4000);
    await run.accept(crew);
    await run.takeIntoCustody(crew, await run.stop(crew));
    await run.wipe(1500);
    assert.deepEqual(await run.ends(), { received: 1 });
    assert.ok(run.kills >= 16, `only ${run.kills} kills`);
    await site.killDesk();
    everyHalfIsFound(site);
    await site.startDesk();
});
