#!/usr/bin/env node
// The desk under load: event streams, requests, alerts to the packet, and a crowd (crowd.mjs) that wants more connections than the desk has and does
// no good with them. All of it on loopback.
//
// Usage: node tools/long/load.mjs [--streams 200] [--rate 50] [--seconds 60] [--alerts 20] [--hostile 10000] [--rounds 10] [--json FILE] [--budget]
//
// Prints percentiles of the requests' times, of the time from an event to each stream, of the second "same" to the opened packet (of so many
// alerts alone, then of as many beside the crowd, which goes on until it has connected 10,000 times at least), and the desk's memory. --budget fails
// when a figure of DESIGN.md §9 is missed; a shared machine misses it for other reasons, so compare with --rate 0.
// The officers' clients run in this process and count in the times: they are what a screen would see, not what the desk alone takes.
import fs from 'node:fs';
import https from 'node:https';
import path from 'node:path';
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Site, buildFolder, exchange, sleep, subject } from '../demo/site.mjs';
import { emptyStreet, streams as scenes, walkBy } from '../demo/story.mjs';
import { openPacket } from '../../web/statement.js';

const option = (name, usual) => {
    const at = process.argv.indexOf(`--${name}`);
    return at > 0 ? Number(process.argv[at + 1]) : usual;
};
const streams = option('streams', 200);
const rate = option('rate', 50);
const seconds = option('seconds', 60);
const alerts = option('alerts', 20);
const hostile = option('hostile', 10000);
const rounds = option('rounds', 10);
const PLACES = 1100; // the desk has 1,024, of which strangers may have 896
const ALERTS_AN_OPERATION = 10; // a camera that raises more than 12 in an hour is halted

function percentiles(times) {
    const sorted = [...times].sort((a, b) => a - b);
    const at = (part) => Number((sorted[Math.min(sorted.length - 1, Math.ceil(part * sorted.length) - 1)] ?? NaN).toFixed(1));
    return { count: sorted.length, p50: at(0.5), p95: at(0.95), p99: at(0.99), most: at(1) };
}

/** Peak and present resident memory of the desk's process alone, in MB. */
function memory(site) {
    const status = fs.readFileSync(`/proc/${site.desk.pid}/status`, 'utf8');
    const read = (name) => Math.round(Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)[1]) / 1024);
    return { resident_mb: read('VmRSS'), peak_mb: read('VmHWM') };
}

const processorMs = (pid) => {
    const words = fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
    return (Number(words[11]) + Number(words[12])) * 10;
};

/** From 127.0.0.x, since one address may hold 64 connections. */
const addressOf = (index) => `127.0.1.${1 + (index % 200)}`;

function openStream(site, officer, index, heard) {
    return new Promise((resolve, reject) => {
        const request = https.get({ host: '127.0.0.1', servername: 'localhost', port: site.port, ca: site.ca, path: '/api/v1/events',
            localAddress: addressOf(index), agent: false, headers: { Authorization: `Bearer ${officer.session}` } }, (response) => {
            if (response.statusCode !== 200) return reject(new Error(`stream ${index}: ${response.statusCode}`));
            response.setEncoding('utf8');
            response.on('data', (chunk) => {
                const at = performance.now();
                for (const id of chunk.matchAll(/^id: (.*)$/gm)) heard(id[1], at);
            });
            response.on('error', () => {});
            resolve(request);
        });
        request.on('error', reject);
    });
}

/** 200 screens: officers sign in again and again, each session carries up to 8 streams. */
async function openStreams(site, heard) {
    const open = [];
    const officers = Object.values(site.cast).filter((one) => one.rosterLine && one.session);
    const sessions = [];
    for (let i = 0; sessions.length * 7 < streams; i++) {
        const officer = officers[i % officers.length];
        const { challenge } = await officer.call('POST', '/challenges', {});
        const signed = await officer.statement('sign_in', { challenge, unit: officer.unit ?? '' });
        sessions.push({ session: (await officer.call('POST', '/sessions', signed)).session });
    }
    for (let i = 0; i < streams; i++) open.push(await openStream(site, sessions[i % sessions.length], i, heard));
    return open;
}

