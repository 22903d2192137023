#!/usr/bin/env node
// kill -9 of the real desk at random moments while officers write: nothing acknowledged is lost, nothing is half, the log verifies.
//
// Usage: node tools/long/kills.mjs [--kills 500] [--folder build/kills]             while cameras and presence are written
//        node tools/long/kills.mjs --alerts [--kills 50] [--folder build/kills]    through alerts, their units, stops and timers (alert-kills.mjs)
//
// Goes on where it was stopped: the site and FOLDER.jsonl (a line a kill) stay; with --alerts only the lines, and each round of nine alerts, four of them
// to the station's receipt and the destruction of the operation's keys, has a site of its own. --fresh begins anew. Fails at the first loss and keeps the site.
import fs from 'node:fs';
import path from 'node:path';
import { Site, buildFolder, newId, nowSeconds, sleep } from '../demo/site.mjs';
import { AlertKills, startAgain } from './alert-kills.mjs';

const option = (name, usual) => {
    const at = process.argv.indexOf(`--${name}`);
    return at > 0 ? process.argv[at + 1] : usual;
};
const ofAlerts = process.argv.includes('--alerts');
const kills = Number(option('kills', ofAlerts ? 50 : 500));
const folder = path.resolve(option('folder', path.join(buildFolder, ofAlerts ? 'alert-kills' : 'kills')));
const CAMERAS_A_KILL = 3; // by each of two writers
const results = `${folder}.jsonl`;
const kept = `${folder}.keys.json`;

function must(held, words) {
    if (!held) throw new Error(words);
}

/** The cast's keys have to outlive this process, so that a stopped run goes on with the same roster. */
async function openSite() {
    if (process.argv.includes('--fresh') || !fs.existsSync(kept)) {
        for (const file of [results, kept]) fs.rmSync(file, { force: true });
        const site = await Site.make(folder, { scenes: {} });
        const keys = {};
        for (const [part, officer] of Object.entries(site.cast))
            keys[part] = { id: officer.id, public: officer.key.public,
                private: Buffer.from(await crypto.subtle.exportKey('pkcs8', officer.key.privateKey)).toString('base64') };
        fs.writeFileSync(kept, JSON.stringify({ port: site.port, keys }), { mode: 0o600 });
        return site;
    }
    const state = JSON.parse(fs.readFileSync(kept, 'utf8'));
    const beside = await Site.make(`${folder}-beside`, { scenes: {}, port: state.port });
    Object.assign(beside, { folder, ca: fs.readFileSync(path.join(folder, 'ca.pem')) });
    fs.rmSync(`${folder}-beside`, { recursive: true });
    for (const [part, { id, public: shown, private: secret }] of Object.entries(state.keys)) {
        const privateKey = await crypto.subtle.importKey('pkcs8', Buffer.from(secret, 'base64'), { name: 'Ed25519' }, true, ['sign']);
        Object.assign(beside.cast[part], { id, key: { privateKey, public: shown } });
    }
    return beside;
}

/** Writes as fast as the desk answers, until it dies. What was answered goes into `acknowledged`. */
async function write(site, acknowledged) {
    const { admin, reviewerOne } = site.cast;
    for (let written = 0; ; written++) {
        const camera = newId('c');
        try {
            // The list of all cameras is read after each kill, so it must not grow without bound: then presence only.
            if (written < CAMERAS_A_KILL) await admin.call('POST', '/cameras', { credentials: '', envelope: await admin.statement('camera', { camera, name: 'Kill', address: `rtsp://127.0.0.1:1/${camera}`,
                latitude_e7: 1, longitude_e7: 2, heading_deg: 3, tls: '', sign_checked_at: nowSeconds() }) });
            if (written < CAMERAS_A_KILL) acknowledged.push(camera);
            await reviewerOne.present('reviewer');
        } catch (problem) {
            if (problem.status === 429) await sleep(100);
            else if (problem.status) throw problem;
            else return;
        }
    }
}

async function lookForLosses(site, acknowledged) {
    const { admin } = site.cast;
    const there = new Set((await admin.get('/cameras')).cameras.map((one) => one.camera));
    for (const camera of acknowledged) must(there.has(camera), `the acknowledged camera ${camera} is lost`);
    const log = (await site.cast.auditor.bytes('/log')).toString();
    for (const camera of there) must(log.includes(camera), `${camera} has a row and no record: half a change`);
    for (const camera of new Set(log.match(/c-[0-9a-z]{16}/g))) must(there.has(camera), `${camera} has a record and no row: half a change`);
    const file = path.join(site.folder, 'log.export');
    fs.writeFileSync(file, log);
    must(/verified/.test(site.verifyLog(file)), 'the log does not verify');
}

