// The unhappy paths as the people in them see them; what the desk makes of each is told in tests/api/unhappy.test.mjs.
import fs from 'node:fs';
import path from 'node:path';
import { assert, newId, story, subject, untilState } from '../api/story.mjs';
import { newSigningKey, sealKeyFile } from '../../web/statement.js';
import { mustBeAccessible, officerCode, openBrowser, openEntry, shoot, signInPage } from './browser.mjs';
import { askThird, steer, takeUnattended, waitForUnit } from './room.mjs';

const tab = (page, name) => page.getByRole('link', { name, exact: true }).click();
const press = (page, name) => page.getByRole('button', { name, exact: true }).click();

/** An answer that comes late stands beside the number that was asked about, and beside no other. */
async function mustAnswerAboutIt(page) {
    const asked = new Promise((go) => page.route('**/verification', (route) => go(() => route.continue()), { times: 1 }));
    await press(page, 'Verify the card');
    const answer = await asked;
    await page.getByLabel('Number on the card').fill('42101-0000009-9');
    await Promise.all([page.waitForResponse('**/verification'), answer()]);
    await page.getByRole('button', { name: 'Verify the card' }).and(page.locator(':not([aria-busy=true])')).waitFor();
    assert.equal(await page.getByText('The register answers').count(), 0, 'nobody has asked about this number');
    await page.getByLabel('Number on the card').fill(subject.cnic);
    await page.waitForSelector('text=The register answers: no');
}

/** The register and the case's status are away: nothing typed is lost, custody stays shut, and the person leaves. */
async function stopWithoutRegister(browser, site) {
    const alert = await site.untilAgreed();
    await site.dispatch(alert);
    const { page } = await signInPage(browser, site, site.cast.crew);
    for (const step of ['Accept', 'We are on scene', 'Person stopped']) await press(page, step);
    const slip = await page.locator('.slip .code').textContent();
    await site.cast.reviewerOne.act(`/operations/${site.operation}/halt`, 'halt', { operation: site.operation, reason: 'technical' });
    await page.waitForSelector('text=Control says: the operation was halted; this stop goes on to its outcome');
    await press(page, 'Understood');
    await page.getByRole('button', { name: 'Understood' }).waitFor({ state: 'detached' });
    await page.getByLabel('Number on the card').fill(subject.cnic);
    assert.ok(await page.getByRole('button', { name: 'Verify the card' }).isDisabled(), 'there is nothing to compare yet');
    await page.getByLabel('Sample (simulated reader)').fill('thumb');
    site.writePorts({ registerAvailable: false, statusAvailable: false });
    await press(page, 'Verify the card');
    await page.waitForSelector('text=The register answers: unavailable');
    await page.waitForSelector('text=That never makes a stop longer');
    await press(page, 'Ask the case’s status');
    await page.waitForSelector('text=The case is: unavailable');
    await page.waitForSelector('text=without that there is no custody on this case');
    await page.getByRole('radio', { name: 'custody', exact: true }).check();
    await page.getByRole('group', { name: 'Force or harm' }).getByRole('radio', { name: 'none' }).check();
    await page.getByRole('radio', { name: 'card verified' }).check();
    assert.ok(await page.getByRole('button', { name: 'Record the outcome' }).isDisabled(), 'no custody without a live case');
    site.writePorts({ registered: { [subject.cnic]: 'another' }, statuses: site.statuses });
    await press(page, 'Ask the case’s status');
    await page.waitForSelector('text=The case is: live');
    await press(page, 'Record the outcome');
    await page.getByRole('alert').getByText('the register has not verified a number in this stop').waitFor();
    assert.equal(await page.getByLabel('Number on the card').inputValue(), subject.cnic, 'typed work is kept');
    assert.equal(await page.getByLabel('Sample (simulated reader)').inputValue(), 'thumb');
    await mustAnswerAboutIt(page);
    await page.getByRole('radio', { name: 'identity not established' }).check();
    await page.getByRole('group', { name: 'Identity by' }).getByRole('radio', { name: 'none' }).check();
    await press(page, 'Record the outcome');
    await page.waitForSelector('text=No alert for this unit');
    assert.equal((await untilState(site, alert, 'closed')).outcome, 'identity_not_established');
    await page.context().close();
    return { alert, slip };
}

