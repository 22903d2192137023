// The unhappy paths, each on a real site with real video, to the end they have to have.
import { assert, story, refused, untilState, templatesComputed, untilNewHealth, sleep, subject } from './story.mjs';

story('s29 one "different" rejects the alert, and its pictures are gone', async (site) => {
    const { alert, reviewers } = await site.untilDrawn();
    // Two officers at one browser are no two answers apart.
    const own = reviewers[1].deviceCookie;
    await site.review(reviewers[0], alert, 'same');
    reviewers[1].deviceCookie = reviewers[0].deviceCookie;
    await refused(site.review(reviewers[1], alert, 'different'), 403, /device/);
    reviewers[1].deviceCookie = own;
    await site.review(reviewers[1], alert, 'different');
    await untilState(site, alert, 'closed');
    const seen = await site.cast.dispatcher.get(`/alerts/${alert.alert}`);
    assert.equal(seen.outcome, 'rejected');
    await refused(reviewers[0].bytes(`/alerts/${alert.alert}/pictures/probe`), 403);
    await refused(site.dispatch(alert), 409);
    const log = (await site.cast.auditor.bytes('/log')).toString();
    assert.match(log, /"kind":"keys_destroyed"/, 'no key was destroyed');
});

story('s31 a wrong person suspends the entry everywhere and leaves with a slip', async (site) => {
    const { act, slip_proof, alert } = await site.untilStopped();
    site.writePorts({ registered: { '42101-7777777-7': 'thumb' }, statuses: site.statuses });
    await site.cast.crew.call('POST', `/alerts/${alert.alert}/verification`, { cnic: '42101-7777777-7', sample: 'dGh1bWI=' });
    await act('outcome', 'outcome', { outcome: 'wrong_person', harm: 'none', means: 'cnic_verified', case: '', slip_proof });
    const { entries } = await site.cast.watchOfficer.get('/entries');
    assert.equal(entries.find((one) => one.entry === site.listed.entry).state, 'suspended');
    await refused(site.cast.crew.get(`/packets/${alert.alert}`), 404);
});

story('s36 s37 with the register away nobody is taken into custody; the person leaves', async (site) => {
    const { act, slip_proof, alert } = await site.untilStopped();
    const { crew } = site.cast;
    site.writePorts({ registerAvailable: false, statuses: site.statuses });
    const answer = await crew.call('POST', `/alerts/${alert.alert}/verification`, { cnic: subject.cnic, sample: 'dGh1bWI=' });
    assert.equal(answer.answer, 'unavailable');
    await refused(act('outcome', 'outcome', { outcome: 'custody', harm: 'none', means: 'cnic_verified', case: site.listed.case, slip_proof }), 409);
    const closed = await act('outcome', 'outcome', { outcome: 'identity_not_established', harm: 'none', means: 'none', case: '', slip_proof });
    assert.equal(closed.state, 'closed');
});

story('s37 another person’s card never gives custody', async (site) => {
    const { act, slip_proof, alert } = await site.untilStopped();
    const { crew } = site.cast;
    site.writePorts({ registered: { '42101-7777777-7': 'thumb' }, statuses: site.statuses });
    const answer = await crew.call('POST', `/alerts/${alert.alert}/verification`, { cnic: '42101-7777777-7', sample: 'dGh1bWI=' });
    assert.equal(answer.answer, 'yes');
    await crew.call('POST', `/alerts/${alert.alert}/case_status`, { case: site.listed.case });
    await refused(act('outcome', 'outcome', { outcome: 'custody', harm: 'none', means: 'cnic_verified', case: site.listed.case, slip_proof }), 409);
});

story('s3 an entry withdrawn while a crew is on its way recalls the alert and stops matching', async (site) => {
    const alert = await site.untilAgreed();
    await site.dispatch(alert);
    const { crew, watchOfficer } = site.cast;
    await crew.act(`/alerts/${alert.alert}/acceptance`, 'acceptance', { alert: alert.alert, answer: 'accepted' });
    await watchOfficer.act(`/entries/${site.listed.entry}/withdrawal`, 'entry_withdrawal', { entry: site.listed.entry, reason: 'no_longer_wanted' });
    const closed = await untilState(site, alert, 'closed');
    assert.equal(closed.outcome, 'recalled');
    await refused(crew.get(`/packets/${alert.alert}`), 404);
    await refused(crew.act(`/alerts/${alert.alert}/arrival`, 'arrival', { alert: alert.alert }), 409);
    const { unit, recall_word } = closed;
    await site.cast.dispatcher.act(`/alerts/${alert.alert}/radio_acknowledgement`, 'radio_acknowledgement', { alert: alert.alert, unit, read_back: recall_word });
    assert.equal((await crew.get(`/alerts/${alert.alert}`)).recall, 'acknowledged');
});

story('s32 a halted operation recalls what is open and computes no template more', async (site) => {
    const { alert } = await site.untilDrawn();
    await site.cast.reviewerOne.act(`/operations/${site.operation}/halt`, 'halt', { operation: site.operation, reason: 'safety' });
    assert.equal((await untilState(site, alert, 'closed')).outcome, 'recalled');
    await site.untilOperation(site.operation, 'halted');
    const before = await templatesComputed(site);
    await sleep(3000);
    assert.equal(await templatesComputed(site), before);
    assert.equal(site.children('watch').length, 0, 'a halted operation leaves no watch running');
});

story('s21 matching pauses when presence is lost and goes on when it is back', async (site) => {
    await site.cast.dispatcher.leave();
    await site.untilOperation(site.operation, 'paused');
    await untilNewHealth(site);
    const before = await templatesComputed(site);
    await sleep(4000);
    assert.equal(await templatesComputed(site), before, 'templates were computed in a pause');
    await site.cast.dispatcher.present('dispatcher');
    await site.untilOperation(site.operation, 'running');
    await site.untilDrawn();
});
