// The story as its officers play it through the API: each step prints its words, how long it took and when it began.
import fs from 'node:fs';
import path from 'node:path';
import { sleep } from './officer.mjs';
import { subject } from './site.mjs';
import { checkHandover } from '../../web/handover.js';
import { checkPacket, openPacket, base64 } from '../../web/statement.js';

const started = Date.now();
export const paint = process.stdout.isTTY ? (code, text) => `\x1b[${code}m${text}\x1b[0m` : (_, text) => text;
export const secondsSinceStart = () => ((Date.now() - started) / 1000).toFixed(1);

/** Runs one step of the story and prints it with the time it took and the time since the start. */
export async function step(words, work) {
    const before = Date.now();
    const since = secondsSinceStart();
    const result = await work();
    const took = `${((Date.now() - before) / 1000).toFixed(2)} s`;
    const note = typeof result?.note === 'string' ? `  ${paint(36, result.note)}` : '';
    console.log(`${paint(32, '✓')} ${`${since} s`.padStart(8)}  ${words.padEnd(74)} ${took.padStart(8)}${note}`);
    return result;
}

function must(held, words) {
    if (!held) throw new Error(`did not hold: ${words}`);
}

/** How long a busy machine may take to see somebody, in seconds. */
const patience = 300;

/** The number of somebody who is not on any list. */
const passerBy = '42101-7777777-7';

/** What every camera can show: the street with nobody, and the walk of demo person A and then of another man. */
export const streams = { street: 'nobody.mp4', walk: 'loop.mp4' };
export const cameraNames = (site) => Object.keys(site.scenes).filter((name) => !(name in streams));
export const walkBy = (site, camera = cameraNames(site)[0]) => site.play(camera, 'walk');
export const emptyStreet = (site, camera = cameraNames(site)[0]) => site.play(camera, 'street');

/** The site's cameras show an empty street until somebody walks by. */
export async function setUp(site) {
    await step('the test camera plays recorded video over RTSP', () => site.startCameras());
    await step('the desk starts: database, log, HTTPS', () => site.startDesk());
    await step('thirteen officers sign in, each with a key of their own', () => site.signInAll());
    for (const name of cameraNames(site))
        await step(`the administrator registers the camera "${name}"`, () => site.registerCamera(name));
    if (site.webcam)
        await step(`the administrator registers the webcam ${site.webcam}`, () => site.registerCamera('webcam', `v4l2:${site.webcam}`));
}

/** A new entry of the consenting subject. */
export async function list(site, photo) {
    site.listed = await step('the watch officer proposes demo person A; another officer approves', async () => {
        const listed = await site.enrol(photo);
        return { ...listed, note: `photo: ${listed.photo.verdict}, ${listed.photo.eye_distance_px} px between the eyes` };
    });
}

export async function authorise(site, minutes) {
    site.operation = await step('an operation is requested and authorised by two offices', () =>
        site.authoriseOperation([site.listed.entry], Object.keys(site.cameras), minutes));
    site.operations = [...(site.operations ?? []), site.operation];
}

export async function begin(site) {
    await step('nothing runs while nobody is present', async () => {
        await sleep(1500);
        const { state } = await site.cast.dispatcher.get(`/operations/${site.operation}`);
        must(state !== 'running', `the operation is ${state} without presence`);
        return { note: state };
    });
    await step('reviewers, dispatcher and crews are present: matching starts', async () => {
        await site.presentAll();
        await site.untilOperation(site.operation, 'running', patience);
    });
}

async function beginAgain(site) {
    await authorise(site);
    await step('matching starts', () => site.untilOperation(site.operation, 'running', patience));
}

