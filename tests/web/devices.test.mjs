// Keys that are made in the browser and stay there, the roster that the root signs, the administrator's pages, proofs.
import fs from 'node:fs';
import path from 'node:path';
import { assert, nowSeconds, story, test } from '../api/story.mjs';
import { checkRoster, hex, newDeviceKey, newSigningKey, sha256, signStatement } from '../../web/statement.js';
import { beginsWith, inclusionPath, leafHash, leadsToRoot, readProof, rootOf } from '../../web/proof.js';
import { mustBeAccessible, openBrowser, signInPage } from './browser.mjs';
import { linesOf, noteOf, signLines } from './signed-log.mjs';

const save = async (page, press, file) => {
    const [download] = await Promise.all([page.waitForEvent('download'), press()]);
    await download.saveAs(file);
    return file;
};

/** The officer's device makes its keys; what leaves it is a request and twenty digits to compare. */
async function enrol(browser, site) {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`https://localhost:${site.port}/`);
    await page.waitForSelector('text=make a key here');
    await mustBeAccessible(page, 'entrance');
    await page.getByRole('button', { name: 'make a key here' }).click();
    await page.getByLabel('Your name').fill('Crew of ERV 3');
    await page.getByLabel('Your role').selectOption('crew');
    assert.ok(await page.getByRole('button', { name: 'Make the key' }).isDisabled(), 'a crew has a service number');
    await page.getByLabel('Your service number').fill('KHI-48299');
    await page.getByRole('button', { name: 'Make the key' }).click();
    await page.waitForSelector('text=The key is made');
    await mustBeAccessible(page, 'enrolled');
    const digits = await page.locator('.code').textContent();
    const file = await save(page, () => page.getByRole('button', { name: 'Save the request' }).click(), path.join(site.folder, 'request.json'));
    const extractable = await page.evaluate(() => new Promise((done) => {
        const request = indexedDB.open('mizan');
        request.onsuccess = () => {
            const get = request.result.transaction('keys').objectStore('keys').get('own');
            get.onsuccess = () => done([get.result.signing.privateKey.extractable, get.result.device.privateKey.extractable]);
        };
    }));
    assert.deepEqual(extractable, [false, false], 'nobody gets the private keys out of the browser');
    await page.reload();
    await page.waitForFunction((shown) => document.querySelector('.code')?.textContent === shown, digits);
    const again = await save(page, () => page.getByRole('button', { name: 'Save the request' }).click(), path.join(site.folder, 'again.json'));
    assert.deepEqual(fs.readFileSync(again), fs.readFileSync(file), 'who closed the page too early has the same request again');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('alert').getByText('is not in roster 1; the administrator puts a new key into the next one').waitFor();
    return { page, digits, file };
}

/** On a live site a key in the address is taken out of it and does not count: the device's own key stays what signs in. */
async function refuseKeyInAddress(page, site) {
    const live = (route) => route.fulfill({ status: 200, contentType: 'application/json', body: '{"kind":"live"}' });
    await page.route('**/api/v1/site', live);
    const file = Buffer.from(JSON.stringify(await site.keyFile(site.cast.crew))).toString('base64');
    await page.goto('about:blank');
    await page.goto(`https://localhost:${site.port}/#key=${encodeURIComponent(file)}&passphrase=demo`);
    await page.getByText(/Sign in as \W*Crew of ERV 3/).waitFor();
    assert.equal(await page.evaluate(() => location.href), `https://localhost:${site.port}/`, 'the key is out of the address');
    await page.unroute('**/api/v1/site', live);
    await page.goto('about:blank');
    await page.goto(`https://localhost:${site.port}/#key=${encodeURIComponent(file)}&passphrase=wrong`);
    await page.getByRole('alert').getByText('the passphrase does not open this key file').waitFor();
}

/** Somebody who is an officer already asks under another code: the administrator is told which one is theirs. */
async function refuseSecondCode(page, site) {
    const { reviewerOne } = site.cast;
    const twice = path.join(site.folder, 'twice.json');
    const fields = { type: 'enrolment', site: site.name, by: 'o-00000000000000zz', at: nowSeconds(), name: 'Reviewer one again', role: 'authoriser',
        service_number: reviewerOne.serviceNumber.toLowerCase(), unit: '', station: '', device_key: '' };
    fs.writeFileSync(twice, JSON.stringify(await signStatement(fields, await newSigningKey())));
    await page.getByLabel('Enrolment request').setInputFiles(twice);
    await page.getByRole('alert').getByText(reviewerOne.id).waitFor();
    await page.getByLabel('Office', { exact: true }).selectOption({ index: 1 });
    await page.getByLabel('The digits are the same').check();
    assert.ok(await page.getByRole('button', { name: 'Put into the draft' }).isDisabled(), 'one person is one officer');
}

