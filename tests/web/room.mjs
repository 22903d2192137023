// What the control room does where things do not go straight: parts of a story on a running site.
import { assert, untilState } from '../api/story.mjs';
import { addressFor, bounceOn, shoot, signInPage, stillParts } from './browser.mjs';

const press = (page, name) => page.getByRole('button', { name, exact: true }).click();
const asked = (page) => page.getByText('Are these the same person?');
/** Both are there to be looked at: from here on the time to look runs. */
const facesOf = (page) => page.getByText('look for 1 s more').waitFor();
const codeOf = (alert) => alert.alert.slice(-4).toUpperCase();

/** A letter says nothing while the pictures were not looked at; the time to look is over when the test lets it be. */
async function lookFirst(page) {
    await facesOf(page);
    await page.keyboard.press('c');
    await page.getByText('Look first.').waitFor();
    assert.ok(await page.getByRole('button', { name: 'Cannot tell' }).isDisabled());
    await page.clock.setFixedTime(Date.now() + 2000);
    await page.locator('button:not([disabled])', { hasText: 'Cannot tell' }).waitFor();
    assert.equal(await page.getByText('Your answer is in').count(), 0, 'the letter that came too early is no answer');
}

const answer = async (page, name, sign) => {
    await page.getByRole('group', { name: sign }).getByLabel('nose').check();
    await page.getByRole('button', { name }).click();
    await asked(page).waitFor({ state: 'detached' });
};

/** "Cannot tell" calls a third, and nobody else's screen says so; with two "same" of two offices the alert is agreed. */
export async function askThird(browser, site, room) {
    const { reviewerOne, reviewerTwo, reviewerThree } = site.cast;
    const pages = new Map();
    for (const one of [reviewerOne, reviewerTwo, reviewerThree])
        pages.set(one, (await signInPage(browser, site, one, { prepare: (page) => page.clock.setFixedTime(Date.now()) })).page);
    const { alert, reviewers } = await site.untilFreshlyDrawn();
    const third = [...pages.keys()].find((one) => !reviewers.includes(one));
    const [doubts, agrees, waits] = [...reviewers, third].map((one) => pages.get(one));
    await lookFirst(doubts);
    await asked(agrees).waitFor();
    const before = [await stillParts(agrees), await stillParts(waits), await stillParts(room)];
    await answer(doubts, 'Cannot tell', 'What differs');
    await doubts.getByText('Your answer is in').waitFor();
    await doubts.waitForTimeout(500);
    assert.deepEqual([await stillParts(agrees), await stillParts(waits), await stillParts(room)], before, 'a doubt changes nobody’s screen');
    const [doubting, dispatching] = [await stillParts(doubts), await stillParts(room)];
    await site.review(reviewers[1], alert, 'same');
    await asked(waits).waitFor();
    assert.deepEqual([await stillParts(doubts), await stillParts(room)], [doubting, dispatching], 'that a third is asked is told to the third alone');
    await facesOf(waits);
    await waits.clock.setFixedTime(Date.now() + 2000);
    await answer(waits, 'Same', 'What is alike');
    await room.getByText('Two officers say same, not identified').waitFor();
    for (const page of pages.values()) await page.context().close();
    return alert;
}

/** An agreed alert and nobody to send: the page says what to do, and offers the first that comes. */
export async function waitForUnit(site, room) {
    const { crew, secondCrew } = site.cast;
    for (const one of [crew, secondCrew]) await one.leave();
    await room.getByText('No unit is free. Ask a unit to sign in, or close the alert.').waitFor();
    const send = room.getByRole('button', { name: 'Send this unit' });
    assert.ok(await send.isDisabled(), 'there is nobody to send');
    await crew.present('crew');
    await room.getByText('No unit is free.').waitFor({ state: 'detached' });
    assert.equal(await room.getByLabel('Unit', { exact: true }).inputValue(), crew.unit, 'who came is proposed');
    await send.click();
    // With its only unit away the room has too few people, and says so, until the next one comes.
    await room.getByText('Too few people are present').waitFor();
    await secondCrew.present('crew');
    await room.getByText('Too few people are present').waitFor({ state: 'detached' });
}

/** The only dispatcher went and nobody could take what was open: who comes is told what is alone, and takes it. */
export async function takeUnattended(site, room, next, alert) {
    await press(room, 'I leave');
    await room.getByText('Confirm that you are here').waitFor();
    await press(next, 'I leave');
    await next.getByText('Confirm that you are here').waitFor();
    await press(room, 'I am here as dispatcher');
    const alone = room.locator('p', { hasText: 'Nobody who is here has charge of' });
    await alone.getByText(codeOf(alert)).waitFor();
    await press(room, 'I take charge');
    await alone.waitFor({ state: 'detached' });
    await room.locator('section', { has: room.getByRole('heading', { name: 'Change of shift' }) }).getByText(codeOf(alert)).waitFor();
    assert.deepEqual((await site.cast.dispatcher.get('/shifts')).items.map((one) => one.item), [alert.alert], 'the desk has it so, too');
}