/** The times of the two machine stages, from the desk's own stamps and from this client's ears. */
async function playAlert(site) {
    const { dispatcher, crew } = site.cast;
    const heard = [];
    const hush = dispatcher.listen((event) => heard.push(event));
    const drawn = await step('demo person A walks by; two reviewers are drawn', async () => {
        walkBy(site);
        const got = await site.untilDrawn(patience);
        const event = () => heard.find((one) => one.data.alert === got.alert.alert);
        for (let i = 0; i < 50 && !event(); i++) await sleep(20);
        must(event(), 'the dispatcher heard of the alert on the event stream');
        return { ...got, event: event() };
    });
    const { alert, reviewers } = drawn;
    await step('what a reviewer sees has no name, offence or score', async () => {
        const seen = JSON.stringify(await reviewers[0].get(`/alerts/${alert.alert}`));
        for (const word of [subject.name, subject.cnic, 'DEMO-1', 'score', site.listed.entry])
            must(!seen.includes(word), `a reviewer's view holds ${word}`);
        const picture = await reviewers[0].bytes(`/alerts/${alert.alert}/pictures/probe`);
        must(picture[0] === 0xff && picture[1] === 0xd8, 'the probe is a JPEG');
        fs.writeFileSync(path.join(site.folder, 'probe.jpg'), picture);
        fs.writeFileSync(path.join(site.folder, 'enrolled.jpg'), await reviewers[0].bytes(`/alerts/${alert.alert}/pictures/enrolled`));
    });
    await step(`${reviewers[0].name} says same; nothing changes for anybody`, async () => {
        await site.review(reviewers[0], alert, 'same');
        const { alerts } = await dispatcher.get('/alerts');
        must(!alerts.some((one) => one.alert === alert.alert && one.state !== 'raised'), 'one answer moved the alert');
    });
    let secondSame = 0;
    await step(`${reviewers[1].name} says same: agreed`, async () => {
        secondSame = Date.now();
        await site.review(reviewers[1], alert, 'same');
        await dispatcher.until(`/alerts/${alert.alert}`, (one) => one.state === 'agreed');
        fs.writeFileSync(path.join(site.folder, 'scene.jpg'), await dispatcher.bytes(`/alerts/${alert.alert}/pictures/scene`));
    });
    const packet = await step('the dispatcher sends ERV 0001; its device opens and checks the packet', async () => {
        await site.dispatch(alert);
        const sealed = await crew.get(`/packets/${alert.alert}`);
        const opened = await openPacket(sealed.packet, crew.device, `packet:${alert.alert}`);
        const expected = { alert: alert.alert, unit: crew.unit, rootKey: site.rootKey(), now: Date.now() / 1000 };
        await checkPacket(opened, expected);
        for (const one of [opened.dispatch, ...opened.reviews]) {
            const { by } = JSON.parse(one.statement);
            const believed = await checkPacket(opened, { ...expected, suspended: [by] }).then(() => true, () => false);
            if (believed) throw new Error(`the unit's page believes ${by}, who was suspended`);
        }
        must(opened.marking.includes('NOT A WANTED PERSON'), 'the packet is marked DEMONSTRATION');
        return { opened, note: `second "same" → packet open ${Date.now() - secondSame} ms` };
    });
    const times = (await dispatcher.get(`/alerts/${alert.alert}`)).times_us;
    hush();
    console.log(`             deciding shot → alert on disk ${((times.raised - times.decided) / 1000).toFixed(0)} ms` +
        `, → on the dispatcher's event stream ${(drawn.event.at - times.decided / 1000).toFixed(0)} ms` +
        `; deciding shot captured → decided ${((times.decided - times.captured) / 1000).toFixed(0)} ms`);
    return { alert, packet: packet.opened };
}

