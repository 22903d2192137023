// The pages that feed and bound the lists: a table of proposals, protected places, a station's statuses, and the
// question that an inspector answers when a list is long gone. Refusals are read in both languages.
import fs from 'node:fs';
import path from 'node:path';
import { assert, exchange, newId, nowSeconds, story, subject } from '../api/story.mjs';
import { sha256 } from '../../web/statement.js';
import { assets } from '../../tools/demo/site.mjs';
import { mustBeAccessible, openBrowser, signInPage } from './browser.mjs';

const columns = 'ground,name,father,cnic,born,gender,description,case_kind,case_number,case_section,case_station,case_dated,case_officer,photo,photo_source,photo_record,photo_dated,expires';
const day = (from) => new Date(Date.now() + from * 86400000).toISOString().slice(0, 10);
const go = (page, name) => page.getByRole('link', { name }).click();

/** One line that is well, one person under age, and one with a CNIC that is none. */
function writeTable(site) {
    const line = (name, cnic, born) => ['consenting_test_subject', name, '"Played, by a subject"', cnic, born, 'male', 'Plays another person', 'court', 'DEMO-7/2026',
        'DEMO 1', site.cast.station.station, day(-10), site.cast.watchOfficer.id, 'subject-2.jpg', 'consenting_subject', 'DEMO-7', day(-2), day(5)].join(',');
    const file = path.join(site.folder, 'table.csv');
    fs.writeFileSync(file, `${[columns, line('Demo person C', '42101-0000007-1', 1985), line('Demo child', '42101-0000008-1', 2020), line('Demo person D', '4210', 1985)].join('\n')}\n`);
    return file;
}

/** A desk that puts more into a line than a proposal holds: another officer, another form, a field of it. */
const addToLines = (site) => async (route) => {
    const headers = { Authorization: `Bearer ${site.cast.watchOfficer.session}`, 'Content-Type': 'text/csv' };
    const reply = await exchange(site, 'POST', '/api/v1/imports/csv', { headers, body: route.request().postDataBuffer() });
    const answer = JSON.parse(reply.body);
    const more = { type: 'entry_approval', site: 'another', by: newId('o'), at: 1, answer: 'approved' };
    for (const one of answer.lines.filter(({ proposal }) => proposal)) Object.assign(one.proposal, more);
    await route.fulfill({ json: answer });
};

/** A desk that puts somebody else's picture into a line. */
async function s4_the_desk_exchanges_no_picture(page, site) {
    const exchanged = (to) => async (route) => {
        await addToLines(site)({ ...route, request: () => route.request(), fulfill: ({ json }) => {
            for (const one of json.lines.filter(({ proposal }) => proposal)) Object.assign(one.proposal.photos[0], to);
            return route.fulfill({ json });
        } });
    };
    for (const to of [{ file_hash: 'ab'.repeat(32) }, { photo: 'ab'.repeat(32) }]) {
        await page.route('**/imports/csv', exchanged(to), { times: 1 });
        await page.getByLabel('Table (CSV').setInputFiles(writeTable(site));
        await page.waitForSelector('text=Read: 1 good, 2 refused');
        await page.getByRole('button', { name: 'Sign and propose 1' }).click();
        await page.getByRole('alert').getByText(/The picture of \W*Demo person C\W* is none of those chosen above/).waitFor();
    }
}

/** What is signed is the proposal that stands on the page, by who reads it. */
async function s10_the_desk_chooses_no_statement(page, site) {
    const [sent] = await Promise.all([page.waitForRequest('**/imports/proposals'), page.getByRole('button', { name: 'Sign and propose 1' }).click()]);
    const { person, cases, photos, entry, expires_at, at, ...rest } = JSON.parse(JSON.parse(sent.postData()).statement);
    assert.ok(Math.abs(at - nowSeconds()) < 60 && person && cases && photos && entry && expires_at);
    assert.equal(photos[0].file_hash, await sha256(fs.readFileSync(path.join(assets, 'photos/subject-2.jpg'))), 'the picture chosen last under its name');
    assert.deepEqual(rest, { type: 'entry_proposal', site: site.name, by: site.cast.watchOfficer.id, ground: 'consenting_test_subject' });
}

