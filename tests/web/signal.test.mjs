// Bad connections: an event stream that is cut again and again, six tabs, a car in a tunnel.
import net from 'node:net';
import { assert, exchange, sleep, story, subject, untilState } from '../api/story.mjs';
import { kept, mustBeAccessible, mustBeEmpty, mustPassAxe, openBrowser, openMenu, signInPage, urduDigits } from './browser.mjs';
import { gunzipSync } from 'node:zlib';

/** Passes bytes on to the desk, until somebody cuts every connection. */
async function startCutter(site) {
    const open = new Set();
    const server = net.createServer((near) => {
        const far = net.connect(site.port, '127.0.0.1');
        for (const [one, other] of [[near, far], [far, near]]) {
            open.add(one);
            one.on('error', () => {});
            one.on('close', () => {
                open.delete(one);
                other.destroy();
            });
            one.pipe(other);
        }
    });
    await new Promise((done) => server.listen(0, '127.0.0.1', done));
    return { port: server.address().port, cut: () => open.forEach((one) => one.destroy()), end: () => server.close() };
}

/** Writes down what the tab that reads the stream tells this one. */
const listenIn = (page) => page.evaluate(() => {
    globalThis.told = [];
    globalThis.channel = new BroadcastChannel('mizan-events');
    globalThis.channel.onmessage = ({ data }) => data.kind === 'news' && data.news.event && globalThis.told.push(data.news.id);
});

const seqOf = (id) => Number(id.split(':')[2]);

async function gzipSize(site, paths) {
    let sum = 0;
    for (const one of paths) {
        const { body, headers } = await exchange(site, 'GET', one, { headers: { 'Accept-Encoding': 'gzip' } });
        if (headers['content-encoding'] === 'gzip') assert.ok(gunzipSync(body).length > body.length, one);
        sum += body.length;
    }
    return sum;
}

/** How often the page asks for `path` when twenty news come, the first while none is on its way and the others while one is. */
async function asksAtNews(page, path) {
    let asked = 0;
    await page.route(`**${path}`, async (route) => {
        asked++;
        await sleep(300);
        await route.continue();
    });
    await page.evaluate(async () => {
        for (let i = 1; i <= 20; i++) {
            globalThis.channel.postMessage({ kind: 'news', news: { id: `test:test:${i}`, event: 'test', data: {} } });
            await new Promise((done) => setTimeout(done, 5));
        }
    });
    for (let i = 0; i < 200 && asked < 2; i++) await sleep(50);
    await sleep(1000);
    await page.unroute(`**${path}`);
    return asked;
}

story('a stream cut a hundred times tells each of six tabs every event once, also when the reading tab is closed', async (site) => {
    assert.ok(await gzipSize(site, ['/', '/page.js', '/page.css', '/icon.svg', '/manifest.webmanifest', '/shell.js', '/refusals.js']) <= 150e3, 'a unit loads at most 150 kB');
    assert.ok(await gzipSize(site, ['/', '/page.js', '/page.css', '/icon.svg', '/manifest.webmanifest', '/shell.js', '/map.js', '/office.js', '/plot.js', '/refusals.js']) <= 300e3,
        'everything together is at most 300 kB');
    const browser = await openBrowser(site);
    const cutter = await startCutter(site);
    const expected = [];
    const hush = site.cast.auditor.listen(({ id }) => expected.push(id));
    try {
        const first = await signInPage(browser, site, site.cast.dispatcher, { port: cutter.port });
        const tabs = [first.page];
        for (let i = 1; i < 6; i++) tabs.push((await signInPage(browser, site, site.cast.dispatcher, { port: cutter.port, context: first.context })).page);
        await sleep(300);
        const metrics = (await exchange(site, 'GET', '/metrics')).body.toString();
        assert.match(metrics, /^mizan_event_streams 2$/m, 'six tabs read one stream; the other is this test’s');
        for (const tab of tabs) await listenIn(tab);
        expected.length = 0;
        for (let i = 0; i < 100; i++) {
            if (i === 50) await tabs.shift().close();
            await (i % 2 ? site.cast.reviewerOne.leave() : site.cast.reviewerOne.present('reviewer'));
            cutter.cut();
            await sleep(20 + (i % 5) * 15);
        }
        await site.cast.reviewerTwo.present('reviewer');
        for (let i = 0; i < 100 && expected.length < 101; i++) await sleep(50);
        assert.equal(expected.length, 101, 'the desk told 101 events');
        for (const [i, tab] of tabs.entries()) {
            await tab.waitForFunction((last) => globalThis.told.includes(last), expected.at(-1), { timeout: 15000 });
            const told = await tab.evaluate(() => globalThis.told);
            assert.deepEqual(told.map(seqOf), expected.map(seqOf), `tab ${i + 2} heard every event once and in order`);
        }
        await tabs[0].waitForSelector('text=Reviewing offices: 1');
        const asked = await asksAtNews(tabs[0], '/api/v1/operations');
        assert.ok(asked >= 2 && asked <= 4, `two parts of a page ask once at the first of twenty news and once after the last, perhaps once by the clock, not ${asked} times`);
        await signInPage(browser, site, site.cast.reviewerOne, { port: cutter.port, context: first.context });
        for (const tab of tabs) await tab.waitForSelector('text=Another officer signed in in this browser');
    } finally {
        hush();
        cutter.end();
        await browser.close();
    }
}, { prepare: async (site) => {
    await site.startDesk();
    await site.signInAll();
} });