/** Somebody was let go and complains at a station; outside the force the complaint is upheld, and the person is told. */
async function complain(browser, site, slip) {
    const { page: station } = await signInPage(browser, site, site.cast.station);
    await tab(station, 'Questions and complaints');
    await station.getByLabel('What the person wants').selectOption('complaint');
    await station.getByLabel('Code on the slip').fill(slip);
    await station.getByLabel('Number on the card').fill('42101-0000009-9');
    await station.getByLabel('What the person says').fill('I was stopped\non my way to work.');
    await press(station, 'Sign and ask');
    await station.waitForSelector('.opened');
    await mustBeAccessible(station, 'redress-opened', []);
    const { page: inspector } = await signInPage(browser, site, site.cast.inspector);
    await tab(inspector, 'Questions and complaints');
    await press(inspector, 'Open');
    await press(inspector, 'Upheld');
    await inspector.getByRole('dialog').getByRole('button', { name: 'Upheld' }).click();
    await station.getByRole('button', { name: 'Open', exact: true }).first().click();
    await station.waitForSelector('text=to be told');
    await press(station, 'The person has been told');
    await station.locator('.list .state', { hasText: /(?<!to be )told$/ }).waitFor();
    return { station, inspector };
}

/** Without a slip somebody asks whether they are listed: one office's refusal is none, two with the same reason are. */
async function refuseAnswer(station, authoriser) {
    await station.getByLabel('What the person wants').selectOption('access');
    await station.getByLabel('Number on the card').fill(subject.cnic);
    await press(station, 'Sign and ask');
    await station.waitForSelector('text=An answer without a slip counts when two offices have signed it.');
    const refuse = async (page) => {
        const row = page.locator('.list > li', { has: page.locator('.state', { hasText: 'asked' }) });
        await row.getByRole('button', { name: 'Open', exact: true }).click();
        assert.ok(await row.getByRole('button', { name: 'Refuse', exact: true }).isDisabled(), 'a refusal has a reason');
        await row.getByLabel('Reason to refuse').selectOption('investigation');
        return row;
    };
    const first = await refuse(station);
    await press(first, 'Refuse');
    await first.getByText('Signed by one office: refuse, investigation. It counts when somebody of another office signs the same.').waitFor();
    assert.equal(await first.getByText('Refused for:').count(), 0, 'one office refuses nothing');
    await tab(authoriser, 'Questions and complaints');
    const second = await refuse(authoriser);
    await second.getByText('Signed by one office: refuse, investigation.').waitFor();
    await press(second, 'Refuse');
    for (const page of [station, authoriser]) await page.locator('.list .state', { hasText: 'refused' }).waitFor();
    const row = station.locator('.list > li', { has: station.locator('.state', { hasText: 'refused' }) });
    await press(row, 'Close');
    await press(row, 'Open');
    await row.getByText('Refused for: investigation').waitFor();
    assert.equal(await row.locator('.told').count(), 0, 'nothing is told of what was refused');
}

/** What was sealed to the body opens on the inspector's device, with a reason that is recorded. */
async function openCopy(inspector) {
    await tab(inspector, 'Sealed copies');
    const row = inspector.locator('.list li:has(.line:has-text("complaint"))').first();
    await row.getByLabel('Why you look').selectOption('complaint');
    await row.getByRole('button', { name: 'Open' }).click();
    const outcome = inspector.locator('.opened details', { hasText: 'identity not established' });
    await outcome.getByText('✓ the signature holds').waitFor();
    await mustBeAccessible(inspector, 'copy-opened', []);
}

