// The page in a real browser, against the real desk: two reviewers, the dispatcher and the crew, each in a context
// of their own, with certificates verified against the site's own authority.
import fs from 'node:fs';
import path from 'node:path';
import { createHash } from 'node:crypto';
import { assert, refused, story, subject, untilState } from '../api/story.mjs';
import { bounceOn, kept, mustBeAccessible, mustBeEmpty, mustPassAxe, mustStandAt, openBrowser, signInPage, stillParts, urduDigits } from './browser.mjs';
import { hearAlarm, hearOtherTab, listenAtSpeaker, loseAnswers } from './room.mjs';

/** What nobody may be told before both reviews are in: who it is, what for, how near. */
const secretsOf = (site) => [subject.name, subject.father, subject.cnic, subject.description, 'DEMO-1', 'DEMO 1', 'consenting', '"score', site.listed.entry];

async function mustTellNothing(site, pages, heard) {
    const shown = await Promise.all(pages.map((page) => page.content()));
    for (const secret of secretsOf(site)) {
        assert.ok(!heard.join().includes(secret), `the desk told ${secret}`);
        assert.ok(!shown.join().includes(secret), `a page shows ${secret}`);
    }
}

/** What a keyboard set to Urdu sends: the letter is another one, the key is the same. */
const urduKey = (page, key, code) => page.evaluate((pressed) => document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { ...pressed, bubbles: true })), { key, code });

/** To the ticks, along them and there without Tab. */
async function tickByKey(page) {
    await page.keyboard.press('1');
    for (const key of ['ArrowDown', 'ArrowDown', 'ArrowUp', ' ']) await page.keyboard.press(key);
    assert.ok(await page.getByRole('group', { name: 'What is alike' }).getByLabel('forehead').isChecked());
    await urduKey(page, '۲', 'Digit2');
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press(' ');
    assert.ok(await page.getByRole('group', { name: 'What differs' }).getByLabel('age').isChecked(), 'from the first it goes around to the last');
    await page.keyboard.press(' ');
}

const standsInReview = (page) => page.waitForFunction(() => document.querySelector('.review').contains(document.activeElement));

/** A letter leads to its answer in the review alone, and Enter signs it: not where it picks from a list, stands under an open question or beside a button of the page. */
async function answerByKey(page) {
    await page.locator('header select.tool').focus();
    await page.keyboard.press('d');
    await page.getByRole('button', { name: 'Halt', exact: true }).focus();
    await page.keyboard.press('d');
    await page.keyboard.press('Enter');
    await page.waitForSelector('dialog[open]');
    await page.keyboard.press('d');
    await page.keyboard.press('Escape');
    await page.waitForFunction(() => document.activeElement.textContent === 'Halt');
    await page.keyboard.press('1');
    assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Halt', 'a key is the review’s only in the review');
    await page.locator('.faces img').first().click();
    await standsInReview(page);
    await tickByKey(page);
    await page.keyboard.press('x');
    await page.keyboard.press('d');
    await urduKey(page, 'س', 'KeyS');
    await page.getByText('Are these the same person?').waitFor();
    await page.waitForFunction(() => document.activeElement.closest('#answer-same'));
    await page.keyboard.press('Enter');
}

async function answerSame(page, name) {
    await page.waitForSelector('text=Are these the same person?');
    await standsInReview(page);
    await page.waitForFunction(() => [...document.querySelectorAll('.faces img')].every((image) => image.complete && image.naturalWidth > 0));
    await page.waitForSelector('button:has-text("Same"):not([disabled])', { timeout: 15000 });
    await page.getByRole('button', { name: 'Same' }).click();
    await page.getByText('Tick first what is alike.').waitFor();
    await page.waitForFunction(() => document.activeElement.closest('fieldset')?.textContent.startsWith('What is alike'));
    await page.check('text=nose >> nth=0');
    if (name === 'reviewer') await page.getByRole('button', { name: 'Same' }).click({ timeout: 15000 });
    else await answerByKey(page);
    await page.waitForFunction(() => !document.body.textContent.includes('Are these the same person?'));
    await mustStandAt(page, '');
}

