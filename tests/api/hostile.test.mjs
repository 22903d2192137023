// What somebody with a session, or without one, cannot do.
import fs from 'node:fs';
import net from 'node:net';
import tls from 'node:tls';
import { once } from 'node:events';
import { holdToDescription } from './described.mjs';
import { slowPicture } from './slow-picture.mjs';
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
    await oneAddressHas64Connections(site);
    await aThousandStrangersKeepNobodyOut(site);
    await aStopLetsNobodyHang(site);
}, quiet);

story('a picture that takes long to decode keeps nobody waiting, and who goes away leaves the place to others', async (site) => {
    const { approver, watchOfficer, dispatcher } = site.cast;
    const slow = slowPicture();
    let isDone = false;
    const brought = approver.upload('/photos', slow).then(() => 200, (problem) => problem.status).finally(() => {
        isDone = true;
    });
    await sleep(300);
    for (let i = 0; i < 5; i++) await dispatcher.get('/presence');
    assert.equal(isDone, false, 'the desk answered others only after the picture');
    const gone = ['127.0.9.1', '127.0.9.2'].map((address) => knock(site, address));
    for (const socket of await Promise.all(gone)) {
        socket.write(`POST /api/v1/photos HTTP/1.1\r\nHost: desk\r\nX-Mizan: 1\r\nAuthorization: Bearer ${watchOfficer.session}\r\nContent-Length: ${slow.length}\r\n\r\n`);
        socket.end(slow);
        await once(socket, 'finish');
    }
    // Its answer comes after the approver's; a refusal, while both places are taken, comes at once.
    let [status, isLate] = [503, false];
    while (status === 503 && !isLate) {
        await sleep(200);
        isLate = isDone;
        status = await watchOfficer.upload('/photos', Buffer.from('no picture')).then(() => 200, (problem) => problem.status);
    }
    assert.equal(isLate, false, 'the pictures of who went away kept their places');
    assert.equal(status, 400);
    assert.ok([400, 503].includes(await brought), String(await brought));
}, quiet);

/** TLS with the desk from that address of this machine; null where the desk lets nobody in. */
const knock = (site, localAddress) => new Promise((resolve) => {
    const socket = tls.connect({ host: '127.0.0.1', servername: 'localhost', port: site.port, ca: site.ca, localAddress }, () => resolve(socket));
    socket.on('error', () => resolve(null)).on('close', () => resolve(null));
});

async function oneAddressHas64Connections(site) {
    const held = (await Promise.all(Array.from({ length: 70 }, () => knock(site, '127.0.6.1')))).filter(Boolean);
    assert.equal(held.length, 64);
    const beside = await knock(site, '127.0.6.2');
    assert.ok(beside, 'another address is kept out');
    for (const socket of [...held, beside]) socket.destroy();
}

/** More than the desk has room for, all silent, from as many addresses as they need. */
async function aThousandStrangersKeepNobodyOut(site) {
    const strangers = Array.from({ length: 1100 }, (_, i) =>
        net.connect({ host: '127.0.0.1', port: site.port, localAddress: `127.0.7.${1 + (i % 22)}` }).on('error', () => {}));
    await Promise.all(strangers.map((one) => Promise.race([once(one, 'connect'), once(one, 'close')]).catch(() => {})));
    // Connections of before that nobody signed in on are strangers, too, and the oldest: what asks now comes anew.
    site.agent.destroy();
    assert.ok((await site.cast.dispatcher.get('/presence')).units_free >= 0);
    site.agent.destroy();
    assert.equal((await exchange(site, 'GET', '/api/v1/health')).status, 200, 'somebody new is kept out');
    const metrics = (await exchange(site, 'GET', '/metrics')).body.toString('utf8');
    const count = (name) => Number(new RegExp(`^mizan_connections${name} (\\d+)$`, 'm').exec(metrics)[1]);
    assert.ok(count('') <= 1024, `${count('')} connections`);
    assert.ok(count('_ended_total{why="room"}') + count('_ended_total{why="late"}') > 0, metrics);
    for (const one of strangers) one.destroy();
}