/** A slip in the passphrase, or a file that was not saved, is found before anything is sealed to the key: until then nobody has its number. */
async function makeBodyKey(page, file, another) {
    const fill = async (first, second) => {
        await page.getByLabel('Passphrase of the new file').fill(first);
        await page.getByLabel('Once more').fill(second);
    };
    await fill('seven quiet lanterns', 'seven quite lanterns');
    await press(page, 'Make the key file');
    await page.getByRole('alert').getByText('The two passphrases are not the same.').waitFor();
    await fill('seven quiet lanterns', 'seven quiet lanterns');
    const [made] = await Promise.all([page.waitForEvent('download'), press(page, 'Make the key file')]);
    await made.saveAs(file);
    const text = fs.readFileSync(file, 'utf8');
    const number = page.getByText(JSON.parse(text).device_public);
    const proof = page.locator('details', { hasText: 'Make the body’s key file' });
    for (const [saved, passphrase, words] of [[await another(), 'demo', 'This is another file than the one that was just made.'],
        [text, 'seven quite lanterns', 'the passphrase does not open this key file'], [text, 'seven quiet lanterns', '']]) {
        await proof.getByLabel('The saved key file').setInputFiles({ name: 'body-key.json', mimeType: 'application/json', buffer: Buffer.from(saved) });
        await proof.getByLabel('Passphrase', { exact: true }).fill(passphrase);
        assert.equal(await number.count(), 0, 'a key that may not open is given to nobody');
        await press(page, 'Open the saved file');
        if (words) await proof.getByRole('alert').getByText(words).waitFor();
    }
    await number.waitFor();
    await mustBeAccessible(page, 'body-key', []);
}

/** A colleague of the body with nothing but the body's key in a file: what does not fit is said, and another file may be tried. */
async function openWithKeyFile(browser, site) {
    const { secondInspector } = site.cast;
    secondInspector.device = null;
    const { page, context } = await signInPage(browser, site, secondInspector);
    await tab(page, 'Sealed copies');
    const row = page.locator('.list li:has(.line:has-text("complaint"))').first();
    await row.getByLabel('Why you look').selectOption('complaint');
    const open = () => row.getByRole('button', { name: 'Open' }).click();
    await open();
    await row.getByRole('alert').getByText('Give the body’s key first.').waitFor();
    const use = async (file, passphrase = 'demo') => {
        await page.getByLabel('The body’s key file').setInputFiles({ name: 'body.json', mimeType: 'application/json', buffer: Buffer.from(file) });
        await page.getByLabel('Passphrase', { exact: true }).fill(passphrase);
        await press(page, 'Use this key');
    };
    const seal = async (device, signing = null) => JSON.stringify(await sealKeyFile({}, signing, device, 'demo', 1000));
    const line = path.join(site.folder, 'body.key');
    site.mizan('key', 'device', line);
    for (const [file, passphrase, words] of [[fs.readFileSync(line, 'utf8'), 'demo', 'was made by the command line and opens there only'],
        [await seal(null, await newSigningKey(true)), 'demo', 'This file has no key that opens copies.'], [await seal(site.oversight), 'another', 'the passphrase does not open this key file']]) {
        await use(file, passphrase);
        await page.getByRole('alert').getByText(words).waitFor();
    }
    await page.getByLabel('The body’s key file').setInputFiles({ name: 'minutes.json', mimeType: 'application/json', buffer: Buffer.from('Minutes of Monday') });
    await page.getByRole('alert').getByText('This is not a file of the kind that is asked for').waitFor();
    assert.ok(await page.getByRole('button', { name: 'Use this key' }).isDisabled(), 'the file chosen before is not used in its place');
    // The page makes a file that opens here; what is sealed to the roster's present key is not for it.
    await page.getByText('Make the body’s key file').click();
    assert.ok(await page.getByRole('button', { name: 'Make the key file' }).isDisabled(), 'no file is made under a short passphrase');
    await makeBodyKey(page, line, () => seal(site.oversight));
    await use(fs.readFileSync(line, 'utf8'), 'seven quiet lanterns');
    await page.getByText('The body’s key is in this browser.').waitFor();
    await open();
    await row.getByRole('alert').getByText('was changed, or is for another').waitFor();
    await press(page, 'Use another key');
    await use(await seal(site.oversight));
    await page.getByText('The body’s key is in this browser.').waitFor();
    await open();
    await page.locator('.opened details', { hasText: 'identity not established' }).first().waitFor();
    await context.close();
}

