// The offices' forms in a real browser: a proposal and its approval, an operation that is refused, one that is urgent, the
// log verified by the auditor's own browser.
import fs from 'node:fs';
import path from 'node:path';
import { assert, newId, sleep, story } from '../api/story.mjs';
import { canonical, sha256 } from '../../web/statement.js';
import { assets } from '../../tools/demo/site.mjs';
import { mustBeAccessible, mustStandAt, openBrowser, signInPage } from './browser.mjs';
import { giveUp, holdUp } from './room.mjs';
import { date, fillPhoto, fillProposal, pictureOfNobody } from './proposal.mjs';

async function propose(page) {
    await page.getByRole('link', { name: 'Propose an entry' }).click();
    await page.getByText('Choose the legal ground').waitFor();
    assert.ok(await page.getByRole('button', { name: 'Sign the proposal' }).isDisabled(), 'nothing is signed before the form is whole');
    await fillProposal(page);
    await page.getByLabel('Photograph (JPEG)').setInputFiles(await pictureOfNobody(page));
    await page.locator('.photo-part .problem').getByText('no face. ').waitFor();
    assert.ok(await page.getByRole('button', { name: 'Sign the proposal' }).isDisabled(), 'nothing is proposed with a picture that is refused');
    await page.route('**/photos', () => {}, { times: 1 });
    await page.getByLabel('Photograph (JPEG)').setInputFiles(path.join(assets, 'photos/subject-2.jpg'));
    await page.getByRole('status').getByText('The picture is being judged…').waitFor();
    await page.locator('.photo-part .problem').getByText('no answer from the desk').waitFor({ timeout: 60000 });
    await page.getByLabel('Photograph (JPEG)').setInputFiles(path.join(assets, 'photos/subject-2.jpg'));
    await page.waitForSelector('text=pixels between the eyes');
    await addCaseAndPhoto(page);
    await page.getByRole('button', { name: 'Sign the proposal' }).click();
    await page.waitForSelector('text=Proposed:');
}

/** A person has several cases at several stations, and up to three photographs; what was begun by mistake is taken out again. */
async function addCaseAndPhoto(page) {
    const sign = page.getByRole('button', { name: 'Sign the proposal' });
    for (const more of ['Another case', 'Another case', 'Another photograph', 'Another photograph']) await page.getByRole('button', { name: more }).click();
    assert.equal(await page.getByRole('button', { name: 'Another photograph' }).count(), 0, 'three photographs at most');
    assert.ok(await sign.isDisabled(), 'what was begun is filled in or taken out');
    await page.getByRole('button', { name: 'Take out: Case 2' }).click();
    await page.getByRole('button', { name: 'Take out: Photograph 2' }).click();
    const [second, photo] = [page.getByRole('group', { name: 'Case 2' }), page.getByRole('group', { name: 'Photograph 2' })];
    await second.getByLabel('Reference').selectOption('fir');
    await second.getByLabel('Court or FIR number').fill('DEMO-3/2026');
    await second.getByLabel('Section of the law').fill('DEMO 1');
    await second.getByLabel('Date of the order or report').fill(date(20));
    await second.getByLabel('Station').selectOption({ index: 1 });
    await fillPhoto(photo, { record: 'DEMO-2b', taken: date(2) });
    await photo.getByLabel('Photograph (JPEG)').setInputFiles(path.join(assets, 'photos/subject-3.jpg'));
    await photo.getByText('pixels between the eyes').waitFor();
}