/** A wrong picture under the name that the table has, and then the right one: the last one counts, and what was read with the first is not signed. */
async function replacePicture(page, site) {
    const right = path.join(assets, 'photos/subject-2.jpg');
    const wrong = { name: 'subject-2.jpg', mimeType: 'image/jpeg', buffer: fs.readFileSync(path.join(assets, 'photos/other-1.jpg')) };
    await page.getByLabel('Photographs').setInputFiles([wrong]);
    await page.waitForSelector('text=✓ subject-2.jpg');
    await page.getByLabel('Table (CSV').setInputFiles(writeTable(site));
    await page.waitForSelector('text=Read: 1 good, 2 refused');
    await page.getByLabel('Photographs').setInputFiles([right, path.join(assets, 'photos/blurred.jpg')].filter(fs.existsSync));
    await page.waitForSelector('text=Read: 1 good', { state: 'detached' });
    await page.waitForSelector('text=✓ subject-2.jpg');
    await page.getByText('The picture is being judged…').waitFor({ state: 'detached' });
}

async function importTable(browser, site) {
    const { page } = await signInPage(browser, site, site.cast.watchOfficer);
    await page.route('**/imports/csv', addToLines(site));
    await go(page, 'Import a table');
    await replacePicture(page, site);
    await s4_the_desk_exchanges_no_picture(page, site);
    await page.getByLabel('Table (CSV').setInputFiles(writeTable(site));
    await page.waitForSelector('text=Read: 1 good, 2 refused');
    await page.waitForSelector('text=the CNIC has to have the form 00000-0000000-0. Correct the line');
    await page.locator('td', { hasText: 'Demo person C' }).getByText('42101-0000007-1').first().waitFor();
    await page.locator('td', { hasText: 'Demo person C' }).getByText('DEMO-7/2026 · DEMO 1').first().waitFor();
    await page.getByText('All that is signed').click();
    await page.locator('td', { hasText: 'Demo person C' }).getByText('Plays another person').waitFor();
    await mustBeAccessible(page, 'imports');
    await s10_the_desk_chooses_no_statement(page, site);
    await page.waitForSelector('text=Proposed: 1; refused: 0.');
    const { entries } = await site.cast.watchOfficer.get('/entries');
    assert.equal(entries.filter((one) => one.state === 'proposed').length, 1, 'the good line is a proposal that waits for an authoriser');
    await page.getByRole('button', { name: 'اردو' }).click();
    await page.getByText('پہلے سے دستخط شدہ').click();
    const mine = await site.cast.approver.statement('entry_proposal', { entry: newId('e') });
    await page.locator('input[type=file]').last().setInputFiles({ name: 'signed.jsonl', mimeType: 'application/json', buffer: Buffer.from(`${JSON.stringify(mine)}\n`) });
    const refusal = page.locator('td .problem', { hasText: /^✗ .*[؀-ۿ]/ });
    await refusal.waitFor();
    assert.doesNotMatch((await refusal.textContent()).replace(/\u2066.*?\u2069|\u2068.*?\u2069/g, ''), /[a-z]{3}/i, 'no English is left in it');
    await page.getByRole('button', { name: 'English' }).click();
    return page;
}

/** What ended long ago is asked for by hand, a page at a time, until there is no more. */
async function showOlder(page, site) {
    const old = (number) => ({ entry: `e-000000000000${number}`, state: 'expired', ground: 'court_warrant', expires_at: 1700000000, proposal_hash: '0'.repeat(64), reason: '' });
    await page.route('**/api/v1/entries', async (route) => route.fulfill({ json: { ...await site.cast.watchOfficer.get('/entries'), older: old(7001).entry } }));
    await page.route('**/api/v1/entries/*/older', async (route) => route.fulfill({
        json: route.request().url().includes('7001') ? { entries: [old(7001)], older: old(7002).entry } : { entries: [old(7002)] } }));
    await go(page, 'Protected places');
    await go(page, 'Entries');
    const more = page.getByRole('button', { name: 'Show older ones' });
    for (const number of [7001, 7002]) {
        await more.click();
        await page.locator('.list > li', { hasText: String(number) }).waitFor();
    }
    assert.equal(await more.count(), 0);
    await page.locator('.list > li', { hasText: '7001' }).waitFor();
    await mustBeAccessible(page, 'older entries');
    await page.unrouteAll();
}