/** A stream, half a body and a password that is being hashed: all are ended or answered, and sessions outlive it. */
async function aStopLetsNobodyHang(site) {
    const { reviewerOne, watchOfficer, admin } = site.cast;
    const stream = await knock(site, '127.0.8.1');
    stream.write(`GET /api/v1/events HTTP/1.1\r\nHost: desk\r\nAuthorization: Bearer ${reviewerOne.session}\r\n\r\n`);
    await once(stream, 'data');
    const half = await knock(site, '127.0.8.2');
    half.write(`PUT /api/v1/presence HTTP/1.1\r\nHost: desk\r\nX-Mizan: 1\r\nAuthorization: Bearer ${watchOfficer.session}\r\nContent-Length: 30\r\n\r\n{`);
    const password = admin.call('POST', '/passes', { password: '', code: '', new_password: 'a password of some length', new_codes: true })
        .then(() => 200, (problem) => problem.status ?? problem.code);
    await sleep(50);
    const ends = [stream, half].map((one) => once(one.resume(), 'close'));
    site.desk.kill('SIGTERM');
    const [code, signal] = await once(site.desk, 'exit');
    assert.deepEqual({ code, signal }, { code: 0, signal: null });
    await Promise.all(ends);
    assert.ok([200, 503, 'ECONNRESET'].includes(await password), String(await password));
    await site.startDesk();
    assert.ok((await reviewerOne.get('/presence')).units_free >= 0, 'a session did not outlive the stop');
}

const anAdministrator = { secondAdmin: { name: 'Second administrator', office: newId('f'), roles: ['admin'] } };

story('s10 a suspended administrator takes no camera along but the own ones, and another signs them anew', async (site) => {
    const { admin, secondAdmin, dispatcher, watchOfficer } = site.cast;
    const fields = (name) => ({ camera: newId('c'), name, address: `rtsp://127.0.0.1:8554/${name}`, latitude_e7: 248607000, longitude_e7: 670011000,
        heading_deg: 90, tls: '', sign_checked_at: nowSeconds() });
    const register = async (by, record) => by.call('POST', '/cameras', { envelope: await by.statement('camera', record), credentials: '' });
    const gate = fields('gate'), market = fields('market');
    const { key } = await register(admin, gate);
    await register(secondAdmin, market);
    await secondAdmin.act('/suspensions', 'suspension', { subject: admin.id, reason: 'lost_device' });
    const listed = async (viewer) => new Map((await viewer.get('/cameras')).cameras.map((one) => [one.camera, one]));
    const seen = await listed(dispatcher);
    assert.equal(seen.get(market.camera).name, 'market');
    assert.equal(seen.get(gate.camera).state, 'refused');
    assert.equal(seen.get(gate.camera).reason, 'signer_suspended');
    assert.match(seen.get(gate.camera).refusal.detail, new RegExp(`${admin.id}, who signed its record, is suspended; another administrator`));
    assert.ok(!('record' in seen.get(gate.camera)) && !('name' in seen.get(gate.camera)));
    assert.deepEqual((await dispatcher.get('/map')).cameras.map((one) => one.camera), [market.camera]);
    assert.match((await exchange(site, 'GET', '/metrics')).body.toString('utf8'), new RegExp(`camera="${gate.camera}",state="refused"`));
    await site.enrol();
    const [{ entry }] = (await watchOfficer.get('/entries')).entries;
    const draft = (cameras) => watchOfficer.call('POST', '/drafts', {
        operation: newId('op'), reasons: [{ why_here: 'trial', why_reference: 'DEMO', why_dated: Math.floor(Date.now() / 1000) - 86400, entries: [entry] }], cameras });
    await refused(draft([market.camera, gate.camera]), 409, /another administrator/);
    const { record } = (await listed(secondAdmin)).get(gate.camera);
    assert.equal((await register(secondAdmin, { ...gate, ...record, sign_checked_at: nowSeconds() })).key, key, 'the camera became another one');
    assert.equal((await listed(dispatcher)).get(gate.camera).name, 'gate');
    await draft([market.camera, gate.camera]);
}, { ...quiet, more: anAdministrator });

/** What the description allows a reviewer to be shown has no place for more. */
function aNameMoreWouldBeRefused(shown) {
    const reply = (body) => ({ status: 200, headers: { 'content-type': 'application/json' }, body: Buffer.from(JSON.stringify(body)) });
    holdToDescription('GET', `/api/v1/alerts/${shown.alert}`, reply(shown));
    for (const more of [{ person: { name: 'N' } }, { entry: newId('e') }, { cases: [] }, { score_e6: 1 }, { others: [] }]) {
        assert.throws(() => holdToDescription('GET', `/api/v1/alerts/${shown.alert}`, reply({ ...shown, ...more })), /is not described/);
        assert.throws(() => holdToDescription('GET', '/api/v1/alerts', reply({ alerts: [{ ...shown, ...more }] })), /is not described/);
    }
}