const join = (page) => page.getByRole('button', { name: 'Put into the draft' });

/** Of somebody with a device of the own, as a page makes it: `by` another than before is somebody new. */
async function request(site, about) {
    const device = await newDeviceKey();
    const file = path.join(site.folder, `${about.by}.json`);
    const fields = { type: 'enrolment', site: site.name, at: nowSeconds(), device_key: device.public, ...about };
    fs.writeFileSync(file, JSON.stringify(await signStatement(fields, await newSigningKey())));
    return { file, device };
}

/** A second officer joins the car that has just been put into the draft, and its packets open where they did; nothing of that goes without being said. */
async function joinCar(page, site) {
    const { file } = await request(site, { by: 'o-00000000000000z2', name: 'Second officer of ERV 3', role: 'crew', service_number: 'KHI-48300' });
    await page.getByLabel('Enrolment request').setInputFiles(file);
    await page.getByLabel('Office', { exact: true }).selectOption({ index: 1 });
    await page.getByLabel('The digits are the same').check();
    assert.ok(await join(page).isDisabled(), 'nobody is posted to a unit that nobody chose');
    const choice = page.getByLabel('Unit', { exact: true });
    await choice.selectOption(await choice.locator('option', { hasText: 'ERV-03' }).getAttribute('value'));
    assert.ok(await join(page).isDisabled(), 'it is said on which device the car’s packets open');
    await page.getByLabel('What is sealed to it opens on').selectOption('before');
    await join(page).click();
}

/** A duty officer with another device under the own code: office and station stand there, and what is sealed to the station opens on the new device. */
async function replaceDevice(page, site) {
    const { station: officer } = site.cast;
    const { file, device } = await request(site, { by: officer.id, name: officer.name, role: 'station', service_number: officer.serviceNumber });
    await page.getByLabel('Enrolment request').setInputFiles(file);
    await page.getByLabel('The digits are the same').check();
    assert.equal(await page.getByLabel('Station', { exact: true }).inputValue(), officer.station);
    await join(page).click();
    return device.public;
}

/** What has nobody posted can go; what has somebody cannot. */
async function takeOut(page, site) {
    const { secondCrew } = site.cast;
    const unit = page.locator('.list li', { hasText: 'ERV-02' });
    await unit.waitFor();
    assert.equal(await unit.getByRole('button').count(), 0, 'a unit with a crew stays');
    await page.getByRole('button', { name: `Take out: ${secondCrew.id.slice(-4).toUpperCase()}` }).click();
    await unit.getByText('nobody is posted here').waitFor();
    await unit.getByRole('button').click();
    await unit.waitFor({ state: 'detached' });
}

const lineOf = (roster, id) => roster.officers.find((one) => one.officer === id);

/** As the administrator said it. */
function mustBePosted(site, roster, first, key) {
    const unit = roster.units.find((one) => one.name === 'ERV-03');
    assert.equal(unit.key, first.device_key, 'the second officer’s device takes nothing from the first one’s');
    for (const id of [first.by, 'o-00000000000000z2']) assert.deepEqual(lineOf(roster, id).posts, [unit.unit]);
    assert.deepEqual(roster.stations, [{ station: site.cast.station.station, key, name: 'Saddar' }]);
    assert.deepEqual(lineOf(roster, site.cast.station.id).posts, [site.cast.station.station]);
    assert.deepEqual(roster.units.map((one) => one.name), ['ERV-01', 'ERV-03']);
}

/** Where the desk does not answer the request stays, with the reason beside what was pressed. */
async function joinWithoutSignal(page) {
    const lose = (route) => route.abort();
    await page.route('**/api/v1/roster', lose);
    await join(page).click();
    await page.locator('.press', { has: join(page) }).getByRole('alert').getByText('no answer from the desk').waitFor();
    await page.unroute('**/api/v1/roster', lose);
}

