// A stop by two officers, in a real browser.
import { assert, newId, story, subject, untilState } from '../api/story.mjs';
import { mustBeAccessible, openBrowser, signInPage } from './browser.mjs';

const press = (page, name) => page.getByRole('button', { name, exact: true }).click();
const choose = (page, group, name) => page.getByRole('group', { name: group }).getByRole('radio', { name, exact: true }).check();

const offered = (page, group) => page.getByRole('group', { name: group }).getByRole('radio').evaluateAll((all) => all.map((one) => one.value));

/** One case is closed and the other live: "not wanted" stays shut, and another matter needs its number and the identity. */
async function sayWhichCase(page) {
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
    await choose(page, 'Outcome', 'custody for another matter');
    await page.getByText('Say for what the person is taken along').waitFor();
    await choose(page, 'The other matter', 'another FIR');
    await page.getByLabel('Number of its FIR, warrant or diary entry').fill('112/2026');
    await page.getByText('Say for what the person is taken along').waitFor({ state: 'detached' });
    await choose(page, 'Identity by', 'none');
    await page.getByText('needs the identity by other means than a face').waitFor();
    assert.ok(await record.isDisabled(), 'nobody is taken along on a face');
    await choose(page, 'Identity by', 'document and a second officer');
}

/** Who agrees signs the other matter, too, and has read before which one that is. */
async function readMatter(page, second) {
    await press(page, 'Record the outcome');
    await second.getByText('An alert waits for you').waitFor();
    const asks = second.locator('.opened', { hasText: 'signed: custody for another matter, by a document.' });
    for (const words of ['another FIR 112/2026', 'resistance', 'the person resisted']) await asks.getByRole('definition').filter({ hasText: words }).waitFor();
    await mustBeAccessible(second, 'crew-second-officer-other-matter', []);
}

async function sayForWhichCase(page, live) {
    const record = page.getByRole('button', { name: 'Record the outcome' });
    await choose(page, 'Outcome', 'custody');
    await page.getByText('Custody is for one live case: choose it.').waitFor();
    await page.getByText('With this outcome the entry is withdrawn at once').waitFor();
    assert.ok(await record.isDisabled(), 'nothing is chosen for the crew');
    const cases = page.getByLabel('The live case that custody is for');
    assert.deepEqual(await cases.locator('option').evaluateAll((all) => all.map((one) => one.value)), ['', live], 'the closed one is not offered');
    await cases.selectOption(live);
    await mustBeAccessible(page, 'crew-two-cases', []);
    await press(page, 'Record the outcome');
}

/** The station of the custody and the other case's own: each opens its packet with its own key, and only both receipts end it. */
async function receiveAtBoth(browser, site, alert) {
    for (const [officer, then] of [[site.cast.otherStation, 'handed_over'], [site.cast.station, 'received']]) {
        const { page, context } = await signInPage(browser, site, officer);
        await press(page, 'Open the hand-over packet');
        await page.getByText(/^⚠ Checked on this device: .* by the desk’s own key alone\./).waitFor();
        for (const number of ['DEMO-1/2026', 'DEMO-2/2026']) await page.getByText(number).waitFor();
        await Promise.all([page.waitForEvent('download'), press(page, 'Save the sealed packet')]);
        await press(page, 'Sign the receipt');
        await page.getByText(subject.name).waitFor({ state: 'detached' });
        assert.equal((await site.cast.dispatcher.get(`/alerts/${alert.alert}`)).state, then);
        await context.close();
    }
}

/** A desk that shows another outcome than the one that was signed gets nobody’s word for it. */
async function agreeWithNoOther(page, officer) {
    const exchange = async (route) => {
        const { alerts } = await officer.get('/alerts');
        for (const { outcome_statement: shown } of alerts) if (shown) shown.statement = JSON.stringify({ ...JSON.parse(shown.statement), harm: 'injury' });
        await route.fulfill({ json: { alerts } });
    };
    await page.route('**/api/v1/alerts', exchange);
    const otherHarm = page.getByRole('definition').filter({ hasText: 'injury' });
    await otherHarm.waitFor({ timeout: 20000 });
    await press(page, 'I have seen the document, too');
    await page.getByRole('alert').getByText('a signature does not verify').waitFor();
    await page.unroute('**/api/v1/alerts', exchange);
    await otherHarm.waitFor({ state: 'detached', timeout: 20000 });
}

const prepare = async (site) => {
    site.moreCases = [newId('k')];
    site.stationOfCase = (i) => (i ? site.cast.otherStation : site.cast.station).station;
    await site.startAll();
    const [second] = site.moreCases;
    site.writePorts({ registerAvailable: false, statuses: { [site.listed.case]: 'closed', [second]: 'live' } });
};

