// A demo site on this machine: its cast with keys of their own, its folder, its desk and its test cameras. Used by
// ./demo and by the tests of the API, so both run the real processes.
import fs from 'node:fs';
import net from 'node:net';
import https from 'node:https';
import path from 'node:path';
import { spawn, execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Officer, exchange, nowSeconds, sleep } from './officer.mjs';
import { base64, canonical, newId, newDeviceKey, openKeyFile, sealKeyFile, sha256 } from '../../web/statement.js';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const buildFolder = path.resolve(root, process.env.MIZAN_BUILD ?? 'build');
export const assets = path.resolve(root, process.env.MIZAN_ASSETS ?? 'build/assets');
export const mizan = path.join(buildFolder, 'src/cli/mizan');
const testCamera = path.join(buildFolder, 'tools/test-camera/mizan-test-camera');
const passphrase = 'demo';
/** PBKDF2's rounds protect nothing that opens with the word "demo". */
const knownToAll = 1000;
/** Each part has a host name of its own, so that one browser holds many sessions; browsers take all of them for this machine. */
const hosts = 'localhost,127.0.0.1,*.mizan.localhost';

const offices = { investigation: newId('f'), prosecution: newId('f'), controlRoom: newId('f'), district: newId('f'), patrol: newId('f') };

/** The control room calls a unit by the last four of its id. */
const unitId = (number) => `${newId('u').slice(0, -4)}${String(number).padStart(4, '0')}`;

/** Who plays: role → what the roster says. Five persons at least are needed for one alert; here are more. */
const parts = {
    watchOfficer: { name: 'Watch officer', office: offices.investigation, roles: ['watch_officer'] },
    approver: { name: 'Approver', office: offices.prosecution, roles: ['authoriser'] },
    authoriserOne: { name: 'First authoriser', office: offices.prosecution, roles: ['authoriser'] },
    authoriserTwo: { name: 'Second authoriser', office: offices.district, roles: ['authoriser'] },
    reviewerOne: { name: 'Reviewer one', office: offices.controlRoom, roles: ['reviewer'] },
    reviewerTwo: { name: 'Reviewer two', office: offices.district, roles: ['reviewer'] },
    reviewerThree: { name: 'Reviewer three', office: offices.prosecution, roles: ['reviewer'] },
    dispatcher: { name: 'Dispatcher', office: offices.controlRoom, roles: ['dispatcher'] },
    crew: { name: 'Crew of ERV 0001', office: offices.patrol, roles: ['crew'], unit: unitId(1), called: 'ERV-01' },
    secondCrew: { name: 'Crew of ERV 0002', office: offices.patrol, roles: ['crew'], unit: unitId(2), called: 'ERV-02' },
    station: { name: 'Station duty officer', office: offices.district, roles: ['station'], station: newId('s'), called: 'Saddar' },
    auditor: { name: 'Auditor', office: newId('f'), roles: ['auditor'] },
    admin: { name: 'Administrator', office: newId('f'), roles: ['admin'] },
};

/** Where the demonstration's cameras and units stand: invented, in the two zones of map.geojson. */
const spots = {
    gate: { latitude_e7: 248607000, longitude_e7: 670011000 }, market: { latitude_e7: 248592000, longitude_e7: 670152000 },
    station: { latitude_e7: 248561000, longitude_e7: 670046000 }, crossing: { latitude_e7: 248641000, longitude_e7: 670187000 },
    crew: { latitude_e7: 248625000, longitude_e7: 670052000 }, secondCrew: { latitude_e7: 248551000, longitude_e7: 670168000 },
};

/** An invented person with an invented case: the consenting test subject. */
export const subject = {
    name: 'Demo person A',
    father: 'Played by a consenting subject',
    cnic: '42101-0000001-1',
    born: 1980,
    gender: 'male',
    description: 'Plays the wanted person in the demonstration',
};

const canListen = (port) => new Promise((resolve) => {
    const probe = net.createServer().once('error', () => resolve(false)).listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
});

let given = 0;

