// The page on a site that wants password and codes: making them, showing them, in gloves, and being let in again by two.
import fs from 'node:fs';
import path from 'node:path';
import { execFileSync } from 'node:child_process';
import { assert, story } from '../api/story.mjs';
import { mustBeAccessible, officerCode, openBrowser, openMenu, signInPage, urduDigits } from './browser.mjs';
import { oneTimeCode } from '../../tools/demo/officer.mjs';
import { nowSeconds } from '../../tools/demo/site.mjs';

const password = 'seven quiet lanterns';
const digits = '40718352';
const step = () => Math.floor(nowSeconds() / 30);

/** What the picture says is what stands below it, and its first code puts it in force. */
async function readSecret(page) {
    await page.getByRole('img', { name: 'The secret of your codes' }).waitFor({ timeout: 90000 });
    const text = await page.locator('.secret').textContent();
    assert.match(text.replaceAll(' ', ''), /^[A-Z2-7]{32}$/);
    return text.replaceAll(' ', '');
}

async function makeInPage(page, word, name) {
    await page.getByRole('heading', { name: 'Make your password and codes' }).waitFor();
    await mustBeAccessible(page, `${name}-make`);
    await page.getByLabel('New password').fill(word);
    await page.getByLabel('Once more').fill('another one entirely');
    await page.getByRole('button', { name: 'Next' }).click();
    await page.getByText('The two passwords are not the same.').waitFor();
    return enterNew(page, word, () => mustBeAccessible(page, `${name}-secret`));
}

async function enterNew(page, word, look = () => {}) {
    await page.getByLabel('New password').fill(word);
    await page.getByLabel('Once more').fill(word);
    await page.getByRole('button', { name: 'Next' }).click();
    const secret = await readSecret(page);
    await look();
    const used = step() - 1;
    await page.getByLabel('Code of your authenticator').fill(urduDigits(oneTimeCode(secret, used * 30)));
    await page.getByRole('button', { name: 'Use from now on' }).click();
    return { secret, used };
}

async function again(page) {
    await openMenu(page);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await signIn(page);
}

