// The crew's device itself: its screen, its place, its clock, and what stays on it.
import { assert, story } from '../api/story.mjs';
import { mustBeAccessible, openBrowser, openMenu, signInPage } from './browser.mjs';

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