/** Below those that the system takes for connections, so that none of them has it by the time it is listened at; of a hundred that are this process's own. */
export async function freePort() {
    for (let tries = 0; tries < 100; tries++) {
        const port = 20000 + (process.pid % 120) * 100 + (given++ % 100);
        if (await canListen(port)) return port;
    }
    throw new Error('no port is free');
}

/** A story that breaks off leaves none of them behind. */
const running = new Set();
process.on('exit', () => running.forEach((child) => child.kill('SIGKILL')));

/** Starts a program and resolves with the first line of its output that begins with `ready`. */
function startProgram(command, args, log, input = 'ignore') {
    return new Promise((resolve, reject) => {
        const output = log ? fs.openSync(log, 'a') : 'ignore';
        const child = spawn(command, args, { stdio: [input, 'pipe', output] });
        if (log) fs.closeSync(output);
        running.add(child);
        let text = '';
        child.stdout.on('data', (chunk) => {
            text += chunk;
            const line = text.split('\n').find((one) => one.startsWith('ready ') && text.includes('\n'));
            if (line) resolve({ child, ready: line.slice(6).trim() });
        });
        child.on('error', reject);
        child.on('exit', (code, signal) => {
            child.ended = { code, signal };
            running.delete(child);
            reject(new Error(`${path.basename(command)} ${args[0]} ended with ${code ?? signal}; see ${log}`));
        });
    });
}

function endProgram(child, signal = 'SIGTERM') {
    if (!child || child.ended) return Promise.resolve();
    return new Promise((resolve) => {
        child.once('exit', resolve);
        child.kill(signal);
    });
}

export class Site {
    kind = 'demo';
    program = mizan;
    pack = path.join(assets, 'pack');
    /** What was measured of it: signed in NAME.json, the key in NAME.pub. */
    report = path.join(root, 'assets/reports/demo');
    /** How long ago the root signed the roster. */
    rosterAge_s = 0;
    /** The roster's lines besides those of the cast. */
    crowd = { officers: [], units: [], stations: [] };
    /** Ids of cases that who is proposed has besides the first. */
    moreCases = [];
    /** Whose case the first is, and each after it. */
    stationOfCase = () => this.cast.station.station;

    /** Makes the folder, the keys and the roster; nothing runs yet. scenes: {name: file of assets/scenes}; more: parts besides the usual ones. */
    static async make(folder, { scenes = { gate: 'loop.mp4' }, port, more = {}, webcam } = {}) {
        const site = new this();
        Object.assign(site, { folder, scenes, webcam, name: 'demo-karachi', port: port ?? (await freePort()), cameras: {} });
        site.agent = new https.Agent({ keepAlive: true, maxSockets: 32 });
        fs.rmSync(folder, { recursive: true, force: true });
        fs.mkdirSync(path.dirname(folder), { recursive: true });
        site.mizan('site', 'init', folder, '--name', site.name, '--kind', site.kind, '--pack', site.pack, '--report',
            `${site.report}.json`, '--port', String(site.port), '--hosts', hosts);
        await site.settle();
        site.ca = fs.readFileSync(path.join(folder, 'ca.pem'));
        fs.copyFileSync(path.join(root, 'tools/demo/map.geojson'), path.join(folder, 'map.geojson'));
        fs.symlinkSync(path.join(buildFolder, 'pictures'), path.join(folder, 'pictures'));
        await site.castParts(more);
        site.writePorts({});
        return site;
    }

    /** What the folder needs before there are officers. */
    async settle() {
        fs.appendFileSync(path.join(this.folder, 'site.ini'), '\n[review]\nlook_s = 1\n');
    }

    mizan(...args) {
        return execFileSync(this.program, args, { env: { ...process.env, MIZAN_PASSPHRASE: passphrase }, encoding: 'utf8', stdio: 'pipe' });
    }