/** What the desk shows goes through `change` while `press` is pressed: nothing leaves the page, and it says why. */
async function mustSignNothing(page, officer, shown, change, { open, press }, words) {
    // A page that asks again while the route is taken away is answered by nobody.
    const lie = async (route) => (route.request().method() === 'GET' ? route.fulfill({ json: change(await officer.get(new URL(route.request().url()).pathname.replace('/api/v1', ''))) }) : route.abort()).catch(() => {});
    await page.route(shown, lie);
    await open(page);
    const sent = [];
    const count = (request) => request.method() === 'POST' && sent.push(request.url());
    page.on('request', count);
    const pressed = page.locator('.press', { has: page.getByRole('button', { name: press }) });
    await pressed.getByRole('button').click();
    await pressed.getByRole('alert').getByText(words).waitFor();
    page.off('request', count);
    assert.deepEqual(sent, [], 'something was signed that is not what the page shows');
    await page.unroute(shown, lie);
}

/** What a page may make of one value: a word of a closed set, a hash in groups, the short code of an id, a time, a millionth. */
function wordings(value) {
    if (typeof value === 'boolean') return [value ? 'yes' : 'no'];
    if (typeof value === 'number')
        return [String(value), String(value / 1e6), new Date(value * 1000).toLocaleString('en-GB', { dateStyle: 'medium', timeStyle: 'short' }), new Date(value * 1000).toLocaleDateString('en-GB', { dateStyle: 'medium' })];
    return [value, value.replaceAll('_', ' '), value.slice(0, 8), value.slice(-4).toUpperCase()];
}

const leavesOf = (value, path = '') => (typeof value === 'object' ? Object.entries(value).flatMap(([name, inner]) => leavesOf(inner, `${path}.${name}`)) : [[path, value]]);
const textIn = async (place) => (await place.innerText()).replace(/[\u2066-\u2069]/g, '');

/** Whoever signs for a statement has read all of it: no field is on the desk's word, or left out. */
async function mustShowAll(place, { statement }) {
    const shown = await textIn(place);
    const said = { entry_proposal: 'proposal of an entry', operation_request: 'request for an operation', demo: 'demonstration', 'demo-karachi': 'demo-karachi', trial: 'trial' };
    for (const [path, value] of leavesOf(JSON.parse(statement))) {
        const words = [...wordings(value), said[value]].filter(Boolean);
        assert.ok(words.some((one) => shown.includes(one)), `${path} is signed and not shown: ${words.join(' | ')} in ${shown}`);
    }
}

/** A statement of tomorrow has a field that this page has no words for: it stands there under its own name. */
async function seeLaterField(page, officer, id) {
    const shown = await officer.get(`/entries/${id}`);
    const later = { ...JSON.parse(shown.proposal.statement), later_field: 'said later' };
    await page.route('**/api/v1/entries/e-*', (route) => route.fulfill({ json: { ...shown, proposal: { ...shown.proposal, statement: canonical(later) } } }), { times: 1 });
    const row = page.locator('.list li', { hasText: 'proposed' });
    await row.getByRole('button', { name: 'Open' }).click();
    await row.locator('dt', { hasText: 'later field' }).waitFor();
    assert.match(await textIn(row.locator('article')), /later field\s+said later/);
    await page.getByRole('button', { name: 'Close' }).click();
}

/** Each request of the list as `change` has it. */
const everyRequest = (change) => ({ operations }) => ({ operations: operations.map((one) => (one.request ? { ...one, ...change(one) } : one)) });
const otherHash = everyRequest(() => ({ request_hash: '0'.repeat(64) }));
const otherTerms = everyRequest(({ request }) => ({ request: { ...request, statement: request.statement.replace('"purpose":"trial"', '"purpose":"arrest_warrants"') } }));

async function lookAtAll(row) {
    await row.getByLabel('I fetched the source picture').check();
    await row.getByLabel('I have read the papers').check();
    await row.getByLabel('I compared the look-alikes.').check();
}

