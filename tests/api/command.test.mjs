// The command line, played by officers whose keys lie in its own key files, against a real desk.
import fs from 'node:fs';
import path from 'node:path';
import https from 'node:https';
import { createHash } from 'node:crypto';
import { execFile, spawn, spawnSync } from 'node:child_process';
import { assert, refused, story, subject, nowSeconds, sleep } from './story.mjs';
import { holdDesk } from './held-desk.mjs';
import { lendClock } from './preload.mjs';
import { castKeys, castOversight, castStation, inspector } from './keys.mjs';
import { mizan, assets } from '../../tools/demo/site.mjs';
import { sha256 } from '../../web/statement.js';

const environment = { ...process.env, MIZAN_PASSPHRASE: 'demo' };

/** Runs `mizan NOUN VERB …` as this officer. */
function command(site, part, words, options = {}) {
    const args = [...words, '--site', options.url ?? `https://localhost:${site.held}`, '--ca', options.ca ?? path.join(site.folder, 'ca.pem'),
        '--key', options.key ?? site.keys[part].file];
    if (options.keep) args.push('--session', path.join(site.folder, `${part}.session`));
    return spawnSync(mizan, args, { env: { ...environment, ...options.env }, encoding: 'utf8', input: options.input ?? '' });
}

/** A story whose commands hear nothing but what docs/openapi.json describes. */
const commanded = (name, work, options) => story(name, async (site) => {
    const { port, end } = await holdDesk(site);
    site.held = port;
    // A connection that is kept is over when a command has taken its time.
    site.agent = new https.Agent();
    try {
        await work(site);
    } finally {
        await end();
    }
}, options);

function must(site, part, words, options) {
    const ran = command(site, part, [...words, '--yes', '--json'], options);
    assert.equal(ran.status, 0, `${words.join(' ')}: ${ran.stderr}`);
    return ran.stdout.startsWith('{') ? JSON.parse(ran.stdout) : ran.stdout;
}

function mustFail(site, part, words, status, said, options) {
    const ran = command(site, part, words, options);
    assert.equal(ran.status, status, `${words.join(' ')}: ${ran.status} ${ran.stderr}`);
    assert.match(ran.stderr, said);
}

const quiet = { more: inspector, prepare: async (site) => {
    castKeys(site);
    castOversight(site);
    await site.signRoster(1, '0'.repeat(64));
    await site.startDesk();
    await site.cast.auditor.signIn();
} };

const outsideSigner = { name: 'Judge', office: 'f-00000000000000cc', roles: ['outside_signer'] };
const allOffices = { more: { ...inspector, outsideSigner }, prepare: async (site) => {
    fs.mkdirSync(path.join(site.folder, 'keys-elsewhere'));
    fs.appendFileSync(path.join(site.folder, 'site.ini'),
        `\n[backup]\nfolder = ${path.join(site.folder, 'backups')}\nkeys = ${path.join(site.folder, 'keys-elsewhere')}\n`);
    await quiet.prepare(site);
    await site.signInAll();
} };

function propose(site) {
    const { photo } = must(site, 'watchOfficer', ['photo', 'add', path.join(assets, 'photos', 'subject-1.jpg')]);
    const file = path.join(site.folder, 'proposal.json');
    const day = 86400;
    fs.writeFileSync(file, JSON.stringify({ person: subject, ground: 'consenting_test_subject',
        cases: [{ case: 'k-0000000000000001', kind: 'court', number: 'DEMO-1/2026', section: 'DEMO 1', station: site.cast.station.station,
            dated: nowSeconds() - 10 * day, officer: site.keys.watchOfficer.officer }],
        photos: [{ photo, source: 'consenting_subject', record_number: 'DEMO-1', dated: nowSeconds() - day }] }));
    return must(site, 'watchOfficer', ['entry', 'propose', '--fields', file, '--expires-at', '+7d']);
}

function aTableIsProposedLineByLine(site) {
    const { photo } = must(site, 'watchOfficer', ['photo', 'add', path.join(assets, 'photos', 'subject-1.jpg')]);
    const day = (offset) => new Date((nowSeconds() + offset * 86400) * 1000).toISOString().slice(0, 10);
    const line = (ground, cnic) => [ground, 'Demo person C', '', cnic, 1980, 'male', '', 'court', 'DEMO-3/2026', 'DEMO 3', site.cast.station.station,
        day(-10), 'SI Demo', photo, 'consenting_subject', 'DEMO-3', day(-1), day(7)].join(',');
    const [table, judged] = [path.join(site.folder, 'table.csv'), path.join(site.folder, 'judged.json')];
    fs.writeFileSync(table, ['ground,name,father,cnic,born,gender,description,case_kind,case_number,case_section,case_station,case_dated,case_officer,photo,'
        + 'photo_source,photo_record,photo_dated,expires', line('of_interest', '42101-0000003-3'), line('consenting_test_subject', '42101-0000005-5'), ''].join('\n'));
    must(site, 'watchOfficer', ['import', 'csv', table, '--to', judged]);
    const asked = command(site, 'watchOfficer', ['import', 'proposals', judged]);
    assert.equal(asked.status, 64);
    assert.match(asked.stderr, /cnic: 42101-0000005-5[^]*nothing was signed/);
    assert.doesNotMatch(asked.stderr, /42101-0000003-3/, 'a refused line is offered to be signed');
    const { good, refused, lines: [{ entry, state }] } = must(site, 'watchOfficer', ['import', 'proposals', judged]);
    assert.deepEqual([good, refused, state], [1, 0, 'proposed']);
    assert.equal(must(site, 'approver', ['entry', 'show', entry]).person.cnic, '42101-0000005-5');
    fs.writeFileSync(judged, JSON.stringify({ lines: [{ line: 2, code: 'invalid', reason: 'no ground' }] }));
    mustFail(site, 'watchOfficer', ['import', 'proposals', judged, '--yes'], 65, /nothing to sign/);
}