/** A tablet as enrolment leaves it: the crew's keys in the browser's own store, and nobody gets them out of it. */
async function enrolDevice(browser, site, officer, prepare = async () => {}) {
    const context = await browser.newContext({ viewport: { width: 390, height: 844 } });
    const page = await context.newPage();
    page.on('pageerror', (problem) => { throw problem; });
    await page.goto(`https://localhost:${site.port}/icon.svg`);
    const pkcs8 = async (key) => Buffer.from(await crypto.subtle.exportKey('pkcs8', key.privateKey)).toString('base64');
    const about = { officer: officer.id, name: officer.name, site: site.name, unit: officer.unit, root_key: site.rootKey(), oversight_key: '' };
    await page.evaluate(async ({ about: own, signing, device }) => {
        const read = (text, name, use) => crypto.subtle.importKey('pkcs8', Uint8Array.from(atob(text), (one) => one.charCodeAt(0)), { name }, false, use);
        const keys = { ...own, signing: { ...signing, privateKey: await read(signing.privateKey, 'Ed25519', ['sign']) },
            device: { ...device, privateKey: await read(device.privateKey, 'X25519', ['deriveBits']) } };
        await new Promise((done, fail) => {
            const request = indexedDB.open('mizan', 1);
            request.onupgradeneeded = () => request.result.createObjectStore('keys').put(keys, 'own');
            request.onsuccess = () => done(request.result.close());
            request.onerror = () => fail(request.error);
        });
    }, { about, signing: { public: officer.key.public, privateKey: await pkcs8(officer.key) }, device: { public: officer.device.public, privateKey: await pkcs8(officer.device) } });
    await page.clock.install();
    await prepare(page);
    await page.goto(`https://localhost:${site.port}/`);
    await signIn(page);
    return { page, context };
}

async function signIn(page) {
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.locator('header .who').waitFor();
}

/** The desk gets it, the car does not get the answer. */
async function loseOneAnswer(site, page, path) {
    let lost = false;
    await page.route(`**${path}`, async (route) => {
        if (lost) return route.continue();
        lost = true;
        const request = route.request();
        const { cookie } = await request.allHeaders();
        const { status } = await exchange(site, 'POST', new URL(request.url()).pathname, {
            headers: { cookie, 'Content-Type': 'application/json' }, body: request.postData() });
        assert.equal(status, 200);
        return route.abort();
    });
}

const count = async (site, alert, kind) => {
    const lines = (await site.cast.auditor.bytes('/log')).toString().split('\n\n')[0].split('\n').map((line) => JSON.parse(line));
    return lines.filter((leaf) => leaf.kind === kind && leaf.alert === alert).length;
};

