// What a page believes of a desk: the packet that a crew reads, and what stands behind a hash before an officer signs it. No desk runs here.
import { assert, nowSeconds, test } from '../api/story.mjs';
import { checkHandover } from '../../web/handover.js';
import { inclusionPath, leafHash } from '../../web/proof.js';
import { base64, canonical, checkPacket, hashOfShown, hex, newSigningKey, sha256, signStatement } from '../../web/statement.js';
import { noteOf } from './signed-log.mjs';

const minute = 60;
const day = 24 * 60 * minute;
const site = 'one';
const alert = 'a-0000000000000001';
const unit = 'u-0000000000000001';
const pictures = 'ab'.repeat(32);

/** Five officers with keys of their own, in a roster that a fresh root signed. */
async function makeCast(kind = 'demo') {
    const [root, oversight] = [await newSigningKey(), await newSigningKey()];
    const make = async (officer, office, ...roles) => ({ officer, office, roles, posts: [], key: await newSigningKey() });
    const cast = {
        one: await make('o-0000000000000001', 'f-1', 'reviewer'), two: await make('o-0000000000000002', 'f-2', 'reviewer'), third: await make('o-0000000000000003', 'f-1', 'reviewer', 'dispatcher'),
        dispatcher: await make('o-0000000000000004', 'f-3', 'dispatcher'), both: await make('o-0000000000000005', 'f-4', 'reviewer', 'dispatcher'), crew: await make('o-0000000000000006', 'f-5', 'crew'),
        proposer: await make('o-0000000000000007', 'f-6', 'watch_officer'), second: await make('o-0000000000000009', 'f-5', 'crew'),
    };
    const stranger = await make('o-0000000000000008', 'f-7', 'reviewer', 'dispatcher', 'watch_officer');
    const now = nowSeconds();
    const lines = (left) => Object.values(cast).filter((one) => one.officer !== left).map((one) => ({ ...one, key: one.key.public }));
    const rosterBy = (key, changes = {}) => signStatement({ type: 'roster', site, by: 'root', at: now - 100, kind, number: 1, officers: lines(), ...changes }, key);
    return { ...cast, kind, stranger, root, oversight, now, lines, rosterBy, roster: await rosterBy(root) };
}

const signedBy = (cast, officer, type, fields, key = officer.key) => signStatement({ type, site, by: officer.officer, at: cast.now - 2 * minute, ...fields }, key);
const review = (cast, officer, fields = {}, key) => signedBy(cast, officer, 'review', { alert, passage: 'p-1', pictures_hash: pictures, answer: 'same', ...fields }, key);
const dispatch = (cast, fields = {}, officer = cast.dispatcher, key) =>
    signedBy(cast, officer, 'dispatch', { alert, unit, passage: 'p-1', pictures_hash: pictures, at: cast.now - minute, ...fields }, key);
const packetOf = async (cast, changes = {}) => ({ dies_at: cast.now + 10 * minute, roster: cast.roster, dispatch: await dispatch(cast),
    reviews: [await review(cast, cast.one), await review(cast, cast.two)], ...changes });
const expects = (cast, changes = {}) => ({ alert, unit, rootKey: cast.root.public, now: cast.now, ...changes });