/** An approver reads the proposal itself, as it was signed. */
async function approveNothingElse(page, officer) {
    const row = page.locator('.list li', { hasText: 'proposed' });
    const open = async () => {
        await row.getByRole('button', { name: 'Open' }).click();
        await lookAtAll(row);
    };
    const renamed = ({ proposal, ...rest }) => ({ ...rest, proposal: { ...proposal, statement: proposal.statement.replace('Demo person B', 'Demo person X') } });
    for (const [change, words] of [[renamed, 'a signature does not verify'], [(one) => ({ ...one, proposal_hash: '0'.repeat(64) }), 'the desk shows something else']]) {
        await mustSignNothing(page, officer, '**/api/v1/entries/e-*', change, { open, press: 'Approve' }, words);
        await page.getByRole('button', { name: 'Close' }).click();
    }
}

async function approve(page, officer) {
    await approveNothingElse(page, officer);
    const proposed = (await officer.get('/entries')).entries.find((one) => one.state === 'proposed');
    await seeLaterField(page, officer, proposed.entry);
    const row = page.locator('.list li', { hasText: 'proposed' });
    await row.getByRole('button', { name: 'Open' }).click();
    await page.waitForSelector('text=Demo person B');
    await mustBeAccessible(page, 'approver');
    await mustShowAll(row.locator('article'), (await officer.get(`/entries/${proposed.entry}`)).proposal);
    const approved = page.getByRole('button', { name: 'Approve' });
    assert.ok(await approved.isDisabled(), 'an approver looks first');
    await page.waitForSelector('text=Resembles entries on the list');
    await row.getByLabel('I fetched the source picture').check();
    await row.getByLabel('I have read the papers').check();
    assert.ok(await approved.isDisabled(), 'the look-alike is a look of its own');
    await row.getByLabel('I compared the look-alikes.').check();
    await approved.click();
    await page.waitForSelector('text=Demo person B', { state: 'detached' });
}

/** Whoever proposed an entry is not told what it looks like. */
async function seeNoLookAlikes(page) {
    await go(page, 'Entries');
    await page.locator('.list li', { hasText: 'proposed' }).getByRole('button', { name: 'Open' }).click();
    await page.waitForSelector('text=Demo person B');
    assert.ok(!(await page.content()).includes('Resembles'), 'the proposer sees no look-alikes');
    await page.getByRole('button', { name: 'Close' }).click();
    await mustStandAt(page, 'Open');
}

const go = (page, name) => page.getByRole('link', { name, exact: true }).click();
/** The operations as the desk has them now: the page asks anew, coming from another part. */
const goAgain = async (page, from) => {
    await go(page, from);
    await go(page, 'Operations');
};
const rowOf = (page, state) => page.locator('.list > li', { has: page.locator('.state', { hasText: state }) });