/** The person who was let go asks at a station, with the slip. */
async function askAtCounter({ page }, slip) {
    await page.getByRole('link', { name: 'Questions and complaints' }).click();
    await page.getByLabel('What the person wants').selectOption('access');
    const typed = ` ${slip.slice(0, 4)}-${slip.slice(4)}`;
    for (const as of [typed.toLowerCase().replaceAll('0', 'o').replaceAll('1', 'l'), urduDigits(typed)]) {
        await page.getByLabel('Code on the slip').fill(as);
        assert.equal(await page.getByLabel('Code on the slip').inputValue(), slip);
    }
    await page.getByLabel('Number on the card').fill('4210100000099');
    await page.getByRole('button', { name: 'Sign and ask' }).click();
    await page.waitForSelector('text=The face resembled an entry on the ground: consenting test subject');
    assert.equal(await page.locator('dt:has-text("Was there an alert?") + dd').textContent(), 'yes');
    assert.equal(await page.locator('dt:has-text("Listed now?")').count(), 0, 'a slip whose stop verified no number says nothing of the list');
    await page.waitForSelector('text=identity not established');
    assert.ok(!(await page.content()).includes(subject.name), 'nobody else’s name is told');
}

/** The same tab again, as after a flat battery or a careless pull on the glass. */
async function reload(page, { left = false } = {}) {
    await page.reload();
    await signIn(page);
    if (left) await page.getByRole('button', { name: 'I am here as crew' }).click();
    await page.waitForSelector('text=Record the outcome');
}

/** A list without the alert, whatever the reason, is not the end of it: what was chosen waits for it. */
async function missFromList(page) {
    await page.route('**/api/v1/alerts', (route) => route.fulfill({ json: { alerts: [] } }));
    await page.clock.fastForward('00:16');
    await page.waitForSelector('text=No alert for this unit');
    await page.unroute('**/api/v1/alerts');
    await page.clock.fastForward('00:16');
    await page.waitForSelector('text=Record the outcome');
    assert.ok(await page.getByRole('radio', { name: 'resistance' }).isChecked(), 'what was chosen is kept');
}

/** The desk has the stop and its answer is lost: the slip is there, and what is chosen before the stop is sent once more stays chosen. */
async function stopWithoutAnswer(site, page) {
    await loseOneAnswer(site, page, '/stop');
    await page.getByRole('button', { name: 'Person stopped' }).click();
    const slip = await page.locator('.slip .code').textContent();
    await page.getByRole('radio', { name: 'resistance' }).check();
    await Promise.all([page.waitForResponse('**/stop'), page.clock.fastForward(3000)]);
    await page.getByText('No signal. What you did is kept').waitFor({ state: 'detached' });
    assert.equal(await page.locator('.slip .code').textContent(), slip);
    assert.ok(await page.getByRole('radio', { name: 'resistance' }).isChecked(), 'the second answer undoes nothing');
    return slip;
}

/** What the desk says of an alert to a crew that is not here yet; it is on its way until the test lets it come, and the crew may be here by then. */
const untilRefused = (site, page, { alert }) => new Promise((refused) => page.route(`**/api/v1/alerts/${alert}`, async (route) => {
    const request = route.request();
    const { cookie } = await request.allHeaders();
    const { status, body } = await exchange(site, 'GET', new URL(request.url()).pathname, { headers: { cookie } });
    const answer = () => route.fulfill({ status, body, contentType: 'application/json' });
    return status === 403 ? refused(answer) : answer();
}));

/** A session whose time was over while the crew had no signal: who signs in again finds what was chosen. */
async function outliveSession(site, page, alert) {
    await page.evaluate(() => fetch('/api/v1/sessions/current', { method: 'DELETE', headers: { 'X-Mizan': '1' } }));
    await page.waitForSelector('text=The session is over. Sign in again.', { timeout: 60000 });
    assert.match((await kept(page)).rows, /resistance/);
    const refused = untilRefused(site, page, alert);
    await signIn(page);
    const refuse = await refused;
    await page.getByRole('button', { name: 'I am here as crew' }).click();
    await page.waitForSelector('text=Record the outcome');
    await refuse();
    for (const _ of 'ab') await page.evaluate(() => fetch('/api/v1/presence').then((reply) => reply.text()));
    assert.ok(await page.getByRole('radio', { name: 'resistance' }).isChecked(), 'the session is over and the stop is not');
    assert.match((await kept(page)).rows, /resistance/, 'a refusal of before the crew was here erases nothing');
    await page.unroute(`**/api/v1/alerts/${alert.alert}`);
}

