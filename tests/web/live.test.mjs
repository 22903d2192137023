// What only a live site asks of its officers, in a real browser on a real one.
import path from 'node:path';
import { assert, newId, refused, sleep, story, subject, untilState } from '../api/story.mjs';
import { ArmedSite, LiveSite } from '../api/live.mjs';
import { assets } from '../../tools/demo/site.mjs';
import { base64 } from '../../web/statement.js';
import { mustBeAccessible, mustPassAxe, openBrowser, openEntry } from './browser.mjs';

const press = (page, name) => page.getByRole('button', { name, exact: true }).click();

/** A key in the address counts on no live site; the file itself does, and a password and a code beside it. */
async function signInLive(browser, site, officer) {
    const file = JSON.stringify(await site.keyFile(officer));
    const page = await browser.newPage({ viewport: officer.unit ? { width: 390, height: 844 } : { width: 1280, height: 900 } });
    await page.goto(`https://localhost:${site.port}/#key=${encodeURIComponent(base64(Buffer.from(file)))}&passphrase=demo`);
    await page.getByLabel('Key file').setInputFiles({ name: 'officer.json', mimeType: 'application/json', buffer: Buffer.from(file) });
    assert.ok(!page.url().includes('key='), 'the key is still in the address');
    await page.getByLabel('Passphrase').fill('demo');
    await press(page, 'Sign in');
    if (officer.unit) await press(page, 'Type it with letters');
    await page.getByLabel('Password').fill(site.password);
    await page.getByLabel('Code of your authenticator').fill(await officer.freshCode());
    await press(page, 'Sign in');
    await page.locator('header .who').waitFor();
    return page;
}

const judge = { name: 'Judge', office: newId('f'), roles: ['outside_signer'] };

const photograph = (name) => path.join(assets, 'photos', name);

/** Nobody approves the proposer's own picture: it comes from its source once more, and it has to be the same person. */
async function fetchAgain(page) {
    await openEntry(page);
    await page.getByText('have the picture sent to you again from its source').waitFor();
    await page.getByLabel('I have read the papers').check();
    assert.ok(await page.getByRole('button', { name: 'Approve' }).isDisabled(), 'the approver has fetched nothing yet');
    assert.equal(await page.getByLabel('I fetched the source picture').count(), 0, 'a tick does not stand for it');
    const sign = page.getByRole('button', { name: 'Sign: the same person' });
    assert.ok(await sign.isDisabled(), 'there is nothing to compare yet');
    const file = page.getByLabel('fetched again (JPEG)');
    await file.setInputFiles(photograph('other-1.jpg'));
    await page.getByText('pixels between the eyes').waitFor();
    await sign.click();
    await page.getByRole('alert').getByText('shows somebody else; refuse or withdraw the entry').waitFor();
    await press(page, 'اردو');
    await page.getByRole('alert').getByText('اس ریکارڈ کی تصویر میں کوئی اور شخص ہے').waitFor();
    await press(page, 'English');
    await mustBeAccessible(page, 'fetch-again');
    await file.setInputFiles(photograph('subject-2.jpg'));
    await page.getByText('pixels between the eyes').waitFor();
    await sign.click();
    await page.getByText(/You fetched the source picture of \W*DEMO-1\W* again: it shows the same person./).waitFor();
    assert.equal(await sign.count(), 0, 'what was fetched is not asked for again');
}

const openOffences = async (page) => {
    await page.getByRole('link', { name: 'Offences' }).click();
    await page.getByText('Not signed: before the outside signer signs it, a live site lists no suspect.').waitFor();
};

/** Who works under the table reads it, and does not sign it. */
async function readTheOffences(page, { approver }) {
    await openOffences(page);
    const { table_hash } = await approver.get('/offences');
    assert.equal(await page.getByRole('button', { name: 'Sign the table' }).count(), 0, 'an authoriser has nothing to sign here');
    await refused(approver.act('/offences/signature', 'offence_table', { table_hash }), 403);
}

/** No suspect is listed before counsel has read the sections and signed them. */
async function signTheOffences(page, site) {
    await openOffences(page);
    await page.getByRole('row', { name: 'PPC 302' }).getByText('death').waitFor();
    assert.ok(await page.getByRole('button', { name: 'Sign the table' }).isDisabled(), 'nobody has read it yet');
    assert.equal(await page.locator('tr', { hasText: 'PPC 316' }).locator('td').nth(1).textContent(), '25 years', 'a sentence as the statute has it');
    await mustBeAccessible(page, 'offences');
    await page.getByLabel('I compared every row with the statute').check();
    await press(page, 'Sign the table');
    await page.getByText('Signed: a live site may list suspects for these sections.').waitFor();
    assert.equal((await site.cast.watchOfficer.get('/offences')).confirmed, true);
}

