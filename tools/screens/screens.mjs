// Pictures of every page for the eye and for the documentation: desktop, tablet and phone, English and Urdu, dark, light and night.
//   node tools/screens/screens.mjs FOLDER        the usual combinations
//   node tools/screens/screens.mjs FOLDER --all  every page in every language and display
import fs from 'node:fs';
import path from 'node:path';
import { openBrowser, signInPage } from '../../tests/web/browser.mjs';
import { Site, buildFolder, assets, subject } from '../demo/site.mjs';

const folder = process.argv[2];
if (!folder) throw new Error('usage: node tools/screens/screens.mjs FOLDER [--all]');
const everything = process.argv.includes('--all');
const sizes = { desktop: { width: 1440, height: 900 }, tablet: { width: 820, height: 1180 }, phone: { width: 390, height: 844 } };
const languages = ['en', 'ur'];
const themes = ['dark', 'light', 'night'];
const usual = [['en', 'dark'], ['ur', 'light'], ['en', 'night']];
fs.mkdirSync(folder, { recursive: true });

async function display(page, language, theme) {
    const other = page.locator('header button[lang]').first();
    if ((await page.evaluate(() => document.documentElement.lang)) !== language) await other.click();
    await page.locator('header select').selectOption(theme);
}

/** One page as it stands, in the wanted displays and sizes. */
async function shoot(page, name, devices, { whole = true } = {}) {
    const kinds = everything ? languages.flatMap((language) => themes.map((theme) => [language, theme])) : usual;
    for (const device of devices) {
        await page.setViewportSize(sizes[device]);
        for (const [language, theme] of kinds) {
            await display(page, language, theme);
            await page.evaluate(() => document.fonts.ready.then(() => scrollTo(0, 0)));
            await page.waitForTimeout(350);
            await page.screenshot({ path: path.join(folder, `${name}-${device}-${language}-${theme}.png`), fullPage: whole });
        }
    }
    await display(page, 'en', 'dark');
    console.log(name);
}

const go = async (page, id) => {
    await page.evaluate((to) => { location.hash = to; }, id);
    await page.waitForTimeout(400);
};

async function shootEntrance(browser, site) {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`https://localhost:${site.port}/`);
    await shoot(page, 'sign-in', ['desktop', 'phone']);
    await page.getByText('make a key here').click();
    await page.getByLabel('Your name').fill('Crew of ERV 7');
    await page.getByLabel('Your role').selectOption('crew');
    await page.getByRole('button', { name: 'Make the key' }).click();
    await page.getByText('The key is made').waitFor();
    await shoot(page, 'enrol', ['phone']);
    await context.close();
}

async function shootOffices(browser, site) {
    const { watchOfficer, authoriserOne, admin, approver, auditor } = site.cast;
    const officer = await signInPage(browser, site, watchOfficer);
    await go(officer.page, 'propose');
    await officer.page.getByLabel('Photograph (JPEG)').setInputFiles(path.join(assets, 'photos/subject-2.jpg'));
    await officer.page.waitForSelector('text=pixels between the eyes');
    await shoot(officer.page, 'propose', ['desktop']);
    await go(officer.page, 'request');
    await shoot(officer.page, 'request', ['desktop']);
    await officer.context.close();
    const authoriser = await signInPage(browser, site, authoriserOne);
    await go(authoriser.page, 'operations');
    await shoot(authoriser.page, 'operations', ['desktop']);
    await authoriser.context.close();
    const second = await signInPage(browser, site, approver);
    await second.page.getByRole('button', { name: 'Open' }).first().click();
    await second.page.waitForTimeout(500);
    await shoot(second.page, 'approve', ['desktop']);
    await go(second.page, 'amend');
    await shoot(second.page, 'amend', ['desktop']);
    await second.context.close();
    const office = await signInPage(browser, site, admin);
    for (const part of ['set-up', 'cameras', 'officers']) {
        await go(office.page, part);
        await shoot(office.page, part, ['desktop']);
    }
    await office.context.close();
    const oversight = await signInPage(browser, site, auditor);
    await oversight.page.getByRole('button', { name: 'Fetch and verify' }).click();
    await oversight.page.waitForSelector('text=The log holds');
    await oversight.page.locator('.records button').nth(3).click();
    await shoot(oversight.page, 'log', ['desktop'], { whole: false });
    for (const part of ['records', 'measured']) {
        await go(oversight.page, part);
        await oversight.page.waitForTimeout(600);
        await shoot(oversight.page, part, ['desktop']);
    }
    await oversight.context.close();
}

async function shootAlert(browser, site) {
    const crew = await signInPage(browser, site, site.cast.crew);
    await shoot(crew.page, 'unit-idle', ['phone']);
    const dispatcher = await signInPage(browser, site, site.cast.dispatcher);
    await shoot(dispatcher.page, 'room-idle', ['desktop']);
    const { alert, reviewers } = await site.untilDrawn(90);
    const reviewer = await signInPage(browser, site, reviewers[0]);
    await reviewer.page.waitForSelector('text=Are these the same person?');
    await shoot(reviewer.page, 'review', ['desktop', 'tablet']);
    for (const one of reviewers.slice(0, 2)) await site.review(one, alert, 'same');
    await dispatcher.page.waitForSelector('text=Two officers say same, not identified');
    await dispatcher.page.waitForSelector('.leaflet-marker-icon');
    await shoot(dispatcher.page, 'dispatch', ['desktop', 'tablet']);
    await site.dispatch({ ...alert, ...(await site.cast.dispatcher.get(`/alerts/${alert.alert}`)) });
    await crew.page.waitForSelector(`text=${subject.name}`);
    await shoot(crew.page, 'unit-packet', ['phone', 'tablet']);
    await dispatcher.page.getByRole('button', { name: 'radio' }).click();
    await dispatcher.page.waitForSelector('.script');
    await shoot(dispatcher.page, 'on-the-way', ['desktop']);
    const press = (words) => crew.page.getByRole('button', { name: words }).click();
    await press('Accept');
    await press('We are on scene');
    await shoot(crew.page, 'unit-on-scene', ['phone']);
    await press('Person stopped');
    await crew.page.getByLabel('Number on the card').fill(subject.cnic);
    await crew.page.getByLabel('Sample (simulated reader)').fill('thumb');
    await press('Verify the card');
    await crew.page.waitForSelector('text=The register answers');
    await shoot(crew.page, 'unit-stop', ['phone', 'tablet']);
    await press('Ask the case’s status');
    await crew.page.waitForSelector('text=The case is');
    await crew.page.getByRole('radio', { name: 'custody', exact: true }).check();
    await crew.page.getByRole('group', { name: 'Force or harm' }).getByRole('radio', { name: 'none' }).check();
    await crew.page.getByRole('radio', { name: 'card verified' }).check();
    await press('Record the outcome');
    await crew.page.getByLabel('Station').selectOption({ index: 1 });
    await shoot(crew.page, 'unit-hand-over', ['phone']);
    await press('Hand over');
    const station = await signInPage(browser, site, site.cast.station);
    await station.page.getByRole('button', { name: 'Open the hand-over packet' }).click();
    await station.page.waitForSelector(`text=${subject.name}`);
    await shoot(station.page, 'station', ['desktop']);
}

const site = await Site.make(path.join(buildFolder, 'screens-site'));
try {
    await site.startAll();
    await site.placeUnits();
    const browser = await openBrowser(site);
    await shootEntrance(browser, site);
    await shootAlert(browser, site);
    await shootOffices(browser, site);
    await browser.close();
    console.log(`${fs.readdirSync(folder).length} pictures in ${folder}`);
} finally {
    await site.end();
}