story('s28 s29 s33 a reviewer answers once, for the pictures shown, and sees no name; another unit sees and moves nothing', async (site) => {
    const { alert, reviewers } = await site.untilDrawn();
    const before = await reviewers[1].get(`/alerts/${alert.alert}`);
    aNameMoreWouldBeRefused(before);
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

/** What the description of the routes lets a crew do with an alert: [method, step, statement]. */
const crewRoutes = Object.entries(JSON.parse(fs.readFileSync(new URL('../../docs/openapi.json', import.meta.url), 'utf8')).paths)
    .filter(([route]) => /\/(alerts|packets)\/\{alert\}/.test(route))
    .flatMap(([route, methods]) => Object.entries(methods).map(([method, { 'x-roles': roles, 'x-statement': statement }]) => ({ route, method, roles, statement })))
    .filter(({ roles }) => roles?.includes('crew'));

/** Well made in all but the unit that it comes from. */
const crewSays = ({ listed, cast: { station } }, outcome_hash, slip_proof) => ({
    acceptance: { answer: 'accepted' }, arrival: {}, stop: {}, acknowledgement: {}, handover: { station: station.station },
    outcome: { outcome: 'identity_not_established', harm: 'none', means: 'none', case: '', slip_proof },
    concurrence: { outcome: 'right_person_no_action', outcome_hash },
    verification: { cnic: subject.cnic, sample: 'dGh1bWI=' }, case_status: { case: listed.case }, earlier_slip: { slip: 'AAAAA-AAAAA-AAAA', cnic: subject.cnic },
});

/** Each route that moves or shows the first unit's alert, asked by the crew of another: nothing has changed, and nothing was said of
 * how far it is. */
async function anotherUnitGetsNowhere(site, { alert }, outcome_hash = '0'.repeat(64), slip_proof = '0'.repeat(64)) {
    const { crew, secondCrew, dispatcher } = site.cast;
    const looks = () => Promise.all([crew, dispatcher].map((one) => one.get(`/alerts/${alert}`)));
    const before = await looks();
    for (const { route, method, statement } of crewRoutes) {
        const step = route.split('/').at(-1);
        const path = route.replace('/api/v1', '').replace('{alert}', alert);
        const says = crewSays(site, outcome_hash, slip_proof)[step];
        assert.ok(method === 'get' || says, `${route} is new: say here what another unit would ask there`);
        const asked = method === 'get' ? secondCrew.get(path)
            : statement ? secondCrew.act(path, statement, { alert, ...says }) : secondCrew.call('POST', path, says);
        const { status, detail } = await asked.then(() => assert.fail(`another unit's ${step} was accepted`), (problem) => problem);
        assert.match(`${status} ${detail}`, /^403 .*(not the crew that has|not shown to)/, step);
    }
    assert.deepEqual(await looks(), before);
}

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
    await closed(station.get(`/handovers/${alert.alert}`), 'a station takes what was not handed over');
    for (const officer of [watchOfficer, auditor, crew, station])
        await closed(officer.bytes(`/alerts/${alert.alert}/pictures/probe`), `${officer.name} takes a picture`);
    assert.equal((await crew.get(`/alerts/${alert.alert}`)).state, 'dispatched');
    await anotherUnitGetsNowhere(site, alert);
    const act = (step, type, fields = {}) => crew.act(`/alerts/${alert.alert}/${step}`, type, { alert: alert.alert, ...fields });
    await act('acceptance', 'acceptance', { answer: 'accepted' });
    await anotherUnitGetsNowhere(site, alert);
    await act('arrival', 'arrival');
    await anotherUnitGetsNowhere(site, alert);
    const { slip_proof } = await act('stop', 'stop');
    await act('outcome', 'outcome', { outcome: 'right_person_no_action', harm: 'none', means: 'document_and_officer', case: '', slip_proof });
    const { concurrence_asked, outcome_hash } = await crew.get(`/alerts/${alert.alert}`);
    assert.equal(concurrence_asked, 'right_person_no_action');
    await anotherUnitGetsNowhere(site, alert, outcome_hash, slip_proof);
}

const anotherStation = { secondStation: { name: 'Duty officer elsewhere', office: newId('f'), roles: ['station'], station: newId('s'), called: 'Clifton' } };

/** What the second station is neither shown nor lets happen, while the first one has it. */
async function anotherStationGetsNowhere(site, { alert, hash, request }) {
    const { secondStation } = site.cast;
    assert.deepEqual((await secondStation.get('/alerts')).alerts, []);
    await refused(secondStation.get(`/alerts/${alert}`), 403, /not shown to/);
    await refused(secondStation.get(`/handovers/${alert}`), 403, /waits at no station/);
    await refused(secondStation.act(`/alerts/${alert}/receipt`, 'receipt', { alert, handover_hash: hash }), 403, /waits at no station/);
    assert.deepEqual((await secondStation.get('/redress')).requests, []);
    await refused(secondStation.get(`/redress/${request}`), 403, /was taken at a station/);
    for (const [answer, reason] of [['given', 'none'], ['refused', 'court']])
        await refused(secondStation.act(`/redress/${request}/answer`, 'redress_answer', { request, answer, reason }), 403, /was taken at a station/);
    await refused(secondStation.act(`/redress/${request}/told`, 'redress_told', { request }), 403, /was taken at a station/);
}

story('s39 s43 what is handed over to one station and asked at its counter is not for another', async (site) => {
    const { crew, station, secondStation } = site.cast;
    const heard = { station: [], secondStation: [] };
    const hushes = Object.entries(heard).map(([part, events]) => site.cast[part].listen(({ event, data }) => event === 'alert' && events.push(data.state)));
    const { alert: { alert }, act, slip } = await site.untilStopped();
    await crew.call('POST', `/alerts/${alert}/verification`, { cnic: subject.cnic, sample: 'dGh1bWI=' });
    await crew.call('POST', `/alerts/${alert}/case_status`, { case: site.listed.case });
    await act('outcome', 'outcome', { outcome: 'custody', harm: 'none', means: 'cnic_verified', case: site.listed.case });
    assert.deepEqual((await station.get('/alerts')).alerts, [], 'a station sees a custody before the hand-over');
    await act('handover', 'handover', { station: station.station });
    const request = newId('q');
    await station.act('/redress', 'redress_request', { request, kind: 'complaint', slip, cnic: subject.cnic, words: 'Why me?', contact: '' });
    const { handover_hash: hash } = await station.get(`/handovers/${alert}`);
    await anotherStationGetsNowhere(site, { alert, hash, request });
    await station.act(`/redress/${request}/answer`, 'redress_answer', { request, answer: 'given', reason: 'none' });
    await station.act(`/alerts/${alert}/receipt`, 'receipt', { alert, handover_hash: hash });
    for (let i = 0; i < 100 && heard.station.length < 2; i++) await sleep(100);
    for (const hush of hushes) hush();
    assert.deepEqual(heard, { station: ['handed_over', 'received'], secondStation: [] });
    await anotherStationGetsNowhere(site, { alert, hash, request });
    assert.equal((await station.get(`/alerts/${alert}`)).state, 'received');
    // The slip opens an answer at any counter, asked for anew.
    const again = newId('q');
    const { answer } = await secondStation.act('/redress', 'redress_request', { request: again, kind: 'access', slip, cnic: subject.cnic, words: '', contact: '' });
    assert.equal(answer.why_here, 'trial');
    await refused(station.get(`/redress/${again}`), 403, /was taken at a station/);
}, { more: anotherStation });

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
    // Whoever is drawn hears of the alert, and nobody knows yet who that is.
    const heard = new Map([site.cast.reviewerOne, site.cast.reviewerTwo, site.cast.reviewerThree].map((one) => [one, []]));
    const hushes = [...heard].map(([one, events]) => one.listen((event) => events.push(event)));
    const { reviewers: [drawn] } = await site.untilDrawn();
    const first = heard.get(drawn);
    for (let i = 0; i < 100 && !first.length; i++) await sleep(100);
    await sleep(300);
    for (const hush of hushes) hush();
    assert.ok(first.length > 0, 'no event came');
    await site.cast.dispatcher.leave();
    await sleep(1500);
    const second = [];
    const hush = drawn.listen((event) => second.push(event), first.at(-1).id);
    for (let i = 0; i < 100 && !second.length; i++) await sleep(100);
    await sleep(300);
    hush();
    const ids = [...first, ...second].map((event) => event.id);
    assert.equal(new Set(ids).size, ids.length, 'an event came twice');
    assert.ok(second.length > 0, 'what happened in between was not replayed');
});
