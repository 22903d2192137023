// A roster as large as its form lets it be, from the root's key to the packet on a unit's page and the hand-over at a station.
import fs from 'node:fs';
import path from 'node:path';
import { randomBytes } from 'node:crypto';
import { assert, newId, nowSeconds, refused, story, subject } from './story.mjs';
import { castKeys } from './keys.mjs';
import { checkHandover } from '../../web/handover.js';
import { canonical, checkPacket, checkRoster, openPacket, sha256 } from '../../web/statement.js';

const most = { officers: 2000, units: 500, stations: 500 };
const key = () => randomBytes(32).toString('hex');
const series = (count, make) => Array.from({ length: count }, (_, i) => make(i));

/** Fills the roster up: crews in shifts, each posted to a unit, as a city has them. */
function fillUp({ cast, crowd }) {
    const there = Object.values(cast).map((one) => one.rosterLine());
    const called = { unit: 'Mobile', station: 'PS' };
    const posts = (kind) => series(most[`${kind}s`] - Object.values(cast).filter((one) => one[kind]).length,
        (i) => ({ [kind]: newId(kind[0]), key: key(), name: `${called[kind]} Gulshan-e-Iqbal ${i}` }));
    Object.assign(crowd, { units: posts('unit'), stations: posts('station') });
    const office = newId('f');
    crowd.officers = series(most.officers - there.length, (i) => ({ officer: newId('o'), office, roles: ['crew'], posts: [crowd.units[i % crowd.units.length].unit], key: key(),
        service_number: `KHI-${60000 + i}` }));
}

const rosterFile = (site) => path.join(site.folder, 'roster.json');
const signedRoster = (site) => JSON.parse(fs.readFileSync(rosterFile(site)));
const inForce = (site, number) => site.cast.admin.until('/site', (one) => one.roster_number === number, { what: `roster ${number}` });
const signNext = async (site, number) => site.signRoster(number, await sha256(signedRoster(site).statement));

/** A roster's room is a roster's alone, and no larger than one may be. */
async function nothingElseGetsItsRoom({ cast: { admin, watchOfficer } }, body) {
    const other = await admin.statement('redress_request', { words: 'x'.repeat(100000) });
    const bringing = (change) => admin.call('POST', '/roster', { ...body, ...change });
    await refused(bringing({ roster: other }), 400);
    await refused(bringing({ adoption: other }), 413);
    await refused(bringing({ roster: { ...body.roster, statement: 'x'.repeat(1280 * 1024 + 1) } }), 413);
    await refused(watchOfficer.call('POST', '/entries', other), 413);
}

/** Signed by the root, brought over HTTPS, in force, in a backup, and still there when the desk starts again. */
async function theFullRosterIsInForce(site) {
    const { admin, crew } = site.cast;
    await signNext(site, 2);
    const roster = signedRoster(site);
    const adoption = await admin.statement('roster_adoption', { number: 2, roster_hash: await sha256(roster.statement) });
    await nothingElseGetsItsRoom(site, { adoption, roster, endorsement: null });
    assert.equal((await admin.call('POST', '/roster', { adoption, roster, endorsement: null })).state, 'waiting');
    await inForce(site, 2);
    const { backup } = await admin.call('POST', '/backups', {});
    assert.deepEqual(JSON.parse(fs.readFileSync(path.join(site.folder, 'backups', backup, 'roster.json'))), roster);
    await site.killDesk();
    await site.startDesk();
    await site.signInAll();
    const { envelope } = await crew.get('/roster');
    const { officers, units, stations } = await checkRoster(envelope, undefined, { rootKey: site.rootKey(), now: nowSeconds() });
    assert.deepEqual([officers.length, units.length, stations.length], Object.values(most));
    return roster;
}

/** The unit's page believes the packet; who reviewed it leaves while the crew is on its way. */
async function itsPacketIsBelieved(site, alert) {
    const { crew } = site.cast;
    await site.dispatch(alert);
    const { packet: sealed } = await crew.get(`/packets/${alert.alert}`);
    const packet = await openPacket(sealed, crew.device, `packet:${alert.alert}`);
    await checkPacket(packet, { rootKey: site.rootKey(), now: nowSeconds(), alert: alert.alert, unit: crew.unit });
    const { by: left } = JSON.parse(packet.reviews[0].statement);
    site.cast = Object.fromEntries(Object.entries(site.cast).filter(([, one]) => one.id !== left));
    await signNext(site, 3);
    site.mizan('roster', 'bring', '--roster', rosterFile(site), '--yes', '--site', `https://localhost:${site.port}`, '--ca', path.join(site.folder, 'ca.pem'),
        '--key', site.keys.admin.file);
    await inForce(site, 3);
    return sealed.length;
}

async function custody(site, alert) {
    const { crew, station } = site.cast;
    const act = (step, type, more = {}) => crew.act(`/alerts/${alert.alert}/${step}`, type, { alert: alert.alert, ...more });
    await act('acceptance', 'acceptance', { answer: 'accepted' });
    await act('arrival', 'arrival');
    const { slip_proof } = await act('stop', 'stop');
    await crew.call('POST', `/alerts/${alert.alert}/verification`, { cnic: subject.cnic, sample: Buffer.from('thumb').toString('base64') });
    await crew.call('POST', `/alerts/${alert.alert}/case_status`, { case: site.listed.case });
    await act('outcome', 'outcome', { outcome: 'custody', harm: 'none', means: 'cnic_verified', case: site.listed.case, slip_proof });
    await act('handover', 'handover', { station: station.station });
}

/** The station's page believes the hand-over, by two full rosters: the one in force and the one of the review. */
async function itsHandoverIsBelieved({ cast: { station } }, alert, former) {
    const { packet, handover_hash } = await station.get(`/handovers/${alert.alert}`);
    const { log_key: logKey } = await station.get('/site');
    const opened = await openPacket(packet, station.device, `handover:${alert.alert}`);
    assert.ok(canonical(opened.former_rosters) === canonical([{ roster: former }]), 'another roster was in force when it was reviewed');
    await checkHandover(opened, { alert: alert.alert, station: station.station, site: station.site.name, rootKey: former.key, logKey });
    assert.equal((await station.act(`/alerts/${alert.alert}/receipt`, 'receipt', { alert: alert.alert, handover_hash })).state, 'received');
    return packet.length;
}

story('a roster of 2,000 officers, 500 units and 500 stations is brought, and a packet and a hand-over are believed by it', async (site) => {
    fillUp(site);
    const roster = await theFullRosterIsInForce(site);
    await site.registerCamera('gate');
    site.listed = await site.enrol();
    await site.presentAll();
    site.operation = await site.authoriseOperation([site.listed.entry]);
    await site.untilOperation(site.operation, 'running');
    const alert = await site.untilAgreed();
    const packet = await itsPacketIsBelieved(site, alert);
    await custody(site, alert);
    const handover = await itsHandoverIsBelieved(site, alert, roster);
    const kilobytes = [JSON.stringify(roster).length, packet, handover].map((bytes) => Math.round(bytes / 1000));
    console.log(`roster, packet and hand-over have ${kilobytes.join(', ')} kB`);
}, { prepare: async (site) => {
    castKeys(site, ['admin']);
    await site.signRoster(1, '0'.repeat(64));
    fs.mkdirSync(path.join(site.folder, 'keys-elsewhere'));
    fs.appendFileSync(path.join(site.folder, 'site.ini'), `\n[backup]\nfolder = ${path.join(site.folder, 'backups')}\nkeys = ${path.join(site.folder, 'keys-elsewhere')}\n`);
    await site.startCameras();
    await site.startDesk();
    await site.signInAll();
} });