/** Seen again while a unit has it: nothing steers it before two officers have said "same" of that, too. */
export async function steer(site, room, alert) {
    const question = room.getByRole('alert').filter({ hasText: 'Seen again, two officers say same' });
    const { alert: later, reviewers } = await site.untilDrawn();
    assert.equal(later.alert, alert.alert, 'the same entry has one open alert');
    await site.review(reviewers[0], later, 'same');
    assert.equal(await question.count(), 0);
    await bounceOn(room, 'Send the unit to the new place', () => site.review(reviewers[1], later, 'same'));
    await question.getByText('Demo camera gate').waitFor();
    await room.locator('.alarm', { hasText: 'An alert waits for you' }).waitFor();
    await press(room, 'Send the unit to the new place');
    await question.waitFor({ state: 'detached' });
    assert.equal((await untilState(site, alert, 'accepted')).unit, site.cast.crew.unit, 'it stays the same unit’s');
}

/** The desk cannot, in these words, or nothing comes back: for 20 seconds that is "not known yet". */
const refuse = (words) => (route) => route.fulfill({ status: 503, json: { code: 'unavailable', detail: words } });
const swallow = () => {};
const answers = (page, ways) => Promise.all(Object.entries(ways).map(([path, way]) => page.route(`**/api/v1/${path}`, way)));
const allClear = ['Nothing waits for you.', 'No operation is authorised, running or halted.'];

/** The desk cannot do what was pressed at `path`, until the returned function is called; both say so. */
export async function holdUp(page, path) {
    await page.route(path, refuse('the disk is full'));
    const said = page.getByRole('status').filter({ hasText: /The desk cannot do it yet: \W*the disk is full/ });
    return { said, end: () => page.unroute(path) };
}

/** What waits in a question is given up with it: nothing of it waits any more. */
export async function giveUp(page, words, path) {
    const { said, end } = await holdUp(page, path);
    const question = page.getByRole('dialog', { name: words });
    await press(page, words);
    await press(question, words);
    await question.locator(said).waitFor();
    await press(question, 'Cancel');
    await said.first().waitFor({ state: 'detached' });
    await end();
}

async function mustNotKnow(page, words) {
    for (const one of words) await page.getByText(one).filter({ visible: true }).first().waitFor({ timeout: 40000 });
    for (const one of allClear) assert.equal(await page.getByText(one).count(), 0, `what is not known is said as: ${one}`);
}

/** Halt is where it always is, says why it cannot and can as soon as there is something to halt. */
async function openHalt(page, can, words) {
    await press(page, 'Halt');
    const dialog = page.getByRole('dialog', { name: 'Halt' });
    await dialog.getByText(words).waitFor();
    assert.equal(await dialog.getByRole('button', { name: 'Halt now' }).isEnabled(), can);
    await press(dialog, 'Cancel');
}

/** An alert waits and the desk does not say so: the page says that it does not know, never that there is nothing; the last heard is called old. */
export async function loseAnswers(browser, site) {
    const others = Object.fromEntries(['map', 'presence', 'shifts'].map((path) => [path, refuse('the disk is full')]));
    const sign = (ways, context) => signInPage(browser, site, site.cast.dispatcher, { context, prepare: (page) => answers(page, ways) });
    const { page: first, context } = await sign({ alerts: refuse('the disk is full'), operations: swallow });
    await mustNotKnow(first, ['Alerts: not known: the disk is full', 'Operations: not known: ']);
    await openHalt(first, false, 'Operations: not known');
    await first.close();
    let known = false;
    const asked = [];
    const holdBack = (route) => (known ? route.continue() : void asked.push(route));
    const { page } = await sign({ ...others, alerts: holdBack, operations: refuse('the log is down') }, context);
    await mustNotKnow(page, ['Alerts: not known', 'Operations: not known: the log is down',
        ...['Map', 'Presence', 'Change of shift'].map((what) => `${what}: not known: the disk is full`)]);
    await openHalt(page, false, 'Operations: not known: the log is down');
    await shoot(page, 'not-known');
    known = true;
    for (const path of ['operations', ...Object.keys(others)]) await page.unroute(`**/api/v1/${path}`);
    await press(page, 'I am here as dispatcher');
    await page.getByText('Two officers say same, not identified').waitFor();
    await page.waitForFunction(() => !document.body.textContent.includes('not known'));
    for (const route of asked) await route.abort().catch(() => {}); // after 20 seconds the page gave it up itself
    await page.waitForTimeout(500);
    assert.equal(await page.getByText('as last heard').count(), 0, 'what was asked before the answer and failed after it says nothing');
    await answers(page, { ...others, alerts: refuse('the disk is full'), operations: refuse('the log is down') });
    await press(page, 'I am here as dispatcher');
    await mustNotKnow(page, ['Alerts: as last heard, not as it is now: the disk is full', 'Operations: as last heard', 'Map: as last heard']);
    assert.equal(await page.getByText('Two officers say same, not identified').count(), 1, 'what was heard stays');
    await openHalt(page, true, 'Operations: as last heard');
    await context.close();
}