const reads = [['dispatcher', '/alerts'], ['reviewerOne', '/alerts'], ['dispatcher', '/operations'], ['crew', '/alerts'], ['watchOfficer', '/entries'],
    ['dispatcher', '/presence'], ['admin', '/cameras'], ['auditor', '/roster']];

/** `rate` requests a second, evenly, for `seconds`: reads, and every tenth one that writes (presence). Times in ms. */
async function ask(site, during = seconds) {
    const times = [], failures = new Map();
    const running = [];
    const start = performance.now();
    for (let i = 0; i < rate * during; i++) {
        const due = start + (i * 1000) / rate;
        if (due > performance.now()) await sleep(due - performance.now());
        const [name, route] = reads[i % reads.length];
        const officer = site.cast[name];
        const began = performance.now();
        const work = i % 10 === 9 ? site.cast.reviewerTwo.present('reviewer') : officer.get(route);
        running.push(work.then(() => times.push(performance.now() - began),
            (problem) => failures.set(problem.message, 1 + (failures.get(problem.message) ?? 0))));
    }
    await Promise.all(running);
    return { ...percentiles(times), failures: Object.fromEntries(failures) };
}

/** What the desk counts: its connections, and those it ended to make room, for coming too fast, for being late. */
async function connections(site) {
    const text = (await exchange(site, 'GET', '/metrics')).body.toString();
    const read = (name) => Number(text.split('\n').find((line) => line.startsWith(`${name} `)).split(' ')[1]);
    const ended = (why) => read(`mizan_connections_ended_total{why="${why}"}`);
    return { open: read('mizan_connections'), room: ended('room'), rate: ended('rate'), late: ended('late') };
}

/** The crowd of crowd.mjs, once it has had all its places. */
async function gather(site) {
    const child = fork(fileURLToPath(new URL('crowd.mjs', import.meta.url)), [String(site.port), String(PLACES)], { execArgv: [] });
    const crowd = { begun: 0, end: () => child.kill() };
    child.on('message', (state) => Object.assign(crowd, state));
    while (crowd.begun < PLACES) await sleep(50);
    return crowd;
}

/** One alert from the sighting to the packet; "not found" ends it so that the next may come. Time of the last two human answers' machine part. */
async function playAlert(site) {
    const { crew } = site.cast;
    walkBy(site, 'gate');
    const { alert, reviewers } = await site.untilDrawn(90);
    emptyStreet(site, 'gate');
    await site.review(reviewers[0], alert, 'same');
    const began = performance.now();
    await site.review(reviewers[1], alert, 'same');
    await site.dispatch(alert);
    const { packet } = await crew.get(`/packets/${alert.alert}`);
    await openPacket(packet, crew.device, `packet:${alert.alert}`);
    const took = performance.now() - began;
    const act = (step, type, fields = {}) => crew.act(`/alerts/${alert.alert}/${step}`, type, { alert: alert.alert, ...fields });
    await act('acceptance', 'acceptance', { answer: 'accepted' });
    await act('outcome', 'outcome', { outcome: 'not_found', harm: 'none', means: 'none', case: '' });
    return took;
}

let people = 0;
let played = 0;

/** Another operation for another entry. */
async function nextOperation(site) {
    const { operation } = site;
    await site.cast.watchOfficer.act(`/operations/${operation}/end`, 'operation_end', { operation });
    await site.untilOperation(operation, 'wiped', 60);
    await site.publishRecord();
    site.listed = await site.enrol('subject-1.jpg', { ...subject, cnic: `42101-000${1000 + ++people}-1` });
    site.operation = await site.authoriseOperation([site.listed.entry]);
    await site.untilOperation(site.operation, 'running', 60);
}

/** From the second "same" to the opened packet, in ms. */
async function playAlerts(site) {
    const taken = [];
    while (taken.length < alerts) {
        if (played > 0 && played % ALERTS_AN_OPERATION === 0) await nextOperation(site);
        await site.presentAll();
        taken.push(await playAlert(site));
        played++;
    }
    return percentiles(taken);
}