    async castParts(more) {
        this.cast = {};
        for (const [place, [part, about]] of Object.entries({ ...parts, ...more }).entries()) {
            this.cast[part] = await Officer.make(newId('o'), { serviceNumber: `KHI-${48201 + place}`, ...about });
            this.cast[part].site = this;
            // A second officer of a car has that car's device.
            const { unit, device } = this.cast[about.ridesWith] ?? {};
            if (about.ridesWith) Object.assign(this.cast[part], { unit, device });
        }
        this.oversight = await newDeviceKey(true);
        // What was sealed to oversight opens with the body's key, which its inspector holds.
        for (const one of Object.values(this.cast)) if (one.roles.includes('inspector')) one.device = this.oversight;
        await this.signRoster(1, '0'.repeat(64));
    }

    rootKey() {
        return fs.readFileSync(path.join(this.folder, 'root.pub'), 'utf8').split('\n')[0];
    }

    /** Whom a device believes that was enrolled here. */
    pinnedKeys() {
        return { root_key: this.rootKey() };
    }

    /** An officer's keys, sealed under the demo's passphrase: what a page signs in with. */
    async keyFile(officer) {
        if (officer.keys) return officer.keys;
        const about = { officer: officer.id, name: officer.name, site: this.name, roles: officer.roles, unit: officer.unit ?? '', ...this.pinnedKeys() };
        return (officer.keys = await sealKeyFile(about, officer.key, officer.device, passphrase, knownToAll));
    }

    /** What `reopen` needs of a site that goes on another time. */
    async keep() {
        const cast = {};
        for (const [part, { name, office, roles, serviceNumber, unit, station, called, id }] of Object.entries(this.cast))
            cast[part] = { about: { name, office, roles, serviceNumber, unit, station, called, id }, keys: await this.keyFile(this.cast[part]) };
        const { port, cameraPort, cameras, statuses, listed, operation } = this;
        fs.writeFileSync(path.join(this.folder, 'cast.json'), JSON.stringify({ cast, port, cameraPort, cameras, statuses, listed, operation }), { mode: 0o600 });
    }

    /** A kept site with the cameras it was made with; nothing runs yet. */
    static async reopen(folder, streams) {
        const { cast, ...rest } = JSON.parse(fs.readFileSync(path.join(folder, 'cast.json')));
        const played = Object.keys(rest.cameras).filter((name) => name !== 'webcam');
        const scenes = { ...Object.fromEntries(played.map((name) => [name, 'nobody.mp4'])), ...streams };
        const site = Object.assign(new Site(), { folder, scenes, name: 'demo-karachi', cast: {}, ...rest });
        site.agent = new https.Agent({ keepAlive: true, maxSockets: 32 });
        site.ca = fs.readFileSync(path.join(folder, 'ca.pem'));
        for (const [part, { about, keys }] of Object.entries(cast)) {
            const { signing, device } = await openKeyFile(keys, passphrase);
            site.cast[part] = Object.assign(new Officer(), about, { key: signing, device, keys, site });
        }
        return site;
    }

    async signRoster(number, previous) {
        const officers = Object.values(this.cast);
        const device = (one) => ({ key: one.device.public, ...(one.called && { name: one.called }) });
        const fields = {
            type: 'roster', site: this.name, by: 'root', at: nowSeconds() - this.rosterAge_s, kind: this.kind, number, previous,
            officers: [...officers.map((one) => one.rosterLine()), ...this.crowd.officers],
            units: [...officers.filter((one) => one.unit && !one.ridesWith).map((one) => ({ unit: one.unit, ...device(one) })), ...this.crowd.units],
            stations: [...officers.filter((one) => one.station).map((one) => ({ station: one.station, ...device(one) })), ...this.crowd.stations],
            report_keys: [fs.readFileSync(`${this.report}.pub`, 'utf8').trim()],
            oversight_key: this.oversight.public,
        };
        const unsigned = path.join(this.folder, 'roster-fields.json');
        fs.writeFileSync(unsigned, canonical(fields));
        fs.writeFileSync(path.join(this.folder, 'roster.json'),
            this.mizan('sign', 'statement', path.join(this.folder, 'offline/root.key'), unsigned));
    }