/** Two authorisers of different offices and then the judge, each by a button on a page of their own; before the third it is only asked for. */
async function authoriseByThree(browser, site, entry, judge) {
    await site.registerCamera('gate', 'rtsp://127.0.0.1:9/gate');
    const { operation } = await site.requestOperation([entry], ['gate'], 30, { kind: 'live', purpose: 'arrest_warrants', why_here: 'last_seen' });
    const state = async () => (await site.cast.watchOfficer.get(`/operations/${operation}`)).state;
    for (const officer of [site.cast.authoriserOne, site.cast.authoriserTwo, null]) {
        assert.equal(await state(), 'requested');
        const page = officer ? await signInLive(browser, site, officer) : judge;
        await page.getByRole('link', { name: 'Operations' }).click();
        const row = page.locator('.list > li', { has: page.getByRole('button', { name: 'Authorise' }) });
        await row.getByText('arrest').first().waitFor();
        await row.getByRole('button', { name: 'Authorise' }).click();
        await row.waitFor({ state: 'detached' });
    }
    assert.notEqual(await state(), 'requested', 'all three have signed');
    const log = (await site.cast.auditor.bytes('/log')).toString().split('\n');
    const signers = log.filter((line) => line.includes('"kind":"operation_signed"') && line.includes(operation)).map((line) => JSON.parse(line).by);
    assert.deepEqual(new Set(signers), new Set([site.cast.authoriserOne, site.cast.authoriserTwo, site.cast.outsideSigner].map((one) => one.id)));
}

story('s4 s13 on a live site an entry is approved by who brought its picture from the source again, and an operation signed by two authorisers and a judge, on their pages', async (site) => {
    const { approver } = site.cast;
    const { entry, proposal_hash } = await site.propose();
    await refused(approver.act(`/entries/${entry}/approval`, 'entry_approval', { entry, proposal_hash, answer: 'approved', reason: '' }), 409, /fetch photo 1 again by its record number/);
    const browser = await openBrowser(site);
    try {
        const page = await signInLive(browser, site, approver);
        await fetchAgain(page);
        await press(page, 'Close');
        await openEntry(page);
        await page.getByText('You fetched the source picture of').waitFor();
        assert.ok(await page.getByRole('button', { name: 'Approve' }).isDisabled(), 'the papers are a look of their own');
        await page.getByLabel('I have read the papers').check();
        await press(page, 'Approve');
        await page.locator('.list .state', { hasText: 'approved' }).waitFor();
        await readTheOffences(page, site.cast);
        const judge = await signInLive(browser, site, site.cast.outsideSigner);
        await signTheOffences(judge, site);
        await authoriseByThree(browser, site, entry, judge);
    } finally {
        await browser.close();
    }
}, { kind: LiveSite, scenes: {}, more: { outsideSigner: judge }, prepare: async (site) => {
    await site.startDesk();
    await site.signInParts('watchOfficer', 'approver', 'auditor', 'outsideSigner', 'admin', 'authoriserOne', 'authoriserTwo');
} });

const onMagistratesOrder = { ground: 'missing_or_at_risk', source: 'family', section: 'order of the magistrate' };
const missing = [{ photo: 'subject-1.jpg', again: 'subject-2.jpg', person: { ...subject, description: 'Plays an adult who is missing' }, paper: { ...onMagistratesOrder, days: 2 } },
    { photo: 'other-1.jpg', again: 'other-1.jpg', person: { ...subject, name: 'Demo child', description: 'Plays a child who is missing', cnic: '', born: new Date().getFullYear() - 12 }, paper: onMagistratesOrder }];

/** Both walk by at once, and for each two reviewers are drawn, who say "same". Resolves the alerts in the order of `listed`. */
async function agreeOnBoth(site) {
    const { reviewerOne, reviewerTwo, reviewerThree, dispatcher } = site.cast;
    let asked = [];
    for (const end = Date.now() + 60000; asked.length < 4 && Date.now() < end; await sleep(100)) {
        const views = await Promise.all([reviewerOne, reviewerTwo, reviewerThree].map(async (one) => (await one.get('/alerts')).alerts.map((alert) => [one, alert])));
        asked = views.flat().filter(([, { state }]) => state === 'raised');
    }
    await Promise.all(asked.map(([one, alert]) => site.review(one, alert, 'same')));
    const agreed = ({ alerts }) => site.listed.map(({ entry }) => alerts.find((one) => one.entry === entry && one.state === 'agreed'));
    return agreed(await dispatcher.until('/alerts', (all) => agreed(all).every(Boolean)));
}

const inRoom = (room, alert) => room.getByRole('navigation', { name: 'Open alerts' }).getByRole('button').filter({ hasText: alert.alert.slice(-4).toUpperCase() }).click();
const endsOffered = (page, group) => page.getByRole('group', { name: group }).getByRole('radio').evaluateAll((all) => all.map((one) => one.value));
const notAsWanted = { adult: 'A missing adult, not somebody wanted: speak to the person, and stop nobody.',
    minor: 'Somebody missing under 18, not somebody wanted: stay with them until they are safe.' };