async function amend(browser, site, alert) {
    const { page } = await signInPage(browser, site, site.cast.authoriserOne);
    await tab(page, 'Amend an outcome');
    await page.getByLabel('It should be').selectOption('wrong_person');
    await mustBeAccessible(page, 'amend', []);
    await press(page, 'Sign the amendment');
    await site.cast.authoriserTwo.act(`/alerts/${alert.alert}/amendment`, 'amendment', { alert: alert.alert, from: 'identity_not_established', outcome: 'wrong_person' });
    await page.waitForSelector('text=first recorded: identity not established');
    return page;
}

/** The public record counts what holds, and says what was recorded first. */
async function seeAmended(browser, site) {
    const { page, context } = await signInPage(browser, site, site.cast.auditor);
    await tab(page, 'Public records');
    await page.getByLabel('The log’s public key').fill(fs.readFileSync(path.join(site.folder, 'log-key.pub'), 'utf8').trim());
    await press(page, 'Fetch and verify');
    await page.getByText('was recorded as “identity not established”; two offices amended it, and “wrong person” holds').waitFor();
    assert.equal(await page.locator('.figures li', { hasText: 'Wrong stops' }).locator('strong').textContent(), '1');
    await shoot(page, 'public-record-amended');
    await context.close();
}

/** A wrong person suspends the entry: every list says so, none offers it, and two officers who had no part in it reinstate it. */
async function reinstate(browser, site, first) {
    const { page: officer } = await signInPage(browser, site, site.cast.watchOfficer);
    await tab(officer, 'Entries');
    const suspended = (page) => page.locator('.list > li', { has: page.locator('.state', { hasText: 'suspended' }) });
    await suspended(officer).getByText('wrong person').waitFor();
    await tab(officer, 'Request an operation');
    await officer.waitForSelector('text=Suspended, and not to choose before two authorisers reinstate them: 1');
    const sign = async (page) => {
        await tab(page, 'Entries');
        const row = suspended(page);
        await openEntry(row);
        await row.getByText('What was proposed has not changed').waitFor();
        assert.ok(await row.getByRole('button', { name: 'Sign to reinstate' }).isDisabled(), 'whoever reinstates looks first');
        for (const tick of await row.getByRole('checkbox').all()) await tick.check();
        await press(row, 'Sign to reinstate');
        return row;
    };
    const { page: approver, context } = await signInPage(browser, site, site.cast.approver);
    await (await sign(approver)).getByRole('alert').getByText('two officers who had no part in entry').waitFor();
    await context.close();
    const row = await sign(first);
    await openEntry(row);
    await row.getByText('You have signed; another authoriser who had no part in the entry signs now.').waitFor();
    const { page: second } = await signInPage(browser, site, site.cast.authoriserTwo);
    await sign(second);
    await tab(officer, 'Entries');
    await officer.locator('.list .state', { hasText: 'approved' }).waitFor();
}

const body = newId('f');
const more = { inspector: { name: 'Inspector', office: body, roles: ['inspector'] }, secondInspector: { name: 'Second inspector', office: body, roles: ['inspector'] } };

story('a wrong stop: the register is away, the complaint is upheld and told, its sealed copy opens, two offices amend the outcome, refuse an answer and reinstate the entry', async (site) => {
    const browser = await openBrowser(site);
    try {
        const { alert, slip } = await stopWithoutRegister(browser, site);
        const { station, inspector } = await complain(browser, site, slip);
        await openCopy(inspector);
        await openWithKeyFile(browser, site);
        const authoriser = await amend(browser, site, alert);
        await seeAmended(browser, site);
        await refuseAnswer(station, authoriser);
        await reinstate(browser, site, authoriser);
    } finally {
        await browser.close();
    }
}, { more });

/** One of two says "different": nobody is sent, and the control room sees it end. */
async function reject(browser, site, room) {
    const { alert, reviewers } = await site.untilFreshlyDrawn();
    const { page, context } = await signInPage(browser, site, reviewers[0]);
    await page.waitForSelector('button:has-text("Different"):not([disabled])', { timeout: 15000 });
    await page.getByRole('group', { name: 'What differs' }).getByLabel('chin').check();
    await page.waitForFunction(() => [...document.querySelectorAll('.faces img')].every((image) => image.complete && image.naturalWidth > 0));
    await page.getByRole('button', { name: 'Different' }).click();
    await site.review(reviewers[1], alert, 'same');
    assert.equal((await untilState(site, alert, 'closed')).outcome, 'rejected');
    await room.waitForSelector('.ended li:has-text("rejected")');
    await context.close();
}