/** What the desk has of the crowd meanwhile: connections once a second, those it ended, its own processor time. */
async function watchDesk(site, work) {
    const before = await connections(site);
    const [began, worked] = [performance.now(), processorMs(site.desk.pid)];
    const open = [];
    const sampling = setInterval(() => connections(site).then((now) => open.push(now.open), () => {}), 1000);
    const result = await work();
    clearInterval(sampling);
    const after = await connections(site);
    const took = performance.now() - began;
    const cores = Number(((processorMs(site.desk.pid) - worked) / took).toFixed(2));
    return { ...result, seconds: Math.round(took / 1000), desk: { cores, open: percentiles([...open, after.open]), ended_for_room: after.room - before.room,
        ended_for_rate: after.rate - before.rate, ended_late: after.late - before.late } };
}

/** Events and alerts beside the crowd. */
async function besideCrowd(site, heard) {
    const crowd = await gather(site);
    const under = [];
    for (let i = 0; i < rounds; i++) under.push((await eventDelays(site, heard, 1)).most);
    await site.presentAll();
    const packets = alerts > 0 ? await playAlerts(site) : undefined;
    while (crowd.begun < hostile) await sleep(100);
    crowd.end();
    return { places: PLACES, begun: crowd.begun, event_most_ms: percentiles(under), second_same_to_packet_ms: packets };
}

/** Presence that is confirmed is an event: how late it comes to each stream, from before the request on. */
async function eventDelays(site, heard, rounds) {
    const delays = [];
    for (let i = 0; i < rounds; i++) {
        heard.clear();
        const began = performance.now();
        await site.cast.dispatcher.leave();
        await site.cast.dispatcher.present('dispatcher');
        await sleep(400);
        for (const times of heard.values()) for (const at of times) if (at >= began) delays.push(at - began);
    }
    return percentiles(delays);
}

/** The desk's own processor time while `work` runs, in ms for each of `count`: what stays the same on a busy machine. */
async function deskTime(site, count, work) {
    const before = processorMs(site.desk.pid);
    const result = await work();
    return { ...result, desk_ms_each: Number(((processorMs(site.desk.pid) - before) / count).toFixed(2)) };
}

const site = await Site.make(path.join(buildFolder, 'load'), { scenes: alerts > 0 ? { gate: 'nobody.mp4', ...scenes } : {} });
const heard = new Map();
const hear = (id, at) => heard.set(id, [...(heard.get(id) ?? []), at]);
let missed = false;
try {
    if (alerts > 0) {
        await site.startAll(['gate']);
    } else {
        await site.startDesk();
        await site.signInAll();
        await site.presentAll();
    }
    const result = { streams, rate, seconds, before: memory(site) };
    const open = await openStreams(site, hear);
    result.requests = await deskTime(site, rate * seconds, () => ask(site));
    // Each round is two requests with an event each, to every stream.
    result.events_ms = await deskTime(site, 2 * rounds, () => eventDelays(site, heard, rounds));
    if (alerts > 0) result.second_same_to_packet_ms = await playAlerts(site);
    result.hostile = await watchDesk(site, () => besideCrowd(site, heard));
    result.requests_after = await ask(site, Math.min(5, seconds));
    result.after = memory(site);
    for (const stream of open) stream.destroy();
    result.load_average = fs.readFileSync('/proc/loadavg', 'utf8').split(' ')[0];
    console.log(JSON.stringify(result, null, 1));
    const json = process.argv.indexOf('--json');
    if (json > 0) fs.writeFileSync(process.argv[json + 1], JSON.stringify(result));
    const over = [[result.requests.p99 > 50, 'p99 of requests over 50 ms'], [result.after.peak_mb > 200, 'more than 200 MB'],
        [Object.keys(result.requests.failures).length > 0, 'failed requests'],
        [(result.second_same_to_packet_ms?.p95 ?? 0) > 300, 'second "same" to packet over 300 ms'],
        [(result.hostile.second_same_to_packet_ms?.p95 ?? 0) > 300, 'second "same" to packet over 300 ms beside the crowd'],
        [result.hostile.event_most_ms.p95 > 1000, 'events over 1 s under the crowd']].filter(([over]) => over);
    for (const [, words] of over) console.log(`over budget: ${words}`);
    missed = process.argv.includes('--budget') && over.length > 0;
} finally {
    await site.end();
}
process.exit(missed ? 1 : 0);
