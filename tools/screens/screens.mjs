// Pictures of every page for the eye and for the documentation: desktop, tablet and phone, English and Urdu, dark, light and night.
//   node tools/screens/screens.mjs FOLDER        the usual combinations
//   node tools/screens/screens.mjs FOLDER --all  every page in every language and display
import fs from 'node:fs';
import path from 'node:path';
import { display, lendScreen, openBrowser, signInPage } from '../../tests/web/browser.mjs';
import { Site, buildFolder, assets, newId, subject } from '../demo/site.mjs';

const folder = process.argv[2];
if (!folder) throw new Error('usage: node tools/screens/screens.mjs FOLDER [--all]');
const everything = process.argv.includes('--all');
const sizes = { desktop: { width: 1440, height: 900 }, tablet: { width: 820, height: 1180 }, phone: { width: 390, height: 844 } };
const languages = ['en', 'ur'];
const themes = ['dark', 'light', 'night'];
const password = 'seven quiet lanterns';
const usual = [['en', 'dark'], ['ur', 'light'], ['en', 'night']];
fs.mkdirSync(folder, { recursive: true });

/** On a picture of a whole page what holds to the screen's edge would lie over what is below it. */
const setHolding = (page, position) => page.evaluate((to) => {
    for (const one of document.querySelectorAll('.act-bar, .answers, .waits')) one.style.position = to;
}, position);

/** One page as it stands, in the wanted displays and sizes. */
async function shoot(page, name, devices, { whole = true } = {}) {
    const kinds = everything ? languages.flatMap((language) => themes.map((theme) => [language, theme])) : usual;
    for (const device of devices) {
        await page.setViewportSize(sizes[device]);
        for (const [language, theme] of kinds) {
            await display(page, language, theme);
            await page.evaluate(() => document.fonts.ready.then(() => scrollTo(0, 0)));
            await page.waitForTimeout(150);
            if (whole) await setHolding(page, 'static');
            await page.screenshot({ path: path.join(folder, `${name}-${device}-${language}-${theme}.png`), fullPage: whole });
            await setHolding(page, '');
        }
    }
    await display(page, 'en', 'dark');
    console.log(name);
}

/** An open question, as it stands: the language behind it cannot be changed. */
async function shootDialog(page, name) {
    for (const device of ['desktop', 'phone']) {
        await page.setViewportSize(sizes[device]);
        await page.waitForTimeout(150);
        await page.screenshot({ path: path.join(folder, `${name}-${device}-en-dark.png`) });
    }
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
    await page.setViewportSize(sizes.desktop);
    console.log(name);
}

const go = async (page, id) => {
    await page.evaluate((to) => { location.hash = to; }, id);
    await page.waitForTimeout(400);
};

async function shootEntrance(browser, site) {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`https://localhost:${site.port}/`);
    await shoot(page, 'sign-in', ['desktop', 'phone']);
    await page.getByText('make a key here').click();
    await page.getByLabel('Your name').fill('Crew of ERV 7');
    await page.getByLabel('Your role').selectOption('crew');
    await page.getByLabel('Your service number').fill('KHI-48299');
    await page.getByRole('button', { name: 'Make the key' }).click();
    await page.getByText('The key is made').waitFor();
    await shoot(page, 'enrol', ['phone']);
    await context.close();
}

/** What the offices sign before there is an alert: an entry that waits beside one that is approved, and an operation that is asked for. */
async function shootLists(browser, site) {
    const { watchOfficer, approver } = site.cast;
    await site.propose('subject-2.jpg', { ...subject, name: 'Demo person B', cnic: '42101-0000002-1' });
    const officer = await signInPage(browser, site, watchOfficer);
    await go(officer.page, 'propose');
    await officer.page.getByLabel('Photograph (JPEG)').setInputFiles(path.join(assets, 'photos/subject-2.jpg'));
    await officer.page.waitForSelector('text=pixels between the eyes', { timeout: 120000 });
    await shoot(officer.page, 'propose', ['desktop', 'phone']);
    await go(officer.page, 'imports');
    await shootImport(officer.page, site);
    await go(officer.page, 'request');
    await officer.page.getByRole('button', { name: 'Sign the request' }).waitFor();
    await shoot(officer.page, 'request', ['desktop', 'phone']);
    await officer.context.close();
    const second = await signInPage(browser, site, approver);
    await second.page.getByRole('button', { name: 'Open' }).first().click();
    await second.page.getByRole('button', { name: 'Approve' }).waitFor();
    await shoot(second.page, 'approve', ['desktop']);
    await second.context.close();
}