/** Too few people: the room sees that matching pauses and why; after a halt two offices sign before it goes on. */
async function pauseAndHalt(browser, site, room) {
    await press(room, 'I leave');
    await room.waitForSelector('text=Too few people are present');
    await room.waitForSelector('.operation h2:has-text("paused")');
    await room.locator('.alarm', { hasText: /Operation \W*\w{4}\W*: paused\./ }).waitFor();
    await press(room, 'I have heard it');
    await room.locator('.alarm').waitFor({ state: 'detached' });
    await room.getByRole('button', { name: 'I am here as dispatcher' }).click();
    await room.waitForSelector('.operation h2:has-text("running")');
    await site.cast.reviewerOne.act(`/operations/${site.operation}/halt`, 'halt', { operation: site.operation, reason: 'safety' });
    await room.waitForSelector('.operation h2:has-text("halted")');
    await room.locator('.alarm', { hasText: /Operation \W*\w{4}\W*: halted\./ }).waitFor();
    const { page, context } = await signInPage(browser, site, site.cast.authoriserOne);
    await tab(page, 'Operations');
    await page.getByLabel('Why it may go on').selectOption('checked');
    await press(page, 'Sign to go on');
    const { halted_at } = await site.cast.authoriserTwo.get(`/operations/${site.operation}`);
    await site.cast.authoriserTwo.act(`/operations/${site.operation}/resume`, 'resume', { operation: site.operation, halted_at, reason: 'checked' });
    await room.waitForSelector('.operation h2:has-text("running")');
    await context.close();
}

/** The end of a shift: who leaves hands what is open to somebody who is there, who may say no, and has it once it is accepted. */
async function changeShift(browser, site, room, alert) {
    const code = alert.alert.slice(-4).toUpperCase();
    const { page: next } = await signInPage(browser, site, site.cast.secondDispatcher);
    // What runs stands above presence, and comes when it is heard: a press meanwhile would meet nothing.
    await next.locator('.operation h2', { hasText: 'running' }).waitFor();
    await press(next, 'I am here as dispatcher');
    await next.getByRole('button', { name: 'I leave' }).waitFor();
    await press(room, 'I leave');
    await room.getByRole('alert').getByText('hand it to somebody who is there').waitFor();
    const shift = room.locator('section', { has: room.getByRole('heading', { name: 'Change of shift' }) });
    const offer = async () => {
        await shift.getByLabel('Who takes over').selectOption({ label: officerCode(site.cast.secondDispatcher) });
        await press(shift, 'Hand over the shift');
        await shift.getByText(`${code} · offered, not accepted yet`).waitFor();
        await next.getByText('Handed to you by').getByText(site.cast.dispatcher.serviceNumber).waitFor();
    };
    await offer();
    await press(next, 'I do not take it');
    await shift.getByText('offered, not accepted yet').waitFor({ state: 'detached' });
    await offer();
    await mustBeAccessible(next, 'shift', []);
    await press(next, 'I take it over');
    await shift.waitFor({ state: 'detached' });
    await next.getByText(code).first().waitFor();
    await takeUnattended(site, room, next, alert);
    await next.context().close();
}

