// The crew's device itself: its screen, its place, its clock, and what stays on it.
import { assert, story, subject } from '../api/story.mjs';
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