async function shootOffices(browser, site) {
    const { authoriserOne, admin, approver, auditor } = site.cast;
    const authoriser = await signInPage(browser, site, authoriserOne);
    await go(authoriser.page, 'operations');
    await authoriser.page.locator('summary', { hasText: 'Terms of the request' }).first().click();
    await shoot(authoriser.page, 'operations', ['desktop', 'phone']);
    await authoriser.context.close();
    const second = await signInPage(browser, site, approver);
    await go(second.page, 'amend');
    await shoot(second.page, 'amend', ['desktop']);
    await second.context.close();
    const office = await signInPage(browser, site, admin);
    for (const part of ['set-up', 'cameras', 'officers', 'passes']) {
        await go(office.page, part);
        await shoot(office.page, part, ['desktop']);
    }
    await office.context.close();
    const oversight = await signInPage(browser, site, auditor);
    await oversight.page.getByRole('button', { name: 'Fetch and verify' }).click();
    await oversight.page.waitForSelector('text=The log holds');
    await oversight.page.locator('.records button').nth(3).click();
    await shoot(oversight.page, 'log', ['desktop'], { whole: false });
    for (const part of ['records', 'measured']) {
        await go(oversight.page, part);
        await oversight.page.waitForTimeout(600);
        await shoot(oversight.page, part, ['desktop']);
    }
    await oversight.context.close();
}

/** A table whose lines are good, forbidden and wrong. */
async function shootImport(page, site) {
    const day = (from) => new Date(Date.now() + from * 86400000).toISOString().slice(0, 10);
    const columns = 'ground,name,father,cnic,born,gender,description,case_kind,case_number,case_section,case_station,case_dated,case_officer,photo,photo_source,photo_record,photo_dated,expires';
    const line = (name, cnic, born) => ['consenting_test_subject', name, 'Played by a subject', cnic, born, 'male', 'Plays another person', 'court', 'DEMO-7/2026', 'DEMO 1',
        site.cast.station.station, day(-10), site.cast.watchOfficer.id, 'subject-2.jpg', 'consenting_subject', 'DEMO-7', day(-2), day(5)].join(',');
    const table = [columns, line('Demo person C', '42101-0000007-1', 1985), line('Demo child', '42101-0000008-1', 2020), line('Demo person D', '4210', 1985)].join('\n');
    await page.getByLabel('Photographs').setInputFiles(path.join(assets, 'photos/subject-2.jpg'));
    await page.waitForSelector('text=✓ subject-2.jpg');
    await page.getByLabel('Table (CSV').setInputFiles({ name: 'table.csv', mimeType: 'text/csv', buffer: Buffer.from(`${table}\n`) });
    await page.waitForSelector('text=Read: 1 good');
    await shoot(page, 'imports', ['desktop', 'phone']);
}

async function shootOversight(browser, site) {
    const outside = await signInPage(browser, site, site.cast.outsideSigner);
    await site.cast.authoriserTwo.act('/places', 'protected_places', { part: 0, number: 1, places: [
        { kind: 'hospital', name: 'Civil Hospital', latitude_e7: 248580000, longitude_e7: 670100000, radius_m: 200, from: 0, until: 0 },
        { kind: 'protest', name: 'Press Club, the march of the teachers’ association from Regal Chowk', latitude_e7: 248550000, longitude_e7: 670250000, radius_m: 800,
            from: Math.floor(Date.now() / 1000) + 86400, until: Math.floor(Date.now() / 1000) + 2 * 86400 }] });
    await go(outside.page, 'places');
    await outside.page.waitForSelector('text=Civil Hospital');
    await shoot(outside.page, 'places', ['desktop', 'phone']);
    await go(outside.page, 'offences');
    await outside.page.getByText('PPC 302').waitFor();
    await shoot(outside.page, 'offences', ['desktop', 'phone']);
    await outside.context.close();
    const { page, context } = await signInPage(browser, site, site.cast.inspector);
    await go(page, 'listed');
    await page.getByRole('button', { name: 'Fetch and verify' }).click();
    await page.getByLabel('Operation').selectOption(site.operation);
    await page.getByLabel('Number on the card').fill(subject.cnic);
    await page.getByRole('button', { name: 'Compare here' }).click();
    await page.waitForSelector('text=This number was');
    await shoot(page, 'listed', ['desktop', 'phone']);
    for (const part of ['running', 'copies', 'complaints']) {
        await go(page, part);
        await shoot(page, `inspector-${part}`, ['desktop']);
    }
    await context.close();
}