    /** What the simulated identity register and case status source answer. */
    writePorts({ registered = { [subject.cnic]: 'thumb' }, registerAvailable = true, statuses = {}, statusAvailable = true }) {
        const lines = (pairs) => Object.entries(pairs).map(([key, value]) => `${key} = ${value}\n`).join('');
        const beside = path.join(this.folder, 'ports.ini.new');
        fs.writeFileSync(beside,
            `[register]\navailable = ${registerAvailable ? 'yes' : 'no'}\n${lines(registered)}\n` +
            `[status]\navailable = ${statusAvailable ? 'yes' : 'no'}\n${lines(statuses)}`);
        fs.renameSync(beside, path.join(this.folder, 'ports.ini'));
    }

    async startCameras() {
        const args = Object.entries(this.scenes).map(([name, file]) => `${name}=${path.join(assets, 'scenes', file)}`);
        this.cameraPort ??= await freePort();
        const { child } = await startProgram(testCamera, ['--port', String(this.cameraPort), ...args],
            path.join(this.folder, 'camera.log'), 'pipe');
        this.camera = child;
    }

    /** From the next picture on this camera shows another scene from its begin (all scenes are served as streams). */
    play(name, scene) {
        this.camera.stdin.write(`${name} switch ${scene}\n`);
    }

    endCameras() {
        return endProgram(this.camera);
    }

    async startDesk(...words) {
        const log = path.join(this.folder, 'desk.log');
        const args = ['desk', this.folder, ...words, ...(process.env.MIZAN_VERBOSE ? ['--verbose'] : [])];
        const { child } = await startProgram(this.program, args, log);
        this.desk = child;
    }

    /** As an operating system crash of the process would: no goodbye. Children must follow by themselves. */
    async killDesk() {
        await endProgram(this.desk, 'SIGKILL');
    }

    /** Process numbers of this site's children by kind: feed, watch or still. */
    children(kind) {
        const own = new Map();
        for (const entry of fs.readdirSync('/proc').filter((one) => /^\d+$/.test(one))) {
            try {
                const words = fs.readFileSync(`/proc/${entry}/cmdline`, 'utf8').split('\0');
                const parent = /PPid:\t(\d+)/.exec(fs.readFileSync(`/proc/${entry}/status`, 'utf8'))[1];
                if (words[1] === kind && Number(parent) === this.desk.pid) own.set(Number(entry), words);
            } catch {
                continue;
            }
        }
        return [...own.keys()];
    }

    async end() {
        await endProgram(this.desk);
        await this.endCameras();
        this.agent.destroy();
    }

    async signInAll() {
        await Promise.all(Object.values(this.cast).map((one) => one.signIn()));
    }

    async presentAll() {
        const { reviewerOne, reviewerTwo, reviewerThree, dispatcher, crew, secondCrew } = this.cast;
        await Promise.all([reviewerOne, reviewerTwo, reviewerThree].map((one) => one.present('reviewer')));
        await dispatcher.present('dispatcher');
        await Promise.all([crew, secondCrew].map((one) => one.present('crew')));
    }

    async placeUnits() {
        for (const part of ['crew', 'secondCrew']) await this.cast[part].call('PUT', '/position', spots[part]);
    }

    async registerCamera(name, address = `rtsp://127.0.0.1:${this.cameraPort}/${name}`) {
        const fields = { camera: newId('c'), name: `Demo camera ${name} (illustrative place)`, address,
            ...(spots[name] ?? spots.gate), heading_deg: 90, tls: '', sign_checked_at: nowSeconds() };
        const { admin } = this.cast;
        const reply = await admin.call('POST', '/cameras', { envelope: await admin.statement('camera', fields), credentials: '' });
        this.cameras[name] = { id: fields.camera, key: reply.key };
        return this.cameras[name];
    }