/** What is wrong with a packet → what the crew is told instead of a name and a face. */
const wrongPackets = [
    ['one review', async (c) => ({ reviews: [await review(c, c.one)] }), /two reviews are needed/],
    ['three reviews', async (c) => ({ reviews: [await review(c, c.one), await review(c, c.two), await review(c, c.both)] }), /two reviews are needed/],
    ['one review twice', async (c) => ({ reviews: Array(2).fill(await review(c, c.one)) }), /of different offices/],
    ['reviewers of one office', async (c) => ({ reviews: [await review(c, c.one), await review(c, c.third)] }), /of different offices/],
    ['a "different"', async (c) => ({ reviews: [await review(c, c.one), await review(c, c.two, { answer: 'different' })] }), /not a "same"/],
    ['a "cannot tell"', async (c) => ({ reviews: [await review(c, c.one), await review(c, c.two, { answer: 'cannot_tell' })] }), /not a "same"/],
    ['a review of another alert', async (c) => ({ reviews: [await review(c, c.one), await review(c, c.two, { alert: 'a-0000000000000002' })] }), /not a "same"/],
    ['another statement than a review', async (c) => ({ reviews: [await review(c, c.one), await review(c, c.two, { type: 'receipt' })] }), /not a "same"/],
    ['a review of another site', async (c) => ({ reviews: [await review(c, c.one), await review(c, c.two, { site: 'two' })] }), /not a "same"/],
    ['a review of other pictures', async (c) => ({ reviews: [await review(c, c.one), await review(c, c.two, { pictures_hash: 'cd'.repeat(32) })] }), /other pictures/],
    ['a review of another passage', async (c) => ({ reviews: [await review(c, c.one), await review(c, c.two, { passage: 'p-2' })] }), /other pictures/],
    ['other pictures sent', async (c) => ({ dispatch: await dispatch(c, { pictures_hash: 'cd'.repeat(32) }) }), /other pictures/],
    ['a reviewer who is none', async (c) => ({ reviews: [await review(c, c.one), await review(c, c.crew)] }), /o-0{15}6 is not a reviewer/],
    ['a reviewer of no roster', async (c) => ({ reviews: [await review(c, c.one), await review(c, c.stranger)] }), /o-0{15}8 is not in the roster/],
    ['a reviewer’s name over another key', async (c) => ({ reviews: [await review(c, c.one), await review(c, c.two, {}, c.stranger.key)] }), /o-0{15}2 is not in the roster with this key/],
    ['a review changed after it was signed', async (c) => {
        const [one, two] = [await review(c, c.one), await review(c, c.two, { answer: 'cannot_tell' })];
        return { reviews: [one, { ...two, statement: two.statement.replace('cannot_tell', 'same') }] };
    }, /signature does not verify/],
    ['a dispatcher who is none', async (c) => ({ dispatch: await dispatch(c, {}, c.crew) }), /o-0{15}6 is not a dispatcher/],
    ['a dispatcher of no roster', async (c) => ({ dispatch: await dispatch(c, {}, c.stranger) }), /o-0{15}8 is not in the roster/],
    ['a dispatcher’s name over another key', async (c) => ({ dispatch: await dispatch(c, {}, c.dispatcher, c.stranger.key) }), /o-0{15}4 is not in the roster with this key/],
    ['a reviewer who sends', async (c) => ({ reviews: [await review(c, c.one), await review(c, c.both)], dispatch: await dispatch(c, {}, c.both) }), /dispatcher cannot be a reviewer/],
    ['another unit', async (c) => ({ dispatch: await dispatch(c, { unit: 'u-0000000000000002' }) }), /not for this unit and alert/],
    ['another alert', async (c) => ({ dispatch: await dispatch(c, { alert: 'a-0000000000000002' }) }), /not for this unit and alert/],
    ['another statement than a dispatch', async (c) => ({ dispatch: await dispatch(c, { type: 'concurrence' }) }), /not for this unit and alert/],
    ['a dispatch of another site', async (c) => ({ dispatch: await dispatch(c, { site: 'two' }) }), /not for this unit and alert/],
    ['a roster of another root', async (c) => ({ roster: await c.rosterBy(c.stranger.key) }), /root key/],
    ['its time over', async (c) => ({ dies_at: c.now }), /has died/],
    ['reviews of an hour ago', async (c) => ({ reviews: [await review(c, c.one, { at: c.now - 61 * minute }), await review(c, c.two)] }), /has died/],
    ['sent a quarter of an hour ago, whatever the desk says of its end', async (c) => ({ dies_at: c.now + 30 * minute, dispatch: await dispatch(c, { at: c.now - 15 * minute }) }), /has died/],
];

