// A control room with more than one thing to do: which comes first, what stays under the hand, and who has to be called.
import { assert, nowSeconds, sleep, story, subject, untilState } from '../api/story.mjs';
import { lendClock } from '../api/preload.mjs';
import { addressFor, bounceOn, mustBeAccessible, mustBeEmpty, openBrowser, shoot, signInPage } from './browser.mjs';
import { giveUp, holdUp, listenAtSpeaker } from './room.mjs';

const press = (page, name) => page.getByRole('button', { name, exact: true }).click();
const codeOf = ({ alert }) => alert.slice(-4).toUpperCase();
const queue = (page) => page.getByRole('navigation', { name: 'Open alerts' }).getByRole('button');
const onDesk = (page) => page.locator('nav.queue button[aria-current="true"] strong').textContent();
const reviewersOf = ({ cast }) => [cast.reviewerOne, cast.reviewerTwo, cast.reviewerThree];

const raisedFor = async (officer) => (await officer.get('/alerts')).alerts.filter((one) => one.state === 'raised' && !one.answered);

/** Two people pass within half a minute: the two alerts, the older one first, and a reviewer who is asked about both. */
async function untilTwo(site) {
    for (;;) {
        for (const reviewer of reviewersOf(site)) {
            const alerts = (await raisedFor(reviewer)).sort((a, b) => a.raised_at - b.raised_at);
            if (alerts.length === 2 && alerts[0].answer_by - nowSeconds() > 25) return { older: alerts[0], newer: alerts[1], reviewer };
        }
        await sleep(100);
    }
}

/** Whoever is asked about it now says "same", until two have. */
async function agree(site, alert) {
    for (let answers = 0; answers < 2;) {
        for (const reviewer of reviewersOf(site)) {
            const asked = (await raisedFor(reviewer)).find((one) => one.alert === alert.alert);
            if (asked && answers < 2) {
                await site.review(reviewer, asked, 'same');
                answers++;
            }
        }
        await sleep(100);
    }
}

/** Each question says how long it may still be answered; another one is taken up by choosing it, not by itself. */
async function lookAtQuestions(browser, site, reviewer, older, newer) {
    const { page, context } = await signInPage(browser, site, reviewer);
    await queue(page).nth(1).waitFor();
    assert.deepEqual(await queue(page).locator('strong').allTextContents(), [codeOf(older), codeOf(newer)], 'whose time is over first comes first');
    for (const left of await queue(page).locator('.timer').allTextContents()) assert.match(left, /^0:\d\d$/);
    assert.equal(await queue(page).locator('.timer').count(), 2);
    assert.equal(await onDesk(page), codeOf(older));
    await queue(page).nth(1).click();
    assert.equal(await onDesk(page), codeOf(newer));
    await context.close();
}

/** One more page of the dispatcher's, to which the desk tells the alerts as `change` makes them; `tell` changes them otherwise. */
async function retell(browser, site, change) {
    let told = change;
    const { page, context } = await signInPage(browser, site, site.cast.dispatcher, { prepare: (one) => one.route('**/api/v1/alerts', async (route) => {
        const { alerts } = await site.cast.dispatcher.get('/alerts');
        await route.fulfill({ json: { alerts: told(alerts) } });
    }) });
    const tell = (otherwise) => {
        told = otherwise;
        return press(page, 'I am here as dispatcher');
    };
    return { page, context, tell };
}

/** Of two with the same time left the riskier comes first, whatever order the desk tells them in. */
async function lookAtRisk(browser, site, older) {
    const { page, context } = await retell(browser, site, (alerts) => alerts.map((alert) => ({ ...alert, dispatch_until: alerts[0].dispatch_until, near_pair: alert.alert === older.alert })));
    await queue(page).nth(1).waitFor();
    assert.equal(await queue(page).first().locator('strong').textContent(), codeOf(older));
    await context.close();
}

