// The whole story on real video. `--auto` plays every officer; without it the site stays up for people in browsers.
import fs from 'node:fs';
import path from 'node:path';
import { Site, buildFolder, subject } from './site.mjs';
import { sleep } from './officer.mjs';
import { checkPacket, openPacket, sealKeyFile, base64 } from '../../web/statement.js';

const auto = process.argv.includes('--auto');
const portOption = process.argv.indexOf('--port');
const folder = path.join(buildFolder, auto ? 'demo-auto' : 'demo-site');
const started = Date.now();
const paint = process.stdout.isTTY ? (code, text) => `\x1b[${code}m${text}\x1b[0m` : (_, text) => text;

/** Runs one step of the story and prints it with the time it took and the time since the start. */
async function step(words, work) {
    const before = Date.now();
    const result = await work();
    const took = `${((Date.now() - before) / 1000).toFixed(2)} s`;
    const since = `${((before - started) / 1000).toFixed(1)} s`;
    const note = typeof result?.note === 'string' ? `  ${paint(36, result.note)}` : '';
    console.log(`${paint(32, '✓')} ${since.padStart(8)}  ${words.padEnd(74)} ${took.padStart(8)}${note}`);
    return result;
}

function must(held, words) {
    if (!held) throw new Error(`did not hold: ${words}`);
}

async function setUp(site) {
    await step('the test camera plays recorded video over RTSP', () => site.startCameras());
    await step('the desk starts: database, log, HTTPS', () => site.startDesk());
    await step('thirteen officers sign in, each with a key of their own', () => site.signInAll());
    await step('the administrator registers the camera', () => site.registerCamera('gate'));
    site.listed = await step('the watch officer proposes demo person A; another officer approves', async () => {
        const listed = await site.enrol();
        return { ...listed, note: `photo: ${listed.photo.verdict}, ${listed.photo.eye_distance_px} px between the eyes` };
    });
    site.operation = await step('an operation is requested and authorised by two offices', () =>
        site.authoriseOperation([site.listed.entry]));
}

async function run(site) {
    await step('nothing runs while nobody is present', async () => {
        await sleep(1500);
        const { state } = await site.cast.dispatcher.get(`/operations/${site.operation}`);
        must(state !== 'running', `the operation is ${state} without presence`);
        return { note: state };
    });
    await step('reviewers, dispatcher and crews are present: matching starts', async () => {
        await site.presentAll();
        await site.untilOperation(site.operation, 'running');
    });
}