/** Nobody stops an adult who is missing: the crew speaks, the person may decline, and control agrees with what the crew signs. */
async function speakToAdult(site, room, crew, alert) {
    await crew.getByText(notAsWanted.adult).waitFor();
    for (const step of ['Accept', 'We are on scene']) await press(crew, step);
    await crew.getByRole('heading', { name: 'on scene' }).waitFor();
    await crew.getByText('The person was not stopped').click();
    assert.equal(await crew.getByRole('button', { name: 'Person stopped' }).count(), 0, 'a missing adult is not stopped');
    assert.deepEqual(await endsOffered(crew, 'What happened'), ['not_found', 'lost', 'not_stopped', 'found_safe', 'contact_declined']);
    for (const end of ['contact declined', 'found safe']) {
        await crew.getByRole('radio', { name: end }).check();
        await crew.getByText('the person is not stopped and need not say where they live').waitFor();
    }
    await crew.getByRole('group', { name: 'Force or harm' }).getByRole('radio', { name: 'none' }).check();
    await mustBeAccessible(crew, 'crew-missing-adult', []);
    await press(crew, 'Record that nobody was stopped');
    await crew.getByText('You signed: found safe. It counts when control agrees').waitFor();
    await room.getByText('The crew says: found safe.').waitFor();
    await press(room, 'I agree');
    assert.equal((await untilState(site, alert, 'closed')).outcome, 'found_safe');
    await crew.getByText('No alert for this unit').waitFor();
    assert.equal((await site.cast.watchOfficer.get(`/entries/${site.listed[0].entry}`)).state, 'withdrawn', 'who is found is missing no more');
}

/** A child may be held until it is safe: a stop with a slip and a second officer, and an end that only the missing have. */
async function bringChildHome(site, crew, alert) {
    await crew.getByText(notAsWanted.minor).waitFor();
    for (const step of ['Accept', 'We are on scene', 'Person stopped']) await press(crew, step);
    await crew.locator('.slip .code').waitFor();
    await crew.getByText('No identity register is joined to this desk').waitFor();
    assert.equal(await crew.getByRole('button', { name: 'Verify the card' }).count(), 0, 'nobody asks what cannot be answered');
    assert.deepEqual(await endsOffered(crew, 'Identity by'), ['none', 'document_and_officer']);
    assert.deepEqual((await endsOffered(crew, 'Outcome')).slice(-2), ['found_safe', 'contact_declined']);
    await crew.getByRole('group', { name: 'Outcome' }).getByRole('radio', { name: 'found safe' }).check();
    await crew.getByRole('group', { name: 'Force or harm' }).getByRole('radio', { name: 'none' }).check();
    await crew.getByRole('group', { name: 'Identity by' }).getByRole('radio', { name: 'none' }).check();
    await crew.getByText('needs the identity by other means than a face').waitFor();
    await crew.getByRole('group', { name: 'Identity by' }).getByRole('radio', { name: 'document and a second officer' }).check();
    await mustPassAxe(crew, 'crew-missing-child');
    await press(crew, 'Record the outcome');
    await crew.getByText('It counts when another officer of your crew has signed, too').waitFor();
    const { fellow } = site.cast;
    const { concurrence_asked: outcome, outcome_hash } = await fellow.get(`/alerts/${alert.alert}`);
    await fellow.act(`/alerts/${alert.alert}/concurrence`, 'concurrence', { alert: alert.alert, outcome, outcome_hash });
    assert.equal((await untilState(site, alert, 'closed')).outcome, 'found_safe');
    await crew.getByText('No alert for this unit').waitFor();
}

story('s7 on a live site that runs a missing adult is spoken to and never stopped, and a missing child is kept until it is safe, on the pages of the crews and the room', async (site) => {
    const [adult, child] = await agreeOnBoth(site);
    const { dispatcher, crew, secondCrew } = site.cast;
    const browser = await openBrowser(site);
    try {
        const room = await signInLive(browser, site, dispatcher);
        for (const [alert, who] of [[adult, 'adult'], [child, 'minor']]) {
            await inRoom(room, alert);
            await room.getByText(notAsWanted[who]).waitFor();
        }
        await mustPassAxe(room, 'room-missing');
        await site.dispatch(adult, crew);
        await site.dispatch(child, secondCrew);
        await inRoom(room, adult);
        await speakToAdult(site, room, await signInLive(browser, site, crew), adult);
        await bringChildHome(site, await signInLive(browser, site, secondCrew), child);
    } finally {
        await browser.close();
    }
}, { kind: ArmedSite, scenes: { gate: 'street.mp4' }, more: { outsideSigner: judge, fellow: { name: 'Second officer of ERV 0002', office: newId('f'), roles: ['crew'], ridesWith: 'secondCrew' } }, prepare: async (site) => {
    await site.startCameras();
    await site.startDesk();
    await site.signInAll();
    await site.registerCamera('gate');
    site.listed = await site.listAll(missing);
    await site.presentAll();
    await site.cast.fellow.present('crew');
    site.operation = await site.authoriseOperation(site.listed.map(({ entry }) => entry), ['gate'], 30, { purpose: 'missing_persons' });
    await site.untilOperation(site.operation, 'running');
} });