/** Everything that the desk tells these pages from now on, pictures and the page's own files apart. */
function keepReplies(...pages) {
    const heard = [];
    for (const page of pages)
        page.on('response', (reply) => void (/json/.test(reply.headers()['content-type'] ?? '') && reply.text().then((text) => heard.push(text), () => {})));
    return heard;
}

/** Every picture of an alert that the desk serves to this officer's page. */
const keepPictures = (served, officer) => (page) => void page.on('response', (reply) => {
    const [, alert, name] = /\/alerts\/(.*)\/pictures\/(.*)/.exec(new URL(reply.url()).pathname) ?? [];
    if (name && reply.ok()) reply.body().then((bytes) => served.push({ officer: officer.id, alert, name, bytes }), () => {});
});

/** Height and width as the JPEG's frame has them. */
function sizeOf(jpeg) {
    let at = 2;
    while (jpeg[at + 1] < 0xc0 || jpeg[at + 1] > 0xc2) at += 2 + jpeg.readUInt16BE(at + 2);
    return [jpeg.readUInt16BE(at + 5), jpeg.readUInt16BE(at + 7)];
}

/** Faces come as small squares, and what one officer was shown nobody else was: each copy carries its viewer's mark. */
function mustBeMarked(served) {
    const viewersOf = (name) => new Set(served.filter((one) => one.name === name).map(({ officer }) => officer)).size;
    for (const name of ['probe', 'enrolled']) assert.ok(viewersOf(name) >= 2, `fewer than two officers were shown the ${name}`);
    assert.ok(viewersOf('scene') > 0, 'nobody was shown the scene');
    const viewers = new Map();
    for (const { officer, name, bytes } of served) {
        const hash = createHash('sha256').update(bytes).digest('hex');
        assert.equal(viewers.get(hash) ?? officer, officer, `two officers were shown the same copy of the ${name}`);
        viewers.set(hash, officer);
        const [height, width] = sizeOf(bytes);
        if (name !== 'scene') assert.ok(height === width && width <= 400, `the ${name} is ${width} × ${height}`);
    }
}

/** When both faces were there to be looked at, and when the answers opened. The first time that they are asked for, one does not come and about the other nothing is heard. */
async function watchAnswers(page) {
    let unheard = 0;
    await page.route('**/pictures/enrolled', (route) => (unheard++ ? route.continue() : undefined));
    await page.route('**/pictures/probe', (route) => route.fulfill({ status: 503, json: { detail: 'the disk is full' } }), { times: 1 });
    await page.addInitScript(() => {
        const came = () => [...document.querySelectorAll('.faces img')].filter((one) => one.naturalWidth > 0).length === 2;
        document.addEventListener('load', ({ target }) => {
            if (target.matches?.('.faces img') && came()) globalThis.shownAt = Date.now();
        }, true);
        new MutationObserver(() => {
            if (document.querySelector('#answer-same button')?.disabled === false) globalThis.openedAt ??= Date.now();
        }).observe(document, { childList: true, subtree: true, attributeFilter: ['disabled'] });
    });
}