/** The browser threw away everything but the keys. */
const loseRows = (page) => page.evaluate(() => new Promise((done, fail) => {
    const request = indexedDB.open('mizan');
    request.onerror = () => fail(request.error);
    request.onsuccess = () => {
        const { transaction } = request.result.transaction('keys', 'readwrite').objectStore('keys').delete(IDBKeyRange.lowerBound('own', true));
        request.result.transaction('keys', 'readwrite').objectStore('keys').delete(IDBKeyRange.upperBound('own', true));
        transaction.oncomplete = () => done(request.result.close());
    };
}));

const minutesLeft = async (page) => Number((await page.getByRole('timer').textContent()).match(/(\d+):\d\d/)[1]);

/** For the device and for the desk alike: the desk's own time is what the page counts by. */
async function letPass(page, seconds) {
    const later = (passed) => {
        const { get } = Headers.prototype;
        Headers.prototype.get = function (name) {
            const found = get.call(this, name);
            return name === 'Date' ? new Date(Date.parse(found) + passed * 1000).toUTCString() : found;
        };
    };
    await page.addInitScript(later, seconds);
    await page.evaluate(later, seconds);
    await page.clock.fastForward(seconds * 1000);
}

/** A reload in a stop leaves what was chosen; the slip and the time come from the desk, also after a killed page or a sign-out. */
async function reloadInStop(site, page, slip, alert) {
    await missFromList(page);
    await letPass(page, 120);
    await page.getByLabel('Number on the card').fill('4210100000099');
    assert.ok(!(await kept(page)).rows.includes('0000009'), 'the person’s number is never written down');
    await reload(page);
    assert.equal(await page.getByLabel('Number on the card').inputValue(), '');
    assert.equal(await page.locator('.slip .code').textContent(), slip);
    assert.ok(await page.getByRole('radio', { name: 'resistance' }).isChecked());
    await outliveSession(site, page, alert);
    await loseRows(page);
    await reload(page);
    assert.equal(await page.locator('.slip .code').textContent(), slip);
    assert.ok((await minutesLeft(page)) < 8, 'the ten minutes do not begin anew');
    await openMenu(page);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.waitForSelector('text=Sign in as');
    assert.equal((await kept(page)).rows, '', 'who signs out leaves nothing');
    await reload(page, { left: true });
    assert.equal(await page.locator('.slip .code').textContent(), slip);
    assert.ok((await minutesLeft(page)) < 8);
}

/** A crew on a device of its own, whose page opens without a signal, too; an alert is sent to it. */
async function sendToShell(browser, site) {
    const alert = await site.untilAgreed();
    const { page, context } = await enrolDevice(browser, site, site.cast.crew);
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => true));
    await site.dispatch(alert);
    return { alert, page, context };
}

