// The offices' forms in a real browser: a proposal and its approval, the log verified by the auditor's own browser.
import fs from 'node:fs';
import path from 'node:path';
import { assert, story } from '../api/story.mjs';
import { assets } from '../../tools/demo/site.mjs';
import { mustBeAccessible, openBrowser, signInPage } from './browser.mjs';

const date = (daysAgo) => new Date(Date.now() - daysAgo * 86400000).toISOString().slice(0, 10);

async function propose(page) {
    await page.getByRole('link', { name: 'Propose an entry' }).click();
    await page.getByText('Choose the legal ground').waitFor();
    assert.ok(await page.getByRole('button', { name: 'Sign the proposal' }).isDisabled(), 'nothing is signed before the form is whole');
    await page.getByLabel('Legal ground').selectOption('consenting_test_subject');
    await page.getByLabel('Reference').selectOption('court');
    await page.getByLabel('Gender').selectOption('male');
    await page.getByLabel('Court or FIR number').fill('DEMO-2/2026');
    await page.getByLabel('Section of the law').fill('DEMO 1');
    await page.getByLabel('Date of the order or report').fill(date(10));
    await page.getByLabel('Name', { exact: true }).fill('Demo person B');
    await page.getByLabel('Father’s name').fill('Played by a consenting subject');
    await page.getByLabel('CNIC').fill('4210100000021');
    await page.getByLabel('Born in the year').fill('1985');
    await page.getByLabel('Description for the crew').fill('Plays another person');
    await page.getByLabel('Source of the photograph').selectOption('consenting_subject');
    await page.getByLabel('Record number').fill('DEMO-2');
    await page.getByLabel('Date of the photograph').fill(date(1));
    await page.getByLabel('Photograph (JPEG)').setInputFiles(path.join(assets, 'photos/subject-2.jpg'));
    await page.waitForSelector('text=pixels between the eyes');
    await page.getByRole('button', { name: 'Sign the proposal' }).click();
    await page.waitForSelector('text=Proposed:');
}

async function approve(page) {
    const row = page.locator('.list li', { hasText: 'proposed' });
    await row.getByRole('button', { name: 'Open' }).click();
    await page.waitForSelector('text=Demo person B');
    await mustBeAccessible(page, 'approver');
    assert.ok(await page.getByRole('button', { name: 'Approve' }).isDisabled(), 'an approver looks first');
    for (const tick of await row.getByRole('checkbox').all()) await tick.check();
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.waitForSelector('text=Demo person B', { state: 'detached' });
}

story('an entry is proposed and approved in the browser, and the auditor\u2019s browser verifies the log', async (site) => {
    const browser = await openBrowser(site);
    try {
        const officer = await signInPage(browser, site, site.cast.watchOfficer);
        await propose(officer.page);
        await mustBeAccessible(officer.page, 'watch-officer');
        const approver = await signInPage(browser, site, site.cast.approver);
        await approve(approver.page);
        const { entries } = await site.cast.watchOfficer.get('/entries');
        assert.equal(entries.filter((one) => one.state === 'approved').length, 2, 'the second entry is approved');

        const auditor = await signInPage(browser, site, site.cast.auditor);
        await auditor.page.getByLabel('The log’s public key').fill(fs.readFileSync(path.join(site.folder, 'log-key.pub'), 'utf8').trim());
        await auditor.page.getByRole('button', { name: 'Fetch and verify' }).click();
        await auditor.page.waitForSelector('text=The log holds');
        await mustBeAccessible(auditor.page, 'auditor');
        const changed = (await site.cast.auditor.bytes('/log')).toString().replace('"kind":"entry_proposed"', '"kind":"entry_viewed"');
        await auditor.page.route('**/api/v1/log', (route) => route.fulfill({ status: 200, contentType: 'text/plain', body: changed }));
        await auditor.page.getByRole('button', { name: 'Fetch and verify again' }).click();
        await auditor.page.waitForSelector('text=was changed, or another stands in its place');
    } finally {
        await browser.close();
    }
}, { prepare: async (site) => {
    await site.startCameras();
    await site.startDesk();
    await site.signInAll();
    await site.registerCamera('gate');
    site.listed = await site.enrol();
} });