/** The proposer reads why it was refused, in the approver's words. */
async function refuseProposal(browser, site, officer) {
    const { page } = await signInPage(browser, site, site.cast.approver);
    await page.getByRole('button', { name: 'Open' }).first().click();
    assert.ok(await page.getByRole('button', { name: 'Refuse' }).isDisabled(), 'a refusal has a reason');
    await page.getByLabel('Reason, when refused').fill('The papers name another person');
    await page.getByRole('button', { name: 'Refuse' }).click();
    await go(officer, 'Entries');
    const row = officer.locator('.list > li', { has: officer.locator('.state', { hasText: 'withdrawn' }) });
    await row.getByRole('button', { name: 'Open' }).click();
    await row.getByText('The papers name another person').waitFor();
    await page.context().close();
}

/** A file of yesterday makes nobody wanted today: its own time is what is signed, and one too old or to come is refused. */
async function s03_a_file_is_as_old_as_it_is(page, site) {
    const sign = page.getByRole('button', { name: 'Sign the statuses' });
    const bring = async (age_s) => {
        const then = nowSeconds() - age_s;
        const file = path.join(site.folder, `statuses-${then}.csv`);
        const one = newId('k');
        fs.writeFileSync(file, `${one},live\n`);
        fs.utimesSync(file, then, then);
        await page.locator('input[type=file]').setInputFiles(file);
        await page.waitForFunction((words) => document.querySelector('textarea').value.includes(words), one);
        return then;
    };
    for (const age_s of [25 * 3600, -3600]) {
        await bring(age_s);
        await page.getByText('Say when the list was taken: within the last 24 hours.').waitFor();
        assert.ok(await sign.isDisabled(), 'it is not signed as if it were of now');
    }
    const then = await bring(3 * 3600);
    const [sent] = await Promise.all([page.waitForRequest('**/statuses'), sign.click()]);
    assert.equal(JSON.parse(JSON.parse(sent.postData()).statement).taken_at, then);
    await page.waitForSelector('text=Refreshed: 0');
}

/** As a field for a day and a time takes it. */
/** A field of the browser's own drops seconds that are 00, and then holds something else than was filled in: the second before serves as well. */
function timeNow() {
    const now = Date.now();
    return new Date(now - (now % 60000 < 1000 ? 1000 : 0) - new Date().getTimezoneOffset() * 60000).toISOString().slice(0, 19);
}

async function tellStatuses(browser, site) {
    const { page } = await signInPage(browser, site, site.cast.station);
    await go(page, 'Case statuses');
    const other = newId('k');
    const station = page.getByLabel('Station', { exact: true });
    assert.equal(await station.inputValue(), '', 'nobody signs for a station that nobody chose');
    await page.getByText('Choose a station that the roster posts you to.').waitFor();
    await station.selectOption({ label: `Saddar · ${site.cast.station.station.slice(-4).toUpperCase()}` });
    await s03_a_file_is_as_old_as_it_is(page, site);
    await page.getByLabel('Cases: id').fill(`${site.listed.case} live\n${other}, closed\nnonsense`);
    await page.waitForSelector('text=Mend lines 3');
    assert.ok(await page.getByRole('button', { name: 'Sign the statuses' }).isDisabled(), 'a line that is none is mended first');
    await page.getByLabel('Cases: id').fill(`${site.listed.case} live\n${other}, closed`);
    assert.ok(await page.getByRole('button', { name: 'Sign the statuses' }).isDisabled(), 'when it was taken is said');
    await page.getByLabel('Taken at').fill(timeNow());
    await page.getByRole('button', { name: 'Sign the statuses of 2' }).click();
    await page.waitForSelector('text=Refreshed: 1');
    await page.getByText('No entry is about 1 of the cases.').waitFor();
    await mustBeAccessible(page, 'statuses');
}

