// The crew's device itself: its screen, its place, its clock, and what stays on it.
import { assert, nowSeconds, refused, story, subject } from '../api/story.mjs';
import { addressFor, kept, mustBeAccessible, mustBeEmpty, openBrowser, openMenu, signInPage } from './browser.mjs';

const press = (page, name) => page.getByRole('button', { name, exact: true }).click();

async function inABrowser(site, work) {
    const browser = await openBrowser(site);
    try {
        await work(browser);
    } finally {
        await browser.close();
    }
}

/** Nobody has an alert: a desk, and officers who may sign in. */
const quiet = { prepare: async (site) => {
    await site.startDesk();
    await site.signInAll();
} };

/** The browser's lock on the screen, as a test can take it away: when another page is looked at, and when the battery is low. */
const lendLock = (page) => page.addInitScript(() => {
    globalThis.low = false;
    const request = async (type) => {
        if (globalThis.low) throw new DOMException('the battery is low', 'NotAllowedError');
        const lock = { type, released: false, release: async () => { lock.released = true; } };
        globalThis.lock = lock;
        return lock;
    };
    Object.defineProperty(navigator, 'wakeLock', { value: { request } });
    let state = 'visible';
    Object.defineProperty(document, 'visibilityState', { get: () => state });
    globalThis.look = (to) => {
        state = to;
        if (to === 'hidden' && globalThis.lock) globalThis.lock.released = true;
        document.dispatchEvent(new Event('visibilitychange'));
    };
});

const isAwake = (page) => page.waitForFunction(() => globalThis.lock?.type === 'screen' && !globalThis.lock.released);

story('the screen of a crew that is here stays awake, again after another page was looked at, and the page says when the browser refuses it', (site) => inABrowser(site, async (browser) => {
    const { page } = await signInPage(browser, site, site.cast.crew, { prepare: lendLock });
    await page.getByText('No alert for this unit').waitFor();
    assert.equal(await page.evaluate(() => globalThis.lock), undefined, 'whoever is not here sleeps');
    await press(page, 'I am here as crew');
    await isAwake(page);
    await page.evaluate(() => globalThis.look('hidden'));
    await page.evaluate(() => globalThis.look('visible'));
    await isAwake(page);
    await page.evaluate(() => {
        globalThis.low = true;
        globalThis.look('hidden');
    });
    const said = page.getByRole('status').filter({ hasText: 'does not keep this screen awake, and while it sleeps no alarm sounds' });
    assert.equal(await said.count(), 0, 'a page that nobody looks at is refused nothing');
    await page.evaluate(() => globalThis.look('visible'));
    await said.waitFor();
    await mustBeAccessible(page, 'crew-asleep', []);
    await page.evaluate(() => { globalThis.low = false; });
    await said.waitFor({ state: 'detached' });
    await isAwake(page);
    await press(page, 'I leave');
    await page.waitForFunction(() => globalThis.lock.released);
}), quiet);

/** In a new page of the same browser, as after a back swipe closed the one before. */
async function signInAnew(context, site, officer) {
    const page = await context.newPage();
    await page.goto(await addressFor(site, officer));
    await page.fill('input[type=password]', 'demo');
    await press(page, 'Sign in');
    await page.locator('header .who').waitFor();
    return page;
}

story('what a crew pressed without a signal is sent from a new page of its browser; before another officer comes in there it is erased, and nothing of it is told', (site) => inABrowser(site, async (browser) => {
    const { crew, secondCrew } = site.cast;
    const alert = await site.untilAgreed();
    await site.dispatch(alert);
    const pressInGap = async (page, context, words) => {
        await page.getByRole('button', { name: words }).waitFor();
        await context.setOffline(true);
        await press(page, words);
        await page.getByText('No signal. What you did is kept and goes out by itself.').waitFor();
        await page.close();
        await context.setOffline(false);
    };
    const { page: first, context } = await signInPage(browser, site, crew);
    await pressInGap(first, context, 'Accept');
    const second = await signInAnew(context, site, crew);
    await second.getByRole('button', { name: 'We are on scene' }).waitFor();
    await mustBeEmpty(second);
    await pressInGap(second, context, 'We are on scene');
    const other = await signInAnew(context, site, secondCrew);
    await other.getByText('No alert for this unit').waitFor();
    assert.equal(await other.getByText(/pressed|waits no more/).count(), 0, 'the next officer is told of nothing');
    await mustBeEmpty(other);
    await other.close();
    const last = await signInAnew(context, site, crew);
    await last.getByRole('button', { name: 'We are on scene' }).waitFor();
    assert.equal((await crew.get(`/alerts/${alert.alert}`)).state, 'accepted', 'what was erased never arrives');
    await pressInGap(last, context, 'We are on scene');
    const late = await context.newPage();
    await late.goto(`https://localhost:${site.port}/`);
    const { rows } = await kept(late);
    assert.ok(rows.includes('arrival') && !rows.includes(subject.name), rows);
    await late.clock.setSystemTime(Date.now() + 25 * 3600e3);
    await late.reload();
    await mustBeEmpty(late);
}));