async function shootAlert(browser, site) {
    const context = await browser.newContext({ viewport: { width: 390, height: 844 }, permissions: ['geolocation'], geolocation: { latitude: 24.8625, longitude: 67.0052 } });
    await lendScreen(context);
    const crew = await signInPage(browser, site, site.cast.crew, { context, prepare: (page) => page.clock.install() });
    await shoot(crew.page, 'unit-idle', ['phone']);
    const dispatcher = await signInPage(browser, site, site.cast.dispatcher);
    await shoot(dispatcher.page, 'room-idle', ['desktop']);
    const { reviewers } = await site.untilDrawn(90);
    const reviewer = await signInPage(browser, site, reviewers[0]);
    await reviewer.page.waitForSelector('text=Are these the same person?');
    // Without a connection it stays as long as the pictures take; it may be passed on meanwhile.
    await reviewer.page.waitForFunction(() => [...document.querySelectorAll('.faces img')].every((one) => one.complete && one.naturalWidth > 0));
    await reviewer.context.setOffline(true);
    await shoot(reviewer.page, 'review', ['desktop', 'tablet']);
    await reviewer.context.close();
    const alert = await site.untilAgreed(120);
    await dispatcher.page.waitForSelector('text=Two officers say same, not identified');
    await dispatcher.page.waitForSelector('.leaflet-marker-icon');
    await shoot(dispatcher.page, 'dispatch', ['desktop', 'tablet']);
    await site.dispatch({ ...alert, ...(await site.cast.dispatcher.get(`/alerts/${alert.alert}`)) });
    await crew.page.waitForSelector(`text=${subject.name}`);
    await shoot(crew.page, 'unit-packet', ['phone', 'tablet']);
    await dispatcher.page.getByRole('button', { name: 'radio' }).click();
    await dispatcher.page.waitForSelector('.script');
    await shoot(dispatcher.page, 'on-the-way', ['desktop']);
    await dispatcher.page.getByRole('button', { name: 'Halt', exact: true }).click();
    await shootDialog(dispatcher.page, 'halt');
    await shootShift(browser, site, dispatcher.page);
    const press = (words) => crew.page.getByRole('button', { name: words }).click();
    await press('Accept');
    await press('We are on scene');
    await shoot(crew.page, 'unit-on-scene', ['phone']);
    const notStopped = crew.page.locator('summary', { hasText: 'The person was not stopped' });
    await notStopped.click();
    await shoot(crew.page, 'unit-not-stopped', ['phone']);
    await notStopped.click();
    await shootSilence(crew);
    await press('Person stopped');
    await crew.page.getByLabel('Number on the card').fill(subject.cnic);
    await crew.page.getByLabel('Sample (simulated reader)').fill('thumb');
    await press('Verify the card');
    await crew.page.waitForSelector('text=The register answers');
    await shoot(crew.page, 'unit-stop', ['phone', 'tablet']);
    await press('Ask the case’s status');
    await crew.page.waitForSelector('text=The case is');
    await crew.page.getByRole('radio', { name: 'custody', exact: true }).check();
    await crew.page.getByRole('group', { name: 'Force or harm' }).getByRole('radio', { name: 'none' }).check();
    await crew.page.getByRole('radio', { name: 'card verified' }).check();
    await press('Record the outcome');
    await crew.page.getByLabel('Station').selectOption({ index: 1 });
    await shoot(crew.page, 'unit-hand-over', ['phone']);
    await crew.page.locator('.huge').getByRole('button', { name: 'Hand over', exact: true }).click();
    const station = await signInPage(browser, site, site.cast.station);
    await station.page.getByRole('button', { name: 'Open the hand-over packet' }).click();
    await station.page.waitForSelector(`text=${subject.name}`);
    await Promise.all([station.page.waitForEvent('download'), station.page.getByRole('button', { name: 'Save the sealed packet' }).click()]);
    await shoot(station.page, 'station', ['desktop', 'phone']);
    await go(station.page, 'statuses');
    await station.page.getByLabel('Cases: id').fill(`${site.listed.case} live`);
    await shoot(station.page, 'statuses', ['desktop', 'phone']);
    await go(station.page, 'redress');
    await shoot(station.page, 'redress', ['desktop']);
    await go(station.page, 'handovers');
    await station.page.getByRole('button', { name: 'Open the hand-over packet' }).click();
    await Promise.all([station.page.waitForEvent('download'), station.page.getByRole('button', { name: 'Save the sealed packet' }).click()]);
    await station.page.getByRole('button', { name: 'Sign the receipt' }).click();
    await station.page.getByText('The receipt is signed').waitFor();
    await Promise.all([crew, dispatcher, station].map(({ context }) => context.close()));
}