story('s34 five minutes in a tunnel lose nothing that a crew typed, what is sent twice counts once, and the unit is empty afterwards', async (site) => {
    const browser = await openBrowser(site);
    try {
        const { alert, page, context } = await sendToShell(browser, site);
        await page.waitForSelector(`text=${subject.name}`);
        await page.goto('about:blank');
        await page.goBack();
        await page.waitForSelector('text=Sign in as');
        assert.ok(!(await page.content()).includes(subject.name), 'Back shows nothing of the packet');
        await signIn(page);
        const press = (words) => page.getByRole('button', { name: words }).click();
        await press('Accept');
        await loseOneAnswer(site, page, '/arrival');
        await press('We are on scene');
        await page.waitForSelector('text=No signal. What you did is kept');
        await page.clock.fastForward(3000);
        const slip = await stopWithoutAnswer(site, page);
        for (const step of ['alert_on_scene', 'alert_stopped']) assert.equal(await count(site, alert.alert, step), 1, 'twice sent, once counted');
        await reloadInStop(site, page, slip, alert);
        await page.getByLabel('Number on the card').fill('4210100000099');
        await page.getByLabel('Sample (simulated reader)').fill('thumb');
        await context.setOffline(true);
        await page.getByRole('radio', { name: 'identity not established' }).check();
        await page.getByRole('group', { name: 'Force or harm' }).getByRole('radio', { name: 'none' }).check();
        await page.getByRole('group', { name: 'Identity by' }).getByRole('radio', { name: 'none' }).check();
        await press('Record the outcome');
        await page.waitForSelector('text=No signal. What you did is kept');
        assert.equal(await page.getByText('Call control before you stop').count(), 0, 'a short gap is no silence');
        await page.clock.fastForward('05:00');
        await page.waitForSelector('text=Call control before you stop');
        await page.getByRole('status').getByText('what stands here is as last heard').waitFor();
        assert.equal(await page.getByText(/(Alerts|Change of shift): as last heard/).count(), 0, 'what is old is said once, above the alert');
        const spoken = await page.locator('.silence').ariaSnapshot();
        await page.clock.fastForward(3000);
        assert.equal(await page.locator('.silence').ariaSnapshot(), spoken, 'what is read out at once is read out once, not every second');
        assert.equal(await page.getByLabel('Number on the card').inputValue(), '42101-0000009-9');
        assert.equal(await page.getByLabel('Sample (simulated reader)').inputValue(), 'thumb');
        assert.ok(await page.getByRole('radio', { name: 'identity not established' }).isChecked());
        await page.clock.fastForward('05:10');
        await page.getByRole('timer').getByText('This stop is too long:').waitFor();
        for (const button of await page.getByRole('button').all()) {
            const box = await button.boundingBox();
            assert.ok(!box || box.height >= 44, `${await button.textContent()} is ${box?.height} px high`);
        }
        await context.setOffline(false);
        assert.equal((await untilState(site, alert, 'closed')).outcome, 'identity_not_established');
        await page.waitForFunction((name) => !document.body.textContent.includes(name), subject.name);
        assert.equal(await count(site, alert.alert, 'outcome_given'), 1);

        await askAtCounter(await signInPage(browser, site, site.cast.station), slip);
        const left = await kept(page);
        const key = { 'mizan/keys/own': 'device name officer oversight_key root_key roster_number signing site unit' };
        assert.deepEqual({ ...left, shell: [] }, { rows: '', session: {}, local: ['mizan-language', 'mizan-theme'], shell: [], databases: key, cookies: '' });
        assert.ok(left.shell.includes('/page.js') && left.shell.every((path) => !path.startsWith('/api')), `kept: ${left.shell}`);
        await page.goBack();
        assert.ok(!(await page.content()).includes(subject.name), 'Back shows nothing');
        await page.goForward();
        await page.waitForSelector('text=Sign in');
        assert.ok(!(await page.content()).includes(subject.name), 'nor does going forward again');

        const { installabilityErrors } = await (await context.newCDPSession(page)).send('Page.getInstallabilityErrors');
        assert.deepEqual(installabilityErrors.map(({ errorId }) => errorId).filter((id) => id !== 'in-incognito'), []);
        await context.setOffline(true);
        await page.reload();
        await page.waitForSelector('text=Sign in', { timeout: 10000 });
    } finally {
        await browser.close();
    }
});