/** The room hears by an alarm that the ten minutes of a stop are over, and never before, by the desk’s clock. Here the room’s own is an hour ahead, and then the desk says that the stop began earlier. */
async function hearThatAStopIsTooLong(browser, site, alert) {
    const { dispatcher } = site.cast;
    const { page: room, context } = await signInPage(browser, site, dispatcher, { prepare: (one) => one.clock.setFixedTime(Date.now() + 3600e3) });
    const code = alert.alert.slice(-4).toUpperCase();
    await room.getByRole('timer').getByText('Time left for this stop:').waitFor();
    assert.equal(await room.locator('.alarm').count(), 0, 'a stop that has just begun');
    await room.route('**/api/v1/alerts', async (route) => {
        const told = await dispatcher.get('/alerts');
        for (const one of told.alerts) if (one.alert === alert.alert) one.times_us.stopped -= 600e6;
        return route.fulfill({ json: told });
    });
    await room.locator('.alarm').getByText(new RegExp(`The stop of alert \\W*${code}\\W* takes more than ten minutes`)).waitFor();
    await room.getByRole('timer').getByText('This stop is too long').waitFor();
    await press(room, 'I have heard it');
    await room.locator('.alarm').waitFor({ state: 'detached' });
    await context.close();
}

story('of two cases custody is for the live one, and by a document it counts when a second officer of the crew has signed', async (site) => {
    const browser = await openBrowser(site);
    try {
        const { crew, fellow } = site.cast;
        const alert = await site.untilAgreed();
        await site.dispatch(alert);
        await fellow.present('crew');
        const { page } = await signInPage(browser, site, crew);
        for (const step of ['Accept', 'We are on scene', 'Person stopped']) await press(page, step);
        await hearThatAStopIsTooLong(browser, site, alert);
        await sayWhichCase(page);
        const { page: second } = await signInPage(browser, site, fellow);
        await readMatter(page, second);
        await sayForWhichCase(page, site.moreCases[0]);
        await page.getByText('It counts when another officer of your crew has signed, too').waitFor();
        assert.equal(await page.getByRole('button', { name: 'I have seen the document, too' }).count(), 0, 'nobody agrees with themselves');
        await second.locator('.opened', { hasText: 'signed: custody, by a document.' }).getByText('DEMO-2/2026 · DEMO 1').waitFor();
        assert.equal(await second.getByText('112/2026').count(), 0, 'what was signed before is agreed with by nobody');
        await second.getByText('Look at the document and the person yourself before you sign.').waitFor();
        await mustBeAccessible(second, 'crew-second-officer', []);
        await agreeWithNoOther(second, fellow);
        await second.context().setOffline(true);
        await press(second, 'I have seen the document, too');
        await second.getByText('No signal. What you did is kept').waitFor();
        await second.context().setOffline(false);
        assert.equal((await untilState(site, alert, 'closed')).outcome, 'custody');
        for (const one of [page, second]) await one.locator('.huge').getByRole('button', { name: 'Hand over', exact: true }).waitFor();
        await page.getByLabel('Station').selectOption(site.cast.station.station);
        await page.locator('.huge').getByRole('button', { name: 'Hand over', exact: true }).click();
        await receiveAtBoth(browser, site, alert);
    } finally {
        await browser.close();
    }
}, { prepare, more: { otherStation: { name: 'Duty officer of the other station', office: newId('f'), roles: ['station'], station: newId('s') }, fellow: { name: 'Second officer of ERV 0001', office: newId('f'), roles: ['crew'], ridesWith: 'crew' } } });

