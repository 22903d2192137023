// What a form signs is what stands on it: nothing of an answer that comes late, and today where the officer is. What it has not
// heard it says, instead of taking it for nothing.
import fs from 'node:fs';
import path from 'node:path';
import { assert, story } from '../api/story.mjs';
import { sha256 } from '../../web/statement.js';
import { assets } from '../../tools/demo/site.mjs';
import { mustPassAxe, openBrowser, signInPage } from './browser.mjs';
import { fillPhoto, fillProposal, pictureOfNobody } from './proposal.mjs';

const go = (page, name) => page.getByRole('link', { name, exact: true }).click();
const photo = (name) => path.join(assets, 'photos', name);
const hashOf = (name) => sha256(fs.readFileSync(photo(name)));
const refuse = (words) => (route) => route.fulfill({ status: 503, json: { code: 'unavailable', detail: words } });
const lose = (route) => route.abort();

/** Without the roster there is no station to choose: the reason stands there, and it is asked again. */
async function awaitStations(page) {
    await page.route('**/api/v1/roster', lose);
    await go(page, 'Propose an entry');
    await page.getByRole('alert').getByText('no answer from the desk').waitFor();
    await page.unroute('**/api/v1/roster', lose);
    await page.getByRole('alert').getByText('no answer from the desk').waitFor({ state: 'detached' });
}

/** The next picture is answered when it is let go. Resolves once its answer is there, too. */
async function holdPicture(page, place, file) {
    let free;
    const held = new Promise((done) => { free = done; });
    const hold = async (route) => {
        await held;
        await route.continue();
    };
    await page.route('**/api/v1/photos', hold);
    await Promise.all([page.waitForRequest('**/api/v1/photos'), place.getByLabel('Photograph (JPEG)').setInputFiles(file)]);
    await place.getByText('The picture is being judged…').waitFor();
    // What comes after it is not held.
    await page.route('**/api/v1/photos', (route) => route.continue());
    return async () => {
        const [reply] = await Promise.all([page.waitForResponse('**/api/v1/photos'), free()]);
        await reply.finished();
        await page.unroute('**/api/v1/photos');
    };
}

/** Of two pictures the one that was chosen last counts, whichever is judged last; what is typed meanwhile stays, and so does another photograph. */
async function s04_the_photograph_that_is_signed_is_the_one_that_is_shown(page) {
    const [first, second] = [1, 2].map((n) => page.getByRole('group', { name: `Photograph ${n}` }));
    const sign = page.getByRole('button', { name: 'Sign the proposal' });
    let letGo = await holdPicture(page, first, photo('other-1.jpg'));
    await first.getByLabel('Record number').fill('DEMO-typed');
    await page.getByRole('button', { name: 'Another photograph' }).click();
    await fillPhoto(second, { record: 'DEMO-2b', taken: await first.getByLabel('Date of the photograph').inputValue() });
    await second.getByLabel('Photograph (JPEG)').setInputFiles(photo('subject-3.jpg'));
    await second.getByText('pixels between the eyes').waitFor();
    await letGo();
    await first.getByText('pixels between the eyes').waitFor();
    assert.equal(await first.getByLabel('Record number').inputValue(), 'DEMO-typed', 'what was typed while the picture was judged');
    assert.equal(await second.getByText('pixels between the eyes').count(), 1, 'the picture that was judged meanwhile');
    letGo = await holdPicture(page, first, photo('other-1.jpg'));
    await first.getByLabel('Photograph (JPEG)').setInputFiles(await pictureOfNobody(page));
    await first.getByText('no face. ').waitFor();
    await letGo();
    await first.getByText('no face. ').waitFor();
    assert.ok(await sign.isDisabled(), 'the picture before one that is refused counts');
    letGo = await holdPicture(page, first, photo('other-1.jpg'));
    await first.getByLabel('Photograph (JPEG)').setInputFiles(photo('subject-2.jpg'));
    await first.getByText('pixels between the eyes').waitFor();
    await letGo();
}

/** Another tab takes nothing of what was typed, chosen and judged. */
async function comeBackToTheForm(page) {
    await go(page, 'Entries');
    await page.getByLabel('Legal ground').waitFor({ state: 'detached' });
    await go(page, 'Propose an entry');
    const first = page.getByRole('group', { name: 'Photograph 1' });
    for (const words of ['subject-2.jpg', 'pixels between the eyes']) await first.getByText(words).waitFor();
    await first.locator('img.face').waitFor();
    for (const [label, value] of [['Legal ground', 'consenting_test_subject'], ['Court or FIR number', 'DEMO-2/2026'], ['Name', 'Demo person B']])
        assert.equal(await page.getByLabel(label, { exact: true }).inputValue(), value);
}

/** What was typed goes with who typed it: whoever comes in next finds a form that is empty. */
async function leaveWithAFormHalfFilled(browser, site) {
    const { page } = await signInPage(browser, site, site.cast.watchOfficer);
    const name = page.getByLabel('Name', { exact: true });
    await go(page, 'Propose an entry');
    await name.fill('Typed by another person');
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.fill('input[type=password]', 'demo');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await name.waitFor();
    assert.equal(await name.inputValue(), '');
    await page.context().close();
}