test('s33 a unit’s page shows no packet of which one condition does not hold, and says which', async () => {
    const cast = await makeCast();
    const good = await checkPacket(await packetOf(cast), expects(cast));
    assert.equal(good.ends.unaccepted, cast.now + 10 * minute, 'what is whole is shown until it dies');
    for (const [what, change, words] of wrongPackets)
        await assert.rejects(checkPacket(await packetOf(cast, await change(cast)), expects(cast)), words, what);
    await assert.rejects(checkPacket(await packetOf(cast), expects(cast, { suspended: ['o-0000000000000002'] })), /the key of o-0{15}2 was suspended/);
    await assert.rejects(checkPacket(await packetOf(cast), expects(cast, { suspended: ['o-0000000000000004'] })), /the key of o-0{15}4 was suspended/);
});

test('s33 how the person was seen is what the dispatcher signed, whatever the desk writes beside it', async () => {
    const cast = await makeCast();
    const signed = { travel: 'motorcycle', colour: 'red', clothing: 'jacket', pillion: true, heading: 'east' };
    const packet = await packetOf(cast, { dispatch: await dispatch(cast, signed), crew_fields: { ...signed, colour: 'blue', heading: 'west' } });
    assert.deepEqual((await checkPacket(packet, expects(cast))).seen, signed);
});

test('s33 a packet that nobody accepted dies a quarter of an hour after it was sent, an accepted one with its alert, whatever the desk says', async () => {
    const cast = await makeCast();
    const late = await packetOf(cast, { dies_at: cast.now + 600 * minute });
    const { ends } = await checkPacket(late, expects(cast));
    assert.deepEqual(ends, { unaccepted: cast.now + 14 * minute, accepted: cast.now + 58 * minute });
    const old = { ...late, dispatch: await dispatch(cast, { at: cast.now - 16 * minute }), reviews: await Promise.all([cast.one, cast.two].map((one) => review(cast, one, { at: cast.now - 17 * minute }))) };
    await assert.rejects(checkPacket(old, expects(cast)), /has died/);
    await checkPacket(old, expects(cast, { accepted: true }));
    await assert.rejects(checkPacket(old, expects(cast, { accepted: true, now: cast.now + 43 * minute })), /has died/);
});

test('s13 nobody signs the hash of a request that the desk hides, exchanges, or has from nobody who may ask', async () => {
    const cast = await makeCast();
    const request = (fields = {}, officer = cast.proposer, key) => signedBy(cast, officer, 'operation_request', { operation: 'op-1', purpose: 'trial', ...fields }, key);
    const roster = { officers: JSON.parse(cast.roster.statement).officers };
    const expected = { type: 'operation_request', site, about: { operation: 'op-1' }, role: 'watch_officer', roster };
    const read = async (envelope, stated) => hashOfShown(envelope, { ...expected, stated: stated ?? (await sha256(envelope.statement)) });
    const asked = await request();
    assert.equal(await read(asked), await sha256(asked.statement));
    const changed = { ...asked, statement: asked.statement.replace('trial', 'other') };
    for (const [envelope, stated, words] of [[null, 'ab'.repeat(32), /does not show/], [undefined, 'ab'.repeat(32), /does not show/], [changed, undefined, /does not verify/],
        [asked, await sha256((await request({ purpose: 'arrest_warrants' })).statement), /something else/], [await request({ operation: 'op-2' }), undefined, /something else/],
        [await request({ site: 'two' }), undefined, /something else/], [await request({ type: 'entry_proposal' }), undefined, /something else/],
        [await request({}, cast.crew), undefined, /o-0{15}6 is not a watch_officer/], [await request({}, cast.stranger), undefined, /o-0{15}8 is not in the roster/],
        [await request({}, cast.proposer, cast.stranger.key), undefined, /o-0{15}7 is not in the roster with this key/]])
        await assert.rejects(read(envelope, stated), words);
});

const station = 's-0000000000000001';