/** What the offices sign for the site as a whole. */
async function theOfficesSignWhatHoldsEverywhere(site) {
    await mustSignNothing(site, 'outsideSigner', '/offences', (shown) => ({ ...shown, table: shown.table.replace('7', '3') }), ['offence', 'sign'], /another table/);
    await mustSignNothing(site, 'outsideSigner', '/offences', ({ table, ...rest }) => rest, ['offence', 'sign'], /does not show the table/);
    const { table_hash, confirmed } = must(site, 'outsideSigner', ['offence', 'sign', '--table-hash', must(site, 'authoriserOne', ['offence', 'show']).table_hash]);
    assert.equal(confirmed, true, table_hash);
    const far = [{ kind: 'court', name: 'A court elsewhere', latitude_e7: 250000000, longitude_e7: 680000000, radius_m: 100, from: 0, until: 0 }];
    assert.deepEqual(must(site, 'authoriserOne', ['place', 'create', '--part', '0', '--number', '1', '--places', JSON.stringify(far)]).halted, []);
    assert.equal(must(site, 'auditor', ['place', 'list']).parts[0].places[0].name, far[0].name);
    const feed = ['status', 'create', '--station', site.cast.station.station, '--taken-at', 'now', '--cases', JSON.stringify([{ case: 'k-0000000000000001', status: 'live' }])];
    assert.equal(must(site, 'station', feed).refreshed, 1);
}

/** Begun without the outside signer, who agrees afterwards; halted, resumed by two offices, ended, its record published. */
async function anUrgentOperationIsRatifiedHaltedResumedAndPublished(site, operation) {
    await site.presentAll();
    await site.cast.dispatcher.until(`/operations/${operation}`, ({ state }) => state === 'running', { what: 'the urgent operation' });
    assert.equal(must(site, 'outsideSigner', ['operation', 'ratify', operation, '--answer', 'ratified']).state, 'running');
    assert.equal(must(site, 'authoriserOne', ['operation', 'halt', operation, '--reason', 'safety']).state, 'halted');
    assert.match(command(site, 'auditor', ['operation', 'list']).stdout, /state: halted/);
    const resume = (part) => must(site, part, ['operation', 'resume', operation, '--reason', 'checked']).state;
    assert.deepEqual([resume('authoriserOne'), resume('authoriserTwo')], ['halted', 'running']);
    assert.equal(must(site, 'watchOfficer', ['operation', 'end', operation]).state, 'ended');
    const record = `/operations/${operation}/record`, publish = ['operation', 'publish', operation];
    await mustSignNothing(site, 'auditor', record, (shown) => ({ ...shown, record: { ...shown.record, alerts: 7 } }), publish, /another record/);
    await mustSignNothing(site, 'auditor', record, (shown) => shown, ['operation', 'publish', 'op-0000000000000001'], /another record/);
    assert.match(must(site, 'auditor', publish).record_hash, /^[0-9a-f]{64}$/);
}

/** Somebody's telephone is lost, somebody's device is suspended, and all of it is in a backup. */
async function theAdministratorReleasesSuspendsAndKeeps(site) {
    const { reviewerOne, secondCrew } = site.cast;
    await reviewerOne.makePass('seven quiet lanterns');
    const { pass } = must(site, 'admin', ['pass', 'list']).officers.find((one) => one.officer === reviewerOne.id);
    const release = (part) => must(site, part, ['pass', 'release', '--officer', reviewerOne.id, '--subject', pass, '--reason', 'lost_phone']).state;
    assert.deepEqual([release('admin'), release('authoriserOne')], ['signed_once', 'reset']);
    assert.equal(must(site, 'admin', ['suspension', 'create', '--subject', secondCrew.unit, '--reason', 'lost_device']).state, 'suspended');
    const { backup } = must(site, 'admin', ['backup', 'create']);
    assert.ok(fs.existsSync(path.join(site.folder, 'backups', backup)));
}