/** What is no such file is said, and the one before it is not taken in its place. */
async function takeNothingOf(page) {
    const bring = page.getByRole('button', { name: 'Sign and bring it' });
    await page.waitForFunction((words) => [...document.querySelectorAll('button')].some((one) => one.textContent === words && !one.disabled), 'Sign and bring it');
    await page.getByLabel('Signed roster').setInputFiles({ name: 'minutes.json', mimeType: 'application/json', buffer: Buffer.from('Minutes of Monday') });
    await page.getByRole('alert').getByText('This is not a file of the kind that is asked for').waitFor();
    assert.ok(await bring.isDisabled(), 'the roster chosen before is brought under another file’s name');
    assert.equal(await page.getByText('minutes.json').count(), 0);
}

/** The administrator compares, drafts, has the root sign offline and brings the roster back. */
async function adopt(browser, site, { digits, file }) {
    const { page } = await signInPage(browser, site, site.cast.admin);
    await page.getByRole('link', { name: 'Officers and devices' }).click();
    await refuseSecondCode(page, site);
    await page.getByLabel('Enrolment request').setInputFiles(file);
    await page.waitForSelector('text=Crew of ERV 3');
    assert.equal(await page.locator('.code').textContent(), digits, 'both see the same digits');
    await page.getByLabel('Office', { exact: true }).selectOption({ index: 1 });
    await page.getByLabel('Unit', { exact: true }).selectOption('new');
    await page.locator('article').getByLabel('Its name').fill('ERV-03');
    assert.ok(await join(page).isDisabled(), 'first the digits are compared');
    await page.getByLabel('The digits are the same').check();
    await joinWithoutSignal(page);
    await join(page).click();
    await page.getByRole('region', { name: 'Roster' }).getByText('KHI-48299').waitFor();
    await joinCar(page, site);
    const key = await replaceDevice(page, site);
    await takeOut(page, site);
    const draft = await save(page, () => page.getByRole('button', { name: 'Save the draft' }).click(), path.join(site.folder, 'roster-2.json'));
    mustBePosted(site, JSON.parse(fs.readFileSync(draft)), JSON.parse(JSON.parse(fs.readFileSync(file)).statement), key);
    const signed = path.join(site.folder, 'signed.json');
    fs.writeFileSync(signed, site.mizan('sign', 'statement', path.join(site.folder, 'offline/root.key'), draft));
    await page.getByText('Bring a roster that the root has signed').click();
    await page.getByLabel('Signed roster').setInputFiles(signed);
    await takeNothingOf(page);
    await page.getByLabel('Signed roster').setInputFiles(signed);
    await page.getByRole('button', { name: 'Sign and bring it' }).click();
    await page.waitForSelector('text=Roster 2 is accepted');
    await mustBeAccessible(page, 'officers');
    await page.getByRole('link', { name: 'Set-up check' }).click();
    await page.waitForSelector('text=Authorisers of two offices');
    await page.getByRole('button', { name: 'Back up now' }).click();
    await page.getByText('Backed up to').waitFor();
    assert.deepEqual(fs.readdirSync(path.join(site.folder, 'backups')), [await page.locator('.good bdi', { hasText: '-' }).last().textContent()]);
    await mustBeAccessible(page, 'set-up');
    await page.getByRole('link', { name: 'Cameras' }).click();
    await page.waitForSelector('text=No camera is registered');
    await mustBeAccessible(page, 'cameras');
    await registerCamera(page);
}

const address = 'rtsp://127.0.0.1:9/none';
const certificate = 'a'.repeat(64);

/** A form that says what it lacks: a password goes into a field of its own, never into an address that others read. */
async function registerCamera(page) {
    const sign = page.getByRole('button', { name: 'Sign the camera’s record' });
    await page.getByRole('button', { name: 'Register a camera' }).click();
    await page.getByLabel('Name of the place').fill('Gate');
    await page.getByLabel('Stream address').fill('rtsp://somebody:secret@127.0.0.1:9/none');
    await page.getByLabel('Latitude').fill('24.8607');
    await page.getByLabel('Longitude').fill('67.0011');
    await page.getByLabel('I looked: the signs stand').check();
    assert.ok(await sign.isDisabled(), 'a password stands in no address');
    await page.getByLabel('Stream address').fill(address);
    await page.getByText('The heading is 0 to 359 degrees.').waitFor();
    assert.ok(await sign.isDisabled(), 'a heading that nobody surveyed is not signed');
    await page.getByLabel('Looks towards').fill('90');
    await page.getByLabel('TLS fingerprint').fill(certificate);
    await sign.click();
    await page.locator('.list li', { hasText: 'Gate' }).waitFor();
    await s16_a_change_keeps_what_it_does_not_change(page);
}

