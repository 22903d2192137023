// Officers in a real browser: certificates verified against the site's own authority, pictures for the eye, axe.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { assert } from '../api/story.mjs';
import { base64 } from '../../web/statement.js';

/** Chromium trusts the site's authority through a certificate store in a home folder of its own. */
export async function openBrowser(site) {
    const home = path.join(site.folder, 'browser');
    const store = path.join(home, '.pki/nssdb');
    fs.mkdirSync(store, { recursive: true });
    execFileSync('certutil', ['-d', `sql:${store}`, '-N', '--empty-password']);
    execFileSync('certutil', ['-d', `sql:${store}`, '-A', '-t', 'C,,', '-n', 'site', '-i', path.join(site.folder, 'ca.pem')]);
    return chromium.launch({ executablePath: '/usr/bin/chromium', env: { ...process.env, HOME: home },
        args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
            '--disable-component-update', '--disable-sync'] });
}

/** In a context of the officer's own, or as one more tab of `context`; through `port` of a proxy, where one stands between. */
export async function signInPage(browser, site, officer, { context: given, port = site.port, prepare = async () => {} } = {}) {
    const file = await site.keyFile(officer);
    const context = given ?? await browser.newContext({ viewport: officer.unit ? { width: 390, height: 844 } : { width: 1280, height: 900 } });
    const page = await context.newPage();
    const requests = [];
    page.on('request', (request) => requests.push(request.url()));
    page.on('pageerror', (problem) => { throw problem; });
    await page.addInitScript(() => addEventListener('securitypolicyviolation', (event) => { throw new Error(`refused by the policy: ${event.violatedDirective}`); }));
    await prepare(page);
    await page.goto(`https://localhost:${port}/#key=${encodeURIComponent(base64(Buffer.from(JSON.stringify(file))))}`);
    await page.fill('input[type=password]', 'demo');
    await page.click('button.main');
    await page.waitForSelector('input[type=password][autocomplete=off]', { state: 'detached' });
    assert.ok(!page.url().includes('key='), 'the key is still in the address');
    return { page, requests, context };
}

const axe = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** What a gloved finger has to hit, smaller than 44 px. Links inside a sentence are as high as their line. */
const smallTargets = (page) => page.evaluate(() => {
    const pressed = 'button, select, textarea, input:not([type=checkbox], [type=radio], .unseen), summary, nav a, label.tick, label.answer, .file-face, .leaflet-bar a, .leaflet-marker-icon';
    return [...document.querySelectorAll(pressed)].map((one) => [one, one.getBoundingClientRect()])
        .filter(([, { width, height }]) => height > 0 && (height < 43.9 || width < 43.9))
        .map(([one, { width, height }]) => `${one.className || one.tagName} "${one.textContent.trim().slice(0, 20)}" ${Math.round(width)} × ${Math.round(height)}`);
});

const seriousOf = (found) => found.violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map((one) => `${one.id}: ${one.nodes.map(({ target }) => target.join(' ')).join(', ')}`);

/** Nothing serious, in English and in Urdu, and contrast by day and at night; the page is left in English. */
export async function mustBeAccessible(page, name, themes = ['light', 'night']) {
    for (const language of ['en', 'ur']) {
        if (language === 'ur') await page.getByRole('button', { name: 'اردو' }).click();
        assert.equal(await page.evaluate(() => `${document.documentElement.lang} ${document.documentElement.dir}`), language === 'ur' ? 'ur rtl' : 'en ltr');
        await shoot(page, `${name}-${language}`);
        await page.evaluate(axe);
        const found = await page.evaluate(() => globalThis.axe.run({ resultTypes: ['violations'] }));
        assert.deepEqual(seriousOf(found), [], `${name} in ${language}`);
        assert.deepEqual(await smallTargets(page), [], `${name} in ${language}`);
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name} in ${language} is wider than the screen`);
    }
    await page.getByRole('button', { name: 'English' }).click();
    for (const theme of themes) {
        await page.locator('header select.tool').selectOption(theme);
        const found = await page.evaluate(() => globalThis.axe.run({ runOnly: ['color-contrast'], resultTypes: ['violations'] }));
        assert.deepEqual(seriousOf(found), [], `${name} in ${theme}`);
    }
    if (themes.length) await page.locator('header select.tool').selectOption('dark');
}

/** Pictures for the eye, when MIZAN_SCREENSHOTS names a folder. */
export async function shoot(page, name) {
    if (!process.env.MIZAN_SCREENSHOTS) return;
    fs.mkdirSync(process.env.MIZAN_SCREENSHOTS, { recursive: true });
    await page.waitForTimeout(300);
    await page.evaluate(() => scrollTo(0, 0));
    await page.screenshot({ path: path.join(process.env.MIZAN_SCREENSHOTS, `${name}.png`), fullPage: true });
}