/** The alert on the desk ends in the moment of the press, which then meets another one; a unit that was proposed or chosen is never another one. */
async function meetNoOther(browser, site, older, newer) {
    const { page, context, tell } = await retell(browser, site, (alerts) => alerts);
    await queue(page).filter({ hasText: codeOf(newer) }).click();
    const without = (change) => (alerts) => alerts.filter((one) => one.alert !== newer.alert).map((one) => ({ ...one, units: change(one.units) }));
    await bounceOn(page, 'Send this unit', () => tell(without((units) => units)));
    await page.locator('.dispatch').getByText(codeOf(older)).waitFor();
    for (const one of [older, newer]) assert.equal((await site.cast.dispatcher.get(`/alerts/${one.alert}`)).state, 'agreed', 'nobody went for what nobody can have read');
    const unit = page.getByLabel('Unit', { exact: true });
    const [proposed, other] = await unit.locator('option').evaluateAll((all) => all.map(({ value }) => value));
    const untilFirst = (value) => unit.locator(`option:first-child[value="${value}"]`).waitFor({ state: 'attached' });
    assert.equal(await unit.inputValue(), proposed);
    await tell(without((units) => [...units].reverse()));
    await untilFirst(other);
    assert.equal(await unit.inputValue(), proposed, 'another order proposes no other unit');
    await tell(without((units) => units.filter((one) => one.unit !== proposed)));
    await page.getByRole('alert').getByText(/ERV-0\d\W.* was not free any more/).waitFor();
    assert.equal(await unit.inputValue(), '', 'nobody goes in the place of another');
    await tell(without((units) => units));
    await unit.locator(`option[value="${proposed}"]`).waitFor({ state: 'attached' });
    assert.equal(await unit.inputValue(), '', 'who comes back is chosen again by a person');
    assert.ok(await page.getByRole('button', { name: 'Send this unit' }).isDisabled());
    await unit.selectOption(other);
    await page.getByText('was not free any more').waitFor({ state: 'detached' });
    assert.ok(await page.getByRole('button', { name: 'Send this unit' }).isEnabled());
    await context.close();
}

/** What waits when its officer signs out goes with the officer, also when the desk hears of neither; that is said, and that the next sign-in waits. */
async function signOutWaiting(browser, site, alert) {
    const { page, context } = await signInPage(browser, site, site.cast.dispatcher);
    const sending = await holdUp(page, '**/dispatch');
    await press(page, 'Send this unit');
    await sending.said.waitFor();
    await page.route('**/sessions/current', (route) => route.abort());
    await press(page, 'Sign out');
    await page.getByRole('alert').getByText('the desk has not heard of it').waitFor();
    await sending.said.waitFor({ state: 'detached' });
    await sending.end();
    const entering = await holdUp(page, '**/api/v1/sessions');
    await page.fill('input[type=password]', 'demo');
    await press(page, 'Sign in');
    await entering.said.waitFor();
    await entering.end();
    await page.getByText('Two officers say same, not identified').waitFor();
    assert.equal((await site.cast.dispatcher.get(`/alerts/${alert.alert}`)).state, 'agreed', 'nobody went for whoever had left');
    await context.close();
}

/** What a watch reported and nobody is asked about stands with its operation (the desk's part: tests/alert/story_test.c). */
async function hearOfRefused(site, page, older) {
    const told = async (route) => {
        const { operations, ...rest } = await site.cast.dispatcher.get('/operations');
        await route.fulfill({ json: { ...rest, operations: operations.map((one) => ({ ...one, refused: [{ why: 'not_proved', count: 2, newest_at: nowSeconds() }] })) } });
    };
    await page.route('**/api/v1/operations', told);
    await agree(site, older);
    await page.locator('.operation').getByText(/^Sightings not taken in: 2, the newest at \W*\d\d:\d\d\W*: the signatures on its entry count no more/).waitFor();
    await page.unroute('**/api/v1/operations', told);
}

