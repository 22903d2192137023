// A stop by two officers, in a real browser.
import { assert, newId, story, untilState } from '../api/story.mjs';
import { mustBeAccessible, openBrowser, signInPage } from './browser.mjs';

const press = (page, name) => page.getByRole('button', { name, exact: true }).click();
const choose = (page, group, name) => page.getByRole('group', { name: group }).getByRole('radio', { name, exact: true }).check();

/** One case is closed and the other live: "not wanted" stays shut, and custody is for the live one. */
async function sayWhichCase(page, live) {
    const record = page.getByRole('button', { name: 'Record the outcome' });
    await press(page, 'Ask the case’s status');
    for (const words of ['DEMO-1/2026 · DEMO 1: The case is: closed', 'DEMO-2/2026 · DEMO 1: The case is: live']) await page.getByText(words).waitFor();
    await choose(page, 'Force or harm', 'resistance');
    await page.getByText('Say why the crew used force').waitFor();
    await choose(page, 'Reason for any force by the crew', 'the person resisted');
    await page.getByText('Say why the crew used force').waitFor({ state: 'detached' });
    await choose(page, 'Identity by', 'document and a second officer');
    await choose(page, 'Outcome', 'right person, no longer wanted');
    await page.getByText('needs every case closed').waitFor();
    assert.ok(await record.isDisabled(), 'who is wanted in one case is wanted');
    await choose(page, 'Outcome', 'custody');
    await page.getByText('Custody is for one live case: choose it.').waitFor();
    assert.ok(await record.isDisabled(), 'nothing is chosen for the crew');
    const cases = page.getByLabel('The live case that custody is for');
    assert.deepEqual(await cases.locator('option').evaluateAll((all) => all.map((one) => one.value)), ['', live], 'the closed one is not offered');
    await cases.selectOption(live);
    await mustBeAccessible(page, 'crew-two-cases', []);
    await press(page, 'Record the outcome');
}

const prepare = async (site) => {
    site.moreCases = [newId('k')];
    await site.startAll();
    const [second] = site.moreCases;
    site.writePorts({ registerAvailable: false, statuses: { [site.listed.case]: 'closed', [second]: 'live' } });
};

story('of two cases custody is for the live one, and by a document it counts when a second officer of the crew has signed', async (site) => {
    const browser = await openBrowser(site);
    try {
        const { crew, fellow } = site.cast;
        const alert = await site.untilAgreed();
        await site.dispatch(alert);
        await fellow.present('crew');
        const { page } = await signInPage(browser, site, crew);
        for (const step of ['Accept', 'We are on scene', 'Person stopped']) await press(page, step);
        await sayWhichCase(page, site.moreCases[0]);
        await page.getByText('It counts when another officer of your crew has signed, too').waitFor();
        assert.equal(await page.getByRole('button', { name: 'I have seen the document, too' }).count(), 0, 'nobody agrees with themselves');
        const { page: second } = await signInPage(browser, site, fellow);
        await second.getByText('An alert waits for you').waitFor();
        await second.getByText('Look at the document and the person yourself before you sign.').waitFor();
        await mustBeAccessible(second, 'crew-second-officer', []);
        await press(second, 'I have seen the document, too');
        assert.equal((await untilState(site, alert, 'closed')).outcome, 'custody');
        for (const one of [page, second]) await one.getByRole('button', { name: 'Hand over', exact: true }).waitFor();
    } finally {
        await browser.close();
    }
}, { prepare, more: { fellow: { name: 'Second officer of ERV 0001', office: newId('f'), roles: ['crew'], ridesWith: 'crew' } } });

story('a firearm at the scene halts the operation and is counted as soon as the crew signs', async (site) => {
    const browser = await openBrowser(site);
    try {
        const alert = await site.untilAgreed();
        await site.dispatch(alert);
        const { page } = await signInPage(browser, site, site.cast.crew);
        for (const step of ['Accept', 'We are on scene']) await press(page, step);
        await page.getByText('The person was not stopped').click();
        const record = page.getByRole('button', { name: 'Record that nobody was stopped' });
        await choose(page, 'What happened', 'not stopped');
        assert.ok(await record.isDisabled(), 'whether there was harm is said');
        await choose(page, 'Force or harm', 'firearm');
        assert.ok(await record.isDisabled(), 'why force was used is said');
        await choose(page, 'Reason for any force by the crew', 'self-defence');
        await record.click();
        await site.untilOperation(site.operation, 'halted');
        assert.equal((await untilState(site, alert, 'closed')).outcome, 'recalled');
        await page.getByRole('button', { name: 'Understood' }).waitFor();
        const { page: auditor } = await signInPage(browser, site, site.cast.auditor);
        await auditor.getByRole('link', { name: 'Public records', exact: true }).click();
        await press(auditor, 'Fetch and verify');
        await auditor.locator('.figures li', { hasText: 'With harm' }).getByText('1', { exact: true }).waitFor();
    } finally {
        await browser.close();
    }
});