/** A review that takes long is passed on: the page is looked at without a connection, as long as that takes, and told when it has one. */
async function lookAtReview(browser, site) {
    const { alert, reviewers } = await site.untilFreshlyDrawn();
    const { page, context } = await signInPage(browser, site, reviewers[0], { prepare: watchAnswers });
    const notCome = page.getByRole('alert').getByText('The picture has not come. It is asked for again.');
    for (const which of ['Seen by the camera', 'Enrolled photograph']) await page.locator('figure', { hasText: which }).locator(notCome).waitFor();
    await page.waitForSelector('button:has-text("Same"):not([disabled])', { timeout: 15000 });
    const [shownAt, openedAt] = await page.evaluate(() => [globalThis.shownAt, globalThis.openedAt]);
    assert.ok(openedAt - shownAt >= alert.look_s * 1000, `the answers opened ${openedAt - shownAt} ms after the faces were there`);
    assert.equal(await notCome.count(), 0);
    await page.waitForFunction(() => [...document.querySelectorAll('.faces img')].every((image) => image.complete && image.naturalWidth > 0));
    await context.setOffline(true);
    await site.review(reviewers[1], alert, 'same');
    await mustBeAccessible(page, 'reviewer');
    await context.setOffline(false);
    await page.getByRole('status').getByText(new RegExp(`Alert \\W*${alert.alert.slice(-4).toUpperCase()}\\W*: your time to answer is over\\.`)).waitFor({ timeout: 60000 });
    assert.equal(await page.getByText('Are these the same person?').count(), 0);
    assert.equal(await page.evaluate((id) => fetch(`/api/v1/alerts/${id}/pictures/probe`).then(({ status }) => status), alert.alert), 403, 'the picture is another officer’s now');
    const { reviewerOne, reviewerTwo, reviewerThree } = site.cast;
    const next = [reviewerOne, reviewerTwo, reviewerThree].find((one) => !reviewers.includes(one));
    await site.review(next, alert, 'different');
    await untilState(site, alert, 'closed');
    await mustBeAccessible(page, 'reviewer-late', []);
    await page.getByRole('button', { name: 'Understood' }).click();
    await page.getByText('your time to answer is over').waitFor({ state: 'detached' });
    await context.close();
}

const press = (page, name) => page.getByRole('button', { name, exact: true }).click();
const alertsToldTo = (page) => page.evaluate(() => fetch('/api/v1/alerts').then((reply) => reply.text()));
const sceneFor = (page, alert) => page.evaluate((id) => fetch(`/api/v1/alerts/${id}/pictures/scene`).then(({ status }) => status), alert);

/** This machine has no voices of its own: two that the device has, and one that would send the words away. */
const lendVoices = (page) => page.evaluate(() => {
    globalThis.spoken = [];
    globalThis.printed = 0;
    globalThis.print = () => void globalThis.printed++;
    globalThis.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
    speechSynthesis.getVoices = () => [{ lang: 'en-US', localService: false }, { lang: 'ur-PK', localService: true }, { lang: 'en-GB', localService: true }];
    speechSynthesis.speak = ({ lang, text, voice }) => void globalThis.spoken.push({ lang, text, local: voice.localService });
});

/** The slip is read out large, spoken by a voice of the device in either language, and printed with nothing else of the page. */
async function giveSlip(page) {
    const code = await page.locator('.slip .code').textContent();
    await page.getByRole('button', { name: 'Large, to read out' }).click();
    await page.locator('.slip.large').waitFor();
    await page.getByRole('button', { name: 'Small again' }).click();
    for (const name of ['Speak it in Urdu', 'Speak it in English', 'Print the slip']) await page.getByRole('button', { name }).click();
    const [urdu, english] = await page.evaluate(() => globalThis.spoken);
    assert.ok(urdu.local && english.local, 'no voice sends the words away');
    assert.deepEqual([urdu.lang, english.lang], ['ur-PK', 'en-GB']);
    assert.match(english.text, /you may leave/);
    for (const { text } of [urdu, english]) assert.ok(text.endsWith([...code.trim()].join(' ')), 'the code letter by letter');
    assert.equal(await page.evaluate(() => globalThis.printed), 1);
    await page.emulateMedia({ media: 'print' });
    assert.ok(await page.locator('.slip .code').isVisible());
    const printed = await page.evaluate(() => document.body.innerText);
    for (const other of [subject.name, 'Record the outcome', 'Sign out', 'Number on the card']) assert.ok(!printed.includes(other), `“${other}” is printed with the slip`);
    await page.emulateMedia({ media: null });
}