/** The site's desk, but what it shows of an operation, an entry, a packet or the offences goes through `change`; resolves its port. */
function lyingDesk(site, change) {
    const file = (name) => fs.readFileSync(path.join(site.folder, name));
    const desk = https.createServer({ cert: file('server.pem'), key: file('server.key'), maxVersion: 'TLSv1.2' }, (request, reply) => {
        const isShown = request.method === 'GET' && /(operations\/op|entries\/e|handovers\/a)-|offences$/.test(request.url);
        if (request.url === '/api/v1/cameras') request.on('data', (chunk) => { desk.heard = `${desk.heard ?? ''}${chunk}`; });
        const onward = https.request({ host: '127.0.0.1', servername: 'localhost', port: site.port, ca: site.ca, method: request.method,
            path: isShown ? desk.shown : request.url, headers: request.headers, agent: false }, async (answer) => {
            let body = Buffer.concat(await answer.toArray());
            if (isShown) body = Buffer.from(JSON.stringify(change(JSON.parse(body))));
            reply.writeHead(answer.statusCode, { ...answer.headers, 'content-length': body.length, connection: 'close' });
            reply.end(body);
        });
        request.pipe(onward);
    });
    return new Promise((resolve) => desk.listen(0, '127.0.0.1', () => resolve(desk)));
}

/** The command fails with these words at a desk that changes what it shows. */
async function mustSignNothing(site, part, shown, change, words, said) {
    const desk = await lyingDesk(site, change);
    desk.shown = `/api/v1${shown}`;
    const args = [...words, '--yes', '--site', `https://localhost:${desk.address().port}`, '--ca', path.join(site.folder, 'ca.pem'), '--key', site.keys[part].file];
    const problem = await new Promise((done) => execFile(mizan, args, { env: environment }, (failed, out, told) => done({ failed, told })));
    desk.close();
    assert.ok(problem.failed, 'something was signed');
    assert.match(problem.told, said);
}

async function nobodySignsForARequestThatTheDeskHidesOrExchanges(site, operation) {
    const lies = [
        [operation, ({ request, ...rest }) => rest, /does not show the request/],
        [operation, (shown) => ({ ...shown, request: null }), /does not show the request/],
        [operation, ({ request_hash, ...rest }) => rest, /does not show the request/],
        [operation, (shown) => ({ ...shown, request_hash: '0'.repeat(64) }), /another request/],
        ['op-0000000000000001', (shown) => shown, /another request/],
    ];
    for (const [asked, change, said] of lies)
        await mustSignNothing(site, 'authoriserOne', `/operations/${operation}`, change, ['operation', 'authorise', asked, '--answer', 'authorised'], said);
}

async function nobodyApprovesAProposalThatTheDeskHidesOrExchanges(site, entry) {
    const lies = [
        [entry, ({ proposal, ...rest }) => rest, /does not show the proposal/],
        [entry, (shown) => ({ ...shown, proposal_hash: '0'.repeat(64) }), /another proposal/],
        [entry, ({ proposal, ...rest }) => ({ ...rest, proposal: { ...proposal, statement: proposal.statement.replace('DEMO', 'OTHER') } }), /signature/],
        ['e-0000000000000001', (shown) => shown, /another proposal/],
    ];
    for (const [asked, change, said] of lies)
        await mustSignNothing(site, 'approver', `/entries/${entry}`, change, ['entry', 'approve', asked, '--answer', 'approved', '--reason', ''], said);
    await mustSignNothing(site, 'authoriserTwo', `/entries/${entry}`, ({ proposal, ...rest }) => rest, ['entry', 'renew', entry, '--expires-at', '+30d'], /does not show the proposal/);
}

const gate = ['camera', 'register', '--name', 'Gate', '--address', 'rtsp://127.0.0.1:1/gate', '--latitude-e7', '248607000', '--longitude-e7', '670011000',
    '--heading-deg', '90', '--tls', '', '--sign-checked-at', 'now'];

/** Types the line at a terminal, once these words stand there. */
function atTerminal(args, env, words, line) {
    const child = spawn('script', ['-qec', [mizan, ...args].map((word) => `'${word}'`).join(' '), '/dev/null'], { env });
    let told = '';
    child.stdout.on('data', (chunk) => {
        const asked = words.test(told);
        told += chunk;
        if (!asked && words.test(told)) child.stdin.write(`${line}\n`);
    });
    return new Promise((done) => child.on('exit', (status) => done({ status, told })));
}

commanded('a camera’s password is typed unseen or comes from the environment, never from an argument', async (site) => {
    const desk = await lyingDesk(site, (shown) => shown);
    const args = [...gate, '--yes', '--site', `https://localhost:${desk.address().port}`, '--ca', path.join(site.folder, 'ca.pem'), '--key', site.keys.admin.file];
    const heard = async (work) => {
        desk.heard = '';
        const ended = await work();
        assert.equal(ended.status, 0, ended.told);
        return { ...ended, credentials: JSON.parse(desk.heard).credentials };
    };
    const run = (env) => () => new Promise((done) => execFile(mizan, args, { env: { ...environment, ...env } },
        (failed, out, told) => done({ status: failed?.code ?? 0, told })).stdin.end());
    assert.equal((await heard(run({ MIZAN_CREDENTIALS: 'operator:from the environment' }))).credentials, 'operator:from the environment');
    assert.equal((await heard(run({}))).credentials, '');
    const typed = await heard(() => atTerminal(args, environment, /user:password/, 'operator:typed'));
    assert.equal(typed.credentials, 'operator:typed');
    assert.doesNotMatch(typed.told, /operator:typed/, 'the terminal shows what is typed');
    assert.equal((await heard(() => atTerminal(args, environment, /user:password/, ''))).credentials, '');
    desk.close();
    mustFail(site, 'admin', [...gate, '--credentials', 'operator:argued', '--yes'], 64, /MIZAN_CREDENTIALS/);
}, quiet);