/** A new name is signed with the address and the certificate of before; what watched over the stream is left out by nobody unawares. */
async function s16_a_change_keeps_what_it_does_not_change(page) {
    const sign = page.getByRole('button', { name: 'Sign the camera’s record' });
    await page.getByRole('button', { name: 'Change: Gate' }).click();
    await page.getByLabel('Name of the place').fill('North gate');
    await page.getByLabel('I looked: the signs stand').check();
    await page.getByLabel('TLS fingerprint').fill('');
    const unpinned = page.getByLabel('The certificate is left out knowingly');
    await page.getByText('The camera’s certificate was known and is missing now').waitFor();
    assert.ok(await sign.isDisabled(), 'a certificate is dropped by a slip');
    await mustBeAccessible(page, 'camera-unpinned', []);
    await unpinned.check();
    assert.ok(await sign.isEnabled(), 'it can be left out knowingly');
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Change: Gate' }).click();
    await page.getByLabel('Name of the place').fill('North gate');
    await page.getByLabel('I looked: the signs stand').check();
    const [sent] = await Promise.all([page.waitForRequest((one) => one.method() === 'POST' && one.url().endsWith('/api/v1/cameras')), sign.click()]);
    const { name, address: signed, tls, heading_deg } = JSON.parse(JSON.parse(sent.postData()).envelope.statement);
    assert.deepEqual([name, signed, tls, heading_deg], ['North gate', address, certificate, 90]);
    await page.locator('.list li', { hasText: 'North gate' }).waitFor();
}

/** What is no key file is said, and the one before it opens nothing in its place. */
async function takeNoOtherKeyFile(page, site) {
    const choose = (text) => page.getByLabel('Key file').setInputFiles({ name: 'key.json', mimeType: 'application/json', buffer: Buffer.from(text) });
    const enter = () => page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await choose(JSON.stringify(await site.keyFile(site.cast.crew)));
    await page.getByLabel('Passphrase').fill('wrong');
    await enter();
    await page.getByRole('alert').getByText('the passphrase does not open this key file').waitFor();
    await choose('Minutes of Monday');
    await page.getByRole('alert').getByText('This is not a file of the kind that is asked for').waitFor();
    await enter();
    await page.getByRole('alert').getByText('Choose your key file first.').waitFor();
}

/** Who gives a device away takes the key out of it first, and is told what that means. */
async function forgetKey(page, site) {
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByRole('button', { name: 'Forget this device’s key' }).click();
    await page.waitForSelector('text=The key cannot be brought back.');
    await page.getByRole('dialog').getByRole('button', { name: 'Forget this device’s key' }).click();
    await page.getByLabel('Key file').waitFor({ state: 'attached' });
    await takeNoOtherKeyFile(page, site);
    assert.equal(await page.evaluate(() => new Promise((done) => {
        const request = indexedDB.open('mizan');
        request.onsuccess = () => {
            const count = request.result.transaction('keys').objectStore('keys').count();
            count.onsuccess = () => done(count.result);
        };
    })), 0, 'the key is gone');
}

/** Sound by itself, and signed by the log's own key: only who saw more of it finds that the log was rolled back or forked, and can show it. */
async function findRolledBack(page, site, older) {
    const key = path.join(site.folder, 'log-key.pub');
    const log = (route) => route.fulfill({ status: 200, contentType: 'text/plain', body: older });
    await page.getByRole('button', { name: 'Fetch and verify again' }).click();
    await page.getByText('It goes on from the').waitFor();
    await page.route('**/api/v1/log', log);
    await page.getByRole('button', { name: 'Fetch and verify again' }).click();
    await page.getByRole('alert').getByText(/The log was rolled back: record \d+ and all after it/).waitFor();
    assert.equal(await page.getByText('The log holds').count(), 0, 'nothing of it is shown');
    const note = await save(page, () => page.getByRole('button', { name: 'Save the other signed note' }).click(), path.join(site.folder, 'earlier.note'));
    const shown = await save(page, () => page.getByRole('button', { name: 'Save the log as it is here' }).click(), path.join(site.folder, 'rolled-back.export'));
    assert.throws(() => site.mizan('audit', 'verify', shown, '--key', key, '--since', note), /rolled back/, 'what was saved convicts without this desk');
    await page.unroute('**/api/v1/log', log);
    const kept = `mizan-checkpoint-${site.name}`;
    await page.evaluate((name) => localStorage.setItem(name, JSON.stringify({ ...JSON.parse(localStorage.getItem(name)), root: '0'.repeat(64) })), kept);
    await page.getByRole('button', { name: 'Fetch and verify' }).click();
    await page.getByRole('alert').getByText(/The log was forked: record \d+, or one before it/).waitFor();
    await mustBeAccessible(page, 'log-forked');
    const forget = (within) => within.getByRole('button', { name: 'Forget what was seen' }).click();
    const remembers = () => page.evaluate((name) => localStorage.getItem(name) !== null, kept);
    await forget(page);
    assert.ok(await remembers(), 'one press forgets nothing');
    await forget(page.getByRole('dialog'));
    await page.getByRole('button', { name: 'Save the other signed note' }).waitFor({ state: 'detached' });
    assert.ok(!(await remembers()));
    await page.getByRole('button', { name: 'Fetch and verify' }).click();
    await page.waitForSelector('text=The log holds');
}