const linesOf = () => (fs.existsSync(results) ? fs.readFileSync(results, 'utf8').trim().split('\n').filter(Boolean).map((line) => JSON.parse(line)) : []);
const killsOf = (lines) => lines.filter((one) => one.kill).length;
const CUSTODIES_A_SITE = 4;

/** Every other alert ends in custody, the operation's wipe behind it; the first one goes through the waits, the last is recalled. */
async function killThroughAlerts(site, run, isFirst) {
    const { crew, secondCrew } = site.cast;
    await run.reviewThroughTimer(4000);
    await run.silentUnit(secondCrew, 4000);
    await run.accept(crew);
    const slip_proof = await run.stop(crew);
    if (isFirst) await run.overrun(15000); // ten minutes
    await run.close(crew, slip_proof);
    for (let custodies = 1, isLast = false; !isLast; custodies++) {
        await run.agree();
        await run.accept(crew);
        await run.takeIntoCustody(crew, await run.stop(crew));
        await run.wipe(1500);
        await run.renew();
        await run.agree();
        await run.accept(secondCrew);
        isLast = custodies === CUSTODIES_A_SITE || killsOf(linesOf()) >= kills;
        if (isLast) await run.recall(4000);
        else await run.close(secondCrew, await run.stop(secondCrew));
    }
}

async function oneSiteOfAlerts() {
    const site = await Site.make(folder);
    process.once('SIGTERM', () => site.end().then(() => process.exit(1)));
    process.once('SIGINT', () => site.end().then(() => process.exit(1)));
    const tell = (line) => fs.appendFileSync(results, `${JSON.stringify(line)}\n`);
    const run = new AlertKills(site, tell);
    const began = Date.now();
    try {
        await site.startAll();
        await killThroughAlerts(site, run, !linesOf().some((one) => one.ends));
        const ends = await run.ends();
        tell({ ends, seconds: Math.round((Date.now() - began) / 1000) });
        const alerts = Object.values(ends).reduce((sum, one) => sum + one, 0);
        console.log(`${run.kills} kills through ${alerts} alerts, ${run.acknowledged} deeds answered before the kill, none lost, none twice, none half, every timer once, every log verified`);
    } finally {
        await site.end();
    }
}

async function allOfAlerts() {
    if (process.argv.includes('--fresh')) fs.rmSync(results, { force: true });
    while (killsOf(linesOf()) < kills) await oneSiteOfAlerts();
    const lines = linesOf();
    const ends = {};
    for (const [end, times] of lines.flatMap((one) => Object.entries(one.ends ?? {}))) ends[end] = (ends[end] ?? 0) + times;
    const states = [...new Set(lines.map((one) => one.state).filter(Boolean))];
    const left = states.map((state) => `${lines.filter((one) => one.state === state).length} left it ${state}`).join(', ');
    const deeds = lines.filter((one) => one.deed);
    const seconds = lines.reduce((sum, one) => sum + (one.seconds ?? 0), 0);
    console.log(`${killsOf(lines)} kills in ${seconds} s: ${left}; ${deeds.filter((one) => one.answered).length} of ${deeds.length} deeds answered; alerts by end: ${JSON.stringify(ends)}`);
    process.exit(0);
}

if (ofAlerts) await allOfAlerts();
const site = await openSite();
let done = linesOf().length;
let total = 0;
process.once('SIGTERM', () => site.end().then(() => process.exit(1)));
process.once('SIGINT', () => site.end().then(() => process.exit(1)));
try {
    await startAgain(site);
    for (const part of ['admin', 'auditor', 'reviewerOne']) await site.cast[part].signIn();
    for (; done < kills; done++) {
        const acknowledged = [];
        const writers = [write(site, acknowledged), write(site, acknowledged)];
        const after = Math.floor(Math.random() * 700);
        await sleep(after);
        await site.killDesk();
        await Promise.all(writers);
        const began = Date.now();
        await startAgain(site);
        // The sessions outlive the desk: nobody signs in again.
        await lookForLosses(site, acknowledged);
        total += acknowledged.length;
        fs.appendFileSync(results, `${JSON.stringify({ kill: done + 1, after_ms: after, acknowledged: acknowledged.length, back_ms: Date.now() - began })}\n`);
        if ((done + 1) % 25 === 0) console.log(`${done + 1} kills, ${total} acknowledged changes in this run, none lost`);
    }
    console.log(`${done} kills, none of ${linesOf().reduce((sum, line) => sum + line.acknowledged, 0)} acknowledged changes lost, every log verified`);
} finally {
    await site.end();
}
process.exit(0);