/** A packet that one check finds wrong is kept for those who find out why; nobody sees it or signs for it. The log's key is the one that was given. */
async function refuseWrong(page, site) {
    const logKey = page.getByLabel('The log’s public key');
    await logKey.fill('ab'.repeat(32));
    await page.getByRole('button', { name: 'Open the hand-over packet' }).click();
    await page.getByRole('alert').getByText('This packet does not hold; nobody signs a receipt for it: The checkpoint’s signature is not the log key’s.').waitFor();
    assert.equal(await page.getByText(subject.name).count(), 0);
    assert.equal(await page.getByRole('button', { name: 'Sign the receipt' }).count(), 0);
    assert.ok(await page.getByRole('button', { name: 'Save the sealed packet' }).isVisible());
    await logKey.fill(fs.readFileSync(path.join(site.folder, 'log-key.pub'), 'utf8').trim());
}

/** The station opens what was handed over with its own key, sees what it rests on, and signs for it. */
async function receive(browser, site, alert) {
    const { page } = await signInPage(browser, site, site.cast.station);
    await refuseWrong(page, site);
    await page.getByRole('button', { name: 'Open the hand-over packet' }).click();
    await page.getByText(/^✓ Checked on this device: [4-9] signatures, .* [1-9]\d* records against the log\.$/).waitFor();
    await page.getByText(subject.name).waitFor();
    await page.getByText(subject.cnic).waitFor();
    await page.locator('dt:has-text("Reviewers said") + dd').getByText('same, same').waitFor();
    await page.waitForFunction(() => [...document.querySelectorAll('.faces img')].every((image) => image.complete && image.naturalWidth > 0));
    await mustBeAccessible(page, 'station-opened', []);
    const sign = page.getByRole('button', { name: 'Sign the receipt' });
    assert.ok(await sign.isDisabled(), 'the desk’s copy goes with the receipt: the station’s own is saved first');
    const [saved] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Save the sealed packet' }).click()]);
    assert.equal(saved.suggestedFilename(), `handover-${alert.alert.slice(-4).toUpperCase()}.json`);
    const [given] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Save the copy for the defence' }).click()]);
    const { disclosure, disclosure_hash, pictures } = JSON.parse(fs.readFileSync(await given.path(), 'utf8'));
    const log = (await site.cast.auditor.bytes('/log')).toString();
    assert.ok(log.includes(`"disclosure_hash":"${disclosure_hash}"`), 'the log knows the copy that the defence is given');
    assert.equal(disclosure.face_recognition_used, true);
    assert.ok(pictures.crops.length > 0 && pictures.face && pictures.enrolled);
    for (const name of [subject.name, site.listed.entry, ...Object.values(site.cast).map((one) => one.id)]) assert.ok(!JSON.stringify(disclosure).includes(name), `the defence is told ${name}`);
    await sign.click();
    await untilState(site, alert, 'received');
    await page.getByText(subject.name).waitFor({ state: 'detached' });
}

