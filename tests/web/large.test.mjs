// The pages of a site as large as it may become: 50 alerts at once, 42 cameras, 300 entries, more than 200 officers. A site of
// this machine holds neither that many faces nor cameras, so that what the desk would answer about them is laid before the page.
import { assert, newId, nowSeconds, story } from '../api/story.mjs';
import { mustPassAxe, openBrowser, signInPage } from './browser.mjs';

const series = (count, make) => Array.from({ length: count }, (_, i) => make(i));
const code = (id) => id.slice(-4).toUpperCase();
const answering = (page, name, json) => page.route(`**/api/v1/${name}`, (route) => route.fulfill({ json }));

const place = { name: 'Saddar 1', latitude_e7: 248607000, longitude_e7: 670011000 };
const agreedAlerts = () => series(50, (i) => ({ alert: newId('a'), state: 'agreed', passage: newId('p'), pictures_hash: '0'.repeat(64), place, raised_at: nowSeconds() - 60,
    agreed_at: nowSeconds(), dispatch_until: nowSeconds() + 120 + i, person: { name: `Person ${i}` }, cases: [], units: [] }));
const cameras = series(42, (i) => ({ camera: newId('c'), name: `Saddar ${i + 1}`, latitude_e7: place.latitude_e7 + 9000 * Math.floor(i / 7), longitude_e7: place.longitude_e7 + 9000 * (i % 7),
    heading_deg: 0, key: '0'.repeat(64), state: i % 20 === 3 ? 'blind' : 'running', reason: i % 20 === 3 ? 'no picture for 10 s' : '',
    health: { decoded: 1, analysed: 1, dropped: 0, faces: 9, failures_to_acquire: 0, passages: 3 } }));
const operation = { operation: newId('op'), state: 'running', why: '', starts_at: nowSeconds() - 60, ends_at: nowSeconds() + 11 * 3600, list_size: 300, list_hash: '', request_hash: '',
    requester: '', cameras };
const entries = series(300, (i) => ({ entry: newId('e'), ground: 'court_warrant', state: i % 100 === 7 ? 'suspended' : 'approved', expires_at: nowSeconds() + 86400 * (3 + i % 80) }));

/** The one that is on the desk stands under the queue, on the screen; what fails stands before what runs. */
async function seeFiftyAlerts(browser, site) {
    const { page } = await signInPage(browser, site, site.cast.dispatcher, { prepare: async (one) => {
        await answering(one, 'alerts', { alerts: agreedAlerts() });
        await answering(one, 'operations', { operations: [operation] });
        await answering(one, 'cameras', { cameras });
        await answering(one, 'map', { cameras, units: [], places: { type: 'FeatureCollection', features: [] }, tiles: false });
    } });
    await page.getByText('Waiting for you: 50').waitFor();
    const queue = page.locator('.queue button');
    assert.equal(await queue.count(), 50);
    const { y } = await page.getByRole('heading', { name: 'Two officers say same' }).boundingBox();
    assert.ok(y < page.viewportSize().height / 2, `what is on the desk begins at ${y} px`);
    await queue.last().click();
    await page.locator('.dispatch').getByText('Person 49', { exact: true }).waitFor();
    const blind = page.locator('.aside .cameras > li:visible');
    await blind.nth(1).getByText('Saddar 24').waitFor();
    assert.deepEqual(await blind.locator('strong').allTextContents(), ['Saddar 4', 'Saddar 24'], 'who is blind is seen, and nobody who is not');
    await page.locator('.operation').getByText(/left$/).waitFor();
    assert.match(await page.locator('.operation').textContent(), /\d{1,2}:\d\d:\d\d\W* left/, 'hours are hours');
    await page.getByText('Cameras that run without a fault: 40').click();
    assert.equal(await blind.count(), 42);
    await page.locator('.leaflet-marker-icon').nth(42).waitFor();
    await mustPassAxe(page, 'fifty-alerts');
    await page.context().close();
}

/** A part at a time, and found by what a line says. */
async function findEntries(browser, site) {
    const { page } = await signInPage(browser, site, site.cast.approver, { prepare: (one) => answering(one, 'entries', { entries }) });
    const lines = page.locator('.list > li');
    await lines.nth(49).waitFor();
    assert.equal(await lines.count(), 50);
    await page.getByRole('button', { name: 'Show more (250 left)' }).click();
    await lines.nth(99).waitFor();
    await page.getByLabel('Find in this list').fill('suspended');
    await lines.nth(3).waitFor({ state: 'detached' });
    assert.equal(await lines.count(), 3);
    await page.getByLabel('Find in this list').fill(code(entries[123].entry).toLowerCase());
    await page.waitForFunction(() => document.querySelectorAll('.list > li').length === 1);
    await page.getByRole('button', { name: `Open: ${code(entries[123].entry)}` }).waitFor();
    await page.getByLabel('Find in this list').fill('nobody');
    await page.getByText('Nothing in this list says that.').waitFor();
    await mustPassAxe(page, 'many-entries');
    await page.context().close();
}

/** The roster itself is as long as that, and its signature holds. */
async function findOfficers(browser, site) {
    const { page } = await signInPage(browser, site, site.cast.admin);
    await page.getByRole('link', { name: 'Officers and devices' }).click();
    const lines = page.locator('tbody tr');
    await lines.nth(212).waitFor();
    const { serviceNumber } = site.cast.crewman150;
    await page.getByLabel('Find an officer').fill(serviceNumber);
    await page.waitForFunction(() => document.querySelectorAll('tbody tr').length === 1);
    await page.getByRole('button', { name: `Take out: ${code(site.cast.crewman150.id)} · ${serviceNumber}` }).waitFor();
    await answering(page, 'cameras', { cameras });
    await page.getByRole('link', { name: 'Cameras', exact: true }).click();
    await page.getByLabel('Find in this list').fill('blind');
    await page.waitForFunction(() => document.querySelectorAll('.list > li').length === 2);
    await page.context().close();
}

const force = Object.fromEntries(series(200, (i) => [`crewman${i}`, { name: `Crew ${i}`, office: newId('f'), roles: ['reviewer'] }]));

story('fifty alerts, 42 cameras, 300 entries and 213 officers stay within an officer’s reach', async (site) => {
    const browser = await openBrowser(site);
    try {
        await seeFiftyAlerts(browser, site);
        await findEntries(browser, site);
        await findOfficers(browser, site);
    } finally {
        await browser.close();
    }
}, { more: force, prepare: async (site) => {
    await site.startDesk();
    await site.cast.auditor.signIn();
} });