/** A minute without the desk, at the scene. */
async function shootSilence({ page, context }) {
    await context.setOffline(true);
    await page.clock.fastForward('01:10');
    await page.getByText('Call control before you stop').waitFor();
    await shoot(page, 'unit-silence', ['phone']);
    await page.clock.setSystemTime(Date.now());
    await context.setOffline(false);
    await page.getByText('Call control before you stop').waitFor({ state: 'detached', timeout: 60000 });
}

/** What is open goes from one dispatcher to another: offered on one page, and asked about on the other. */
async function shootShift(browser, site, page) {
    const next = await signInPage(browser, site, site.cast.secondDispatcher);
    await next.page.getByRole('button', { name: 'I am here as dispatcher' }).click();
    await page.getByLabel('Who takes over').selectOption({ index: 1 });
    await page.getByRole('button', { name: 'Hand over the shift' }).click();
    await page.getByText('offered, not accepted yet').waitFor();
    await shoot(page, 'shift-offered', ['desktop']);
    await shoot(next.page, 'shift-asked', ['desktop']);
    await next.page.getByRole('button', { name: 'I do not take it' }).click();
    await page.getByText('offered, not accepted yet').waitFor({ state: 'detached' });
    await next.context.close();
}

/** The operation that ran ends and its record is published, so that the next one may run. */
async function endOperation(site) {
    await site.cast.watchOfficer.act(`/operations/${site.operation}/end`, 'operation_end', { operation: site.operation });
    await site.publishRecord();
}

/** The entry is taken back while a crew is on its way, and for a minute the crew does not say that it knows. */
async function shootRecall(browser, site) {
    await endOperation(site);
    await site.presentAll();
    site.listed = await site.enrol();
    site.operation = await site.authoriseOperation([site.listed.entry]);
    const crew = await signInPage(browser, site, site.cast.crew);
    const room = await signInPage(browser, site, site.cast.dispatcher);
    await site.dispatch(await site.untilAgreed(120));
    await crew.page.getByRole('button', { name: 'Accept' }).click();
    await crew.page.getByRole('button', { name: 'We are on scene' }).waitFor();
    const officer = await signInPage(browser, site, site.cast.watchOfficer);
    await officer.page.getByRole('button', { name: `Open: ${site.listed.entry.slice(-4).toUpperCase()}` }).click();
    await shoot(officer.page, 'entries', ['desktop', 'phone']);
    await officer.page.getByLabel('Why it is withdrawn').selectOption('no_longer_wanted');
    await officer.page.getByRole('button', { name: 'Withdraw' }).click();
    await crew.page.getByText('was taken back. Stop nobody for it.').waitFor();
    await shoot(crew.page, 'unit-recall', ['phone']);
    await room.page.getByText('call it by radio').waitFor({ timeout: 90000 });
    await shoot(room.page, 'recall', ['desktop']);
    await crew.page.getByRole('button', { name: 'Understood' }).click();
    await Promise.all([crew, room, officer].map(({ context }) => context.close()));
}