/** A log of these leaves with its note by `key`: what the packet has of it. */
async function logOf(leaves, key, now) {
    const lines = leaves.map((leaf, seq) => canonical({ at: now - 3 * minute, by: 'site', commitment: '', previous: '0'.repeat(64), seq, site, ...leaf }));
    const hashes = await Promise.all(lines.map(leafHash));
    const proved = await Promise.all(lines.map(async (leaf, seq) => ({ seq, leaf, proof: (await inclusionPath(hashes, seq)).map(hex) })));
    const of = (wanted) => proved.filter((_, seq) => wanted(leaves[seq]));
    return { records: of((leaf) => leaf.alert === alert), standing: of((leaf) => /^(roster_adopted|key_suspended)$/.test(leaf.kind)),
        checkpoint: await noteOf(hashes, key, { site, at: nowSeconds() }) };
}

const adopted = async ({ roster }, at) => ({ kind: 'roster_adopted', number: JSON.parse(roster.statement).number, roster_hash: await sha256(roster.statement), ...(at && { at }) });
const suspended = ({ officer, key }) => ({ kind: 'key_suspended', subject: officer, key: key.public, reason: 'lost_device' });
const recordOf = async (envelope) => ({ alert, kind: 'x', signed: await sha256(canonical(envelope)) });

/** A roster as the desk keeps it: with the oversight body's word on a live site. */
async function paperOf(cast, changes = {}, word = {}, key = cast.oversight) {
    const roster = await cast.rosterBy(cast.root, changes);
    const { number } = JSON.parse(roster.statement);
    return cast.kind === 'demo' ? { roster } : { roster, endorsement: await signStatement({ type: 'roster_endorsement', site, by: 'oversight',
        at: cast.now - 2 * day, number, roster_hash: await sha256(roster.statement), ...word }, key) };
}

/**
 * A whole hand-over; `change` of what was signed, `unlogged`: statements that the log does not know. With `former` papers the alert began under
 * those, and the packet's own roster came when all was signed but the `late` ones and the hand-over. `before` and `after`: leaves around what was signed.
 */
async function handoverOf(cast, { reviews, outcomes, handover, pictures, logKey, unlogged = [], paper, former = [], forgotten = [], before = [], after = [], late = () => false } = {}) {
    const shown = { crops: [{ format: 'rgb', width: 1, height: 1, pixels: base64([1, 2, 3]) }], face: base64([4]), enrolled: base64([5]) };
    const face = await sha256(new Uint8Array([4]));
    const sighting = { passage: 'p-1', pictures_hash: await sha256(`p-1\n${await sha256(new Uint8Array([1, 2, 3]))}\n${face}\n`), enrolled_hash: await sha256(new Uint8Array([5])) };
    const same = { pictures_hash: sighting.pictures_hash };
    const signed = {
        reviews: reviews ? await reviews(same) : [await review(cast, cast.one, same), await review(cast, cast.two, same)],
        outcomes: outcomes ? await outcomes() : [await signedBy(cast, cast.crew, 'outcome', { alert, outcome: 'custody' })],
        concurrences: [await signedBy(cast, cast.second, 'concurrence', { alert })],
    };
    const { roster, endorsement } = paper ?? await paperOf(cast);
    const leaves = Object.values(signed).flat().filter((one) => !unlogged.includes(one));
    const [early, last] = [false, true].map((is) => leaves.filter((one) => Boolean(late(JSON.parse(one.statement))) === is).map(recordOf));
    const own = [adopted({ roster })];
    const log = await logOf(await Promise.all([{ kind: 'site_made' }, ...(former.length ? former.map((one) => adopted(one, one.at)) : own), ...forgotten.map((one) => adopted(one)),
        ...before, ...early, ...after, ...(former.length ? own : []), ...last]), logKey ?? cast.log, cast.now);
    return { alert, station, stations: [station], ...log, sighting, pictures: { ...shown, ...pictures }, roster, endorsement, former_rosters: former,
        handover: handover ?? await signedBy(cast, cast.crew, 'handover', { alert, station }), ...signed };
}