async function playStop(site, alert) {
    const { crew, station } = site.cast;
    const act = (name, type, fields = {}) => crew.act(`/alerts/${alert.alert}/${name}`, type, { alert: alert.alert, ...fields });
    await step('the crew accepts, arrives and stops the person', async () => {
        await act('acceptance', 'acceptance', { answer: 'accepted' });
        await act('arrival', 'arrival');
        const stopped = await act('stop', 'stop');
        site.slip_proof = stopped.slip_proof;
        return { note: `slip ${stopped.slip}` };
    });
    await step('custody on a face alone is refused', async () => {
        const refused = await act('outcome', 'outcome', { outcome: 'custody', harm: 'none', means: 'none',
            case: site.listed.case, slip_proof: site.slip_proof }).catch((problem) => problem);
        must(refused.status >= 400, 'custody without identity was accepted');
        return { note: refused.detail };
    });
    await step('the identity card is verified one to one; the case is live', async () => {
        const yes = await crew.call('POST', `/alerts/${alert.alert}/verification`, { cnic: subject.cnic, sample: base64(Buffer.from('thumb')) });
        must(yes.answer === 'yes', `the register answered ${yes.answer}`);
        const live = await crew.call('POST', `/alerts/${alert.alert}/case_status`, { case: site.listed.case });
        must(live.answer === 'live', `the status source answered ${live.answer}`);
    });
    await step('custody; the entry is withdrawn in the same transaction', async () => {
        await act('outcome', 'outcome', { outcome: 'custody', harm: 'none', means: 'cnic_verified', case: site.listed.case, slip_proof: site.slip_proof });
        const { entries } = await site.cast.watchOfficer.get('/entries');
        must(entries.find((one) => one.entry === site.listed.entry).state === 'withdrawn', 'the entry is withdrawn');
    });
    await step('handed over to the station, which opens the cases and signs', async () => {
        await act('handover', 'handover', { station: station.station });
        const handover = await station.get(`/handovers/${alert.alert}`);
        const opened = await openPacket(handover.packet, station.device, `handover:${alert.alert}`);
        must(JSON.stringify(opened).includes(site.listed.case), 'the hand-over names the case');
        const { log_key: logKey } = await station.get('/site');
        const { records } = await checkHandover(opened, { alert: alert.alert, station: station.station, site: site.name, rootKey: site.rootKey(), logKey });
        const { state } = await station.act(`/alerts/${alert.alert}/receipt`, 'receipt', {
            alert: alert.alert, handover_hash: handover.handover_hash });
        must(state === 'received', `the alert is ${state}`);
        return { note: `${records} records about it proved` };
    });
}

async function nobodyElse(site, alert) {
    await step('the other man walks by again and again: no alert but the one', async () => {
        const seen = async () => (await site.cast.dispatcher.get(`/operations/${site.operation}`)).cameras[0].health.passages;
        const before = await seen();
        for (const end = Date.now() + patience * 1000; (await seen()) < before + 2 && Date.now() < end;) await sleep(500);
        must((await seen()) >= before + 2, 'two more passages within five minutes');
        const lines = (await site.cast.auditor.bytes('/log')).toString().split('\n');
        const raised = lines.filter((line) => line.includes('"kind":"alert_raised"'));
        must(raised.length === 1 && raised[0].includes(alert.alert), `${raised.length} alerts were raised`);
        return { note: `${await seen()} passages in all` };
    });
}

async function endAndWipe(site) {
    emptyStreet(site);
    await step('the operation ends and is wiped', async () => {
        await site.cast.watchOfficer.act(`/operations/${site.operation}/end`, 'operation_end', { operation: site.operation });
        await site.untilOperation(site.operation, 'wiped', patience);
    });
    await step('the auditor signs which public record is published: before, nothing else arms', async () => ({
        note: (await site.publishRecord()).record_hash.slice(0, 16) }));
}

export async function playCustody(site) {
    const { alert } = await playAlert(site);
    await playStop(site, alert);
    await nobodyElse(site, alert);
    await endAndWipe(site);
}