async function playCrew(page, alert, site) {
    await page.waitForSelector('text=Two officers say same, not identified');
    assert.ok((await page.content()).includes(subject.name), 'the checked packet is shown');
    await mustBeAccessible(page, 'crew-packet');
    await bounceOn(page, 'We are on scene', () => press(page, 'Accept'));
    await mustStandAt(page, ': accepted');
    assert.equal((await site.cast.crew.get(`/alerts/${alert.alert}`)).state, 'accepted', 'nobody said that the unit is there');
    await press(page, 'We are on scene');
    await mustStandAt(page, ': on scene');
    await lendVoices(page);
    await press(page, 'Person stopped');
    await mustStandAt(page, ': stopped');
    await giveSlip(page);
    await page.getByLabel('Number on the card').fill(urduDigits(subject.cnic));
    assert.equal(await page.getByLabel('Number on the card').inputValue(), subject.cnic, 'Urdu digits become those of the card');
    await page.getByLabel('Sample (simulated reader)').fill('thumb');
    await page.getByRole('button', { name: 'Verify the card' }).click();
    await page.waitForSelector('text=The register answers: yes');
    await page.getByRole('button', { name: 'Ask the case’s status' }).click();
    await page.waitForSelector('text=The case is: live');
    await mustBeAccessible(page, 'crew-stop');
    assert.equal(await page.locator('.stop input[type=radio]:checked').count(), 0, 'nothing is chosen for the crew');
    await page.getByRole('radio', { name: 'custody', exact: true }).check();
    await page.getByRole('group', { name: 'Force or harm' }).getByRole('radio', { name: 'none' }).check();
    await page.getByRole('radio', { name: 'card verified' }).check();
    await page.context().setOffline(true);
    await page.getByRole('button', { name: 'Record the outcome' }).click();
    await page.waitForSelector('text=No signal. What you did is kept');
    assert.equal(await page.getByLabel('Number on the card').inputValue(), subject.cnic, 'typed work is kept without a signal');
    await page.context().setOffline(false);
    const closed = await untilState(site, alert, 'closed');
    assert.equal(closed.outcome, 'custody');
    await page.waitForFunction((name) => !document.body.textContent.includes(name), subject.name);
    await mustBeEmpty(page);
    assert.deepEqual((await kept(page)).local, ['mizan-language', 'mizan-theme']);
}

/** The site's own tiles of the ground around its first camera: one grey each. */
async function layTiles(site, browser) {
    const page = await browser.newPage({ viewport: { width: 256, height: 256 } });
    await page.setContent('<body style="background: #c8c8c8">');
    const png = await page.screenshot();
    await page.close();
    const [latitude, longitude] = [24.8607 * Math.PI / 180, 67.0011];
    for (let zoom = 11; zoom <= 18; zoom++) {
        const column = Math.floor((longitude + 180) / 360 * 2 ** zoom);
        const line = Math.floor((1 - Math.asinh(Math.tan(latitude)) / Math.PI) / 2 * 2 ** zoom);
        for (let x = column - 2; x <= column + 2; x++) {
            const folder = path.join(site.folder, 'tiles', String(zoom), String(x));
            fs.mkdirSync(folder, { recursive: true });
            for (let y = line - 2; y <= line + 2; y++) fs.writeFileSync(path.join(folder, `${y}.png`), png);
        }
    }
    return png;
}

/** A map with tiles shows the site's own and asks nobody else; a name that is no tile of the folder is none. */
async function lookAtTiles(site, page, requests, png) {
    const { dispatcher } = site.cast;
    await page.waitForFunction(() => [...document.querySelectorAll('.leaflet-tile-loaded')].some((one) => one.naturalWidth === 256));
    const asked = requests.filter((url) => url.includes('/tiles/'));
    assert.ok(asked.length > 0 && asked.every((url) => url.startsWith(`https://localhost:${site.port}/api/v1/tiles/`)), asked.join());
    const served = asked.map((url) => url.split('/tiles/')[1]).find((name) => fs.existsSync(path.join(site.folder, 'tiles', `${name.replaceAll('-', '/')}.png`)));
    assert.deepEqual(Buffer.from(await dispatcher.bytes(`/tiles/${served}`)), png);
    for (const none of ['3-1-1', '15-1', '15-1-1-1', '..%2F..%2Froot.pub', '15--1-1']) await refused(dispatcher.bytes(`/tiles/${none}`), 404);
}

/** What a mark says opens softly, and at once for whom motion is unpleasant. */
async function openMark(page) {
    const softly = () => page.evaluate(() => {
        if (!document.querySelector('.leaflet-popup')) document.querySelector('.mark.last-seen').click();
        return getComputedStyle(document.querySelector('.leaflet-popup')).transitionDuration;
    });
    assert.match(await softly(), /[1-9]/, 'there is something to be still');
    await page.emulateMedia({ reducedMotion: 'reduce' });
    assert.doesNotMatch(await softly(), /[1-9]/);
    await page.emulateMedia({ reducedMotion: null });
}