const day_ms = 86400000;
const ahead_ms = 5 * 3600000;
/** The last time that it was four in the morning in Karachi, where it is another day than in London. */
const fourInKarachi = () => Math.floor((Date.now() - 23 * 3600000) / day_ms) * day_ms + 23 * 3600000;

/** At night in Karachi a paper of today is of today, for the page and for the desk. */
async function proposeAtNight(browser, site) {
    const { watchOfficer } = site.cast;
    const context = await browser.newContext({ timezoneId: 'Asia/Karachi', viewport: { width: 1280, height: 900 } });
    const { page } = await signInPage(browser, site, watchOfficer, { context });
    await awaitStations(page);
    const now_ms = fourInKarachi();
    await page.clock.setFixedTime(now_ms);
    const today = new Date(now_ms + ahead_ms).toISOString().slice(0, 10);
    await fillProposal(page, { ordered: today, taken: today });
    await s04_the_photograph_that_is_signed_is_the_one_that_is_shown(page);
    await comeBackToTheForm(page);
    let signed;
    // The desk's clock is not at four: it is signed again as of now, with the days that the page made.
    await page.route('**/api/v1/entries', async (route) => {
        if (route.request().method() !== 'POST') return route.continue();
        signed = JSON.parse(JSON.parse(route.request().postData()).statement);
        const { type, site: of, by, at, ...fields } = signed;
        assert.deepEqual([type, of, by, at], ['entry_proposal', site.name, watchOfficer.id, now_ms / 1000]);
        return route.fulfill({ json: await watchOfficer.act('/entries', 'entry_proposal', fields) });
    });
    await page.getByRole('button', { name: 'Sign the proposal' }).click();
    await page.getByText('Proposed:').waitFor();
    const midnight = now_ms / 1000 - 4 * 3600;
    assert.deepEqual([...signed.cases, ...signed.photos].map((one) => one.dated), [midnight, midnight, midnight]);
    assert.deepEqual(signed.photos.map((one) => one.file_hash), [await hashOf('subject-2.jpg'), await hashOf('subject-3.jpg')]);
    assert.deepEqual(signed.photos.map((one) => one.record_number), ['DEMO-typed', 'DEMO-2b']);
    await page.unroute('**/api/v1/entries');
    return page;
}

/** What could be chosen from is not known yet: that is not the same as nothing. */
async function askWithoutLists(page) {
    for (const path of ['entries', 'cameras']) await page.route(`**/api/v1/${path}`, refuse('the disk is full'));
    await go(page, 'Request an operation');
    for (const what of ['Entries', 'Cameras']) await page.getByText(`${what}: not known: the disk is full`).waitFor();
    assert.equal(await page.getByText('(0/0)').count(), 0, 'what is not known is shown as none');
    for (const path of ['entries', 'cameras']) await page.unroute(`**/api/v1/${path}`);
    await page.context().close();
}

/** No verdict before all was heard that it is about. */
async function checkWithoutAnswers(browser, site) {
    const verdicts = ['This site can work now.', 'Missing before this site can work'];
    const mustNotJudge = async (page) => {
        for (const words of verdicts) assert.equal(await page.getByText(words).count(), 0, `it is not known, and said: ${words}`);
    };
    const { page } = await signInPage(browser, site, site.cast.admin, { prepare: async (one) => {
        for (const path of ['presence', 'cameras']) await one.route(`**/api/v1/${path}`, refuse('the disk is full'));
    } });
    for (const what of ['Presence', 'Cameras']) await page.getByText(`${what}: not known: the disk is full`).waitFor();
    await mustNotJudge(page);
    await go(page, 'Cameras');
    await page.unroute('**/api/v1/presence');
    await page.route('**/api/v1/roster', lose);
    await go(page, 'Set-up check');
    await page.getByRole('alert').getByText('no answer from the desk').waitFor();
    await mustNotJudge(page);
    await mustPassAxe(page, 'set-up-not-known');
    await page.unroute('**/api/v1/roster', lose);
    await page.getByRole('alert').getByText('no answer from the desk').waitFor({ state: 'detached' });
    await mustNotJudge(page);
    await page.unroute('**/api/v1/cameras');
    await site.cast.dispatcher.present('dispatcher');
    await page.getByText(verdicts[1]).waitFor();
    await page.context().close();
}

story('a form signs what stands on it, by the officer’s own day, and says what it has not heard', async (site) => {
    const browser = await openBrowser(site);
    try {
        await askWithoutLists(await proposeAtNight(browser, site));
        await leaveWithAFormHalfFilled(browser, site);
        await checkWithoutAnswers(browser, site);
    } finally {
        await browser.close();
    }
}, { prepare: async (site) => {
    await site.startDesk();
    await site.signInAll();
} });