/** A page whose device says another time than the desk's, and goes on from there. */
const withClock = (seconds) => ({ prepare: (page) => page.clock.install({ time: Date.now() + seconds * 1000 }) });
/** What a countdown shows, in seconds. */
const shownBy = async (timer) => (await timer.textContent()).match(/(-|−)?(\d+):(\d\d)/).slice(1).reduce((sum, part, i) => (i === 0 ? 0 : sum * 60 + Number(part)), 0);

story('s33 a packet dies in time on a device whose clock is slow; its countdowns are the desk’s, and what a crew states counts while its clock is wrong', (site) => inABrowser(site, async (browser) => {
    const { crew } = site.cast;
    const alert = await site.untilAgreed();
    await site.dispatch(alert);
    const { page, context } = await signInPage(browser, site, crew, withClock(-240));
    await page.getByRole('status').getByText(/This device’s clock is \W*(4:00|3:59|4:01)\W* slow: set it\./).waitFor();
    await page.getByText(subject.name).waitFor();
    const { dies_at } = await crew.get(`/alerts/${alert.alert}`);
    const left = await shownBy(page.getByText('Answer within'));
    assert.ok(Math.abs(left - (dies_at - nowSeconds())) <= 3, `${left} s are shown, ${dies_at - nowSeconds()} s are left`);
    await mustBeAccessible(page, 'crew-clock', []);
    await context.setOffline(true);
    await page.clock.fastForward((dies_at - nowSeconds() - 20) * 1000);
    await page.waitForTimeout(1500);
    await page.getByText(subject.name).waitFor();
    await page.clock.fastForward(25000);
    await page.getByText('Nothing is shown: this packet has died.').waitFor();
    assert.equal(await page.getByText(subject.name).count(), 0, 'a slow clock keeps the name no second longer');
    await crew.act(`/alerts/${alert.alert}/acceptance`, 'acceptance', { alert: alert.alert, answer: 'accepted' });
    await context.setOffline(false);
    // By now the device is ten minutes ahead.
    await page.getByRole('status').getByText(/This device’s clock is \W*1\d:\d\d\W* fast: set it\./).waitFor({ timeout: 60000 });
    for (const step of ['We are on scene', 'Person stopped']) await press(page, step);
    const timer = await shownBy(page.getByRole('timer'));
    assert.ok(timer > 9 * 60 && timer <= 600, `the ten minutes are ${timer} s`);
}));