/** What is wrong with a hand-over → why the station’s officer does not sign for it. */
const wrongHandovers = [
    ['another alert', async (c) => ({ ...await handoverOf(c), alert: 'a-0000000000000002' }), /for another station or about another alert/],
    ['another station', async (c) => ({ ...await handoverOf(c), station: 's-0000000000000002' }), /for another station or about another alert/],
    ['one review', (c) => handoverOf(c, { reviews: async (same) => [await review(c, c.one, same)] }), /did not say “same”/],
    ['reviewers of one office', (c) => handoverOf(c, { reviews: async (same) => [await review(c, c.one, same), await review(c, c.third, same)] }), /did not say “same”/],
    ['a "different"', (c) => handoverOf(c, { reviews: async (same) => [await review(c, c.one, same), await review(c, c.two, { ...same, answer: 'different' })] }), /did not say “same”/],
    ['reviews of other pictures', (c) => handoverOf(c, { reviews: async () => [await review(c, c.one), await review(c, c.two)] }), /did not say “same”/],
    ['a reviewer who is none', (c) => handoverOf(c, { reviews: async (same) => [await review(c, c.one, same), await review(c, c.crew, same)] }), /o-0{15}6 is not in the roster/],
    ['a reviewer of no roster', (c) => handoverOf(c, { reviews: async (same) => [await review(c, c.one, same), await review(c, c.stranger, same)] }), /o-0{15}8 is not in the roster/],
    ['a review of another alert', (c) => handoverOf(c, { reviews: async (same) => [await review(c, c.one, same), await review(c, c.two, { ...same, alert: 'a-0000000000000002' })] }), /about something else: review/],
    ['a review of another site', (c) => handoverOf(c, { reviews: async (same) => [await review(c, c.one, same), await review(c, c.two, { ...same, site: 'two' })] }), /about something else: review/],
    ['a review that is none', (c) => handoverOf(c, { reviews: async (same) => [await review(c, c.one, same), await review(c, c.two, { ...same, type: 'receipt' })] }), /about something else: receipt/],
    ['a review changed after it was signed', async (c) => {
        const packet = await handoverOf(c);
        const [one, two] = packet.reviews;
        return { ...packet, reviews: [one, { ...two, statement: two.statement.replace('same', 'diff') }] };
    }, /signature does not verify/],
    ['no custody', (c) => handoverOf(c, { outcomes: async () => [await signedBy(c, c.crew, 'outcome', { alert, outcome: 'wrong_person' })] }), /no crew signed the custody/],
    ['a custody by no crew', (c) => handoverOf(c, { outcomes: async () => [await signedBy(c, c.one, 'outcome', { alert, outcome: 'custody' })] }), /o-0{15}1 is not in the roster/],
    ['a hand-over by no crew', async (c) => handoverOf(c, { handover: await signedBy(c, c.one, 'handover', { alert, station }) }), /o-0{15}1 is not in the roster/],
    ['another face', (c) => handoverOf(c, { pictures: { face: base64([9]) } }), /not those that were reviewed/],
    ['another crop', (c) => handoverOf(c, { pictures: { crops: [] } }), /not those that were reviewed/],
    ['another enrolled photograph', (c) => handoverOf(c, { pictures: { enrolled: base64([9]) } }), /not those that were reviewed/],
    ['an outcome that the log does not know', async (c) => {
        const made = await signedBy(c, c.crew, 'outcome', { alert, outcome: 'custody' });
        return handoverOf(c, { outcomes: async () => [made], unlogged: [made] });
    }, /what o-0{15}6 signed is not in the log/],
    ['a log of another key', (c) => handoverOf(c, { logKey: c.stranger.key }), /log_bad_signature/],
    ['a record that was changed', async (c) => {
        const packet = await handoverOf(c);
        const [first, ...others] = packet.records;
        return { ...packet, records: [{ ...first, leaf: first.leaf.replace('"x"', '"y"') }, ...others] };
    }, /record 2 of the hand-over is not in the log/],
    ['a record with a name in it', (c) => handoverOf(c, { before: [{ alert, kind: 'alert_raised', person: 'Ghulam Ali' }] }), /log_bad_form/],
    ['a suspension with a reason in words', (c) => handoverOf(c, { before: [{ ...suspended(c.two), reason: 'lost at the Saddar crossing' }] }), /log_bad_form/],
    ['a record of another site', (c) => handoverOf(c, { before: [{ alert, kind: 'alert_raised', site: 'two' }] }), /record 2 of the hand-over is not in the log/],
    ['no list of records', async (c) => ({ ...await handoverOf(c), records: undefined }), /does not have the form of a hand-over/],
    ['no pictures', async (c) => ({ ...await handoverOf(c), pictures: undefined }), /does not have the form of a hand-over/],
    ['records without end', async (c) => ({ ...await handoverOf(c), records: Array(513).fill({}) }), /does not have the form of a hand-over/],
    ['no records', async (c) => ({ ...await handoverOf(c), records: [] }), /is not in the log/],
    ['a record whose number is none', async (c) => {
        const packet = await handoverOf(c);
        return { ...packet, records: packet.records.map((one) => ({ ...one, seq: String(one.seq) })) };
    }, /record 2 of the hand-over is not in the log/],
    ['a roster of another root', async (c) => handoverOf(c, { paper: { roster: await c.rosterBy(c.stranger.key) } }), /root key/],
    ['a former roster of another root', async (c) => handoverOf(c, { former: [{ roster: await c.rosterBy(c.stranger.key, { number: 0 }) }] }), /root key/],
    ['a roster of another site', async (c) => handoverOf(c, { paper: await paperOf(c, { site: 'two' }, { site: 'two' }) }), /about something else: roster/],
    ['a roster of a demonstration', async (c) => handoverOf(c, { paper: await paperOf(c, { kind: 'demo' }) }), /not enrolled for a demo site/],
    ['a roster that nobody endorsed', async (c) => handoverOf(c, { paper: { roster: (await paperOf(c)).roster } }), /oversight body has not endorsed/],
    ['a former roster that nobody endorsed', async (c) => handoverOf(c, { former: [{ roster: (await paperOf(c, { number: 0 })).roster }] }), /oversight body has not endorsed/],
    ['a former roster that the root endorsed', async (c) => handoverOf(c, { former: [await paperOf(c, { number: 0 }, {}, c.root)] }), /not by the pinned oversight key/],
    ['a former roster with the word on another one', async (c) => handoverOf(c, { former: [{ ...await paperOf(c, { number: 0 }), endorsement: (await paperOf(c)).endorsement }] }), /about another roster/],
    ['a former roster that was endorsed after it stood', async (c) => handoverOf(c, { former: [{ ...await paperOf(c, { number: 0 }), at: c.now - 3 * day }] }), /counts 24 hours after/],
    ['a former roster that never stood', async (c) => ({ ...await handoverOf(c), former_rosters: [await paperOf(c, { number: 0 })] }), /does not say that it was in force/],
    ['a roster that stood and is left out', async (c) => handoverOf(c, { forgotten: [await paperOf(c, { number: 2 })] }), /roster 2, which was in force, is not in/],
    ['a reviewer who had left', async (c) => handoverOf(c, { former: [await paperOf(c, { number: 0 })], paper: await paperOf(c, { officers: c.lines('o-0000000000000002') }), late: (one) => one.by === 'o-0000000000000002' }), /o-0{15}2 is not in the roster/],
    ['a reviewer who came afterwards', async (c) => handoverOf(c, { former: [await paperOf(c, { number: 0, officers: c.lines('o-0000000000000002') })] }), /o-0{15}2 is not in the roster/],
    ['a crew that had left', async (c) => handoverOf(c, { former: [await paperOf(c, { number: 0 })], paper: await paperOf(c, { officers: c.lines('o-0000000000000006') }) }), /o-0{15}6 is not in the roster/],
    ['a reviewer’s key that was suspended', async (c) => handoverOf(c, { before: [suspended(c.two)] }), /key of o-0{15}2 was suspended before/],
    ['a key that was suspended between the answer and the hand-over', async (c) => handoverOf(c, { after: [suspended(c.crew)] }), /key of o-0{15}6 was suspended before/],
    ['a suspended key that a later roster gives again', async (c) => handoverOf(c, { former: [await paperOf(c, { number: 0 })], before: [suspended(c.two)], late: (one) => one.by === 'o-0000000000000002' }), /key of o-0{15}2 was suspended before/],
    ['somebody else’s suspension', async (c) => {
        const packet = await handoverOf(c, { before: [suspended(c.two)] });
        return { ...packet, standing: packet.standing.map((one) => ({ ...one, leaf: one.leaf.replace('o-0000000000000002', 'o-0000000000000003') })) };
    }, /record 2 of the hand-over is not in the log/],
    ['its making before rosters and suspensions went along', async (c) => ({ ...await handoverOf(c), standing: undefined }), /does not say which rosters and which suspensions stood/],
    ['suspensions without end', async (c) => ({ ...await handoverOf(c), standing: Array(513).fill({}) }), /does not have the form of a hand-over/],
    ['former rosters without end', async (c) => ({ ...await handoverOf(c), former_rosters: Array(513).fill({}) }), /does not have the form of a hand-over/],
];