    /** Proposes the test subject; resolves {entry, case, photo, proposal_hash}. `paper`: the ground, where its photograph is from, the section, and how long it is listed. */
    async propose(photoFile = 'subject-1.jpg', person = subject, paper = {}) {
        const { ground = 'consenting_test_subject', source = 'consenting_subject', section = 'DEMO 1', days = 7 } = paper;
        const { watchOfficer } = this.cast;
        const photo = await watchOfficer.upload('/photos', fs.readFileSync(path.join(assets, 'photos', photoFile)));
        const entry = newId('e');
        const caseId = newId('k');
        const day = 86400;
        const { proposal_hash } = await watchOfficer.act('/entries', 'entry_proposal', {
            entry, ground, person,
            cases: [caseId, ...this.moreCases].map((one, i) => ({ case: one, kind: 'court', number: `DEMO-${i + 1}/2026`, section, station: this.stationOfCase(i),
                dated: nowSeconds() - 10 * day, officer: watchOfficer.id })),
            photos: [{ photo: photo.photo, file_hash: photo.file_hash, source, record_number: 'DEMO-1', dated: nowSeconds() - day }],
            expires_at: nowSeconds() + days * day,
        });
        return { entry, case: caseId, photo, proposal_hash };
    }

    /** Proposes and approves the test subject; resolves {entry, case, photo}. */
    async enrol(photoFile, person) {
        const { proposal_hash, ...listed } = await this.propose(photoFile, person);
        await this.cast.approver.act(`/entries/${listed.entry}/approval`, 'entry_approval', {
            entry: listed.entry, proposal_hash, answer: 'approved', reason: '' });
        this.statuses = { ...this.statuses, [listed.case]: 'live' };
        this.writePorts({ statuses: this.statuses });
        return listed;
    }

    /** Draft and request, of entries by their ids; `paper`: the site's kind, purpose and why-here. Resolves {operation, request_hash}. */
    async requestOperation(entries, cameraNames = Object.keys(this.cameras), minutes = 30, paper = {}) {
        const { kind = 'demo', purpose = 'trial', why_here = 'trial' } = paper;
        const { watchOfficer } = this.cast;
        const operation = newId('op');
        const reasons = [{ why_here, why_reference: 'DEMO', why_dated: nowSeconds() - 86400, entries: [...entries].sort() }];
        const terms = await watchOfficer.call('POST', '/drafts', {
            operation, reasons, cameras: cameraNames.map((name) => this.cameras[name].id) });
        const { request_hash } = await watchOfficer.act('/operations', 'operation_request', {
            kind, operation, purpose, reasons,
            cameras: [...terms.cameras].sort(), list_hash: terms.list_hash, list_size: terms.list_size,
            pack_hash: terms.pack_hash, report_hash: terms.report_hash, threshold_e6: terms.threshold_e6,
            camera_class: terms.camera_class, expected_passages: 1000,
            assessment_hash: await sha256('demonstration assessment'), assessment_dated: nowSeconds() - 86400, notice_confirmed: true,
            starts_at: nowSeconds(), ends_at: nowSeconds() + minutes * 60 });
        return { operation, request_hash };
    }

    /** Requested and signed by two authorisers. Resolves the operation's id; it runs once presence is enough. */
    async authoriseOperation(...asked) {
        const { operation, request_hash } = await this.requestOperation(...asked);
        for (const officer of [this.cast.authoriserOne, this.cast.authoriserTwo])
            await officer.act(`/operations/${operation}/authorisations`, 'authorisation', {
                operation, request_hash, answer: 'authorised' });
        return operation;
    }

    untilOperation(operation, state, seconds = 60) {
        return this.cast.dispatcher.until(`/operations/${operation}`,
            (one) => one.state === state && (state !== 'running' || one.cameras.every((camera) => ['running', 'degraded'].includes(camera.state))),
            { seconds, what: `operation ${state}` });
    }

    /** From nothing to a running operation on these scenes' cameras, with everybody present. */
    async startAll(names = Object.keys(this.scenes)) {
        await this.startCameras();
        await this.startDesk();
        await this.signInAll();
        for (const name of names) await this.registerCamera(name);
        this.listed = await this.enrol();
        await this.presentAll();
        this.operation = await this.authoriseOperation([this.listed.entry]);
        await this.untilOperation(this.operation, 'running');
    }