/** An alert with less time left comes first in the queue, and takes neither the screen nor what was filled in nor the press. */
async function stayWithOne(browser, site, page, older, newer) {
    await agree(site, newer);
    await page.getByText('Two officers say same, not identified').waitFor();
    await page.locator('.operation').getByText(/ends at \W*\d\d:\d\d\W*, \W*[\d:]+\W* left$/).waitFor();
    assert.equal(await page.locator('.operation').getByText('starts at').count(), 0, 'what runs says when it ends, not when it began');
    await page.locator('.operation').getByText(/oldest case status: .*, \d+ min ago/).waitFor();
    await page.getByLabel('Unit', { exact: true }).selectOption(site.cast.crew.unit);
    await page.getByLabel('Travels').selectOption('motorcycle');
    await hearOfRefused(site, page, older);
    await queue(page).nth(1).waitFor();
    assert.deepEqual(await queue(page).locator('strong').allTextContents(), [codeOf(older), codeOf(newer)], 'whose time is over first comes first');
    assert.equal(await onDesk(page), codeOf(newer), 'the screen stays');
    assert.equal(await page.getByLabel('Travels').inputValue(), 'motorcycle', 'what was filled in stays');
    await mustBeAccessible(page, 'two-alerts', []);
    await lookAtRisk(browser, site, older);
    await meetNoOther(browser, site, older, newer);
    await signOutWaiting(browser, site, newer);
    const { said, end } = await holdUp(page, '**/dispatch');
    await press(page, 'Send this unit');
    await said.waitFor();
    await end();
    assert.equal((await untilState(site, newer, 'dispatched')).unit, site.cast.crew.unit);
    assert.equal((await site.cast.dispatcher.get(`/alerts/${older.alert}`)).state, 'agreed', 'nobody went for the other one');
}

/** Nobody can go for the other one: that is an end, too, but none while a unit is free. */
async function closeOther(site, page, older) {
    const { secondCrew } = site.cast;
    await queue(page).filter({ hasText: codeOf(older) }).click();
    await giveUp(page, 'Close: no unit can go', '**/concurrence');
    const question = page.getByRole('dialog', { name: 'Close: no unit can go' });
    await press(page, 'Close: no unit can go');
    await press(question, 'Close: no unit can go');
    await question.getByRole('alert').getByText(/is free\. Somebody else may have acted first: look at what is shown now/).waitFor();
    await press(question, 'Cancel');
    await secondCrew.leave();
    await press(page, 'Close: no unit can go');
    assert.equal((await site.cast.dispatcher.get(`/alerts/${older.alert}`)).state, 'agreed', 'pressed once it only asks');
    await press(question, 'Close: no unit can go');
    assert.equal((await untilState(site, older, 'closed')).outcome, 'no_unit');
    await page.locator('.ended li', { hasText: codeOf(older) }).getByText('no unit').waitFor();
    await secondCrew.present('crew');
    await page.locator('.operation h2', { hasText: 'running' }).waitFor();
}

/** Without a connection the question says that it waits; given up it halts nothing, also when the signal is back. */
async function giveUpHalt(site, page) {
    await page.context().setOffline(true);
    await press(page, 'Halt');
    const dialog = page.getByRole('dialog');
    await press(dialog, 'Halt now');
    await dialog.getByText('No signal.').waitFor();
    await shoot(page, 'halt-waits');
    await press(dialog, 'Cancel');
    await dialog.waitFor({ state: 'hidden' });
    await page.context().setOffline(false);
    await page.waitForTimeout(4000); // longer than from one try to the next
    assert.equal((await site.cast.dispatcher.get(`/operations/${site.operation}`)).state, 'running', 'what was given up is not done later');
}