/** The times of the two machine stages, from the desk's own stamps and from this client's ears. */
async function playAlert(site) {
    const { dispatcher, crew } = site.cast;
    const heard = [];
    const hush = dispatcher.listen((event) => heard.push(event));
    const drawn = await step('demo person A walks by; two reviewers are drawn', async () => {
        const got = await site.untilDrawn(90);
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
        fs.writeFileSync(path.join(site.folder, 'scene.jpg'), await reviewers[0].bytes(`/alerts/${alert.alert}/pictures/scene`));
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
    });
    const packet = await step('the dispatcher sends ERV 1; its device opens and checks the packet', async () => {
        await site.dispatch(alert);
        const sealed = await crew.get(`/packets/${alert.alert}`);
        const opened = await openPacket(sealed.packet, crew.device, `packet:${alert.alert}`);
        await checkPacket(opened, { alert: alert.alert, unit: crew.unit, rootKey: rootKey(site), now: Date.now() / 1000 });
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

const rootKey = (site) => fs.readFileSync(path.join(site.folder, 'root.pub'), 'utf8').trim();

async function playStop(site, alert) {
    const { crew, station } = site.cast;
    const act = (name, type, fields = {}) => crew.act(`/alerts/${alert.alert}/${name}`, type, { alert: alert.alert, ...fields });
    await step('the crew accepts, arrives and stops the person', async () => {
        await act('acceptance', 'acceptance', { answer: 'accepted' });
        await act('arrival', 'arrival');
        site.slip = (await act('stop', 'stop')).slip;
        return { note: `slip ${site.slip}` };
    });
    await step('custody on a face alone is refused', async () => {
        const refused = await act('outcome', 'outcome', { outcome: 'custody', harm: 'none', means: 'none',
            case: site.listed.case, slip: site.slip }).catch((problem) => problem);
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
        await act('outcome', 'outcome', { outcome: 'custody', harm: 'none', means: 'cnic_verified', case: site.listed.case, slip: site.slip });
        const { entries } = await site.cast.watchOfficer.get('/entries');
        must(entries.find((one) => one.entry === site.listed.entry).state === 'withdrawn', 'the entry is withdrawn');
    });
    await step('handed over to the station, which opens the cases and signs', async () => {
        await act('handover', 'handover', { station: station.station });
        const handover = await station.get(`/handovers/${alert.alert}`);
        const opened = await openPacket(handover.packet, station.device, `handover:${alert.alert}`);
        must(JSON.stringify(opened).includes(site.listed.case), 'the hand-over names the case');
        const { state } = await station.act(`/alerts/${alert.alert}/receipt`, 'receipt', {
            alert: alert.alert, handover_hash: handover.handover_hash });
        must(state === 'received', `the alert is ${state}`);
    });
}

async function finish(site, alert) {
    await step('the other man walks by again and again: no alert but the one', async () => {
        const seen = async () => (await site.cast.dispatcher.get(`/operations/${site.operation}`)).cameras[0].health.passages;
        const before = await seen();
        for (const end = Date.now() + 60000; (await seen()) < before + 2 && Date.now() < end;) await sleep(500);
        must((await seen()) >= before + 2, 'two more passages within a minute');
        const lines = (await site.cast.auditor.bytes('/log')).toString().split('\n');
        const raised = lines.filter((line) => line.includes('"kind":"alert_raised"'));
        must(raised.length === 1 && raised[0].includes(alert.alert), `${raised.length} alerts were raised`);
        return { note: `${await seen()} passages in all` };
    });
    await step('the operation ends and is wiped', async () => {
        await site.cast.watchOfficer.act(`/operations/${site.operation}/end`, 'operation_end', { operation: site.operation });
        await site.untilOperation(site.operation, 'wiped');
    });
    const exported = await step('the log is exported', () => site.exportLog());
    await step('mizan audit verify, with the public key alone', async () => ({ note: site.verifyLog(exported).trim().split('\n')[0] }));
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

/** For people in browsers: a link a part, with the key file in the fragment (which browsers never send). */
async function printSignIns(site) {
    console.log(`\nThe demo site runs at ${paint(1, `https://localhost:${site.port}/`)} (certificate authority: ${path.join(site.folder, 'ca.pem')})`);
    console.log(`From another machine: ssh -L ${site.port}:127.0.0.1:${site.port} THIS-HOST\n`);
    console.log('Open each link in a browser profile of its own; the passphrase of every key is "demo".');
    for (const [part, officer] of Object.entries(site.cast)) {
        const about = { officer: officer.id, name: officer.name, site: site.name, roles: officer.roles, unit: officer.unit ?? '', root_key: rootKey(site) };
        const file = await sealKeyFile(about, officer.key, officer.device, 'demo');
        fs.mkdirSync(path.join(site.folder, 'keys'), { recursive: true, mode: 0o700 });
        fs.writeFileSync(path.join(site.folder, 'keys', `${part}.json`), JSON.stringify(file), { mode: 0o600 });
        if (/reviewer|dispatcher|crew/i.test(part))
            console.log(`\n  ${officer.name}\n    https://localhost:${site.port}/#key=${encodeURIComponent(base64(Buffer.from(JSON.stringify(file))))}`);
    }
    console.log('\nDemo person A walks by every minute or so. Stop with Ctrl-C.');
}

async function keepPresent(site) {
    for (;;) {
        await sleep(5 * 60 * 1000);
        await site.presentAll();
    }
}

const scenes = { gate: 'loop.mp4' };
const site = await step('a demo site is made: root key, certificate, roster, empty log', () =>
    Site.make(folder, { scenes, port: portOption > 0 ? Number(process.argv[portOption + 1]) : auto ? undefined : 8443 }));
let failed = false;
try {
    await setUp(site);
    await run(site);
    if (auto) {
        const { alert } = await playAlert(site);
        await playStop(site, alert);
        await finish(site, alert);
        console.log(`\nThe loop closed in ${((Date.now() - started) / 1000).toFixed(1)} s.`);
    } else {
        await printSignIns(site);
        process.once('SIGINT', () => site.end().then(() => process.exit(0)));
        process.once('SIGTERM', () => site.end().then(() => process.exit(0)));
        await keepPresent(site);
    }
} catch (problem) {
    failed = true;
    console.error(`${paint(31, '✗')} ${problem.message}\n  The desk's log: ${path.join(site.folder, 'desk.log')}`);
    if (process.env.MIZAN_VERBOSE) console.error(problem.stack);
} finally {
    await site.end();
}
process.exit(failed ? 1 : 0);
