// What somebody with a session, or without one, cannot do.
import { assert, exchange, newId, nowSeconds, refused, sleep, story, subject, untilState } from './story.mjs';

const quiet = { prepare: async (site) => {
    await site.startDesk();
    await site.signInAll();
} };

story('s10 an unsigned, wrongly signed or borrowed statement is refused', async (site) => {
    const { watchOfficer, approver } = site.cast;
    const statement = await watchOfficer.statement('operation_end', { operation: newId('op') });
    await refused(watchOfficer.call('POST', `/operations/${newId('op')}/end`, { ...statement, signature: '00'.repeat(64) }), 401);
    await refused(watchOfficer.call('POST', `/operations/${newId('op')}/end`, { statement: statement.statement }), 400);
    // Signed well, but by somebody else than the one who is signed in.
    const theirs = await approver.statement('operation_end', { operation: newId('op') });
    await refused(watchOfficer.call('POST', `/operations/${newId('op')}/end`, theirs), 401);
    const old = await watchOfficer.statement('operation_end', { operation: newId('op'), at: nowSeconds() - 3600 });
    const problem = await watchOfficer.call('POST', '/operations/op-0000000000000000/end', old).catch((one) => one);
    assert.ok(problem.status >= 400, 'an hour-old statement was accepted');
}, quiet);

story('nobody gets anywhere without a session, and no foreign page acts with one', async (site) => {
    for (const path of ['/entries', '/alerts', '/operations', '/cameras', '/events', '/log', '/roster', '/presence'])
        assert.equal((await exchange(site, 'GET', `/api/v1${path}`)).status, 401, path);
    const headers = { Authorization: `Bearer ${site.cast.reviewerOne.session}`, 'X-Mizan': '' };
    const foreign = await exchange(site, 'PUT', '/api/v1/presence', { headers, body: '{"as":"reviewer"}' });
    assert.equal(foreign.status, 403);
}, quiet);

story('roles are closed: each officer is refused what belongs to another', async (site) => {
    const { reviewerOne, crew, auditor, watchOfficer, dispatcher } = site.cast;
    await refused(reviewerOne.get('/entries'), 403);
    await refused(crew.get('/log'), 403);
    await refused(dispatcher.upload('/photos', Buffer.from('x')), 403);
    await refused(watchOfficer.get('/log'), 403);
    await refused(auditor.get('/entries'), 403);
    await refused(reviewerOne.call('PUT', '/presence', { as: 'dispatcher' }), 403);
}, quiet);

story('hostile bodies get a clear answer and the desk lives on', async (site) => {
    const { watchOfficer } = site.cast;
    const headers = { Authorization: `Bearer ${watchOfficer.session}`, 'Content-Type': 'application/json' };
    const send = (body, path = '/api/v1/entries') => exchange(site, 'POST', path, { headers, body }).catch((problem) => ({ status: problem.code }));
    const cases = [
        ['ten megabytes', Buffer.alloc(10 << 20, 0x20), [413, 'ECONNRESET', 'EPIPE']],
        ['broken UTF-8', Buffer.from([0x7b, 0x22, 0xc3, 0x28, 0x22, 0x3a, 0x31, 0x7d]), [400]],
        ['a deep nest', '['.repeat(5000), [400]],
        ['no JSON', 'hello', [400]],
        ['a list', '[]', [400]],
        ['a duplicate key', '{"key":"a","key":"b"}', [400]],
        ['nothing', '', [400]],
    ];
    for (const [name, body, statuses] of cases) {
        const { status } = await send(body);
        assert.ok(statuses.includes(status), `${name}: ${status}`);
    }
    for (const path of ['/api/v1/entries/../../etc/passwd', '/%2e%2e/%2e%2e/etc/passwd', '/api/v1/nowhere', '/site-key', '/api/v1/search'])
        assert.equal((await exchange(site, 'GET', path, { headers })).status, 404, path);
    await refused(watchOfficer.upload('/photos', Buffer.from('this is text, named .jpg')), 400);
    await refused(watchOfficer.upload('/photos', Buffer.alloc(9 << 20)), 413).catch(() => {});
    assert.equal((await exchange(site, 'GET', '/api/v1/health')).status, 200);
}, quiet);