    /** The first open alert that a reviewer is drawn for, with its two (or three) drawn reviewers. */
    async untilDrawn(seconds = 60) {
        const reviewers = [this.cast.reviewerOne, this.cast.reviewerTwo, this.cast.reviewerThree];
        const end = Date.now() + seconds * 1000;
        for (;;) {
            const views = await Promise.all(reviewers.map(async (one) => ({ one, alerts: (await one.get('/alerts')).alerts })));
            const drawn = views.filter(({ alerts }) => alerts.some((alert) => alert.state === 'raised' && !alert.answered));
            if (drawn.length >= 2) {
                const alert = drawn[0].alerts.find((one) => one.state === 'raised' && !one.answered);
                return { alert, reviewers: drawn.map(({ one }) => one) };
            }
            if (Date.now() > end) throw new Error(`no alert for two reviewers in ${seconds} s`);
            await sleep(100);
        }
    }

    /** One that nobody has to hurry for: the reviewers have most of their time left. */
    async untilFreshlyDrawn(left_s = 35) {
        for (;;) {
            const drawn = await this.untilDrawn(90);
            if (drawn.alert.answer_by - nowSeconds() >= left_s) return drawn;
            await sleep(300);
        }
    }

    /** Looks at both pictures first, as the desk demands of whoever may. */
    async review(officer, alert, answer) {
        for (const name of ['probe', 'enrolled']) await officer.bytes(`/alerts/${alert.alert}/pictures/${name}`).catch(() => {});
        return officer.act(`/alerts/${alert.alert}/reviews`, 'review', {
            alert: alert.alert, passage: alert.passage, pictures_hash: alert.pictures_hash, answer,
            likenesses: answer === 'same' ? ['nose', 'eyes'] : [], differences: answer === 'different' ? ['chin'] : [] });
    }

    dispatch(alert, crew = this.cast.crew) {
        return this.cast.dispatcher.act(`/alerts/${alert.alert}/dispatch`, 'dispatch', {
            alert: alert.alert, passage: alert.passage, pictures_hash: alert.pictures_hash, unit: crew.unit,
            travel: 'on_foot', colour: 'unknown', clothing: 'trousers_shirt', pillion: false, heading: 'east' });
    }

    /** Two "same": the alert is agreed. */
    async untilAgreed(seconds = 60) {
        const { alert, reviewers } = await this.untilDrawn(seconds);
        await this.review(reviewers[0], alert, 'same');
        await this.review(reviewers[1], alert, 'same');
        return { ...alert, ...(await this.cast.dispatcher.get(`/alerts/${alert.alert}`)) };
    }

    async untilStopped(crew = this.cast.crew, seconds = 60) {
        const alert = await this.untilAgreed(seconds);
        await this.dispatch(alert, crew);
        const act = (step, type, fields = {}) => crew.act(`/alerts/${alert.alert}/${step}`, type, { alert: alert.alert, ...fields });
        await act('acceptance', 'acceptance', { answer: 'accepted' });
        await act('arrival', 'arrival');
        const stop = await act('stop', 'stop');
        return { alert, act, slip: stop.slip, slip_proof: stop.slip_proof };
    }

    async exportLog(file = path.join(this.folder, 'log.export')) {
        fs.writeFileSync(file, await this.cast.auditor.bytes('/log'));
        return file;
    }

    /** Before the record of an operation that ran is published, no other one arms. */
    async publishRecord() {
        const { auditor } = this.cast;
        const { through, record_hash } = await auditor.get(`/operations/${this.operation}/record`);
        return auditor.act(`/operations/${this.operation}/publication`, 'publication', { operation: this.operation, through, record_hash });
    }

    verifyLog(file) {
        return this.mizan('audit', 'verify', file, '--key', path.join(this.folder, 'log-key.pub'));
    }
}

export { exchange, newId, nowSeconds, sleep };