/** An ear at the loudspeaker: how loud it was since somebody looked, whatever the page says of itself. */
export const listenAtSpeaker = (page) => page.addInitScript(() => {
    const { connect } = AudioNode.prototype;
    globalThis.loudest = 0;
    globalThis.shaken = 0;
    navigator.vibrate = () => Boolean(++globalThis.shaken);
    AudioNode.prototype.connect = function (to, ...rest) {
        if (to instanceof AudioDestinationNode) {
            globalThis.speaker = this.context;
            const ear = this.context.createAnalyser();
            const heard = new Float32Array(ear.fftSize);
            connect.call(this, ear);
            setInterval(() => {
                if (this.context.state !== 'running') return; // what stood before the ear when it fell silent stands there still
                ear.getFloatTimeDomainData(heard);
                for (const one of heard) globalThis.loudest = Math.max(globalThis.loudest, Math.abs(one));
            }, 20);
        }
        return connect.call(this, to, ...rest);
    };
});

/** Sound, words, a mark, the tab's title and shaking at once; pressed once, all of them end, and it says that it was heard. */
export async function hearAlarm(page) {
    const alarm = page.getByRole('alert').filter({ hasText: 'An alert waits for you' });
    await alarm.waitFor();
    assert.match(await alarm.textContent(), /^⚠/, 'a mark beside the words');
    await page.waitForFunction(() => globalThis.loudest > 0.25, null, { timeout: 30000 });
    await page.waitForFunction(() => document.title.startsWith('⚠') && globalThis.shaken > 0);
    assert.equal(await page.getByText('it still waits for you').count(), 0);
    await page.getByRole('button', { name: 'I have heard it' }).click();
    await alarm.waitFor({ state: 'detached' });
    await page.getByRole('status').filter({ hasText: /^✓ Heard at \W*\d\d:\d\d:\d\d\W*; it still waits for you\.$/ }).waitFor();
    await page.waitForTimeout(1000); // what had begun to sound ends
    await page.evaluate(() => {
        globalThis.loudest = 0;
        globalThis.shaken = 0;
    });
    await page.waitForTimeout(3000); // longer than from one ringing to the next
    assert.deepEqual(await page.evaluate(() => [globalThis.loudest, globalThis.shaken, document.title]), [0, 0, 'Mizan']);
}

/** A tab that nobody ever touched, which signs in by itself: for the browser a press, a key and a look of Playwright's are a person's. */
async function openUntouched(context, site, officer) {
    const page = await context.newPage();
    await listenAtSpeaker(page);
    await page.addInitScript(() => setTimeout(function signIn() {
        const field = document.querySelector('input[type=password]');
        if (!field) return void setTimeout(signIn, 100);
        field.value = 'demo';
        field.dispatchEvent(new Event('input', { bubbles: true }));
        setTimeout(() => document.querySelector('button.main').click(), 100);
    }));
    await page.goto(await addressFor(site, officer));
    const devtools = await context.newCDPSession(page);
    const look = async (expression) => (await devtools.send('Runtime.evaluate', { expression, returnByValue: true })).result.value;
    const until = async (expression) => {
        for (let i = 0; i < 150 && !(await look(expression)); i++) await page.waitForTimeout(200);
        assert.ok(await look(expression), expression);
    };
    return { page, look, until };
}

const onlyAfterPress = 'The browser lets it sound only after a press on this page.';
const hearIt = async (page) => {
    await page.evaluate(() => { globalThis.loudest = 0; });
    await page.waitForFunction(() => globalThis.loudest > 0.25, null, { timeout: 30000 });
};

/**
 * Nobody has pressed anything in the first tab, so that its browser keeps it mute: the second one sounds for both. When that one can
 * no more, the first one does, which a finger has let sound; one of them sounds, never both. The second one, woken by a key as often
 * as it fell silent, is handed on.
 */
export async function hearOtherTab(browser, site, officer) {
    const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, hasTouch: true });
    const { page: first, look, until } = await openUntouched(context, site, officer);
    await until(`document.querySelector('.alarm')?.textContent.includes('${onlyAfterPress}')`);
    const { page: second, requests } = await signInPage(browser, site, officer, { context, prepare: listenAtSpeaker });
    await hearIt(second);
    assert.equal(await second.getByText(onlyAfterPress).count(), 0);
    await first.touchscreen.tap(640, 880);
    await until(`!document.querySelector('.alarm').textContent.includes('${onlyAfterPress}')`);
    await first.waitForTimeout(3000); // longer than from one ringing to the next
    assert.equal(await look('loudest'), 0, 'one tab sounds for both');
    const fallSilent = async () => {
        await second.evaluate(() => globalThis.speaker.suspend());
        assert.ok(await second.getByText(onlyAfterPress).evaluate((one) => getComputedStyle(one).color === getComputedStyle(one.parentElement).color), 'as dark on the alarm as the words beside it');
    };
    await fallSilent();
    await hearIt(first);
    await first.close();
    await second.keyboard.press('x');
    await hearIt(second);
    await fallSilent();
    await second.keyboard.press('x');
    await hearIt(second);
    return { page: second, requests };
}
