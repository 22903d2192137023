// Officers in a real browser: certificates verified against the site's own authority, pictures for the eye, axe.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { chromium } from 'playwright-core';
import { assert } from '../api/story.mjs';
import { holdToDescription } from '../api/described.mjs';
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
            '--disable-component-update', '--disable-sync', '--autoplay-policy=document-user-activation-required'] });
}

/** What a page hears is held to the description, too; of a picture and of the stream only that it is one. */
async function holdReply(response) {
    const { pathname } = new URL(response.url());
    const headers = response.headers();
    // What a story answers in the desk's place has none of its headers.
    if (!pathname.startsWith('/api/v1/') || !headers['content-security-policy']) return;
    // A page that has gone took the body along.
    const body = /json/.test(headers['content-type']) ? await response.body().catch(() => null) : Buffer.alloc(0);
    if (body) holdToDescription(response.request().method(), pathname, { status: response.status(), headers, body });
}

/** Where the page finds an officer's key. */
export const addressFor = async (site, officer, port = site.port) =>
    `https://localhost:${port}/#key=${encodeURIComponent(base64(Buffer.from(JSON.stringify(await site.keyFile(officer)))))}`;

/** In a context of the officer's own, or as one more tab of `context`; through `port` of a proxy, where one stands between. */
export async function signInPage(browser, site, officer, { context: given, port = site.port, prepare = async () => {} } = {}) {
    const context = given ?? await browser.newContext({ viewport: officer.unit ? { width: 390, height: 844 } : { width: 1280, height: 900 } });
    const page = await context.newPage();
    const requests = [];
    page.on('request', (request) => requests.push(request.url()));
    page.on('response', holdReply);
    page.on('pageerror', (problem) => { throw problem; });
    await page.addInitScript(() => addEventListener('securitypolicyviolation', (event) => { throw new Error(`refused by the policy: ${event.violatedDirective}`); }));
    await prepare(page);
    await page.goto(await addressFor(site, officer, port));
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

/** Entries are alike to the eye that sees the line; the ear is told which one. */
export const openEntry = (within) => within.getByRole('button', { name: /^Open: \w{4}$/ }).click();

/** An officer as colleagues know them, on every page (web/src/alerts.ts). */
export const officerCode = ({ id, serviceNumber }) => `${id.slice(-4).toUpperCase()} · ${serviceNumber}`;

/** What the device still knows: everything that a page can keep; of what lies beside the keys every word. */
export const kept = (page) => page.evaluate(async () => {
    const answer = (request) => new Promise((done, fail) => {
        request.onsuccess = () => done(request.result);
        request.onerror = () => fail(request.error);
    });
    const shell = [];
    for (const name of await caches.keys()) for (const request of await (await caches.open(name)).keys()) shell.push(new URL(request.url).pathname);
    const databases = {};
    let rows = '';
    for (const { name } of await indexedDB.databases()) {
        const database = await answer(indexedDB.open(name));
        for (const store of database.objectStoreNames) {
            const within = database.transaction(store).objectStore(store);
            const [names, values] = [await answer(within.getAllKeys()), await answer(within.getAll())];
            names.forEach((one, i) => {
                if (one === 'own') databases[`${name}/${store}/${one}`] = Object.keys(values[i]).sort().join(' ');
                else rows += `${one} ${JSON.stringify(values[i])}\n`;
            });
        }
        database.close();
    }
    return { rows, session: { ...sessionStorage }, local: Object.keys(localStorage).sort(), shell, databases, cookies: document.cookie };
});

/** What it knew of a stop is gone, a moment after the desk's answer. */
export async function mustBeEmpty(page) {
    for (let i = 0; i < 50 && (await kept(page)).rows; i++) await page.waitForTimeout(100);
    const { rows, session } = await kept(page);
    assert.deepEqual([rows, session], ['', {}], 'the device is empty');
}

/** As a keyboard of Urdu writes them, and the second half as one of Arabic does. */
export const urduDigits = (text) => text.replace(/\d/g, (one, at) => (at < text.length / 2 ? '۰۱۲۳۴۵۶۷۸۹' : '٠١٢٣٤٥٦٧٨٩')[one]);

/** On a small screen what is rarely needed is behind one key. */
export async function openMenu(page) {
    const menu = page.locator('header .menu');
    if (await menu.isVisible() && (await menu.getAttribute('aria-expanded')) === 'false') await menu.click();
}

export async function closeMenu(page) {
    const menu = page.locator('header .menu');
    if (await menu.isVisible() && (await menu.getAttribute('aria-expanded')) === 'true') await menu.click();
}

/** A browser without a screen keeps none awake, and a crew's page would say so. */
export const lendScreen = (context) => context.addInitScript(() =>
    Object.defineProperty(navigator, 'wakeLock', { value: { request: async () => ({ released: false, release: async () => {} }) } }));

/** The page in this language and these colours, as an officer chooses both. */
export async function display(page, language, theme) {
    const is = await page.evaluate(() => ({ language: document.documentElement.lang, theme: document.documentElement.dataset.theme }));
    if (is.language === language && is.theme === theme) return;
    await openMenu(page);
    if (is.language !== language) await page.locator('header button[lang]').first().click();
    await page.locator('header select.tool').selectOption(theme);
    await closeMenu(page);
}

async function speak(page, language) {
    await openMenu(page);
    await page.getByRole('button', { name: language === 'ur' ? 'اردو' : 'English' }).click();
}

/** What a screen as narrow as the narrowest phone would not show whole; a table, a map and a field scroll in themselves. */
const cutOff = (page) => page.evaluate(() => [...document.querySelectorAll('body *')]
    .filter((one) => one.checkVisibility() && !one.closest('.unseen, .wide, .map, pre, select, input, textarea'))
    .filter((one) => {
        const { left, right } = one.getBoundingClientRect();
        const hides = getComputedStyle(one).overflowX !== 'visible' && one.scrollWidth > one.clientWidth + 1;
        return hides || left < -0.5 || right > innerWidth + 0.5;
    })
    .map((one) => `${one.tagName} ${one.className} "${one.textContent.trim().slice(0, 30)}"`));

async function mustFitNarrowly(page, name) {
    const before = page.viewportSize();
    await page.evaluate(() => addEventListener('resize', () => { globalThis.pushed = document.documentElement.scrollWidth - innerWidth; }, { once: true }));
    await page.setViewportSize({ width: 320, height: before.height });
    await page.waitForFunction(() => globalThis.pushed !== undefined);
    assert.ok(await page.evaluate(() => globalThis.pushed) <= 0, `${name} scrolls sideways while what was drawn for a wider screen is drawn anew`);
    await page.evaluate(() => delete globalThis.pushed);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name} scrolls sideways at 320 px`);
    assert.deepEqual(await cutOff(page), [], `${name} at 320 px`);
    await page.setViewportSize(before);
}

/** By Tab alone: everything that can be pressed or typed into is reached, and shows that it is. Of a group of radios one is. */
async function mustBeWalkable(page, name) {
    const count = await page.evaluate(() => {
        const stops = 'a[href], button:not(:disabled), select:not(:disabled), textarea, summary, input:not(:disabled, [type=radio]), [tabindex="0"]';
        globalThis.toReach = [...document.querySelectorAll(stops)].filter((one) => one.checkVisibility());
        globalThis.reached = new Set();
        globalThis.unmarked = new Set();
        globalThis.walker?.abort();
        globalThis.walker = new AbortController();
        addEventListener('focusin', ({ target }) => {
            globalThis.reached.add(target);
            const { outlineStyle, outlineWidth } = getComputedStyle(target.matches('.unseen') ? target.nextElementSibling : target);
            if (outlineStyle === 'none' || outlineWidth === '0px') globalThis.unmarked.add(target);
        }, { signal: globalThis.walker.signal });
        return globalThis.toReach.length;
    });
    const outline = (all) => page.evaluate((which) => [...globalThis[which]].filter((one) => one.isConnected && one.checkVisibility() && !one.disabled)
        .filter((one) => which === 'unmarked' || !globalThis.reached.has(one)).map((one) => one.outerHTML.slice(0, 120)), all);
    // Once around and a little more; a second time when something new came between.
    for (let round = 0; round < 2 && (await outline('toReach')).length > 0; round++)
        await Promise.all(Array.from({ length: count + 15 }, () => page.keyboard.press('Tab')));
    assert.deepEqual(await outline('toReach'), [], `${name}: not reached by the keyboard`);
    assert.deepEqual(await outline('unmarked'), [], `${name}: reached, and nothing shows it`);
}

/** What was pressed has gone; who works by keyboard or by ear is still somewhere: at what came of it. */
export const mustStandAt = (page, words) => page.waitForFunction((at) => document.activeElement !== document.body && document.activeElement.textContent.includes(at), words, { timeout: 20000 });

/**
 * A hand that bounces meets a button in the moment when it is there: what nobody can have read yet is not pressed, and can be pressed
 * after that. `appear` brings it, also in the place of one that says the same.
 */
export async function bounceOn(page, words, appear) {
    await page.evaluate((label) => {
        const find = () => [...document.querySelectorAll('main button')].find((one) => one.textContent === label);
        const before = find();
        globalThis.bounced = false;
        new MutationObserver((_, bounce) => {
            const next = find();
            if (!next || next === before) return;
            bounce.disconnect();
            next.click();
            globalThis.bounced = true;
        }).observe(document.body, { subtree: true, childList: true, characterData: true });
    }, words);
    await appear();
    await page.waitForFunction(() => globalThis.bounced);
    await page.locator('main button:not([disabled], [aria-disabled])', { hasText: words }).waitFor();
}

/** For whom motion is unpleasant nothing moves, the map included. */
async function mustStandStill(page, name) {
    await page.emulateMedia({ reducedMotion: 'reduce' });
    const moving = await page.evaluate(() => [...document.querySelectorAll('*')].flatMap((one) => [null, '::before', '::after'].map((part) => [one, getComputedStyle(one, part)]))
        .filter(([, { transitionDuration, animationName }]) => /[1-9]/.test(transitionDuration) || animationName !== 'none')
        .map(([one]) => `${one.tagName} ${one.className}`));
    assert.deepEqual(moving, [], `${name} moves`);
    await page.emulateMedia({ reducedMotion: null });
}

/** Nothing serious where a question stands over the page and nothing behind it is reached. */
export async function mustPassAxe(page, name) {
    await shoot(page, name);
    await page.evaluate(axe);
    const found = await page.evaluate(() => globalThis.axe.run({ resultTypes: ['violations'] }));
    assert.deepEqual(seriousOf(found), [], name);
    assert.deepEqual(await smallTargets(page), [], name);
}

/** Said in Latin letters in Urdu, too: papers and forms whose name is that. */
const alsoInUrdu = ['CNIC', 'FIR', 'ERV', 'JSON', 'CSV', 'JPEG', 'SHA'];

/** English on an Urdu page, where nothing says that it is data: no isolate around it, no document, no field; labels for the ear included. */
const latinOf = (page) => page.evaluate((allowed) => {
    const apart = 'bdi, pre, code, kbd, textarea, script, style, [lang=en]';
    const wordsOf = (text) => {
        let bare = text;
        for (let before = ''; before !== bare;) [before, bare] = [bare, bare.replace(/[\u2066-\u2068][^\u2066-\u2069]*\u2069/g, ' ')];
        return (bare.match(/[A-Za-z0-9]{3,}/g) ?? []).filter((word) => /[A-Za-z]/.test(word) && !allowed.includes(word));
    };
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const said = [];
    while (texts.nextNode()) said.push([texts.currentNode.parentElement, texts.currentNode.data, `${apart}, [dir=ltr]`]);
    // A label has no isolates, and the ear needs none: words of Urdu beside a code are enough. The map runs from left to right, its labels do not.
    for (const one of document.querySelectorAll('[aria-label], [title], img[alt]'))
        said.push(...['aria-label', 'title', 'alt'].map((name) => one.getAttribute(name) ?? '').filter((text) => !/[\u0600-\u06ff]/.test(text)).map((text) => [one, text, apart]));
    return said.filter(([at, text, excused]) => !at.closest(excused) && at.checkVisibility() && wordsOf(text).length > 0)
        .map(([at, text]) => `${wordsOf(text).join(' ')}: ${at.tagName} ${at.className} "${text.trim().slice(0, 80)}"`);
}, alsoInUrdu);

async function mustBeUrdu(page, name) {
    const found = await latinOf(page);
    if (process.env.MIZAN_LATIN) return fs.appendFileSync(process.env.MIZAN_LATIN, found.map((one) => `${name}: ${one}\n`).join(''));
    assert.deepEqual(found, [], `${name} in Urdu says in English`);
}

/** The edge of what is pressed or written in, against what it stands on: 3 to 1 (WCAG 1.4.11; axe does not look). */
const faintEdges = (page) => page.evaluate(() => {
    const paint = (words) => (words.match(/[\d.]+/g) ?? []).map(Number);
    const light = ([r, g, b]) => [r, g, b].map((one) => one / 255).map((one) => (one <= 0.03928 ? one / 12.92 : ((one + 0.055) / 1.055) ** 2.4))
        .reduce((sum, one, i) => sum + one * [0.2126, 0.7152, 0.0722][i], 0);
    const ground = (one) => {
        const own = paint(getComputedStyle(one).backgroundColor);
        return (own[3] ?? 1) > 0 || !one.parentElement ? own : ground(one.parentElement);
    };
    return [...document.querySelectorAll('input:not([type=checkbox], [type=radio], [type=file], [type=range]), select, textarea, .file-face, .answer')].filter((one) => one.checkVisibility()).map((one) => {
        const [less, more] = [light(paint(getComputedStyle(one).borderTopColor)), light(ground(one.parentElement))].sort((a, b) => a - b);
        return [one.outerHTML.slice(0, 80), (more + 0.05) / (less + 0.05)];
    }).filter(([, contrast]) => contrast < 3);
});

/** Nothing serious, in English and in Urdu, by keyboard, on the narrowest screen; contrast by day and at night; left in English. */
export async function mustBeAccessible(page, name, themes = ['light', 'night']) {
    for (const language of ['en', 'ur']) {
        if (language === 'ur') await speak(page, 'ur');
        assert.equal(await page.evaluate(() => `${document.documentElement.lang} ${document.documentElement.dir}`), language === 'ur' ? 'ur rtl' : 'en ltr');
        await mustPassAxe(page, `${name}-${language}`);
        if (language === 'ur') await mustBeUrdu(page, name);
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name} in ${language} is wider than the screen`);
        await mustFitNarrowly(page, `${name} in ${language}`);
        await mustBeWalkable(page, `${name} in ${language}`);
    }
    await speak(page, 'en');
    await mustStandStill(page, name);
    assert.deepEqual(await faintEdges(page), [], name);
    for (const theme of themes) {
        await page.locator('header select.tool').selectOption(theme);
        const found = await page.evaluate(() => globalThis.axe.run({ runOnly: ['color-contrast'], resultTypes: ['violations'] }));
        assert.deepEqual(seriousOf(found), [], `${name} in ${theme}`);
        assert.deepEqual(await faintEdges(page), [], `${name} in ${theme}`);
    }
    if (themes.length) await page.locator('header select.tool').selectOption('dark');
}

/** All that stands on the page but the clock, that it is wrong, and the counts of cameras, which go on by themselves. */
export const stillParts = (page) => page.evaluate(() => {
    const copy = document.body.cloneNode(true);
    for (const moving of copy.querySelectorAll('.pulse, .wrong-clock, .operation, .presence')) moving.remove();
    for (const shown of copy.querySelectorAll('img')) shown.removeAttribute('style');
    return { page: copy.innerHTML, alarm: document.querySelectorAll('.alarm').length, title: document.title.replace('⚠ An alert waits for you', 'Mizan') };
});

/** Pictures for the eye, when MIZAN_SCREENSHOTS names a folder. */
export async function shoot(page, name) {
    if (!process.env.MIZAN_SCREENSHOTS) return;
    fs.mkdirSync(process.env.MIZAN_SCREENSHOTS, { recursive: true });
    await page.waitForTimeout(300);
    await page.evaluate(() => scrollTo(0, 0));
    await page.screenshot({ path: path.join(process.env.MIZAN_SCREENSHOTS, `${name}.png`), fullPage: true });
}
