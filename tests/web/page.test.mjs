// The page in a real browser, against the real desk: two reviewers, the dispatcher and the crew, each in a context
// of their own, with certificates verified against the site's own authority.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { assert, story, subject, untilState } from '../api/story.mjs';
import { base64, sealKeyFile } from '../../web/statement.js';

/** Chromium trusts the site's authority through a certificate store in a home folder of its own. */
async function openBrowser(site) {
    const home = path.join(site.folder, 'browser');
    const store = path.join(home, '.pki/nssdb');
    fs.mkdirSync(store, { recursive: true });
    execFileSync('certutil', ['-d', `sql:${store}`, '-N', '--empty-password']);
    execFileSync('certutil', ['-d', `sql:${store}`, '-A', '-t', 'C,,', '-n', 'site', '-i', path.join(site.folder, 'ca.pem')]);
    return chromium.launch({ executablePath: '/usr/bin/chromium', env: { ...process.env, HOME: home },
        args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
            '--disable-component-update', '--disable-sync'] });
}

async function signInPage(browser, site, officer) {
    const rootKey = fs.readFileSync(path.join(site.folder, 'root.pub'), 'utf8').trim();
    const about = { officer: officer.id, name: officer.name, site: site.name, roles: officer.roles, unit: officer.unit ?? '', root_key: rootKey };
    const file = await sealKeyFile(about, officer.key, officer.device, 'demo');
    const context = await browser.newContext({ viewport: officer.unit ? { width: 390, height: 844 } : { width: 1280, height: 900 } });
    const page = await context.newPage();
    const requests = [];
    page.on('request', (request) => requests.push(request.url()));
    page.on('pageerror', (problem) => { throw problem; });
    await page.addInitScript(() => addEventListener('securitypolicyviolation', (event) => { throw new Error(`refused by the policy: ${event.violatedDirective}`); }));
    await page.goto(`https://localhost:${site.port}/#key=${encodeURIComponent(base64(Buffer.from(JSON.stringify(file))))}`);
    await page.fill('input[type=password]', 'demo');
    await page.click('button.main');
    await page.waitForSelector('text=I am here as');
    assert.ok(!page.url().includes('key='), 'the key is still in the address');
    return { page, requests };
}

const axe = fs.readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Nothing serious, in English and in Urdu; the page is left in English. */
async function mustBeAccessible(page, name) {
    for (const language of ['en', 'ur']) {
        if (language === 'ur') await page.getByRole('button', { name: 'اردو' }).click();
        assert.equal(await page.evaluate(() => `${document.documentElement.lang} ${document.documentElement.dir}`), language === 'ur' ? 'ur rtl' : 'en ltr');
        await shoot(page, `${name}-${language}`);
        await page.evaluate(axe);
        const found = await page.evaluate(() => globalThis.axe.run({ resultTypes: ['violations'] }));
        const serious = found.violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
            .map((one) => `${one.id}: ${one.nodes.map(({ target }) => target.join(' ')).join(', ')}`);
        assert.deepEqual(serious, [], `${name} in ${language}`);
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name} in ${language} is wider than the screen`);
    }
    await page.getByRole('button', { name: 'English' }).click();
}

/** Pictures for the eye, when MIZAN_SCREENSHOTS names a folder. */
async function shoot(page, name) {
    if (!process.env.MIZAN_SCREENSHOTS) return;
    fs.mkdirSync(process.env.MIZAN_SCREENSHOTS, { recursive: true });
    await page.waitForTimeout(300);
    await page.screenshot({ path: path.join(process.env.MIZAN_SCREENSHOTS, `${name}.png`), fullPage: true });
}

async function answerSame(page, name) {
    await page.waitForSelector('text=Are these the same person?');
    const seen = await page.content();
    for (const word of [subject.name, subject.cnic, 'DEMO-1']) assert.ok(!seen.includes(word), `a reviewer's page holds ${word}`);
    await page.check('text=nose >> nth=0');
    await page.waitForFunction(() => [...document.querySelectorAll('.faces img')].every((image) => image.complete && image.naturalWidth > 0));
    await shoot(page, name);
    await page.getByRole('button', { name: 'Same' }).click({ timeout: 15000 });
    await page.waitForFunction(() => !document.body.textContent.includes('Are these the same person?'));
}

async function playCrew(page, alert, site) {
    await page.waitForSelector('text=Two officers say same, not identified');
    assert.ok((await page.content()).includes(subject.name), 'the checked packet is shown');
    await shoot(page, 'crew-packet');
    await page.getByRole('button', { name: 'Accept' }).click();
    await page.getByRole('button', { name: 'We are on scene' }).click();
    await page.getByRole('button', { name: 'Person stopped' }).click();
    await page.getByLabel('Number on the card').fill(subject.cnic);
    await page.getByLabel('Sample (simulated reader)').fill('thumb');
    await page.getByRole('button', { name: 'Verify the card' }).click();
    await page.waitForSelector('text=The register answers: yes');
    await page.getByRole('button', { name: 'Ask the case’s status' }).click();
    await page.waitForSelector('text=The case is: live');
    await shoot(page, 'crew-stop');
    await page.getByLabel('Outcome').selectOption('custody');
    await page.getByLabel('Identity by').selectOption('cnic_verified');
    await page.getByRole('button', { name: 'Record the outcome' }).click();
    const closed = await untilState(site, alert, 'closed');
    assert.equal(closed.outcome, 'custody');
    await page.waitForFunction((name) => !document.body.textContent.includes(name), subject.name);
}

story('two reviewers, the dispatcher and the crew close an alert in the browser', async (site) => {
    const browser = await openBrowser(site);
    try {
        const { alert, reviewers } = await site.untilDrawn();
        const pages = [];
        for (const officer of [...reviewers.slice(0, 2), site.cast.dispatcher, site.cast.crew]) pages.push(await signInPage(browser, site, officer));
        const [one, two, dispatcher, crew] = pages.map(({ page }) => page);
        await answerSame(one, 'reviewer');
        assert.ok((await two.content()).includes('Are these the same person?'), 'the other reviewer still decides alone');
        await answerSame(two, 'reviewer-two');
        await dispatcher.waitForSelector('text=Two officers say same, not identified');
        await shoot(dispatcher, 'dispatcher');
        await dispatcher.getByLabel('Unit', { exact: true }).selectOption(site.cast.crew.unit);
        await dispatcher.getByRole('button', { name: 'Send this unit' }).click();
        await playCrew(crew, alert, site);
        const outside = pages.flatMap(({ requests }) => requests).filter((url) => !/^(https:\/\/localhost:|blob:)/.test(url));
        assert.deepEqual(outside, [], 'the page asked somebody else');
    } finally {
        await browser.close();
    }
});