story('s28 s51 two reviewers, the dispatcher and the crew close an alert in the browser', async (site) => {
    const browser = await openBrowser(site);
    try {
        await lookAtReview(browser, site);
        const [pages, served] = [new Map(), []];
        const { reviewerOne, reviewerTwo, reviewerThree } = site.cast;
        for (const officer of [site.cast.dispatcher, site.cast.crew, reviewerOne, reviewerTwo, reviewerThree]) pages.set(officer, await signInPage(browser, site, officer, { prepare: keepPictures(served, officer) }));
        const { alert, reviewers } = await site.untilFreshlyDrawn();
        const everybody = [...pages.values()].map(({ page }) => page);
        const [dispatcher, crew, one, two] = [site.cast.dispatcher, site.cast.crew, ...reviewers].map((officer) => pages.get(officer).page);
        const before = keepReplies(...everybody);
        const heard = keepReplies(one, two);
        const hush = site.cast.dispatcher.listen(({ event, data }) => before.push(JSON.stringify({ event, data })));
        await two.waitForSelector('button:has-text("Same"):not([disabled])', { timeout: 15000 });
        assert.equal(await sceneFor(two, alert.alert), 403, 'a reviewer sees the face alone');
        const [still, room, told] = [await stillParts(two), await stillParts(dispatcher), await alertsToldTo(two)];
        await mustTellNothing(site, everybody, before);
        await answerSame(one, 'reviewer');
        await two.waitForTimeout(500);
        assert.deepEqual(await stillParts(two), still, 'nothing changes on one reviewer’s screen by the other’s answer');
        assert.deepEqual(await stillParts(dispatcher), room, 'nor on the dispatcher’s');
        assert.equal(await alertsToldTo(two), told, 'nor in what the desk says');
        await mustTellNothing(site, everybody, before);
        hush();
        await answerSame(two, 'reviewer-two');
        for (const one of [heard, before]) assert.ok(one.join().includes(alert.alert), 'the desk told nothing of the alert at all');
        await mustTellNothing(site, [one, two], heard);
        await dispatcher.waitForSelector('text=Two officers say same, not identified');
        await mustBeAccessible(dispatcher, 'dispatcher');
        assert.equal(await dispatcher.locator('.leaflet-tile').count(), 0, 'a site without tiles has its map, too');
        assert.ok(await dispatcher.locator('.leaflet-marker-icon').count() > 0);
        await dispatcher.getByLabel('Unit', { exact: true }).selectOption(site.cast.crew.unit);
        await dispatcher.getByRole('button', { name: 'Send this unit' }).click();
        await mustStandAt(dispatcher, 'Two officers say same, not identified');
        await dispatcher.getByRole('button', { name: 'radio' }).click();
        await dispatcher.locator('.script', { hasText: [...alert.alert.slice(-4).toUpperCase()].join(' ') }).waitFor();
        await mustBeAccessible(dispatcher, 'on-the-way');
        await playCrew(crew, alert, site);
        await crew.waitForSelector('text=Hand the person over to a station');
        await mustBeAccessible(crew, 'crew-hand-over');
        await crew.getByLabel('Station').selectOption(site.cast.station.station);
        await crew.locator('.huge').getByRole('button', { name: 'Hand over', exact: true }).click();
        await receive(browser, site, alert);
        const outside = [...pages.values()].flatMap(({ requests }) => requests).filter((url) => !/^(https:\/\/localhost:|blob:)/.test(url));
        assert.deepEqual(outside, [], 'the page asked somebody else');
        mustBeMarked(served.filter((one) => one.alert === alert.alert));
    } finally {
        await browser.close();
    }
});