story('a firearm at the scene halts the operation and is counted as soon as the crew signs', async (site) => {
    const browser = await openBrowser(site);
    try {
        const alert = await site.untilAgreed();
        await site.dispatch(alert);
        const { page } = await signInPage(browser, site, site.cast.crew);
        for (const step of ['Accept', 'We are on scene']) await press(page, step);
        await page.getByRole('button', { name: 'Person stopped' }).waitFor();
        await page.getByText('The person was not stopped').click();
        const record = page.getByRole('button', { name: 'Record that nobody was stopped' });
        assert.deepEqual(await offered(page, 'What happened'), ['not_found', 'lost', 'not_stopped'], 'only the missing are found safe');
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

const passerBy = '42101-7777777-7';

/** He was stopped for the entry and was somebody else; two officers reinstated the entry, and another operation runs. */
async function beWrongOnce(site) {
    const { alert, act, slip, slip_proof } = await site.untilStopped();
    const { authoriserOne, authoriserTwo, crew } = site.cast;
    site.writePorts({ registered: { [passerBy]: 'thumb' }, statuses: site.statuses });
    await crew.call('POST', `/alerts/${alert.alert}/verification`, { cnic: passerBy, sample: Buffer.from('thumb').toString('base64') });
    await act('outcome', 'outcome', { outcome: 'wrong_person', harm: 'none', means: 'cnic_verified', case: '', slip_proof });
    await authoriserOne.act(`/operations/${site.operation}/end`, 'operation_end', { operation: site.operation });
    await site.untilOperation(site.operation, 'wiped', 60);
    await site.publishRecord();
    const { proposal_hash } = await authoriserOne.get(`/entries/${site.listed.entry}`);
    for (const officer of [authoriserOne, authoriserTwo])
        await officer.act(`/entries/${site.listed.entry}/approval`, 'entry_approval', { entry: site.listed.entry, proposal_hash, answer: 'approved', reason: '' });
    site.operation = await site.authoriseOperation([site.listed.entry]);
    await site.untilOperation(site.operation, 'running', 60);
    return slip;
}

story('s35 on the crew’s page the slip of an earlier stop, with the number on the card, ends a second one', async (site) => {
    const browser = await openBrowser(site);
    try {
        const slip = await beWrongOnce(site);
        const alert = await site.untilAgreed();
        await site.dispatch(alert);
        const { page } = await signInPage(browser, site, site.cast.crew);
        for (const step of ['Accept', 'We are on scene', 'Person stopped']) await press(page, step);
        await choose(page, 'Outcome', 'identity not established');
        assert.ok((await offered(page, 'Outcome')).every((one) => !['found_safe', 'contact_declined'].includes(one)), 'only the missing are found safe');
        await choose(page, 'Force or harm', 'none');
        await choose(page, 'Identity by', 'none');
        await page.getByText('The person shows a slip of an earlier stop').click();
        const check = page.getByRole('button', { name: 'Check the earlier slip' });
        await page.getByLabel('Code on the earlier slip').fill(slip);
        assert.ok(await check.isDisabled(), 'a code without a number answers nothing');
        await page.getByLabel('Number on the card').fill(subject.cnic);
        await check.click();
        await page.getByText('this slip does not end this stop').waitFor();
        await page.getByLabel('Number on the card').fill(passerBy);
        await check.click();
        await page.getByText('The person was stopped before for this entry and is not the one').waitFor();
        await mustBeAccessible(page, 'crew-earlier-slip', []);
        const record = page.getByRole('button', { name: 'Record the outcome' });
        assert.ok(await record.isDisabled(), 'what was chosen before is not offered any more');
        assert.deepEqual(await offered(page, 'Outcome'), ['wrong_person', 'other_custody']);
        await choose(page, 'Outcome', 'wrong person');
        await record.click();
        assert.equal((await untilState(site, alert, 'closed')).outcome, 'wrong_person');
    } finally {
        await browser.close();
    }
});

/** `change` moves what stands on the page, and in the same moment a thumb comes down where it was going; what of it counted is known a second later. */
const pressWhile = (page, words, change) => page.evaluate(([label, how]) => {
    const find = () => [...document.querySelectorAll('main button')].find((one) => one.textContent === label);
    const parts = document.querySelectorAll('section.unit').length;
    new MutationObserver((_, over) => {
        if (document.querySelectorAll('section.unit').length < parts || document.getElementById('pushes')) {
            over.disconnect();
            find().click();
            document.body.dataset.pressed = how;
        }
    }).observe(document.body, { subtree: true, childList: true });
    if (how === 'push') document.querySelector('main').insertAdjacentHTML('afterbegin', '<p id="pushes">⚠</p>');
    else [...document.querySelectorAll('button')].find((one) => one.textContent === 'I am here as crew').click();
}, [words, change]);

story('whatever moves on a crew’s page, another alert’s end or what stands above, the press that was on its way counts for nothing', async (site) => {
    const browser = await openBrowser(site);
    try {
        const alert = await site.untilAgreed();
        await site.dispatch(alert);
        const another = { alert: newId('a'), state: 'accepted' };
        let above = [another];
        const { page } = await signInPage(browser, site, site.cast.crew, { prepare: (one) => one.route('**/api/v1/alerts', async (route) =>
            route.fulfill({ json: { alerts: [...above, ...(await site.cast.crew.get('/alerts')).alerts] } })) });
        const accept = page.locator('main button:not([disabled], [aria-disabled])', { hasText: 'Accept' });
        await accept.waitFor();
        above = [];
        for (const how of ['end', 'push']) {
            await pressWhile(page, 'Accept', how);
            await page.locator(`body[data-pressed="${how}"]`).waitFor();
            await page.waitForTimeout(1000);
            assert.equal((await site.cast.crew.get(`/alerts/${alert.alert}`)).state, 'dispatched', `nobody accepted what moved: ${how}`);
            await accept.waitFor();
        }
        await accept.click();
        await untilState(site, alert, 'accepted');
    } finally {
        await browser.close();
    }
});