/** Older than the desk takes a statement: what was counted already goes again as it is, what was refused for its age is signed anew. Each counts once. */
async function sendTooOld(site, page, context, alert) {
    const sent = [];
    page.on('request', (one) => one.method() === 'POST' && sent.push([new URL(one.url()).pathname, one.postData()]));
    const bodiesOf = (step) => sent.filter(([path]) => path.endsWith(step)).map(([, body]) => body);
    await loseOneAnswer(site, page, '/arrival');
    await page.getByRole('button', { name: 'We are on scene' }).click();
    await page.waitForSelector('text=No signal. What you did is kept');
    await context.setOffline(true);
    await page.clock.fastForward('04:50');
    await context.setOffline(false);
    await page.getByRole('button', { name: 'Person stopped' }).waitFor({ timeout: 60000 });
    assert.equal(new Set(bodiesOf('/arrival')).size, 1, 'it is the same statement that goes again');
    assert.equal(await count(site, alert.alert, 'alert_on_scene'), 1);
    await page.clock.setSystemTime(Date.now());
    await keepNotStopped(page);
    let way = (route) => route.abort();
    await page.route('**/stop', (route) => way(route));
    await page.getByRole('button', { name: 'Person stopped' }).click();
    await page.waitForSelector('text=No signal. What you did is kept');
    way = (route) => {
        way = (next) => next.continue();
        return route.fulfill({ status: 400, headers: { Date: new Date(Date.now() + 285e3).toUTCString() }, json: { detail: 'the statement’s time is far from the desk’s' } });
    };
    await page.locator('.slip .code').waitFor({ timeout: 60000 });
    assert.equal(new Set(bodiesOf('/stop')).size, 2, 'what never counted is signed anew');
    assert.equal(await count(site, alert.alert, 'alert_stopped'), 1);
    await page.clock.setSystemTime(Date.now());
}

/** What was chosen about somebody who was not stopped outlives a reload, as what is chosen in a stop does. */
async function keepNotStopped(page) {
    await page.getByText('The person was not stopped').click();
    await page.getByRole('group', { name: 'What happened' }).getByRole('radio').first().check();
    await page.getByRole('radio', { name: 'resistance' }).check();
    await page.reload();
    await signIn(page);
    await page.getByRole('button', { name: 'Person stopped' }).waitFor();
    assert.ok(await page.getByRole('group', { name: 'What happened' }).getByRole('radio').first().isChecked());
    assert.ok(await page.getByRole('radio', { name: 'resistance' }).isChecked());
}

/** Whom somebody is taken along for: the paper's number stays, the person's does not. */
async function keepReference(page) {
    await page.getByRole('radio', { name: 'custody for another matter' }).check();
    await page.getByRole('radio', { name: 'another FIR' }).check();
    await page.getByLabel('Number of its FIR').fill(urduDigits('112/2026'));
    await page.getByLabel('Number on the card').fill('4210100000099');
    await reload(page);
    assert.equal(await page.getByLabel('Number of its FIR').inputValue(), '112/2026');
    assert.equal(await page.getByLabel('Number on the card').inputValue(), '');
}

/** Signed out, nothing of what was pressed would ever arrive: a crew hears that before. */
async function stayForIt(page) {
    await openMenu(page);
    await page.getByRole('button', { name: 'Sign out' }).click();
    const question = page.getByRole('dialog', { name: 'Sign out' });
    await question.getByText('If you sign out now it is erased and never arrives.').waitFor();
    await mustPassAxe(page, 'sign-out-asks');
    await question.getByRole('button', { name: 'Cancel' }).click();
    await question.waitFor({ state: 'detached' });
}

/** The window of an installed app is closed by a careless swipe: whoever leaves is asked, and what waits is there in the next one. */
async function swipeAway(page) {
    const asked = page.waitForEvent('dialog');
    await page.close({ runBeforeUnload: true });
    const question = await asked;
    assert.equal(question.type(), 'beforeunload');
    const closed = page.waitForEvent('close');
    await question.accept();
    await closed;
    const next = await page.context().newPage();
    next.on('pageerror', (problem) => { throw problem; });
    await next.goto(new URL('/', page.url()).href);
    return next;
}