commanded('an operation is made from nothing at the command line, each step signed in the officer’s own name', async (site) => {
    const camera = must(site, 'admin', gate);
    const proposed = propose(site);
    assert.equal(proposed.state, 'proposed');
    // What an approver signs is shown first, and nothing is signed unasked.
    const asked = command(site, 'approver', ['entry', 'approve', proposed.entry, '--answer', 'approved', '--reason', '']);
    assert.equal(asked.status, 64);
    assert.match(asked.stderr, new RegExp(`name: ${subject.name}[^]*proposal_hash: ${proposed.proposal_hash}[^]*nothing was signed`));
    await nobodyApprovesAProposalThatTheDeskHidesOrExchanges(site, proposed.entry);
    mustFail(site, 'watchOfficer', ['entry', 'approve', proposed.entry, '--answer', 'approved', '--reason', '', '--yes'], 77, /refuses/);
    const [{ photo, record_number: record }] = must(site, 'approver', ['entry', 'show', proposed.entry]).photos;
    const { photo: fetched } = must(site, 'approver', ['photo', 'add', path.join(assets, 'photos', 'subject-1.jpg')]);
    assert.equal(must(site, 'approver', ['entry', 'fetch', proposed.entry, '--photo', photo, '--fetched', fetched, '--record-number', record]).same_file, true);
    assert.equal(must(site, 'approver', ['entry', 'approve', proposed.entry, '--answer', 'approved', '--reason', '']).state, 'approved');
    mustFail(site, 'approver', ['entry', 'renew', proposed.entry, '--expires-at', '+30d', '--yes'], 77, /refuses/);
    assert.equal(must(site, 'authoriserTwo', ['entry', 'renew', proposed.entry, '--expires-at', '+30d']).state, 'approved');
    site.writePorts({ statuses: { 'k-0000000000000001': 'live' } });
    const requested = must(site, 'watchOfficer', ['operation', 'request', '--entries', proposed.entry, '--at', camera.camera,
        '--purpose', 'trial', '--why-here', 'trial', '--why-reference', 'DEMO', '--why-dated', '-1d', '--expected-passages', '1000',
        '--assessment-hash', 'ab'.repeat(32), '--assessment-dated', '-1d', '--notice-confirmed', 'yes', '--starts-at', 'now', '--ends-at', '+30m']);
    await nobodySignsForARequestThatTheDeskHidesOrExchanges(site, requested.operation);
    must(site, 'authoriserOne', ['operation', 'start-urgent', requested.operation, '--reason', 'threat_to_life']);
    for (const part of ['authoriserOne', 'authoriserTwo'])
        must(site, part, ['operation', 'authorise', requested.operation, '--answer', 'authorised']);
    const shown = must(site, 'auditor', ['operation', 'show', requested.operation]);
    assert.deepEqual(shown.signed_by, [site.keys.authoriserOne.officer, site.keys.authoriserTwo.officer]);
    await theOfficesSignWhatHoldsEverywhere(site);
    await anUrgentOperationIsRatifiedHaltedResumedAndPublished(site, requested.operation);
    // Oversight's copy opens with oversight's key, on the inspector's machine.
    assert.deepEqual(must(site, 'inspector', ['copy', 'list']).copies.map((one) => one.copy), [proposed.entry]);
    const copy = ['copy', 'open', proposed.entry, '--reason', 'routine', '--device'];
    const { proposal } = must(site, 'inspector', [...copy, site.oversight.file]).sealed;
    assert.equal(JSON.parse(proposal.statement).person.name, subject.name);
    mustFail(site, 'inspector', [...copy, site.keys.inspector.file, '--yes'], 65, /not a device's/);
    mustFail(site, 'inspector', ['copy', 'list', '--device', site.oversight.file], 64, /nothing that this command answers is sealed/);
    assert.equal(must(site, 'watchOfficer', ['entry', 'withdraw', proposed.entry, '--reason', 'no_longer_wanted']).state, 'withdrawn');
    aTableIsProposedLineByLine(site);
    await theAdministratorReleasesSuspendsAndKeeps(site);
    // The auditor needs nothing but the command line.
    const file = path.join(site.folder, 'export');
    must(site, 'auditor', ['audit', 'export', '--to', file]);
    assert.match(site.verifyLog(file), /verified/);
}, allOffices);

commanded('the command line says what is wrong and what helps, with an exit status of its table', async (site) => {
    const foreign = path.join(site.folder, 'foreign');
    site.mizan('site', 'init', foreign, '--name', 'foreign', '--pack', path.join(assets, 'pack'), '--report', path.join(site.folder, 'site.ini'));
    const stranger = path.join(site.folder, 'stranger.key');
    site.mizan('key', 'new', stranger);
    mustFail(site, 'auditor', ['entry', 'list'], 77, /no role/);
    mustFail(site, 'watchOfficer', ['entry', 'show', 'e-0000000000000000'], 66, /refuses/);
    mustFail(site, 'watchOfficer', ['entry', 'show'], 64, /needs the entry/);
    mustFail(site, 'watchOfficer', ['entry', 'show', '../site'], 64, /needs the entry/);
    mustFail(site, 'watchOfficer', ['entry', 'search', 'x'], 64, /no command 'entry search'/);
    mustFail(site, 'watchOfficer', ['entry', 'list', '--name', 'x'], 64, /no option --name/);
    mustFail(site, 'auditor', ['audit', 'export'], 77, /not a desk that .*foreign/, { ca: path.join(foreign, 'ca.pem') });
    mustFail(site, 'auditor', ['audit', 'export'], 66, /holds no certificate/, { ca: path.join(site.folder, 'log-key.pub') });
    mustFail(site, 'auditor', ['audit', 'export'], 75, /no desk answers/, { url: 'https://localhost:1' });
    mustFail(site, 'auditor', ['audit', 'export'], 77, /signing in/, { key: stranger });
    mustFail(site, 'auditor', ['audit', 'export'], 77, /passphrase does not open/, { env: { MIZAN_PASSPHRASE: 'wrong' } });
    mustFail(site, 'dispatcher', ['presence', 'confirm', '--as', 'dispatcher'], 64, /--session FILE/);
    mustFail(site, 'dispatcher', ['presence', 'confirm', '--as', 'king'], 65, /refuses/, { keep: true });
}, quiet);

commanded('a session that is kept serves the next commands and is over when it is ended', async (site) => {
    must(site, 'dispatcher', ['presence', 'confirm', '--as', 'dispatcher'], { keep: true });
    const file = path.join(site.folder, 'dispatcher.session');
    assert.equal(fs.statSync(file).mode & 0o777, 0o600);
    // Without the key's passphrase: the session is enough for looking.
    const shown = must(site, 'dispatcher', ['presence', 'show'], { keep: true, env: { MIZAN_PASSPHRASE: 'wrong' } });
    assert.equal(shown.dispatchers, 1);
    const { session } = JSON.parse(fs.readFileSync(file));
    must(site, 'dispatcher', ['session', 'end'], { keep: true });
    assert.ok(!fs.existsSync(file));
    assert.equal(must(site, 'auditor', ['presence', 'show']).dispatchers, 0);
    fs.writeFileSync(file, JSON.stringify({ desk: `https://localhost:${site.held}`, officer: site.keys.dispatcher.officer, session, expires_at: nowSeconds() + 3600 }));
    mustFail(site, 'dispatcher', ['presence', 'show'], 77, /passphrase/, { keep: true, env: { MIZAN_PASSPHRASE: 'wrong' } });
    await sleep(0);
}, quiet);

const onTheStreet = { scenes: { gate: 'nobody.mp4', walk: 'loop.mp4' }, more: { ...inspector, relief: { name: 'Relief', office: 'f-00000000000000bb', roles: ['dispatcher'] } }, prepare: async (site) => {
    castKeys(site, ['admin', 'authoriserOne', 'authoriserTwo', 'reviewerOne', 'dispatcher', 'relief', 'crew', 'station', 'auditor', 'inspector']);
    castOversight(site);
    castStation(site);
    await site.signRoster(1, '0'.repeat(64));
    await site.startCameras();
    await site.startDesk();
    await site.signInAll();
    await site.registerCamera('gate');
    site.listed = await site.enrol();
    site.other = await site.enrol('other-1.jpg', { ...subject, name: 'Demo person B', cnic: '42101-0000009-9' });
    site.operation = await site.authoriseOperation([site.listed.entry, site.other.entry], ['gate']);
} };

/** What a reviewer is drawn for, once it is there. */
async function drawn(site, part) {
    for (const end = Date.now() + 60000; Date.now() < end; await sleep(300)) {
        const open = must(site, part, ['alert', 'list'], { keep: true }).alerts.find((one) => one.state === 'raised' && !one.answered);
        if (open) return open.alert;
    }
    throw new Error(`no alert for ${part}`);
}

/** One at the command line; the other's answer from the same machine would be no second one. */
async function bothSaySame(site, alert) {
    for (const name of ['probe', 'enrolled'])
        must(site, 'reviewerOne', ['alert', 'picture', alert, name, '--to', path.join(site.folder, `${name}.jpg`)], { keep: true });
    must(site, 'reviewerOne', ['alert', 'review', alert, '--answer', 'same', '--likenesses', 'nose,eyes', '--differences', ''], { keep: true });
    const { reviewerTwo } = site.cast;
    await site.review(reviewerTwo, (await reviewerTwo.get('/alerts')).alerts.find((one) => one.alert === alert), 'same');
}

/** A pair that measures the reviewers looks like any other to them. */
async function aPlantedPairSendsNobody(site) {
    const { alert } = must(site, 'inspector', ['alert', 'plant', '--operation', site.operation, '--camera', site.cameras.gate.id,
        '--entry', site.listed.entry, '--photo-entry', site.other.entry, '--photo', site.other.photo.photo]);
    await bothSaySame(site, alert);
    assert.equal(must(site, 'dispatcher', ['alert', 'show', alert], { keep: true }).outcome, 'planted');
    must(site, 'authoriserOne', ['entry', 'withdraw', site.other.entry, '--reason', 'no_longer_wanted']);
}

/** The open alert becomes another dispatcher's, who has to say so. */
function theDispatcherChanges(site, alert) {
    const { shift } = must(site, 'dispatcher', ['shift', 'hand-over', '--to', site.keys.relief.officer, '--items', alert], { keep: true });
    must(site, 'relief', ['shift', 'accept', shift, '--answer', 'accepted'], { keep: true });
    const has = (part) => must(site, part, ['shift', 'list'], { keep: true }).items.some(({ item }) => item === alert);
    assert.deepEqual([has('dispatcher'), has('relief')], [false, true]);
}

/** Sent, there, and nobody is found: the dispatcher agrees, and the next passage is another alert. */
function nobodyIsFoundAndTheDispatcherAgrees(site, alert) {
    const keep = true;
    sendACrew(site, alert);
    must(site, 'crew', ['alert', 'accept', alert, '--answer', 'accepted'], { keep });
    must(site, 'crew', ['alert', 'arrive', alert], { keep });
    must(site, 'crew', ['alert', 'close', alert, '--outcome', 'not_found', '--harm', 'none', '--means', 'none', '--case', ''], { keep });
    const { outcome_hash } = must(site, 'dispatcher', ['alert', 'show', alert], { keep });
    assert.equal(must(site, 'dispatcher', ['alert', 'concur', alert, '--outcome', 'not_found', '--outcome-hash', outcome_hash], { keep }).state, 'closed');
}

const sendACrew = (site, alert) => must(site, 'dispatcher', ['alert', 'dispatch', alert, '--unit', site.cast.crew.unit, '--travel', 'on_foot',
    '--colour', 'unknown', '--clothing', 'trousers_shirt', '--pillion', 'no', '--heading', 'east'], { keep: true });

/** The crew of a stop is told that the operation was halted, and says that it knows. */
function theCrewKnowsOfAHalt(site, alert) {
    must(site, 'dispatcher', ['operation', 'halt', site.operation, '--reason', 'safety'], { keep: true });
    assert.equal(must(site, 'crew', ['alert', 'show', alert], { keep: true }).told, 'operation_halted');
    must(site, 'crew', ['alert', 'acknowledge', alert], { keep: true });
    assert.equal(must(site, 'crew', ['alert', 'show', alert], { keep: true }).recall, 'acknowledged');
}

/** Two offices find later that it was somebody else; the counter has that to tell. */
function anOutcomeIsAmendedByTwo(site, alert) {
    const amend = (part) => must(site, part, ['alert', 'amend', alert, '--from', 'custody', '--outcome', 'right_person_no_action']);
    amend('authoriserOne');
    assert.equal(must(site, 'authoriserTwo', ['alert', 'show', alert]).amended, undefined, 'one office is enough');
    amend('authoriserTwo');
    assert.equal(must(site, 'authoriserTwo', ['alert', 'show', alert]).amended, 'right_person_no_action');
}

/** With the last receipt the desk erases its copy. */
async function aPacketIsOpenedAndSavedBeforeItIsSignedFor(site, alert) {
    const file = path.join(site.folder, 'received.json');
    const receive = (device) => ['alert', 'receive', alert, '--device', device, '--to', file];
    mustFail(site, 'station', ['alert', 'receive', alert, '--yes'], 64, /opened and saved before it is signed for/);
    mustFail(site, 'station', [...receive(site.oversight.file), '--yes'], 65, /does not open with this device's key/);
    const exchanged = (one) => ({ ...one, packet: Buffer.from('another packet').toString('base64') });
    await mustSignNothing(site, 'station', `/handovers/${alert}`, (shown) => ({ ...exchanged(shown), packets: shown.packets.map(exchanged) }),
        receive(site.stationKey.file), /another packet/);
    assert.ok(!fs.existsSync(file), 'what did not open is kept as if it had');
    assert.equal(must(site, 'station', receive(site.stationKey.file)).state, 'received');
    const saved = JSON.parse(fs.readFileSync(file, 'utf8'));
    assert.equal(saved.alert, alert);
    assert.equal(createHash('sha256').update(Buffer.from(saved.packet, 'base64')).digest('hex'), saved.handover_hash);
}

async function aStopEndsInCustody(site, alert) {
    const keep = true;
    sendACrew(site, alert);
    theDispatcherChanges(site, alert);
    assert.equal(must(site, 'relief', ['alert', 'radio', alert], { keep }).marking, 'DEMONSTRATION – NOT A WANTED PERSON');
    must(site, 'crew', ['position', 'set', '--latitude-e7', '=248600000', '--longitude-e7', '=670010000'], { keep });
    must(site, 'crew', ['alert', 'accept', alert, '--answer', 'accepted'], { keep });
    must(site, 'crew', ['alert', 'arrive', alert], { keep });
    const { slip } = must(site, 'crew', ['alert', 'stop', alert], { keep });
    theCrewKnowsOfAHalt(site, alert);
    const custody = ['alert', 'close', alert, '--outcome', 'custody', '--harm', 'none', '--case', site.listed.case];
    mustFail(site, 'crew', [...custody, '--means', 'none', '--yes'], 69, /refuses/, { keep });
    assert.equal(must(site, 'crew', ['alert', 'verify', alert, '--cnic', subject.cnic, '--sample', Buffer.from('thumb').toString('base64')], { keep }).answer, 'yes');
    assert.equal(must(site, 'crew', ['alert', 'case-status', alert, '--case', site.listed.case], { keep }).answer, 'live');
    assert.equal(must(site, 'crew', [...custody, '--means', 'cnic_verified'], { keep }).state, 'closed');
    const { station } = site.cast.station;
    await refused(site.cast.secondCrew.act(`/alerts/${alert}/handover`, 'handover', { alert, station }), 403, /not the crew that has/);
    must(site, 'crew', ['alert', 'hand-over', alert, '--station', station], { keep });
    await aPacketIsOpenedAndSavedBeforeItIsSignedFor(site, alert);
    return slip;
}

/** Somebody asks at the counter why he was stopped; two offices refuse, the inspector finds otherwise, he is told. */
function aComplaintIsRefusedJudgedAndTold(site, slip) {
    const { request } = must(site, 'station', ['redress', 'create', '--kind', 'complaint', '--slip', slip, '--cnic', subject.cnic, '--words', 'Why me?', '--contact', '']);
    for (const part of ['authoriserOne', 'authoriserTwo'])
        must(site, part, ['redress', 'answer', request, '--answer', 'refused', '--reason', 'court']);
    assert.equal(must(site, 'station', ['redress', 'show', request]).state, 'refused');
    assert.deepEqual(must(site, 'inspector', ['redress', 'list']).requests.map((one) => one.request), [request]);
    assert.equal(must(site, 'inspector', ['redress', 'judge', request, '--finding', 'upheld']).state, 'to_tell');
    assert.equal(must(site, 'station', ['redress', 'told', request]).state, 'told');
}

/** Whether a number was listed is looked up on the inspector's own machine. */
function whoWasListedIsFoundWithOversightsKey(site) {
    const asked = ['operation', 'show-listed', site.operation, '--device', site.oversight.file];
    const listed = (cnic) => must(site, 'inspector', asked, { env: { MIZAN_CNIC: cnic } }).listed;
    assert.deepEqual([listed(subject.cnic), listed('42101-7777777-7')], [true, false]);
    mustFail(site, 'inspector', asked, 64, /as it is written on the card/, { env: { MIZAN_CNIC: '7' } });
}

/** Signed by the root elsewhere, in force a moment after the administrator has brought it. */
async function theNextRosterIsBrought(site) {
    const inForce = () => JSON.parse(must(site, 'admin', ['roster', 'show']).envelope.statement).number;
    const file = path.join(site.folder, 'roster.json');
    const before = JSON.parse(fs.readFileSync(file)).statement;
    const number = inForce() + 1;
    await site.signRoster(number, await sha256(before));
    must(site, 'admin', ['roster', 'bring', '--roster', file]);
    while (inForce() !== number) await sleep(200);
}

commanded('a stop and what follows it are played at the command line, from the planted pair to the complaint', async (site) => {
    for (const [part, as] of [['reviewerOne', 'reviewer'], ['dispatcher', 'dispatcher'], ['relief', 'dispatcher'], ['crew', 'crew']])
        must(site, part, ['presence', 'confirm', '--as', as, ...(as === 'crew' ? ['--sign-in-unit', site.cast.crew.unit] : [])], { keep: true });
    await site.cast.reviewerTwo.present('reviewer');
    await site.untilOperation(site.operation, 'running', 60);
    await aPlantedPairSendsNobody(site);
    site.play('gate', 'walk');
    const first = await drawn(site, 'reviewerOne');
    await bothSaySame(site, first);
    nobodyIsFoundAndTheDispatcherAgrees(site, first);
    const alert = await drawn(site, 'reviewerOne');
    await bothSaySame(site, alert);
    const slip = await aStopEndsInCustody(site, alert);
    aComplaintIsRefusedJudgedAndTold(site, slip);
    anOutcomeIsAmendedByTwo(site, alert);
    whoWasListedIsFoundWithOversightsKey(site);
    await theNextRosterIsBrought(site);
}, onTheStreet);

function doctor(site, folder = site.folder, more = {}) {
    const ran = spawnSync(mizan, ['doctor', folder, '--json'], { env: { ...environment, ...more }, encoding: 'utf8' });
    const { findings, well } = JSON.parse(ran.stdout);
    return { status: ran.status, well, at: (check) => findings.find((one) => one.check === check) };
}

story('the doctor finds what was broken on purpose, and names the cure', async (site) => {
    const file = (name) => path.join(site.folder, name);
    const running = doctor(site);
    assert.equal(running.status, 0);
    assert.match(running.at('log').words, /a desk runs/);
    await site.killDesk();
    const rested = doctor(site);
    assert.equal(rested.status, 0, JSON.stringify(rested));
    assert.match(rested.at('log').words, /log verified/);
    assert.match(rested.at('certificate').words, /for 39\d days/);
    assert.equal(rested.at('root key').level, 'warning', 'the root key beside the site is worth a word');
    const ini = fs.readFileSync(file('site.ini'), 'utf8');
    const breaks = [
        ['modes', () => fs.chmodSync(file('site-key'), 0o644), () => fs.chmodSync(file('site-key'), 0o600)],
        ['roster', () => edit(file('roster.json'), (text) => text.replace('"number', '"numbex').replace(/signature":"../, 'signature":"00')), 'roster.json'],
        ['log', () => fs.writeFileSync(file('keyring'), 'x'), 'keyring'],
        ['certificate', () => fs.copyFileSync(file('offline/ca.key'), file('server.key')), 'server.key'],
        ['models', () => edit(file('site.ini'), (text) => text.replace(/folder = .*/, 'folder = /nowhere')), 'site.ini'],
        ['witness', () => fs.writeFileSync(file('site.ini'), `${ini}\n[witness]\naddress = 127.0.0.1:1\nname = w\nkey = ${'00'.repeat(32)}\n`), 'site.ini'],
        ['backups', () => fs.writeFileSync(file('site.ini'), `${ini}\n[backup]\nfolder = /nowhere\nkeys = /nowhere\n`), 'site.ini'],
    ];
    for (const [check, harm, mend] of breaks) {
        const before = typeof mend === 'string' ? fs.readFileSync(file(mend)) : null;
        harm();
        const found = doctor(site);
        assert.notEqual(found.status, 0, `${check}: nothing bad was found`);
        assert.equal(found.at(check).level, 'bad', JSON.stringify(found.at(check)));
        assert.ok(found.at(check).cure.length > 10);
        if (before) fs.writeFileSync(file(mend), before);
        else mend();
    }
    // What the desk would refuse at its start, the doctor says before.
    const key = '00'.repeat(32);
    for (const [address, name, hex, said] of [['127.0.0.1:1x', 'w', key, /numeric address/], ['127.0.0.1:65537', 'w', key, /numeric address/],
        ['127.0.0.1:1', 'w', 'zz', /\[witness\] key/], ['127.0.0.1:1', 'w'.repeat(64), key, /\[witness\] name/]]) {
        fs.writeFileSync(file('site.ini'), `${ini}\n[witness]\naddress = ${address}\nname = ${name}\nkey = ${hex}\n`);
        const { words, cure } = doctor(site).at('witness');
        assert.match(`${words}; ${cure}`, said);
    }
    // What keeps the log from being opened has a cure of its own.
    fs.renameSync(file('site.db'), file('elsewhere.db'));
    assert.match(doctor(site).at('log').cure, /restore a backup/);
    fs.renameSync(file('elsewhere.db'), file('site.db'));
    lendClock(site);
    for (const [off, words, cure] of [[-3600, /lies before the newest checkpoint \([^;]*$/, /^set the clock, or, when it is right and went ahead before, start again/],
        [9 * 24 * 3600, /lies \d days after the newest checkpoint \([^;]*$/, /^set the clock, or, when it is right, say so once to 'mizan desk'/]]) {
        site.setClockOffBy(off);
        const found = doctor(site, site.folder, site.underClock).at('log');
        assert.match(found.words, words);
        assert.match(found.cure, cure);
    }
    site.setClockOffBy(0);
    for (const options of [['--verbos'], ['--verbose', 'more'], ['--after-pause']]) {
        const mistyped = spawnSync(mizan, ['desk', site.folder, ...options], { env: environment, encoding: 'utf8', timeout: 10000, killSignal: 'SIGTERM' });
        assert.equal(mistyped.status, 64, mistyped.stderr);
        assert.match(mistyped.stderr, /desk does not take '.*'; see 'mizan desk --help'/);
    }
    for (const words of [['init', file('new'), 'more', '--name', 'demo-new', '--pack', '/p', '--report', '/r'], ['backup', site.folder, 'more', '--to', file('b'), '--keys', file('k')]])
        assert.equal(spawnSync(mizan, ['site', ...words], { env: environment, encoding: 'utf8' }).status, 64, words.join(' '));
    fs.writeFileSync(file('site.ini'), ini.replace(/^port = .*/m, 'port = 70000'));
    const outside = spawnSync(mizan, ['desk', site.folder], { env: environment, encoding: 'utf8', timeout: 10000, killSignal: 'SIGTERM' });
    assert.equal(outside.status, 65, outside.stderr);
    assert.match(outside.stderr, /\[server\] port in site\.ini .* 70000/);
    fs.writeFileSync(file('site.ini'), ini);
    assert.equal(doctor(site).status, 0);
    assert.equal(doctor(site, path.join(site.folder, 'nowhere')).well, false);
    await site.startDesk();
}, quiet);

function edit(file, change) {
    fs.writeFileSync(file, change(fs.readFileSync(file, 'utf8')));
}