/** The crew's page is closed: what was taken back stands above all else, and after a minute the room is called to call the unit. */
async function callUnit(site, page, alert) {
    await press(page, 'Halt');
    await press(page.getByRole('dialog'), 'Halt now');
    await page.getByRole('alert').getByText(/was taken back\. \W*ERV-01 · 0001\W* has not said yet/).waitFor();
    assert.equal(await page.getByText('An alert waits for you').count(), 0, 'a crew has a minute to say so itself');
    const call = page.getByRole('alert').filter({ hasText: codeOf(alert) }).getByText('call it by radio');
    await call.waitFor({ timeout: 90000 });
    await page.getByRole('alert').filter({ hasText: 'A unit does not answer' }).waitFor();
    assert.equal(await page.getByText('Nothing waits for you').count(), 0, 'a unit that has to be called is something');
    await page.getByText('Have the crew read back:').waitFor();
    assert.ok(await page.getByRole('button', { name: 'The crew has read it back' }).isDisabled(), 'what was heard is entered first');
    await page.getByLabel('The word you heard').fill('nothing');
    await press(page, 'The crew has read it back');
    await page.getByText('that is not the recall\'s word').waitFor();
    await mustBeAccessible(page, 'recall-escalated', []);
}

/** The crew's page rings and shakes for what was taken back as for what is sent, and what the crew says ends it everywhere. */
async function hearOfRecall(browser, site, page) {
    const { page: crew } = await signInPage(browser, site, site.cast.crew, { prepare: listenAtSpeaker });
    await crew.getByRole('alert').filter({ hasText: 'Control has an instruction for you' }).waitFor();
    assert.equal(await crew.getByText('An alert waits for you').count(), 0, 'what was taken back waits no more');
    await crew.waitForFunction(() => document.title.startsWith('⚠') && globalThis.shaken > 0);
    await crew.getByText('was taken back. Stop nobody for it.').waitFor();
    await shoot(crew, 'crew-recalled');
    await press(crew, 'Understood');
    for (const one of [crew, page]) await one.getByText('was taken back').waitFor({ state: 'detached' });
    for (const [one, words] of [[crew, 'Control has an instruction for you'], [page, 'A unit does not answer']]) await one.getByText(words).waitFor({ state: 'detached' });
}

const second = { ...subject, name: 'Demo person B', cnic: '42101-0000002-1' };

async function startWithTwo(site, minutes) {
    await site.startCameras();
    await site.startDesk();
    await site.signInAll();
    await site.registerCamera('gate');
    site.listed = await site.enrol();
    const other = await site.enrol('other-1.jpg', second);
    await site.presentAll();
    site.operation = await site.authoriseOperation([site.listed.entry, other.entry], undefined, minutes);
    await site.untilOperation(site.operation, 'running');
}

story('of two alerts the one with less time left comes first and takes nothing away; a halt that waits is given up; a crew that does not hear of a recall is called', async (site) => {
    const browser = await openBrowser(site);
    try {
        const { page } = await signInPage(browser, site, site.cast.dispatcher);
        const { older, newer, reviewer } = await untilTwo(site);
        await lookAtQuestions(browser, site, reviewer, older, newer);
        await stayWithOne(browser, site, page, older, newer);
        await site.cast.crew.act(`/alerts/${newer.alert}/acceptance`, 'acceptance', { alert: newer.alert, answer: 'accepted' });
        await closeOther(site, page, older);
        await giveUpHalt(site, page);
        await callUnit(site, page, newer);
        await hearOfRecall(browser, site, page);
    } finally {
        await browser.close();
    }
}, { prepare: startWithTwo });

/** The desk starts again, so many seconds later than anybody else's clock says. */
async function letPass(site, seconds) {
    await site.killDesk();
    site.setClockOffBy(seconds);
    await site.startDesk();
}

const ended = (room, alert) => room.locator('.ended li', { hasText: codeOf(alert) }).getByText('lapsed');

/** Pressed in a dead spot, and for nothing: after a minute the unit has it no more, and five minutes after the camera nobody has. */
async function answerTooLate(site, room, crew, alert) {
    await crew.getByRole('button', { name: 'Accept' }).waitFor();
    await crew.context().setOffline(true);
    await press(crew, 'Accept');
    await crew.getByText('No signal. What you did is kept').waitFor();
    await letPass(site, 300);
    await ended(room, alert).waitFor({ timeout: 30000 });
    await crew.context().setOffline(false);
    await crew.getByRole('alert').getByText(/is over, or another unit has it: what you pressed for it waits no more\. Stop nobody for it\.$/).waitFor({ timeout: 60000 });
    await crew.getByText('No alert for this unit').waitFor();
    await crew.getByText('No signal.').waitFor({ state: 'detached' });
    await mustBeEmpty(crew);
    await mustBeAccessible(crew, 'crew-too-late', []);
}