story('s28 s29 a reviewer answers once, for the pictures shown, and sees no name', async (site) => {
    const { alert, reviewers } = await site.untilDrawn();
    const before = await reviewers[1].get(`/alerts/${alert.alert}`);
    await refused(site.review(reviewers[0], { ...alert, pictures_hash: '0'.repeat(64) }, 'same'), 409);
    await site.review(reviewers[0], alert, 'same');
    assert.deepEqual(await reviewers[1].get(`/alerts/${alert.alert}`), before, 'one answer changed what the other sees');
    await refused(site.review(reviewers[0], alert, 'different'), 409);
    await refused(site.dispatch(alert), 409);
    const bystander = [site.cast.reviewerOne, site.cast.reviewerTwo, site.cast.reviewerThree].find((one) => !reviewers.includes(one));
    if (bystander) await refused(site.review(bystander, alert, 'same'), 403);
    await site.review(reviewers[1], alert, 'same');
    await untilState(site, alert, 'agreed');
    await site.dispatch(alert);
    await otherUnitsAndOfficesSeeNothing(site, alert);
});

/** What one unit was sent is neither shown to another nor moved by it; who took no part gets no picture. */
async function otherUnitsAndOfficesSeeNothing(site, alert) {
    const { crew, secondCrew, station, watchOfficer, auditor } = site.cast;
    assert.ok((await crew.get('/alerts')).alerts.some((one) => one.alert === alert.alert), 'its own unit sees it');
    assert.ok(!(await secondCrew.get('/alerts')).alerts.some((one) => one.alert === alert.alert), 'another unit sees it');
    assert.ok(!(await station.get('/alerts')).alerts.some((one) => one.alert === alert.alert), 'a station sees it before the hand-over');
    const closed = async (promise, what) => {
        const problem = await promise.then(() => null, (one) => one);
        assert.ok([403, 404, 409].includes(problem?.status), `${what}: ${problem?.message ?? 'was accepted'}`);
    };
    const act = (officer, step, type, fields = {}) => officer.act(`/alerts/${alert.alert}/${step}`, type, { alert: alert.alert, ...fields });
    await closed(secondCrew.get(`/alerts/${alert.alert}`), 'another unit looks');
    await closed(secondCrew.get(`/packets/${alert.alert}`), 'another unit takes the packet');
    await closed(act(secondCrew, 'acceptance', 'acceptance', { answer: 'accepted' }), 'another unit accepts');
    await closed(act(secondCrew, 'arrival', 'arrival'), 'another unit arrives');
    await closed(act(secondCrew, 'stop', 'stop'), 'another unit stops');
    await closed(secondCrew.call('POST', `/alerts/${alert.alert}/verification`, { cnic: subject.cnic, sample: 'dGh1bWI=' }), 'another unit verifies');
    await closed(station.get(`/handovers/${alert.alert}`), 'a station takes what was not handed over');
    for (const officer of [watchOfficer, auditor, crew, station])
        await closed(officer.bytes(`/alerts/${alert.alert}/pictures/probe`), `${officer.name} takes a picture`);
    assert.equal((await crew.get(`/alerts/${alert.alert}`)).state, 'dispatched');
}

story('s1 s2 s8 a proposal that breaks a rule is refused, and nobody approves an own one', async (site) => {
    const { watchOfficer, approver } = site.cast;
    await site.enrol();
    const { entries } = await watchOfficer.get('/entries');
    const approved = entries[0];
    const again = await watchOfficer.statement('entry_approval', { entry: approved.entry, proposal_hash: approved.proposal_hash, answer: 'approved', reason: '' });
    const problem = await watchOfficer.call('POST', `/entries/${approved.entry}/approval`, again).catch((one) => one);
    assert.equal(problem.status, 403);
    const shape = { entry: newId('e'), ground: 'of_interest', person: { name: 'N', father: 'F', cnic: '42101-0000002-2', born: 1980, gender: 'male', description: '' },
        cases: [], photos: [], expires_at: nowSeconds() + 86400 };
    await refused(watchOfficer.act('/entries', 'entry_proposal', shape), 400);
    await refused(watchOfficer.act('/entries', 'entry_proposal', { ...shape, ground: 'court_warrant' }), 403, /demo site/);
    await refused(watchOfficer.act('/entries', 'entry_proposal', { ...shape, ground: 'consenting_test_subject' }), 400);
    await refused(approver.act('/entries', 'entry_proposal', { ...shape, ground: 'consenting_test_subject' }), 403);
}, quiet);

story('the event stream replays what was missed, once each', async (site) => {
    const { reviewerOne } = site.cast;
    const first = [];
    let hush = reviewerOne.listen((event) => first.push(event));
    await site.untilDrawn();
    await sleep(300);
    hush();
    assert.ok(first.length > 0, 'no event came');
    await site.cast.dispatcher.leave();
    await sleep(1500);
    const second = [];
    hush = reviewerOne.listen((event) => second.push(event), first.at(-1).id);
    await sleep(1000);
    hush();
    const ids = [...first, ...second].map((event) => event.id);
    assert.equal(new Set(ids).size, ids.length, 'an event came twice');
    assert.ok(second.length > 0, 'what happened in between was not replayed');
});