/** Only the key that somebody gave says anything of the desk; this browser keeps it, and with none the page says whose word it takes. */
async function giveKey(page, site) {
    const field = page.getByLabel('The log’s public key');
    await page.getByRole('button', { name: 'Fetch and verify' }).click();
    await page.getByRole('status').getByText(/^⚠ The log holds by the desk’s own key alone: \d+ records/).waitFor();
    assert.equal(await page.getByText('✓ The log holds').count(), 0);
    await field.fill('ab'.repeat(32));
    await page.getByRole('button', { name: 'Fetch and verify again' }).click();
    await page.getByRole('alert').getByText('The checkpoint’s signature is not the log key’s.').waitFor();
    await field.fill(fs.readFileSync(path.join(site.folder, 'log-key.pub'), 'utf8').trim());
    await page.getByRole('button', { name: 'Fetch and verify' }).click();
    await page.getByRole('status').getByText(/^✓ The log holds: \d+ records/).waitFor();
}

/** Two logs that the log's own key signs, and a proof of the one that this page was not shown: made here, for a desk's own key never leaves it. */
async function findFork(page, site) {
    const key = await newSigningKey();
    const about = { site: site.name, at: nowSeconds() };
    const linesWith = (alert) => linesOf([{ kind: 'log_started' }, { kind: 'alert_raised', alert }, { kind: 'alert_agreed', alert }], about);
    const [shown, other] = await Promise.all(['a-0000000000000001', 'a-0000000000000002'].map(linesWith));
    const proofOf = async (lines) => {
        const hashes = await Promise.all(lines.map(leafHash));
        return JSON.stringify({ proof: 'inclusion', seq: 1, record: lines[1], hashes: (await inclusionPath(hashes, 1)).map(hex), checkpoint: await noteOf(hashes, key, { ...about, at: about.at + 3 }) });
    };
    const body = await signLines(shown.slice(0, 2), key, { ...about, at: about.at + 2 });
    const log = (route) => route.fulfill({ status: 200, contentType: 'text/plain', body });
    const file = async (name, lines) => {
        fs.writeFileSync(path.join(site.folder, name), await proofOf(lines));
        return path.join(site.folder, name);
    };
    await page.evaluate((name) => localStorage.removeItem(name), `mizan-checkpoint-${site.name}`);
    await page.route('**/api/v1/log', log);
    await page.getByLabel('The log’s public key').fill(key.public);
    await page.getByRole('button', { name: 'Fetch and verify again' }).click();
    await page.getByText('The log holds: 2 records').waitFor();
    await page.getByText('Check a proof from somebody else').click();
    await page.getByLabel('Proof (JSON)').setInputFiles(await file('shown.proof.json', shown.slice(0, 2)));
    await page.getByRole('status').getByText('✓ Record 1 is in the log of 2 records').waitFor();
    await page.locator('details pre', { hasText: 'a-0000000000000001' }).waitFor();
    await page.getByLabel('Proof (JSON)').setInputFiles(await file('newer.proof.json', shown));
    await page.getByRole('status').getByText('a log of 3 records, newer than the 2 that were verified here').waitFor();
    for (const lines of [other.slice(0, 2), other]) {
        await page.getByLabel('Proof (JSON)').setInputFiles(await file(`fork-${lines.length}.proof.json`, lines));
        await page.getByRole('alert').getByText(`A fork: the log’s key signed the log of ${lines.length} records`).waitFor();
        assert.equal(await page.getByText('✓ Record 1').count(), 0, 'what is of a fork is not said to be in the log');
        const proof = await save(page, () => page.getByRole('button', { name: 'Save the other signed note' }).click(), path.join(site.folder, 'other.proof.json'));
        const exported = await save(page, () => page.getByRole('button', { name: 'Save the log as it is here' }).click(), path.join(site.folder, 'fork.export'));
        const keyFile = path.join(site.folder, 'fork-key.pub');
        fs.writeFileSync(keyFile, key.public);
        assert.throws(() => site.mizan('audit', 'check', proof, '--key', keyFile, '--log', exported), /a fork/, 'what was saved convicts without this desk');
    }
    await mustBeAccessible(page, 'proof-forked');
    await page.unroute('**/api/v1/log', log);
    await page.evaluate((name) => localStorage.removeItem(name), `mizan-checkpoint-${site.name}`);
}