async function askWhetherListed(browser, site) {
    const { page } = await signInPage(browser, site, site.cast.inspector);
    const asked = [];
    page.on('request', (request) => asked.push(request.url() + (request.postData() ?? '')));
    await go(page, 'Was I listed?');
    await page.getByLabel('The log’s public key').fill(fs.readFileSync(path.join(site.folder, 'log-key.pub'), 'utf8').trim());
    await page.getByRole('button', { name: 'Fetch and verify' }).click();
    await page.getByText('✓ The log holds').waitFor();
    for (const [cnic, words] of [[subject.cnic, 'This number was on the list'], ['42101-0000009-9', 'This number was not on the list']]) {
        await page.getByLabel('Operation').selectOption(site.operation);
        await page.getByLabel('Number on the card').fill(cnic);
        await page.getByRole('button', { name: 'Compare here' }).click();
        await page.waitForSelector(`text=${words}`);
    }
    const changed = async (route) => {
        const marks = await site.cast.inspector.get(new URL(route.request().url()).pathname.replace('/api/v1', ''));
        await route.fulfill({ json: { ...marks, tags: '', listed_hash: await sha256('') } });
    };
    await page.route('**/listed', changed);
    await page.getByLabel('Number on the card').fill(subject.cnic);
    await page.getByRole('button', { name: 'Compare here' }).click();
    await page.getByRole('alert').getByText('These marks are not those that the log names.').waitFor();
    assert.equal(await page.getByText('This number was').count(), 0, 'what was changed answers nothing');
    await page.unroute('**/listed', changed);
    assert.ok(!asked.join().includes('42101'), 'the number never leaves the inspector’s device');
    await mustBeAccessible(page, 'listed');
    for (const part of ['Running operations', 'Sealed copies', 'Questions and complaints']) {
        await go(page, part);
        await mustBeAccessible(page, `inspector ${part}`);
    }
}

const fillPlace = async (page, name) => {
    await page.getByLabel('Kind of place').selectOption('hospital');
    await page.getByLabel('Name of the place').fill(name);
    await page.getByLabel('Latitude').fill('24.8607');
    await page.getByLabel('Longitude').fill('67.0011');
    await page.getByRole('button', { name: 'Sign the longer list' }).click();
};

async function protectPlace(browser, site) {
    const { page } = await signInPage(browser, site, site.cast.approver);
    await go(page, 'Protected places');
    await page.waitForSelector('text=No place is protected.');
    await fillPlace(page, 'Civil Hospital');
    await page.waitForSelector('text=Operations halted by it: 1');
    await site.untilOperation(site.operation, 'halted');
    await page.waitForSelector('text=Civil Hospital');
    assert.equal(await page.getByRole('button', { name: 'Take it off' }).count(), 0, 'who works under the list does not shorten it');
    await mustBeAccessible(page, 'places');
    const outside = await signInPage(browser, site, site.cast.outsideSigner);
    await go(outside.page, 'Protected places');
    await outside.page.getByLabel('Nothing protects it any more').check();
    await outside.page.getByRole('button', { name: 'Take it off' }).click();
    await outside.page.waitForSelector('text=No place is protected.');
    await page.waitForSelector('text=No place is protected.');
    await mustBeAccessible(outside.page, 'outside signer');
}

/** Who watches over the site stops it without asking anybody; that it goes on takes two of the force. */
async function haltFromOutside(browser, site) {
    const { page } = await signInPage(browser, site, site.cast.inspector);
    await go(page, 'Running operations');
    await page.getByRole('button', { name: 'Halt', exact: true }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Reason').selectOption('legal');
    await dialog.getByRole('button', { name: 'Halt now' }).click();
    await site.untilOperation(site.operation, 'halted');
    const log = (await site.cast.auditor.bytes('/log')).toString().split('\n');
    assert.ok(log.some((line) => line.includes('"kind":"operation_halted"') && line.includes(site.cast.inspector.id)), 'the log does not say who halted it');
    const { halted_at } = await site.cast.authoriserTwo.get(`/operations/${site.operation}`);
    for (const officer of [site.cast.authoriserOne, site.cast.authoriserTwo])
        await officer.act(`/operations/${site.operation}/resume`, 'resume', { operation: site.operation, halted_at, reason: 'checked' });
    await site.untilOperation(site.operation, 'running', 60);
}

story('a table, protected places, statuses and the question “was I listed?” have pages, and what is refused is said in both languages', async (site) => {
    const browser = await openBrowser(site);
    try {
        await haltFromOutside(browser, site);
        const officer = await importTable(browser, site);
        await refuseProposal(browser, site, officer);
        await showOlder(officer, site);
        await tellStatuses(browser, site);
        await askWhetherListed(browser, site);
        await protectPlace(browser, site);
    } finally {
        await browser.close();
    }
}, { more: {
    inspector: { name: 'Inspector', office: newId('f'), roles: ['inspector'] },
    outsideSigner: { name: 'Judge', office: newId('f'), roles: ['outside_signer'] },
} });
