// The unhappy paths as the people in them see them; what the desk makes of each is told in tests/api/unhappy.test.mjs.
import { assert, newId, story, subject, untilState } from '../api/story.mjs';
import { openBrowser, signInPage } from './browser.mjs';

const tab = (page, name) => page.getByRole('link', { name, exact: true }).click();
const press = (page, name) => page.getByRole('button', { name, exact: true }).click();

/** Somebody was let go and complains at a station; outside the force the complaint is upheld, and the person is told. */
async function complain(browser, site, slip) {
    const { page: station } = await signInPage(browser, site, site.cast.station);
    await tab(station, 'Questions and complaints');
    await station.getByLabel('What the person wants').selectOption('complaint');
    await station.getByLabel('Code on the slip').fill(slip);
    await station.getByLabel('Number on the card').fill('42101-0000009-9');
    await station.getByLabel('What the person says').fill('I was stopped on my way to work.');
    await press(station, 'Sign and ask');
    await station.waitForSelector('.opened');
    const { page: inspector } = await signInPage(browser, site, site.cast.inspector);
    await tab(inspector, 'Questions and complaints');
    await press(inspector, 'Open');
    await press(inspector, 'Upheld');
    await station.getByRole('button', { name: 'Open', exact: true }).first().click();
    await station.waitForSelector('text=to be told');
    await press(station, 'The person has been told');
    await station.waitForSelector('.list .state:has-text("told")');
    return inspector;
}

/** What was sealed to the body opens on the inspector's device, with a reason that is recorded. */
async function openCopy(inspector) {
    await tab(inspector, 'Sealed copies');
    const row = inspector.locator('.list li:has(.line:has-text("complaint"))').first();
    await row.getByLabel('Why you look').selectOption('complaint');
    await row.getByRole('button', { name: 'Open' }).click();
    await inspector.waitForSelector('pre:has-text("identity_not_established")');
}

async function amend(browser, site, alert) {
    const { page } = await signInPage(browser, site, site.cast.authoriserOne);
    await tab(page, 'Amend an outcome');
    await page.getByLabel('It should be').selectOption('wrong_person');
    await press(page, 'Sign the amendment');
    await site.cast.authoriserTwo.act(`/alerts/${alert.alert}/amendment`, 'amendment', { alert: alert.alert, from: 'identity_not_established', outcome: 'wrong_person' });
    await page.waitForSelector('text=first recorded: identity not established');
}

const more = { inspector: { name: 'Inspector', office: newId('f'), roles: ['inspector'] } };

story('a wrong stop: the complaint is upheld and told, its sealed copy opens, and two offices amend the outcome', async (site) => {
    const browser = await openBrowser(site);
    try {
        const { act, slip, alert } = await site.untilStopped();
        await act('outcome', 'outcome', { outcome: 'identity_not_established', harm: 'none', means: 'none', case: '', slip });
        const inspector = await complain(browser, site, slip);
        await openCopy(inspector);
        await amend(browser, site, alert);
    } finally {
        await browser.close();
    }
}, { more });

/** One of two says "different": nobody is sent, and the control room sees it end. */
async function reject(browser, site, room) {
    const { alert, reviewers } = await site.untilDrawn();
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
    await room.getByRole('button', { name: 'I am here as dispatcher' }).click();
    await site.untilOperation(site.operation, 'running');
    await site.cast.reviewerOne.act(`/operations/${site.operation}/halt`, 'halt', { operation: site.operation, reason: 'safety' });
    await room.waitForSelector('.operation h2:has-text("halted")');
    const { page, context } = await signInPage(browser, site, site.cast.authoriserOne);
    await tab(page, 'Operations');
    await page.getByLabel('Why it may go on').selectOption('checked');
    await press(page, 'Sign to go on');
    const { halted_at } = await site.cast.authoriserTwo.get(`/operations/${site.operation}`);
    await site.cast.authoriserTwo.act(`/operations/${site.operation}/resume`, 'resume', { operation: site.operation, halted_at, reason: 'checked' });
    await room.waitForSelector('.operation h2:has-text("running")');
    await context.close();
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
    assert.equal(await page.getByRole('button', { name: 'Accept' }).count(), 0, 'nobody goes on what could not be checked');
    await context.close();
}

/** The entry is taken back while a crew is on its way: the crew is told, says so, and holds nothing more. */
async function recall(browser, site) {
    const alert = await site.untilAgreed();
    await site.dispatch(alert);
    await refusePacket(browser, site);
    const { page: crew } = await signInPage(browser, site, site.cast.crew);
    await press(crew, 'Accept');
    const { page: officer } = await signInPage(browser, site, site.cast.watchOfficer);
    await press(officer, 'Open');
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
}

story('a rejection, a pause, a halt, a packet that was changed, a recall and a stolen device are seen for what they are', async (site) => {
    const browser = await openBrowser(site);
    try {
        const { page: room } = await signInPage(browser, site, site.cast.dispatcher);
        await reject(browser, site, room);
        await pauseAndHalt(browser, site, room);
        await recall(browser, site);
        await loseDevice(browser, site);
    } finally {
        await browser.close();
    }
});