/** As a field for a day and a time takes it. */
const timeIn = (days) => {
    const at = new Date(Date.now() + days * 86400000);
    return new Date(at - at.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
};

/** One for all entries, and then another for the first of them: each has its own, and without it nothing is signed. */
async function giveReasons(page) {
    const why = page.getByRole('group', { name: 'Why these cameras' });
    await page.getByText('Without one: ').waitFor();
    assert.equal(await why.getByText('no reason yet').count(), 2);
    await why.getByLabel('Reason', { exact: true }).selectOption('trial');
    await why.getByLabel('Reference', { exact: true }).fill('DEMO');
    await why.getByLabel('Dated').fill(date(1));
    await why.getByRole('button', { name: 'Give this reason to all 2 chosen' }).click();
    await why.getByLabel('Reference', { exact: true }).fill('DEMO-2');
    await why.getByRole('listitem').first().getByRole('button', { name: 'Give this reason' }).click();
    await why.getByRole('listitem').nth(0).getByText('DEMO-2').waitFor();
    await why.getByRole('listitem').nth(1).getByText('DEMO', { exact: false }).waitFor();
    assert.equal(await page.getByText('Without one: ').count(), 0);
}

/** Both entries on the gate's camera, for an hour, as a trial; at once, or from some days on. */
async function ask(page, days) {
    await go(page, 'Request an operation');
    await page.getByRole('button', { name: 'Choose all' }).click();
    await page.getByLabel('Demo camera gate').check();
    await page.getByLabel('Purpose').selectOption('trial');
    await giveReasons(page);
    await page.getByLabel('Length in minutes').fill('60');
    if (days) {
        await page.getByLabel('Start', { exact: true }).fill(timeIn(31));
        await page.getByText('It starts at once or within 30 days.').waitFor();
        await page.getByLabel('Start', { exact: true }).fill(timeIn(days));
    }
    await page.getByText('Give the passages expected, from counts of these cameras.').waitFor();
    await page.getByLabel('Passages expected').fill('1000');
    await page.getByLabel('Impact assessment (reference)').fill('demonstration assessment');
    await page.getByLabel('Assessed on').fill(date(1));
    const signs = page.getByLabel('Signs stand at every camera');
    await signs.check();
    await go(page, 'Operations');
    await go(page, 'Request an operation');
    assert.equal(await page.getByLabel('Passages expected').inputValue(), '1000', 'what was typed before another tab was looked at');
    assert.ok(!await signs.isChecked(), 'that the signs stand is said when it is signed');
    await signs.check();
    await page.getByRole('button', { name: 'Sign the request' }).click();
    await page.waitForSelector('text=Requested:');
    await go(page, 'Operations');
}

/** A desk that says another start than was signed: what is on the page is what was signed. */
async function seeSignedStart(judge, signer, open) {
    const days = 5 * 86400;
    const later = everyRequest(({ starts_at, ends_at }) => ({ starts_at: starts_at + days, ends_at: ends_at + days }));
    const { request } = (await signer.get('/operations')).operations.find((one) => one.state === 'requested');
    const { starts_at } = JSON.parse(request.statement);
    await judge.route('**/api/v1/operations', async (route) => route.fulfill({ json: later(await signer.get('/operations')) }));
    await open();
    const row = rowOf(judge, 'requested');
    await row.waitFor();
    await mustShowAll(row, request);
    const dayOf = (at) => new Date(at * 1000).toLocaleDateString('en-GB', { dateStyle: 'medium' });
    const line = await textIn(row.locator('.line').first());
    assert.ok(line.includes(dayOf(starts_at)) && !line.includes(dayOf(starts_at + days)), line);
    await judge.unroute('**/api/v1/operations');
}

/** Who asked, for another day, is told why it was refused, and what to do about it. */
async function refuse(officer, judge, signer) {
    await ask(officer, 2);
    const row = rowOf(judge, 'requested');
    const open = () => goAgain(judge, 'Protected places');
    await seeSignedStart(judge, signer, open);
    await mustSignNothing(judge, signer, '**/api/v1/operations', otherHash, { open, press: 'Authorise' }, 'the desk shows something else');
    await mustSignNothing(judge, signer, '**/api/v1/operations', otherTerms, { open, press: 'Authorise' }, 'a signature does not verify');
    await open();
    const button = row.getByRole('button', { name: 'Refuse' });
    await row.waitFor();
    assert.ok(await button.isDisabled(), 'a refusal has a reason');
    await row.getByLabel('Why it is refused').selectOption('wrong_place');
    await button.click();
    await rowOf(officer, 'refused').getByText('the place. Request it anew for other cameras, or with a paper for this place.').waitFor();
    const day = new Date(Date.now() + 2 * 86400000).toLocaleDateString('en-GB', { dateStyle: 'medium' });
    await rowOf(officer, 'refused').getByText(day).first().waitFor();
}

/** Before the outside signer: for a threat to life or somebody missing, and a trial is no search for anybody. */
async function signUrgently(page, second, signer) {
    const row = rowOf(page, 'requested');
    const open = async () => {
        await goAgain(page, 'Entries');
        await row.getByText('Urgent, without the outside signer').click();
        await row.getByLabel('Reason', { exact: true }).selectOption('missing');
    };
    await mustSignNothing(page, signer, '**/api/v1/operations', otherTerms, { open, press: 'Sign the urgency' }, 'a signature does not verify');
    await goAgain(page, 'Entries');
    await row.getByText('Urgent, without the outside signer').click();
    await row.getByLabel('Reason', { exact: true }).selectOption('missing');
    await row.getByRole('button', { name: 'Sign the urgency' }).click();
    await row.getByRole('alert').getByText('is not for missing persons and cannot be urgent for them').waitFor();
    await row.getByLabel('Reason', { exact: true }).selectOption('threat_to_life');
    const { said, end } = await holdUp(page, '**/urgency');
    await row.getByRole('button', { name: 'Sign the urgency' }).click();
    await said.waitFor();
    await end();
    await row.getByText('Declared urgent').waitFor();
    await row.getByRole('button', { name: 'Authorise' }).click();
    await row.getByText('You have signed. Signed so far: 1.').waitFor();
    await go(second, 'Operations');
    await rowOf(second, 'requested').getByRole('button', { name: 'Authorise' }).click();
}

/** Answers that get lost are no end of the minute, which is not given again today. */
async function loseSetUpPoll(page) {
    const lose = (route) => route.abort();
    await page.route('**/api/v1/cameras/*/set_up', lose);
    await page.getByText('Set-up view: as last heard, not as it is now').waitFor();
    assert.equal(await page.getByText('The minute is over').count(), 0);
    await page.unroute('**/api/v1/cameras/*/set_up', lose);
    await page.getByText('Set-up view: as last heard').waitFor({ state: 'detached' });
    await page.locator('.timer', { hasText: 'Left' }).waitFor();
}

/** The administrator looks where the camera looks, for a minute: a picture in which nobody is to be known, and what is wrong with it. */
async function lookForSetUp(page) {
    await go(page, 'Cameras');
    await page.getByRole('button', { name: 'Look for set-up' }).click();
    const picture = page.getByRole('img', { name: 'The view, reduced as a whole' });
    await picture.waitFor();
    assert.ok(await picture.evaluate((one) => one.naturalWidth > 0 && one.naturalWidth <= 64), 'a view that shows nobody’s face');
    await page.locator('.timer', { hasText: 'Left' }).waitFor();
    await loseSetUpPoll(page);
    await page.getByText('h264 1280×720').waitFor();
}

/** When it is over nothing of the picture is left on the screen, also where no answer comes any more; what was found still is. */
async function seeSetUpEnd(page, officer) {
    const polls = '**/api/v1/cameras/*/set_up';
    await page.route(polls, (route) => route.abort());
    await page.getByText('The minute is over and its picture is gone.').waitFor({ timeout: 70000 });
    assert.equal(await page.locator('img.set-up').count(), 0);
    await page.getByText('h264 1280×720').waitFor();
    await page.unroute(polls);
    await officer.until('/cameras', ({ cameras }) => cameras[0].state === 'off', { what: 'the end of the set-up view' });
    await page.getByRole('button', { name: 'Look for set-up' }).click();
    await page.locator('img.set-up').waitFor();
    await page.route(polls, (route) => route.fulfill({ status: 404, json: { code: 'missing', detail: 'no set-up view of this camera is going on' } }));
    await page.getByText('The minute is over and its picture is gone.').waitFor({ timeout: 10000 });
    await page.unroute(polls);
    await page.getByRole('button', { name: 'Look for set-up' }).waitFor();
}

/** A camera that sends nothing is told apart from one that sees nobody: by a mark and in words, to who looks and to who mends it. */
async function goBlind(site, room, admin) {
    const cameraOf = (page, state) => page.locator('li', { has: page.locator('.state', { hasText: state }), hasText: 'Demo camera gate' });
    site.camera.kill('SIGSTOP');
    for (const page of [room, admin]) {
        const row = cameraOf(page, 'blind');
        await row.waitFor();
        assert.match(await row.locator('.state').textContent(), /^▲/, 'not by colour alone');
        assert.ok((await row.locator('.warn').first().textContent()).length > 10, 'it says why');
    }
    await go(admin, 'Set-up check');
    await admin.locator('.fails', { hasText: 'No camera is blind or degraded' }).getByText('look at its power, network and light').waitFor();
    site.camera.kill('SIGCONT');
    await cameraOf(room, 'running').waitFor();
    await admin.locator('.holds', { hasText: 'No camera is blind or degraded' }).waitFor();
}

/** One cannot tell, two say "same": nobody contradicts anybody. */
async function answerWithADoubt(site, alert, [one, two]) {
    await site.review(one, alert, 'cannot_tell');
    await site.review(two, alert, 'same');
    const { reviewerOne, reviewerTwo, reviewerThree } = site.cast;
    const third = [reviewerOne, reviewerTwo, reviewerThree].find((officer) => officer !== one && officer !== two);
    const { alerts } = await third.until('/alerts', (answer) => answer.alerts.some((drawn) => drawn.alert === alert.alert && drawn.state === 'raised'), { what: 'a third reviewer' });
    await sleep(1200); // the least time to look
    await site.review(third, alerts.find((drawn) => drawn.alert === alert.alert), 'same');
}

/** The record that is signed is the one that this browser makes of the log: none that leaves out an outcome, and none of another operation. */
async function s46_no_record_is_signed_that_counts_otherwise(site, auditor) {
    const disagreed = auditor.locator('.figures li', { hasText: 'Reviewers disagreed' }).locator('strong');
    assert.equal(await disagreed.textContent(), '0', 'who cannot tell contradicts nobody');
    const refusal = auditor.getByRole('alert').getByText('counts otherwise than the log');
    for (const change of [{ outcomes: {} }, { sightings_muted: 1 }, { operation: 'op-0000000000000001' }]) {
        const lie = async (route) => {
            const { record, ...rest } = await site.cast.auditor.get(new URL(route.request().url()).pathname.replace('/api/v1', ''));
            assert.equal(record.reviews.cannot_tell, 1);
            const changed = { ...record, ...change };
            await refusal.waitFor({ state: 'detached' }); // what was said of the one before
            await route.fulfill({ json: { ...rest, record: changed, record_hash: await sha256(`${canonical(changed)}\n`) } });
        };
        await auditor.route('**/operations/*/record', lie);
        await auditor.getByRole('button', { name: 'I have published it' }).click();
        await refusal.waitFor();
        await auditor.unroute('**/operations/*/record', lie);
    }
}

/** One of two look-alikes is matched, the other has no live case: it is counted as withheld, and every alert says to look twice. */
async function lookTwice(browser, site, admin) {
    const { page: room } = await signInPage(browser, site, site.cast.dispatcher);
    await room.waitForSelector('text=withheld of these: 1');
    await goBlind(site, room, admin);
    const { alert, reviewers } = await site.untilFreshlyDrawn();
    const { page, context } = await signInPage(browser, site, reviewers[0]);
    await page.waitForSelector('text=Another entry looks like this one. Look twice.');
    await answerWithADoubt(site, alert, reviewers);
    await room.waitForSelector('text=Two officers say same, not identified');
    await room.waitForSelector('text=Another entry looks like this one. Look twice.');
    await context.close();
}

/** An entry lives on by the word of an authoriser who had no part in it yet; who approved it is told so. */
async function renew(approver, second) {
    const sign = async (page) => {
        await go(page, 'Entries');
        const row = rowOf(page, 'approved').first();
        await row.getByRole('button', { name: 'Open' }).click();
        assert.ok(await row.getByRole('button', { name: 'Sign the renewal' }).isDisabled(), 'for how long is said first');
        await row.getByLabel('Renew for days').fill('30');
        await row.getByText(/Expires on .* now, on .* with your signature; nothing else changes/).waitFor();
        await row.getByRole('button', { name: 'Sign the renewal' }).click();
        return row;
    };
    const refused = await sign(approver);
    await refused.getByRole('alert').getByText('another authoriser renews it').waitFor();
    await refused.getByRole('button', { name: 'Close' }).click();
    await sign(second);
    const renewed = new Date(Date.now() + 30 * 86400000).toLocaleDateString('en-GB', { dateStyle: 'medium' });
    await rowOf(second, 'approved').filter({ hasText: renewed }).waitFor();
}

/** Ratified, it runs to its end; the next one waits for its record, and is destroyed when nobody ratifies it. */
async function actUrgently(browser, site, { officer, approver, judge, auditor, admin }) {
    const { page: second } = await signInPage(browser, site, site.cast.authoriserTwo, { prepare: (one) => one.clock.install() });
    await renew(approver, second);
    await ask(officer);
    await signUrgently(approver, second, site.cast.approver);
    await rowOf(officer, 'running').getByText('the outside signer has to ratify it by').waitFor();
    await lookTwice(browser, site, admin);
    await mustSignNothing(judge, site.cast.judge, '**/api/v1/operations', otherHash, { open: () => goAgain(judge, 'Protected places'), press: 'Ratify' }, 'the desk shows something else');
    await goAgain(judge, 'Protected places');
    await rowOf(judge, 'running').getByRole('button', { name: 'Ratify' }).click();
    await judge.getByText('has to ratify it by').waitFor({ state: 'detached' });
    await officer.getByText('has to ratify it by').waitFor({ state: 'detached' });
    await giveUp(officer, 'End the operation', '**/end');
    await rowOf(officer, 'running').getByRole('button', { name: 'End the operation' }).click();
    await officer.getByRole('dialog').getByText('It never runs again.').waitFor();
    await officer.getByRole('dialog').getByRole('button', { name: 'End the operation' }).click();
    await rowOf(officer, 'wiped').getByText('ended by an officer').waitFor();

    await ask(officer);
    await signUrgently(approver, second, site.cast.approver);
    await rowOf(officer, 'authorised').getByText('the record of the operation before is not published').waitFor();
    await go(auditor, 'Public records');
    await auditor.getByRole('button', { name: 'Fetch and verify' }).click();
    await auditor.getByLabel('Operation').selectOption({ label: await auditor.locator('option', { hasText: 'wiped' }).textContent() });
    await auditor.locator('.plot canvas').waitFor();
    await mustBeAccessible(auditor, 'records', []);
    await s46_no_record_is_signed_that_counts_otherwise(site, auditor);
    await auditor.getByRole('button', { name: 'I have published it' }).click();
    await auditor.waitForSelector('text=Published. SHA-256 of the file:');
    await rowOf(officer, 'running').getByText('has to ratify it by').waitFor();
    await mustBeAccessible(judge, 'ratify', []);
    // A day later on one page, and refused on another: it comes to the same.
    await second.clock.fastForward('24:05:00');
    await second.getByRole('alert').getByText('The time to ratify it is over: everything of it is destroyed.').waitFor();
    assert.equal(await second.getByText('has to ratify it by').count(), 0);
    await rowOf(judge, 'running').getByText('A refusal destroys everything of it at once.').first().waitFor();
    await rowOf(judge, 'running').getByRole('button', { name: 'Refuse' }).click();
    await judge.getByRole('dialog').getByRole('button', { name: 'Refuse' }).click();
    await rowOf(officer, 'wiped').getByText('not ratified: everything of it is destroyed').waitFor();
    for (let i = 0; i < 100 && site.children('watch').length > 0; i++) await sleep(50);
    assert.equal(site.children('watch').length, 0, 'no watch runs for it any more');
}

/** Every part of an office, in both languages. */
async function walkParts(page, name) {
    for (const part of await page.locator('.tabs a').all()) {
        await part.click();
        await page.waitForFunction(() => !document.querySelector('main').textContent.includes('Loading…'));
        await mustBeAccessible(page, `${name} ${await part.getAttribute('href')}`);
    }
}

/** From the top by the keyboard alone: every stop shows where it is, and the tab is opened by Enter. */
async function walkByKeyboard(page) {
    await page.evaluate(() => document.activeElement?.blur());
    const seen = [];
    for (let i = 0; i < 9; i++) {
        await page.keyboard.press('Tab');
        if (await page.evaluate(() => document.activeElement === document.body)) continue;
        seen.push(await page.evaluate(() => {
            const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
            return [document.activeElement.textContent.trim().slice(0, 30), outlineStyle !== 'none' && outlineWidth !== '0px'];
        }));
    }
    assert.ok(seen.every(([, shown]) => shown), `a stop without a mark: ${JSON.stringify(seen)}`);
    assert.ok(seen.some(([words]) => words === 'Operations'), `the tabs are reached: ${JSON.stringify(seen)}`);
    await page.getByRole('link', { name: 'Operations', exact: true }).focus();
    await page.keyboard.press('Enter');
    await page.waitForSelector('text=There is no operation.');
    await page.goBack();
    await page.waitForSelector('text=Opening an entry is recorded');
}

story('an entry is proposed and approved, the auditor\u2019s browser verifies the log, an operation is refused with its reason, and an urgent one is ratified or destroyed', async (site) => {
    const browser = await openBrowser(site);
    try {
        const admin = await signInPage(browser, site, site.cast.admin);
        await lookForSetUp(admin.page);
        const officer = await signInPage(browser, site, site.cast.watchOfficer);
        await propose(officer.page);
        await mustBeAccessible(officer.page, 'watch-officer');
        await seeNoLookAlikes(officer.page);
        const approver = await signInPage(browser, site, site.cast.approver);
        await approve(approver.page, site.cast.approver);
        await walkByKeyboard(approver.page);
        await walkParts(approver.page, 'approver');
        await walkParts(officer.page, 'watch officer');
        const station = await signInPage(browser, site, site.cast.station);
        await walkParts(station.page, 'station');
        const { entries } = await site.cast.watchOfficer.get('/entries');
        assert.equal(entries.filter((one) => one.state === 'approved').length, 2, 'the second entry is approved');

        await seeSetUpEnd(admin.page, site.cast.admin);
        const auditor = await signInPage(browser, site, site.cast.auditor);
        await auditor.page.getByLabel('The log’s public key').fill(fs.readFileSync(path.join(site.folder, 'log-key.pub'), 'utf8').trim());
        await auditor.page.getByRole('button', { name: 'Fetch and verify' }).click();
        await auditor.page.waitForSelector('text=The log holds');
        await mustBeAccessible(auditor.page, 'auditor');
        const changed = (await site.cast.auditor.bytes('/log')).toString().replace('"kind":"entry_proposed"', '"kind":"entry_viewed"');
        await auditor.page.route('**/api/v1/log', (route) => route.fulfill({ status: 200, contentType: 'text/plain', body: changed }));
        await auditor.page.getByRole('button', { name: 'Fetch and verify again' }).click();
        await auditor.page.waitForSelector('text=was changed, or another stands in its place');
        await auditor.page.unroute('**/api/v1/log');

        const judge = await signInPage(browser, site, site.cast.judge);
        await refuse(officer.page, judge.page, site.cast.judge);
        await site.presentAll();
        await actUrgently(browser, site, { officer: officer.page, approver: approver.page, judge: judge.page, auditor: auditor.page, admin: admin.page });
    } finally {
        await browser.close();
    }
}, { more: { judge: { name: 'Judge', office: newId('f'), roles: ['outside_signer'] } }, prepare: async (site) => {
    await site.startCameras();
    await site.startDesk();
    await site.signInAll();
    await site.registerCamera('gate');
    site.listed = await site.enrol();
} });