/** Somebody else than the entry's person, by the register's own word; nobody is taken along on a face, or without that matter's number. */
async function showOwnCard(site, page) {
    const record = page.getByRole('button', { name: 'Record the outcome' });
    site.writePorts({ registered: { '42101-7777777-7': 'thumb' }, statuses: site.statuses });
    await page.getByLabel('Number on the card').fill('4210177777777');
    await page.getByLabel('Sample (simulated reader)').fill('thumb');
    await page.getByRole('button', { name: 'Verify the card' }).click();
    await page.getByText('The register answers: yes').waitFor();
    await page.getByRole('group', { name: 'Force or harm' }).getByRole('radio', { name: 'none' }).check();
    await page.getByRole('radio', { name: 'card verified' }).check();
    await page.getByLabel('Number of its FIR').fill('1');
    await page.getByText('Say for what the person is taken along').waitFor();
    assert.ok(await record.isDisabled(), 'a matter has a number');
    await page.getByLabel('Number of its FIR').fill('112/2026');
    await page.locator('button:not([disabled])', { hasText: 'Record the outcome' }).waitFor();
    await mustBeAccessible(page, 'crew-other-matter', []);
}

story('custody for another matter that was pressed without a signal outlives a killed tab and arrives once; what is older than the desk takes counts once', async (site) => {
    const browser = await openBrowser(site);
    try {
        const { alert, page: first, context } = await sendToShell(browser, site);
        let page = first;
        await page.getByRole('button', { name: 'Accept' }).click();
        await sendTooOld(site, page, context, alert);
        await keepReference(page);
        await showOwnCard(site, page);
        await context.setOffline(true);
        await page.getByRole('button', { name: 'Record the outcome' }).click();
        await page.waitForSelector('text=No signal. What you did is kept');
        const { rows } = await kept(page);
        assert.match(rows, /112\/2026.*other_custody/);
        assert.ok(!new RegExp(`7777777|${subject.name}`).test(rows), 'neither the person’s number nor a name is written down');
        await stayForIt(page);
        assert.equal((await kept(page)).rows, rows, 'nobody signed out');
        page = await swipeAway(page);
        await page.route('**/api/v1/site', () => {}, { times: 1 });
        for (const _ of ['nothing comes back', 'there is no signal']) {
            await page.reload();
            await page.getByRole('alert').getByText('Call control before you stop anybody.').waitFor({ timeout: 5000 });
            await page.getByText('What was pressed here before has not reached the desk').waitFor({ timeout: 5000 });
        }
        await page.waitForSelector('text=Sign in');
        await context.setOffline(false);
        await signIn(page);
        assert.equal((await untilState(site, alert, 'closed')).outcome, 'other_custody');
        await page.waitForSelector('text=No alert for this unit');
        assert.equal(await page.getByText('Hand the person over to a station').count(), 0, 'what is handed over is custody for the entry’s own case');
        assert.equal(await count(site, alert.alert, 'outcome_given'), 1);
        const log = (await site.cast.auditor.bytes('/log')).toString();
        assert.ok(log.includes('"matter":"another_fir"') && !log.includes('112/2026'), 'the log says for what kind of matter, and no number');
        await mustBeEmpty(page);
    } finally {
        await browser.close();
    }
});

/** Neither name nor faces, and why. */
async function mustHaveDied(page) {
    await page.getByText('Nothing is shown: this packet has died.').waitFor();
    assert.ok(!(await page.content()).includes(subject.name), 'the name is gone');
    assert.equal(await page.locator('.faces img').count(), 0, 'the faces are gone');
}