const handoverCast = async (kind) => ({ ...await makeCast(kind), log: await newSigningKey() });
const expectedOf = ({ root, oversight, log, kind }) => ({ alert, station, site, rootKey: root.public, logKey: log.public, oversightKey: kind === 'live' ? oversight.public : '' });

test('s39 a station signs for no hand-over of which one signature, picture or proof does not hold, and is told which', async () => {
    const cast = await handoverCast('live');
    assert.deepEqual(await checkHandover(await handoverOf(cast), expectedOf(cast)), { records: 5, statements: 5 });
    for (const [what, make, words] of wrongHandovers) await assert.rejects(checkHandover(await make(cast), expectedOf(cast)), words, what);
});

test('s10 s39 what was signed in a hand-over stays signed when its signer leaves or loses the key afterwards', async () => {
    for (const kind of ['demo', 'live']) {
        const cast = await handoverCast(kind);
        const former = [await paperOf(cast, { number: 0 })];
        const whole = { 'nothing happened': {}, 'o-2 left since': { former, paper: await paperOf(cast, { officers: cast.lines('o-0000000000000002') }) }, 'o-2’s tablet was lost since': { after: [suspended(cast.two)] },
            'o-2 lost an earlier key': { before: [suspended({ officer: 'o-0000000000000002', key: cast.stranger.key })] }, 'o-2 came back with another key': { former, after: [suspended(cast.two)],
                paper: await paperOf(cast, { officers: [...cast.lines('o-0000000000000002'), { ...cast.lines().find((one) => one.officer === 'o-0000000000000002'), key: cast.stranger.key.public }] }) } };
        for (const [what, changes] of Object.entries(whole)) await assert.doesNotReject(checkHandover(await handoverOf(cast, changes), expectedOf(cast)), undefined, `${kind}: ${what}`);
    }
});

test('s39 whatever lies in the place of a hand-over’s rosters and records, nobody signs for it', async () => {
    const cast = await handoverCast('live');
    const junk = [null, 0, 'x', {}, [null], [0], ['x'], [{}], [[]], [{ seq: 0, leaf: '{}', proof: [] }], [{ seq: 1, leaf: 'x', proof: ['x'] }], [{ roster: null }], [{ roster: {}, endorsement: {} }]];
    for (const name of ['standing', 'former_rosters', 'roster', 'endorsement', 'records', 'checkpoint'])
        for (const value of junk) await assert.rejects(checkHandover({ ...await handoverOf(cast), [name]: value }, expectedOf(cast)), undefined, `${name}: ${JSON.stringify(value)}`);
});