/** A look-alike would end like this: the card is another person's, who gets a slip and leaves. */
export async function playWrongPerson(site) {
    await list(site, 'subject-2.jpg');
    await beginAgain(site);
    const { alert, act, slip, slip_proof } = await step('he walks by again; two officers say same; the crew stops him', () => {
        walkBy(site);
        return site.untilStopped(site.cast.crew, patience);
    });
    await step('the card is another person\u2019s: wrong person, and the entry is suspended everywhere', async () => {
        site.writePorts({ registered: { [passerBy]: 'thumb' }, statuses: site.statuses });
        await site.cast.crew.call('POST', `/alerts/${alert.alert}/verification`, { cnic: passerBy, sample: base64(Buffer.from('thumb')) });
        await act('outcome', 'outcome', { outcome: 'wrong_person', harm: 'none', means: 'cnic_verified', case: '', slip_proof });
        site.writePorts({ statuses: site.statuses });
        const { entries } = await site.cast.watchOfficer.get('/entries');
        const { state } = entries.find((one) => one.entry === site.listed.entry);
        must(state === 'suspended', `the entry is ${state}`);
        return { note: `slip ${slip}` };
    });
    await step('a reviewer halts the operation: no watch runs any more', async () => {
        await site.cast.reviewerOne.act(`/operations/${site.operation}/halt`, 'halt', { operation: site.operation, reason: 'safety' });
        await site.untilOperation(site.operation, 'halted');
        for (const end = Date.now() + 5000; site.children('watch').length && Date.now() < end;) await sleep(50);
        must(site.children('watch').length === 0, 'a watch still runs');
    });
    await endAndWipe(site);
}

export async function playWithdrawn(site) {
    const { authoriserOne, authoriserTwo } = site.cast;
    await step('two other officers look at the entry again and reinstate it', async () => {
        const { proposal_hash } = await authoriserOne.get(`/entries/${site.listed.entry}`);
        for (const officer of [authoriserOne, authoriserTwo])
            await officer.act(`/entries/${site.listed.entry}/approval`, 'entry_approval',
                { entry: site.listed.entry, proposal_hash, answer: 'approved', reason: '' });
    });
    await beginAgain(site);
    const alert = await step('he walks by a third time; two officers say same; a crew is on its way', async () => {
        walkBy(site);
        const agreed = await site.untilAgreed(patience);
        await site.dispatch(agreed);
        await site.cast.crew.act(`/alerts/${agreed.alert}/acceptance`, 'acceptance', { alert: agreed.alert, answer: 'accepted' });
        return agreed;
    });
    await step('the court withdraws the warrant: the crew is recalled, its packet is gone', async () => {
        const asked = Date.now();
        await site.cast.watchOfficer.act(`/entries/${site.listed.entry}/withdrawal`, 'entry_withdrawal',
            { entry: site.listed.entry, reason: 'no_longer_wanted' });
        const closed = await site.cast.dispatcher.until(`/alerts/${alert.alert}`, (one) => one.state === 'closed');
        must(closed.outcome === 'recalled', `the alert ended as ${closed.outcome}`);
        const gone = await site.cast.crew.get(`/packets/${alert.alert}`).catch((problem) => problem);
        must(gone.status === 404, 'the packet is still there');
        return { note: `${Date.now() - asked} ms` };
    });
    await endAndWipe(site);
}

/** The public record of each operation and of the year, from the exported log and the log's public key alone. */
export async function publish(site) {
    const exported = await step('the log is exported', () => site.exportLog());
    await step('mizan audit verify, with the public key alone', async () => ({ note: site.verifyLog(exported).trim().split('\n')[0] }));
    await step('the public records are computed from it, twice the same byte for byte', async () => {
        const folder = path.join(site.folder, 'public');
        const report = (...which) => site.mizan('audit', 'report', exported, '--key', path.join(site.folder, 'log-key.pub'), '--to', folder, ...which);
        for (let round = 0; round < 2; round++) {
            for (const operation of site.operations) report('--operation', operation);
            report('--year', String(new Date().getUTCFullYear()));
        }
        return { note: `${fs.readdirSync(folder).length} files in ${path.relative('.', folder)}` };
    });
    await step('one flipped byte is found', async () => {
        const bytes = fs.readFileSync(exported);
        bytes[Math.floor(bytes.length / 2)] ^= 1;
        fs.writeFileSync(`${exported}.flipped`, bytes);
        let found = '';
        try {
            site.verifyLog(`${exported}.flipped`);
        } catch (refusal) {
            found = String(refusal.stderr ?? refusal.message).trim().split('\n').pop();
        }
        must(found, 'the flipped byte was found');
        return { note: found };
    });
}