story('with a wrong clock a crew signs in and is told to set it; set back, the page still says that the desk is silent; who states another time is told the cure', (site) => inABrowser(site, async (browser) => {
    const { page, context } = await signInPage(browser, site, site.cast.crew, withClock(360));
    await page.getByRole('status').getByText(/This device’s clock is \W*(6:00|5:59|6:01)\W* fast: set it\./).waitFor();
    await page.getByText('No alert for this unit').waitFor();
    await page.clock.setSystemTime(Date.now());
    await page.getByText('This device’s clock is').waitFor({ state: 'detached', timeout: 60000 });
    await context.setOffline(true);
    await page.clock.setSystemTime(Date.now() - 600e3);
    assert.equal(await page.getByText('Call control before you stop').count(), 0);
    await page.clock.fastForward('01:05');
    await page.getByText('Call control before you stop').waitFor();
    const sign = (path, type, fields) => site.cast.crew.act(path, type, { ...fields, at: nowSeconds() - 360 });
    const { challenge } = await site.cast.crew.call('POST', '/challenges', {});
    await refused(sign('/sessions', 'sign_in', { challenge, unit: site.cast.crew.unit }), 400, /set the device's clock/);
    await refused(sign('/alerts/a-0000000000000001/arrival', 'arrival', { alert: 'a-0000000000000001' }), 400, /set the device's clock/);
}), quiet);

const place = { latitude: 24.8612, longitude: 67.0104 };

/** Half a minute at a time: what is told, or not, is told by then. */
async function afterTurns(page, turns) {
    for (let i = 0; i < turns; i++) {
        await page.clock.fastForward(30500);
        await page.waitForTimeout(300);
    }
}

story('control sees where a unit stands still, and the crew is told when control does not see it, and why', (site) => inABrowser(site, async (browser) => {
    const { crew, dispatcher } = site.cast;
    const context = await browser.newContext({ viewport: { width: 390, height: 844 }, permissions: ['geolocation'], geolocation: place });
    const { page } = await signInPage(browser, site, crew, { context, prepare: (one) => one.clock.install() });
    const seen = await dispatcher.until('/map', (map) => map.units.some(({ unit, latitude_e7 }) => unit === crew.unit && latitude_e7 !== undefined), { seconds: 20, what: 'the place' });
    const { latitude_e7, longitude_e7 } = seen.units.find(({ unit }) => unit === crew.unit);
    assert.deepEqual([latitude_e7, longitude_e7], [248612000, 670104000]);
    let told = 0;
    page.on('request', (one) => { told += one.method() === 'PUT' && one.url().endsWith('/position') ? 1 : 0; });
    await afterTurns(page, 4);
    assert.ok(told >= 3, `in two minutes it was told ${told} times, though nothing moved`);
    const unseen = page.getByText('Control does not see where you are:');
    const said = (why) => page.getByRole('status').filter({ hasText: 'Control does not see where you are:' }).getByText(why);
    await page.route('**/api/v1/position', (route) => route.abort());
    await afterTurns(page, 2);
    assert.equal(await unseen.count(), 0, 'a short gap is no news');
    await afterTurns(page, 1);
    await said('no answer from the desk').waitFor();
    await page.unroute('**/api/v1/position');
    await afterTurns(page, 1);
    await unseen.waitFor({ state: 'detached' });
    await context.clearPermissions();
    await afterTurns(page, 4);
    await said('allow it in the browser’s settings').waitFor();
    await mustBeAccessible(page, 'crew-unseen', []);
    await context.grantPermissions(['geolocation']);
    await context.setGeolocation(null);
    await afterTurns(page, 1);
    await said('the device does not find its place').waitFor();
}), quiet);

story('who signs out with a weak signal leaves nothing on the screen; whoever comes next waits until the desk has heard of it, or is told that it has not', (site) => inABrowser(site, async (browser) => {
    const alert = await site.untilAgreed();
    await site.dispatch(alert);
    const { page } = await signInPage(browser, site, site.cast.crew);
    await page.getByText(subject.name).waitFor();
    let answer;
    await page.route('**/api/v1/sessions/current', (route) => { answer = () => route.continue(); });
    const entered = [];
    page.on('request', (one) => one.method() === 'POST' && one.url().endsWith('/api/v1/sessions') && entered.push(Boolean(answer)));
    const signOut = async () => {
        await openMenu(page);
        await press(page, 'Sign out');
    };
    const signIn = async () => {
        await page.fill('input[type=password]', 'demo');
        await press(page, 'Sign in');
    };
    await signOut();
    await page.locator('input[type=password]').waitFor({ timeout: 3000 });
    for (const one of [subject.name, site.cast.crew.name]) assert.equal(await page.locator('header, section.unit').getByText(one).count(), 0, `${one} stands on the screen`);
    await signIn();
    await page.waitForTimeout(1000);
    assert.deepEqual(entered, [], 'nobody comes in before the one before is out');
    await answer();
    await page.locator('header .who').waitFor();
    await page.getByRole('button', { name: 'I am here as crew' }).click();
    await page.getByText(subject.name).waitFor();
    assert.equal(await page.getByText('The session is over').count(), 0);
    await page.unroute('**/api/v1/sessions/current');
    await page.route('**/api/v1/sessions/current', (route) => route.abort());
    await signOut();
    await page.getByRole('alert').getByText('the desk has not heard of it').waitFor();
    assert.equal(await page.getByText(subject.name).count(), 0);
}));