/** The fallback when no packet arrives: place and looks and a word to read back, never who it is. */
async function readOverRadio(page) {
    await page.getByRole('button', { name: 'If the packet does not arrive: radio' }).click();
    const words = await page.locator('.script').textContent();
    assert.match(words, /Place: \u2066?Demo camera gate/);
    for (const secret of [subject.name, subject.cnic, 'DEMO', 'consenting']) assert.ok(!words.includes(secret), `the radio says ${secret}`);
}

story('a declined alert goes to the second unit, its end needs the dispatcher, and halt asks once', async (site) => {
    const browser = await openBrowser(site);
    try {
        const png = await layTiles(site, browser);
        const alert = await site.untilAgreed();
        await loseAnswers(browser, site);
        const { page, requests } = await hearOtherTab(browser, site, site.cast.dispatcher);
        await hearAlarm(page);
        await lookAtTiles(site, page, requests, png);
        await openMark(page);
        const send = async (crew) => {
            await page.getByLabel('Unit', { exact: true }).selectOption(crew.unit);
            await page.getByRole('button', { name: 'Send this unit' }).click();
            await site.cast.dispatcher.until(`/alerts/${alert.alert}`, (one) => one.state === 'dispatched' && one.unit === crew.unit);
        };
        const { crew, secondCrew } = site.cast;
        const { page: first } = await signInPage(browser, site, crew);
        await send(crew);
        await first.getByRole('button', { name: 'Decline' }).click();
        await first.waitForSelector('text=No alert for this unit');
        assert.ok(!(await first.content()).includes(subject.name), 'who declined holds nothing');
        await page.waitForSelector('text=Send another one');
        await hearAlarm(page);
        // The same again, with the same unit: what was heard once is not heard for ever.
        await send(crew);
        await page.getByText('it still waits for you').waitFor({ state: 'detached' });
        await first.getByRole('button', { name: 'Decline' }).click();
        await hearAlarm(page);
        const { page: second } = await signInPage(browser, site, secondCrew, { prepare: listenAtSpeaker });
        await send(secondCrew);
        await hearAlarm(second);
        await readOverRadio(page);
        for (const step of ['Accept', 'We are on scene']) await second.getByRole('button', { name: step }).click();
        await second.getByRole('button', { name: 'Person stopped' }).waitFor();
        await second.getByText('The person was not stopped').click();
        assert.ok(await second.getByRole('button', { name: 'Record that nobody was stopped' }).isDisabled(), 'why nobody was stopped is said');
        await second.getByRole('radio', { name: 'not found' }).check();
        assert.ok(await second.getByRole('button', { name: 'Record that nobody was stopped' }).isDisabled(), 'whether there was harm is said, too');
        await second.getByRole('group', { name: 'Force or harm' }).getByRole('radio', { name: 'none' }).check();
        assert.equal(await page.getByText('An alert waits for you').count(), 0);
        await bounceOn(page, 'I agree', () => second.getByRole('button', { name: 'Record that nobody was stopped' }).click());
        assert.equal((await site.cast.dispatcher.get(`/alerts/${alert.alert}`)).state, 'on_scene', 'nobody agreed to what nobody can have read');
        await second.waitForSelector('text=You signed: not found');
        await mustBeAccessible(second, 'crew-awaits', []);
        await page.waitForSelector('text=An alert waits for you');
        await page.waitForSelector('text=The crew says: not found');
        await page.getByRole('button', { name: 'I agree' }).click();
        assert.equal((await untilState(site, alert, 'closed')).outcome, 'not_found');

        await page.getByRole('button', { name: 'Halt', exact: true }).click();
        await page.waitForSelector('dialog[open]');
        await mustPassAxe(page, 'halt');
        await page.getByRole('button', { name: 'Halt now' }).click();
        await site.untilOperation(site.operation, 'halted');
        await page.waitForSelector('text=: halted');
    } finally {
        await browser.close();
    }
});