async function signIn(page) {
    await page.getByLabel('Passphrase').fill('demo');
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

async function typeDigits(page, text) {
    for (const digit of text) await page.getByRole('button', { name: digit, exact: true }).click();
    await page.getByRole('button', { name: 'Next' }).click();
}

async function inTheControlRoom(browser, site) {
    const { page } = await signInPage(browser, site, site.cast.reviewerOne);
    const { secret, used } = await makeInPage(page, password, 'officer');
    await page.getByText('Nothing waits for you').first().waitFor();
    await again(page);
    await page.getByLabel('Password').waitFor();
    await mustBeAccessible(page, 'officer-show');
    const show = async (word, code) => {
        await page.getByLabel('Password').fill(word);
        await page.getByLabel('Code of your authenticator').fill(code);
        await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    };
    await show(password, oneTimeCode(secret, used * 30));
    await page.getByRole('alert').getByText('counts once').waitFor();
    let last = used;
    const fresh = () => oneTimeCode(secret, (last = Math.max(last + 1, step())) * 30);
    await show(password, fresh());
    await page.getByText('Nothing waits for you').first().waitFor();
    await again(page);
    const wrong = page.getByRole('alert').getByText('is not right');
    for (let i = 0; i < 5; i++) {
        await show('not this one at all', '000000');
        await wrong.waitFor();
    }
    await show(password, '000000');
    await page.getByRole('alert').getByText('locked').waitFor();
    const pages = await unlock(browser, site, site.cast.reviewerOne);
    await show(password, fresh());
    await page.getByText('Nothing waits for you').first().waitFor();
    await resetBroken(site, page, pages);
}

/** With the password and the codes that were made over the API. */
async function signInWithPass(browser, site, officer) {
    await officer.signIn();
    await officer.makePass(password);
    const { page } = await signInPage(browser, site, officer);
    await page.getByLabel('Password').fill(password);
    await page.getByLabel('Code of your authenticator').fill(await officer.freshCode());
    await page.getByRole('button', { name: 'Sign in', exact: true }).click();
    await page.getByRole('link', { name: 'Who can sign in' }).click();
    return page;
}

/** An officer's own line of who can sign in. */
const lineOf = (page, officer) => page.locator('.list > li', { has: page.getByText(officerCode(officer), { exact: true }) });

/** Nobody is let in again by one officer: the administrator and somebody of another office sign, and see what the other did. */
async function unlock(browser, site, officer) {
    const sign = async (page) => {
        const locked = lineOf(page, officer);
        await locked.getByText('Too many wrong answers: locked until').waitFor();
        assert.ok(await locked.getByRole('button', { name: 'End the lock' }).isDisabled(), 'a lock is ended for a reason');
        await locked.getByLabel('Reason').first().selectOption('mistyped');
        await locked.getByRole('button', { name: 'End the lock' }).click();
        return locked;
    };
    const admin = await signInWithPass(browser, site, site.cast.admin);
    const first = await sign(admin);
    await first.getByText('You have signed; somebody of another office signs now.').waitFor();
    assert.equal(await first.getByRole('button', { name: 'End the lock' }).count(), 0, 'nobody signs twice');
    const approver = await signInWithPass(browser, site, site.cast.approver);
    await approver.getByText('Signed already by').waitFor();
    await mustBeAccessible(approver, 'unlock', []);
    const second = await sign(approver);
    for (const one of [first, second]) await one.getByText('locked until').waitFor({ state: 'detached' });
    return [admin, approver];
}

/** Somebody with the disk changes what the desk keeps of a password: it opens nothing, and two let the officer make another. */
async function resetBroken(site, page, [admin, approver]) {
    const { id } = site.cast.reviewerOne;
    await site.killDesk();
    execFileSync('python3', ['-c', 'import sqlite3, sys\nwith sqlite3.connect(sys.argv[1]) as site: site.execute("UPDATE pass SET failures = 1 WHERE officer = ?", sys.argv[2:])', path.join(site.folder, 'site.db'), id]);
    await site.startDesk();
    await page.getByText('The session is over. Sign in again.').waitFor({ timeout: 60000 });
    await signIn(page);
    await page.getByRole('alert').getByText('was changed outside the desk. Two officers have to reset it.').waitFor();
    assert.equal(await page.getByLabel('Password').count(), 0, 'no password opens it');
    await mustBeAccessible(page, 'officer-reset', []);
    const sign = async (office) => {
        const row = lineOf(office, site.cast.reviewerOne);
        await row.getByText('was changed outside the desk').waitFor();
        assert.ok(await row.getByRole('button', { name: 'Sign the reset' }).isDisabled(), 'a pass is reset for a reason');
        await row.getByLabel('Reason').selectOption('broken');
        await row.getByRole('button', { name: 'Sign the reset' }).click();
        return row;
    };
    const first = await sign(admin);
    await first.getByText('You have signed; somebody of another office signs now.').waitFor();
    await approver.getByText('Signed already by').waitFor();
    await sign(approver);
    await first.getByText('no password and codes yet').waitFor();
    await page.getByRole('button', { name: 'Back' }).click();
    await signIn(page);
    await enterNew(page, 'eleven loud lanterns');
    await page.getByText('Nothing waits for you').first().waitFor();
}

/** A phone in a car: keys of a size for gloves, digits and code, nothing to read. */
async function inTheCar(browser, site) {
    const { page } = await signInPage(browser, site, site.cast.crew);
    const { secret, used } = await makeInPage(page, digits, 'crew');
    await page.getByText('No alert for this unit').waitFor();
    await again(page);
    await page.getByRole('group', { name: 'Your digits' }).waitFor();
    await mustBeAccessible(page, 'crew-digits');
    for (const key of await page.locator('.keypad button').all()) {
        const box = await key.boundingBox();
        assert.ok(box.width >= 64 && box.height >= 64, `a key of ${box.width} × ${box.height}`);
    }
    await typeDigits(page, digits);
    await page.getByRole('group', { name: 'Code of your authenticator' }).waitFor();
    await mustBeAccessible(page, 'crew-code');
    await typeDigits(page, oneTimeCode(secret, Math.max(used + 1, step()) * 30));
    await page.getByText('No alert for this unit').waitFor();
}

const strict = { prepare: async (site) => {
    fs.appendFileSync(path.join(site.folder, 'site.ini'), '\n[sign_in]\npass = required\n');
    await site.startDesk();
    await site.cast.auditor.signIn();
    await site.cast.auditor.makePass(password);
} };

async function inABrowser(site, work) {
    const browser = await openBrowser(site);
    try {
        await work(browser, site);
    } finally {
        await browser.close();
    }
}

story('s10 password and codes in the browser: made with a picture to scan, shown beside the key, locked after five wrong answers and let in again by two, and reset by two after somebody changed the disk', (site) => inABrowser(site, inTheControlRoom), strict);
story('s10 a crew types digits and code with keys for gloves', (site) => inABrowser(site, inTheCar), strict);