/** An hour after it was raised nobody goes on with it: the crew is told, and the room hears whether it knows. What was pressed before the page was closed does not count. */
async function goOnTooLong(site, room, crew, alert) {
    await crew.context().setOffline(true);
    await press(crew, 'We are on scene');
    await crew.getByText('No signal. What you did is kept').waitFor();
    await crew.goto('about:blank');
    await letPass(site, 3600);
    await ended(room, alert).waitFor({ timeout: 30000 });
    await room.getByRole('alert').filter({ hasText: codeOf(alert) }).getByText('has not said yet that it knows').waitFor();
    await crew.context().setOffline(false);
    await crew.clock.setSystemTime(Date.now() + 3600e3);
    await crew.goto(await addressFor(site, site.cast.crew));
    await crew.fill('input[type=password]', 'demo');
    await press(crew, 'Sign in');
    await crew.getByRole('alert').filter({ hasText: codeOf(alert) }).getByText('was taken back. Stop nobody for it.').waitFor();
    await crew.getByRole('alert').getByText(new RegExp(`^⚠ What you pressed before the page began anew does not count: \\W*alert ${codeOf(alert)} is closed, not accepted`)).waitFor();
    assert.equal(await crew.getByText(subject.name).count(), 0);
    await mustBeAccessible(crew, 'crew-lapsed', []);
    await press(crew, 'Understood');
    for (const one of [crew, room]) await one.getByText('was taken back').waitFor({ state: 'detached' });
}

/** Whoever forgets to say that they are here is told before it ends and when it ended, as loud as of an alert. */
async function forgetToConfirm(crew) {
    await crew.getByText('You are not present: nothing is sent to you.').waitFor();
    await press(crew, 'I am here as crew');
    await crew.getByText('This page wakes up by itself.').waitFor();
    await crew.context().setOffline(true);
    const later = (minutes) => crew.clock.setSystemTime(Date.now() + 3600e3 + minutes * 60e3);
    await later(18);
    await crew.locator('.alarm', { hasText: 'Your presence ends in less than three minutes.' }).waitFor();
    await press(crew, 'I have heard it');
    await crew.locator('.alarm').waitFor({ state: 'detached' });
    await later(21);
    await crew.locator('.alarm', { hasText: 'You are not present any more: nothing is sent to you.' }).waitFor();
}

story('an alert that nobody answers is over after five minutes and one that a crew goes on with after the hour, room and crew are told, and what was pressed meanwhile does not count', async (site) => {
    const { dispatcher, crew, secondCrew } = site.cast;
    const browser = await openBrowser(site);
    try {
        const { older, newer } = await untilTwo(site);
        for (const one of [older, newer]) await agree(site, one);
        const { page: room } = await signInPage(browser, site, dispatcher);
        const { page: first } = await signInPage(browser, site, crew, { prepare: (page) => page.clock.install() });
        const { page: other } = await signInPage(browser, site, secondCrew);
        await site.dispatch(await dispatcher.get(`/alerts/${older.alert}`), crew);
        await press(first, 'Accept');
        await first.getByRole('button', { name: 'We are on scene' }).waitFor();
        await site.dispatch(await dispatcher.get(`/alerts/${newer.alert}`), secondCrew);
        await answerTooLate(site, room, other, newer);
        await goOnTooLong(site, room, first, older);
        await forgetToConfirm(first);
    } finally {
        await browser.close();
    }
}, { scenes: { gate: 'street.mp4' }, prepare: (site) => {
    lendClock(site);
    return startWithTwo(site, 180);
} });