/** A desk that shows an older roster, which the root did sign, is not believed by who is not in it. */
async function refuseOlderRoster(page, older) {
    const old = (route) => route.fulfill({ json: older });
    await page.route('**/api/v1/roster', old);
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('alert').getByText('does not have this device’s key. Ask the administrator; do not work with this page.').waitFor();
    await page.unroute('**/api/v1/roster', old);
}

/** Nor, by the number that lies beside the keys, by whoever has seen the newer one. */
async function refuseRolledBackRoster(page, older) {
    const old = (route) => route.fulfill({ json: older });
    await page.route('**/api/v1/roster', old);
    await page.reload();
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('alert').getByText('this is roster 1 and this device has seen roster 2 already').waitFor();
    await page.unroute('**/api/v1/roster', old);
}

async function checkProofs(browser, site, olderLog) {
    const { page } = await signInPage(browser, site, site.cast.auditor);
    await giveKey(page, site);
    await findRolledBack(page, site, olderLog);
    await page.getByRole('button', { name: 'Prove record 1', exact: true }).click();
    await page.waitForSelector('text=Record 1 is in the signed tree');
    const own = await save(page, () => page.getByRole('button', { name: 'Save the proof' }).click(), path.join(site.folder, 'own.proof.json'));
    const key = path.join(site.folder, 'log-key.pub');
    assert.match(site.mizan('audit', 'check', own, '--key', key), /record 1/i, 'the command line believes the browser’s proof');
    const log = await site.exportLog();
    await page.getByText('Check a proof from somebody else').click();
    for (const [option, words] of [[['--record', '2'], 'Record 2 is in the log'], [['--from', '3'], 'The log of 3 records is the beginning']]) {
        const file = path.join(site.folder, `foreign${option[0]}.json`);
        fs.writeFileSync(file, site.mizan('audit', 'prove', log, '--key', key, ...option));
        await page.getByLabel('Proof (JSON)').setInputFiles(file);
        await page.waitForSelector(`text=${words}`);
        fs.writeFileSync(`${file}.changed.json`, fs.readFileSync(file, 'utf8').replace(/"hashes":\["[0-9a-f]/, (found) => `${found.slice(0, -1)}${found.endsWith('0') ? '1' : '0'}`));
        await page.getByLabel('Proof (JSON)').setInputFiles(`${file}.changed.json`);
        await page.waitForSelector('text=The proof does not lead to the signed root.');
    }
    for (const part of ['Public records', 'Reviewers measured']) {
        await page.getByRole('link', { name: part }).click();
        await page.waitForSelector('text=The log holds');
        assert.equal(await page.getByLabel('The log’s public key').inputValue(), fs.readFileSync(key, 'utf8').trim(), 'the browser keeps the key');
        await mustBeAccessible(page, part);
    }
    await page.getByRole('link', { name: 'The log', exact: true }).click();
    await findFork(page, site);
}

story('a device makes its own key, the root signs it into the roster, the device signs in; the log’s proofs hold in the browser', async (site) => {
    const browser = await openBrowser(site);
    try {
        const device = await enrol(browser, site);
        const older = await site.cast.auditor.get('/roster');
        const olderLog = (await site.cast.auditor.bytes('/log')).toString();
        await adopt(browser, site, device);
        await refuseKeyInAddress(device.page, site);
        await device.page.reload();
        await refuseOlderRoster(device.page, older);
        await device.page.getByRole('button', { name: 'Sign in', exact: true }).click();
        await device.page.waitForSelector('text=No alert for this unit', { timeout: 15000 });
        await device.page.getByRole('button', { name: 'I am here as crew' }).click();
        await device.page.getByText('Present until').waitFor();
        await refuseRolledBackRoster(device.page, older);
        await device.page.getByRole('button', { name: 'Sign in', exact: true }).click();
        await device.page.waitForSelector('text=No alert for this unit', { timeout: 15000 });
        await forgetKey(device.page, site);
        await checkProofs(browser, site, olderLog);
    } finally {
        await browser.close();
    }
}, { prepare: async (site) => {
    fs.appendFileSync(path.join(site.folder, 'site.ini'), `\n[backup]\nfolder = ${path.join(site.folder, 'backups')}\nkeys = ${path.join(site.folder, 'keys-elsewhere')}\n`);
    fs.mkdirSync(path.join(site.folder, 'keys-elsewhere'));
    await site.startDesk();
    await site.signInAll();
} });

test('a page believes a live roster only with the pinned oversight body’s word on it, a day old', async () => {
    const [root, oversight, other] = await Promise.all([1, 2, 3].map(() => newSigningKey()));
    const now = nowSeconds();
    const day = 24 * 3600;
    const rosterOf = (kind) => signStatement({ type: 'roster', site: 'one', by: 'root', at: now - 2 * day, kind, number: 4, officers: [] }, root);
    const roster = await rosterOf('live');
    const word = async (changes = {}, key = oversight) => signStatement({ type: 'roster_endorsement', site: 'one', by: 'oversight', at: now - day - 1, number: 4,
        roster_hash: await sha256(roster.statement), ...changes }, key);
    const pinned = { rootKey: root.public, oversightKey: oversight.public, now };
    assert.equal((await checkRoster(roster, await word(), pinned)).number, 4);
    for (const [wrong, what] of [[undefined, /has not endorsed/], [await word({}, other), /not by the pinned/], [await word({ number: 3 }), /another roster/],
        [await word({ roster_hash: '0'.repeat(64) }), /another roster/], [await word({ at: now - day + 60 }), /24 hours/]])
        await assert.rejects(checkRoster(roster, wrong, pinned), what);
    await assert.rejects(checkRoster(roster, await word(), { ...pinned, rootKey: other.public }), /root key/);
    const twice = await signStatement({ type: 'roster', site: 'one', by: 'root', at: now - 2 * day, kind: 'demo', number: 4,
        officers: [{ officer: 'o-1', service_number: 'KHI-1' }, { officer: 'o-2', service_number: 'khi-1' }] }, root);
    await assert.rejects(checkRoster(twice, undefined, { ...pinned, oversightKey: '' }), /one person is one officer/);
    await assert.rejects(checkRoster(await rosterOf('demo'), await word(), pinned), /not enrolled for a demo site/);
    await assert.rejects(checkRoster(roster, await word(), { ...pinned, oversightKey: '' }), /not enrolled for a live site/);
    assert.equal((await checkRoster(roster, await word(), { ...pinned, leastNumber: 4 })).number, 4);
    await assert.rejects(checkRoster(roster, await word(), { ...pinned, leastNumber: 5 }), /has seen roster 5 already/);
});

test('a path leads to the root for every leaf of every small tree, and for no other leaf', async () => {
    const hashes = [];
    const roots = [];
    for (let size = 1; size <= 9; size++) {
        hashes.push(await leafHash(`leaf ${size}`));
        roots.push(await rootOf(hashes));
        for (let seq = 0; seq < size; seq++) {
            const path = await inclusionPath(hashes, seq);
            assert.ok(await leadsToRoot(hashes[seq], seq, size, path, roots[size - 1]), `${seq} of ${size}`);
            assert.ok(!(await leadsToRoot(await leafHash('other'), seq, size, path, roots[size - 1])));
            if (size > 1) assert.ok(!(await leadsToRoot(hashes[seq], (seq + 1) % size, size, path, roots[size - 1])), `${seq} is not ${seq + 1}`);
        }
    }
    assert.ok(await beginsWith(9, roots[8], 9, roots[8], []));
    assert.ok(!(await beginsWith(8, roots[7], 9, roots[8], [])));
    await assert.rejects(readProof('{"checkpoint":"none","hashes":[]}', '00'.repeat(32), 'one'), /log_bad_note/);
});