story('without a signal a packet that nobody accepted dies on the open page; an accepted one opens after its fifteen minutes and dies with the hour', async (site) => {
    const browser = await openBrowser(site);
    try {
        const alert = await site.untilAgreed();
        const { page: first, context } = await enrolDevice(browser, site, site.cast.crew);
        await site.dispatch(alert);
        await first.waitForSelector(`text=${subject.name}`);
        await context.setOffline(true);
        await site.cast.crew.act(`/alerts/${alert.alert}/acceptance`, 'acceptance', { alert: alert.alert, answer: 'accepted' });
        await first.clock.fastForward('10:00');
        await first.waitForSelector(`text=${subject.name}`);
        await first.clock.fastForward('05:01');
        await mustHaveDied(first);
        await first.getByRole('button', { name: 'Decline' }).waitFor();
        assert.equal(await first.getByRole('button', { name: 'Accept' }).count(), 0, 'nobody goes for whom nobody can see');
        await context.setOffline(false);
        await first.waitForSelector(`text=${subject.name}`, { timeout: 60000 });
        await context.close();

        let open;
        const opening = new Promise((done) => { open = done; });
        const { page: second, context: again } = await enrolDevice(browser, site, site.cast.crew, (page) => page.route('**/api/v1/packets/*', async (route) => {
            await opening;
            await route.continue();
        }));
        await second.getByRole('heading', { name: 'accepted' }).waitFor();
        await second.getByText('The packet is being fetched and checked').waitFor();
        await second.getByText('The person was not stopped').waitFor();
        assert.equal(await second.getByRole('button', { name: 'We are on scene' }).count(), 0);
        await second.clock.fastForward('16:00');
        open();
        await second.waitForSelector(`text=${subject.name}`);
        await second.getByRole('button', { name: 'We are on scene' }).waitFor();
        await again.setOffline(true);
        await second.clock.fastForward('45:00');
        await mustHaveDied(second);
    } finally {
        await browser.close();
    }
});

/** The first time nothing comes back, for as long as anybody waits; the second time the desk answers. */
const swallowOnce = (page, path) => page.route(`**${path}`, () => {}, { times: 1 });

/** The crew takes the person into custody with its other device; what is left for this one is the station. */
async function comeToCustody(site, alert) {
    const { crew } = site.cast;
    const act = (name, type, fields) => crew.act(`/alerts/${alert.alert}/${name}`, type, { alert: alert.alert, ...fields });
    const { slip_proof } = await act('stop', 'stop', {});
    await crew.call('POST', `/alerts/${alert.alert}/verification`, { cnic: subject.cnic, sample: Buffer.from('thumb').toString('base64') });
    await crew.call('POST', `/alerts/${alert.alert}/case_status`, { case: site.listed.case });
    await act('outcome', 'outcome', { outcome: 'custody', harm: 'none', means: 'cnic_verified', case: site.listed.case, slip_proof });
}

story('with a weak signal a packet and the stations are asked for until they come, and what was pressed in a black hole goes out by itself', async (site) => {
    const browser = await openBrowser(site);
    try {
        const alert = await site.untilAgreed();
        const busy = (route) => route.fulfill({ status: 503, json: { detail: 'too many requests; wait a second' } });
        let way = (route) => route.abort();
        const { page } = await enrolDevice(browser, site, site.cast.crew, (one) => one.route('**/api/v1/packets/*', (route) => way(route)));
        await openMenu(page);
        await page.getByRole('button', { name: 'اردو' }).click();
        await site.dispatch(alert);
        await page.getByText('ڈیسک سے جواب نہیں آیا').waitFor();
        way = busy;
        await page.clock.fastForward(3000);
        await page.getByText('too many requests; wait a second').waitFor();
        way = (route) => route.continue();
        await page.clock.fastForward(3000);
        await page.waitForSelector(`text=${subject.name}`);
        await page.getByRole('button', { name: 'English' }).click();
        await page.getByRole('button', { name: 'Accept' }).click();
        await swallowOnce(page, '/arrival');
        await page.getByRole('button', { name: 'We are on scene' }).click();
        await page.clock.fastForward(5000);
        await page.getByText('No signal. What you did is kept').waitFor();
        await page.getByRole('button', { name: 'Person stopped' }).waitFor({ timeout: 60000 });
        await page.getByText('No signal. What you did is kept').waitFor({ state: 'detached' });

        // The page has its roster already; the stations are asked for once custody is recorded.
        await page.route('**/api/v1/roster', (route) => route.abort());
        await comeToCustody(site, alert);
        await page.getByText('no answer from the desk: look for a signal').waitFor();
        await page.unroute('**/api/v1/roster');
        await page.clock.fastForward(3000);
        await page.getByLabel('Station').selectOption({ index: 1 });
        await page.getByText('no answer from the desk').waitFor({ state: 'detached' });
    } finally {
        await browser.close();
    }
});