/** What began urgently, before whoever has to ratify it. */
async function shootRatification(browser, site) {
    const { authoriserOne, authoriserTwo, outsideSigner } = site.cast;
    await endOperation(site);
    site.listed = await site.enrol();
    const { operation, request_hash } = await site.requestOperation([site.listed.entry]);
    const first = await signInPage(browser, site, authoriserOne);
    await go(first.page, 'operations');
    await first.page.getByText('Urgent, without the outside signer').click();
    await shoot(first.page, 'authorise', ['desktop', 'phone']);
    await first.context.close();
    await authoriserOne.act(`/operations/${operation}/urgency`, 'urgency', { operation, request_hash, reason: 'threat_to_life' });
    for (const one of [authoriserOne, authoriserTwo])
        await one.act(`/operations/${operation}/authorisations`, 'authorisation', { operation, request_hash, answer: 'authorised' });
    const outside = await signInPage(browser, site, outsideSigner);
    await go(outside.page, 'operations');
    await outside.page.getByRole('button', { name: 'Ratify' }).waitFor();
    await shoot(outside.page, 'ratify', ['desktop', 'phone']);
    await outside.context.close();
}

/** A site that asks for passwords and codes: making them, showing them, and who is locked. */
async function shootPasses(browser, site) {
    fs.appendFileSync(path.join(site.folder, 'site.ini'), '\n[sign_in]\npass = required\n');
    await site.killDesk();
    await site.startDesk();
    const { admin, reviewerOne, crew } = site.cast;
    const reviewer = await signInPage(browser, site, reviewerOne);
    await shoot(reviewer.page, 'pass-make', ['desktop']);
    for (const name of ['New password', 'Once more']) await reviewer.page.getByLabel(name).fill(password);
    await reviewer.page.getByRole('button', { name: 'Next' }).click();
    await reviewer.page.getByRole('img', { name: 'The secret of your codes' }).waitFor({ timeout: 90000 });
    await shoot(reviewer.page, 'pass-codes', ['desktop', 'phone']);
    await reviewer.context.close();
    for (const [one, words, name, device] of [[reviewerOne, password, 'pass-show', 'desktop'], [crew, '40718352', 'pass-digits', 'phone']]) {
        await one.signIn();
        await one.makePass(words);
        const { page, context } = await signInPage(browser, site, one);
        await shoot(page, name, [device]);
        if (one === reviewerOne) await answerWrongly(page);
        await context.close();
    }
    await admin.signIn();
    await admin.makePass(password);
    const { page, context } = await signInPage(browser, site, admin);
    await page.getByLabel('Password').fill(password);
    await page.getByLabel('Code of your authenticator').fill(await admin.freshCode());
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('link', { name: 'Who can sign in' }).click();
    await page.getByText('locked until').waitFor();
    await shoot(page, 'passes-locked', ['desktop', 'phone']);
    await context.close();
}

async function answerWrongly(page) {
    for (let i = 0; i < 6; i++) {
        await page.getByLabel('Password').fill('not this one at all');
        await page.getByLabel('Code of your authenticator').fill('000000');
        await page.getByRole('button', { name: 'Sign in', exact: true }).click();
        await page.getByRole('alert').getByText(i < 5 ? 'is not right' : 'locked').waitFor();
        await page.waitForTimeout(300);
    }
    await shoot(page, 'pass-locked', ['desktop']);
}

const site = await Site.make(path.join(buildFolder, 'screens-site'), { more: {
    inspector: { name: 'Inspector', office: newId('f'), roles: ['inspector'] },
    outsideSigner: { name: 'Judge', office: newId('f'), roles: ['outside_signer'] },
    secondDispatcher: { name: 'Second dispatcher', office: newId('f'), roles: ['dispatcher'] },
} });
try {
    await site.startAll();
    await site.placeUnits();
    const browser = await openBrowser(site);
    await shootEntrance(browser, site);
    await shootLists(browser, site);
    await shootAlert(browser, site);
    await shootOffices(browser, site);
    await shootOversight(browser, site);
    await shootRecall(browser, site);
    await shootRatification(browser, site);
    await shootPasses(browser, site);
    await browser.close();
    console.log(`${fs.readdirSync(folder).length} pictures in ${folder}`);
} finally {
    await site.end();
}
