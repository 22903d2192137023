// Key, password and code on a site that asks for all three, as a live one does: over HTTPS and at the command line.
import fs from 'node:fs';
import path from 'node:path';
import { spawn } from 'node:child_process';
import { assert, refused, story } from './story.mjs';
import { oneTimeCode } from '../../tools/demo/officer.mjs';
import { mizan, nowSeconds } from '../../tools/demo/site.mjs';

const password = 'seven quiet lanterns';

/** Somebody with a key file of the command line. */
async function commandOfficer(site, role) {
    const file = path.join(site.folder, 'terminal.key');
    const made = await run(['key', 'new', file]);
    const line = { ...JSON.parse(made.out), office: site.cast.dispatcher.office, roles: [role], posts: [] };
    site.cast.terminal = { rosterLine: () => line, signIn: async () => {} };
    site.terminal = { file, officer: line.officer };
}

/** Runs `mizan`; `talk(out, type)` hears what it prints and types. */
function run(args, { environment = {}, talk = () => {} } = {}) {
    return new Promise((resolve) => {
        const child = spawn(mizan, args, { env: { ...process.env, MIZAN_PASSPHRASE: 'demo', ...environment } });
        const heard = { out: '', wrong: '' };
        child.stdout.on('data', (chunk) => {
            heard.out += chunk;
            talk(heard.out, (line) => child.stdin.end(`${line}\n`));
        });
        child.stderr.on('data', (chunk) => { heard.wrong += chunk; });
        child.on('exit', (status) => resolve({ status, ...heard }));
    });
}

const strict = { prepare: async (site) => {
    fs.appendFileSync(path.join(site.folder, 'site.ini'), '\n[sign_in]\npass = required\n');
    await commandOfficer(site, 'dispatcher');
    await site.signRoster(1, '0'.repeat(64));
    await site.startDesk();
    const { auditor } = site.cast;
    assert.equal(await auditor.signIn(), 'enrolment');
    await refused(auditor.get('/log'), 403, /enrolment/);
    await auditor.makePass(password);
} };

story('s10 the key alone opens nothing on a strict site; password and code do, each code once, and wrong ones lock', async (site) => {
    const { reviewerOne, admin, approver } = site.cast;
    for (const one of [reviewerOne, admin, approver]) {
        await one.signIn();
        await refused(one.call('PUT', '/presence', { as: 'reviewer' }), 403);
        await one.makePass(password);
    }
    await reviewerOne.present('reviewer');
    const other = Object.assign(Object.create(Object.getPrototypeOf(reviewerOne)), reviewerOne, { pass: null, session: '' });
    assert.equal(await other.signIn(), 'pass');
    await refused(other.get('/roster'), 403, /pass/);
    const used = oneTimeCode(reviewerOne.pass.secret, reviewerOne.pass.step * 30);
    for (let i = 0; i < 5; i++)
        await refused(other.call('POST', '/sessions/current/proof', { password: i ? 'not this one at all' : password, code: used }), 401);
    const fresh = await reviewerOne.freshCode();
    await refused(other.call('POST', '/sessions/current/proof', { password, code: fresh }), 403, /locked/);
    await reviewerOne.get('/roster');
    const lockOf = async () => (await admin.get('/passes')).officers.find((one) => one.officer === reviewerOne.id);
    const { lock } = await lockOf();
    const release = (by) => by.act('/passes/release', 'pass_release', { officer: reviewerOne.id, subject: lock, reason: 'mistyped' });
    assert.equal((await release(admin)).state, 'signed_once');
    assert.equal((await lockOf()).unlock_signed_by, admin.id);
    assert.equal((await release(approver)).state, 'unlocked');
    const { session } = await other.call('POST', '/sessions/current/proof', { password, code: fresh });
    other.session = session;
    await other.get('/roster');
    await site.killDesk();
    await site.startDesk();
    await other.get('/roster');
    other.pass = reviewerOne.pass;
    await refused(Promise.resolve().then(async () => {
        other.pass = null;
        await other.signIn();
        await other.call('POST', '/sessions/current/proof', { password, code: fresh });
    }), 401);
}, strict);

story('at the command line a password and codes are made, asked for, and a kept session needs them once', async (site) => {
    const at = ['--site', `https://localhost:${site.port}`, '--ca', path.join(site.folder, 'ca.pem'), '--key', site.terminal.file];
    const before = await run(['roster', 'show', ...at]);
    assert.equal(before.status, 77, before.wrong);
    assert.match(before.wrong, /mizan pass set/);
    let secret = '';
    let step = 0;
    const made = await run(['pass', 'set', ...at], { environment: { MIZAN_NEW_PASSWORD: password }, talk: (out, type) => {
        const found = /type the secret: ([A-Z2-7]{32})\n/.exec(out);
        if (!found || secret) return;
        [, secret] = found;
        step = Math.floor(nowSeconds() / 30);
        type(oneTimeCode(secret, step * 30));
    } });
    assert.equal(made.status, 0, made.wrong);
    const session = path.join(site.folder, 'terminal.session');
    const shown = await run(['roster', 'show', ...at, '--session', session, '--json'],
        { environment: { MIZAN_PASSWORD: password, MIZAN_CODE: oneTimeCode(secret, ++step * 30) } });
    assert.equal(shown.status, 0, shown.wrong);
    const again = await run(['presence', 'confirm', '--as', 'dispatcher', ...at, '--session', session]);
    assert.equal(again.status, 0, again.wrong);
    const replayed = await run(['roster', 'show', ...at], { environment: { MIZAN_PASSWORD: password, MIZAN_CODE: oneTimeCode(secret, step * 30) } });
    assert.equal(replayed.status, 77, replayed.wrong);
    assert.match(replayed.wrong, /counts once/);
}, strict);