/** A packet that is not what was sealed shows nothing at all. */
async function refusePacket(browser, site) {
    const { page, context } = await signInPage(browser, site, site.cast.crew, { prepare: (one) => one.route('**/api/v1/packets/*', async (route) => {
        const { packet, ...rest } = await site.cast.crew.get(new URL(route.request().url()).pathname.replace('/api/v1', ''));
        await route.fulfill({ json: { ...rest, packet: `${packet.slice(0, 400)}${packet[400] === 'A' ? 'B' : 'A'}${packet.slice(401)}` } });
    }) });
    await page.waitForSelector('text=Nothing is shown');
    await page.waitForSelector('text=Call control before you stop anybody.');
    assert.ok(!(await page.content()).includes(subject.name));
    assert.equal(await page.getByRole('button', { name: 'We are on scene' }).count(), 0, 'nobody goes on what could not be checked');
    await page.getByText('The person was not stopped').click();
    await page.getByRole('radio', { name: 'lost from sight' }).check();
    // A crew is never without a way to end it, as soon as what stands above has come to rest.
    await page.locator('button:not([disabled]):not([aria-disabled])', { hasText: 'Record that nobody was stopped' }).waitFor();
    await context.close();
}

/** Steered with its page open, a crew hears it again, is told in words and has the packet of the new place; what it did is kept. */
async function steerOnTheWay(browser, site, room, alert) {
    const { page: crew, requests } = await signInPage(browser, site, site.cast.crew);
    const fetched = () => requests.filter((one) => one.includes('/api/v1/packets/')).length;
    await press(crew, 'Accept');
    await crew.getByRole('button', { name: 'We are on scene' }).waitFor();
    await crew.locator('.alarm').waitFor({ state: 'detached' });
    assert.equal(await crew.getByText('New place').count(), 0);
    const before = fetched();
    await steer(site, room, alert);
    await crew.locator('.alarm').waitFor();
    await crew.getByRole('alert').filter({ hasText: 'New place: Demo camera gate' }).waitFor();
    assert.equal(fetched(), before + 1, 'the new packet is fetched, once');
    await mustBeAccessible(crew, 'crew-steered', []);
    await press(crew, 'I have heard it');
    await crew.locator('.alarm').waitFor({ state: 'detached' });
    await crew.getByRole('button', { name: 'We are on scene' }).waitFor();
    return crew;
}

/** The entry is taken back while a crew is on its way: the crew is told, says so, and holds nothing more. */
async function recall(browser, site, room) {
    const alert = await askThird(browser, site, room);
    await waitForUnit(site, room);
    const crew = await steerOnTheWay(browser, site, room, alert);
    await refusePacket(browser, site);
    await changeShift(browser, site, room, alert);
    const { page: officer } = await signInPage(browser, site, site.cast.watchOfficer);
    await openEntry(officer);
    await officer.getByLabel('Why it is withdrawn').selectOption('no_longer_wanted');
    await press(officer, 'Withdraw');
    await crew.waitForSelector('text=was taken back. Stop nobody for it.');
    await press(crew, 'Understood');
    await crew.waitForFunction((name) => !document.body.textContent.includes(name) && !document.body.textContent.includes('was taken back'), subject.name);
}

/** A stolen device: its key counts no more, and the page that has it open is over. */
async function loseDevice(browser, site) {
    const { page: lost } = await signInPage(browser, site, site.cast.reviewerThree);
    const { page: admin } = await signInPage(browser, site, site.cast.admin);
    await tab(admin, 'Officers and devices');
    await admin.getByText('A device was lost or stolen').click();
    await admin.getByLabel('Whose key').selectOption(site.cast.reviewerThree.id);
    await admin.getByLabel('Reason').selectOption('lost_device');
    await press(admin, 'Suspend now');
    await admin.waitForSelector('text=counts no more');
    await lost.waitForSelector('text=The session is over. Sign in again.', { timeout: 60000 });
    await lost.fill('input[type=password]', 'demo');
    await press(lost, 'Sign in');
    await lost.getByRole('alert').getByText('was suspended and signs nothing any more').waitFor();
}

story('a rejection, a pause, a halt, a doubt, no free unit, a packet that was changed, a change of shift, a newer place, a recall and a stolen device are seen for what they are', async (site) => {
    const browser = await openBrowser(site);
    try {
        const { page: room } = await signInPage(browser, site, site.cast.dispatcher);
        await reject(browser, site, room);
        await pauseAndHalt(browser, site, room);
        await recall(browser, site, room);
        await loseDevice(browser, site);
    } finally {
        await browser.close();
    }
}, { more: { secondDispatcher: { name: 'Second dispatcher', office: newId('f'), roles: ['dispatcher'] } } });
