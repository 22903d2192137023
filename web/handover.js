// What a station's officer demands of a hand-over before signing its receipt, and the desk forgets it: that officers signed everything in
// it, that its pictures are the reviewed ones, and that all of it stands in the log (docs/statements.md). Runs in the page and in Node, unbuilt.
import { leadsToRoot, leafHash, readCheckpoint } from './proof.js';
import { canonical, readEnvelope, Refusal, sha256, unbase64, unhex } from './statement.js';

/** The roster this device believes, and those of then, which the same root signed. */
async function rostersOf(packet, { roster, rootKey }) {
    const signed = await Promise.all([packet.roster, ...packet.former_rosters].map(async (envelope) => {
        const one = await readEnvelope(envelope);
        if (envelope.key !== rootKey || one.type !== 'roster' || one.site !== roster.site)
            throw new Refusal('a roster in the hand-over is not signed by this site’s root key');
        return one;
    }));
    return [roster, ...signed];
}

/** As many records as the desk proves at most (PROVED_RECORDS); of statements an alert has fewer. */
const MOST = 200;

/** Whoever knows the station's public key can seal to it: a form and an end first. */
function checkForm({ stations, records, former_rosters: rosters, reviews, outcomes, concurrences, sighting, pictures }) {
    const lists = [stations, records, rosters, reviews, outcomes, concurrences, pictures?.crops];
    if (!sighting || !lists.every((one) => Array.isArray(one) && one.length <= MOST)) throw new Refusal('what was sealed does not have the form of a hand-over');
}

/** The leaves that prove themselves to be in the log. */
async function leavesOf(packet, { site, logKey }) {
    const { size, root } = await readCheckpoint(packet.checkpoint, logKey, site);
    return Promise.all(packet.records.map(async ({ seq, leaf, proof }) => {
        if (!(await leadsToRoot(await leafHash(leaf), seq, size, proof.map(unhex), root))) throw new Refusal('record {1} of the hand-over is not in the log', String(seq));
        return JSON.parse(leaf);
    }));
}

/** The statements of one kind: about this alert, signed by who had the role, and known to the log by their whole envelopes' hash. */
async function readSigned(envelopes, { type, role, alert, rosters, logged }) {
    return Promise.all(envelopes.map(async (envelope) => {
        const fields = await readEnvelope(envelope);
        if (fields.type !== type || fields.site !== rosters[0].site || fields.alert !== alert) throw new Refusal('the hand-over has a statement about something else: {1}', fields.type);
        const officer = rosters.flatMap((roster) => roster.officers).find((one) => one.officer === fields.by && one.key === envelope.key && one.roles.includes(role));
        if (!officer) throw new Refusal('{1} is not in the roster with this key', fields.by);
        if (logged && !logged.has(await sha256(canonical(envelope)))) throw new Refusal('what {1} signed is not in the log', fields.by);
        return { ...fields, office: officer.office };
    }));
}

/** SHA-256 over the passage's id, then the hashes of the crops and of the face's picture, a line each. */
async function picturesHash(passage, { crops, face }) {
    const hashes = await Promise.all([...crops.map((one) => one.pixels), face].map((one) => sha256(unbase64(one))));
    return sha256([passage, ...hashes, ''].join('\n'));
}

async function checkPictures({ sighting, pictures }) {
    if ((await picturesHash(sighting.passage, pictures)) !== sighting.pictures_hash || (await sha256(unbase64(pictures.enrolled))) !== sighting.enrolled_hash)
        throw new Refusal('the hand-over’s pictures are not those that were reviewed');
}

/**
 * Throws with the first thing that does not hold. `roster` is the one this device believes, `logKey` the log's public key in hex;
 * resolves how many records were proved, and of which kinds the statements are.
 */
export async function checkHandover(packet, { alert, station, rootKey, logKey, roster }) {
    checkForm(packet);
    if (packet.alert !== alert || packet.station !== station || !packet.stations.includes(station))
        throw new Refusal('the hand-over is for another station or about another alert');
    const rosters = await rostersOf(packet, { roster, rootKey });
    const leaves = await leavesOf(packet, { site: roster.site, logKey });
    const known = { alert, rosters, logged: new Set(leaves.filter((leaf) => leaf.alert === alert).map((leaf) => leaf.signed)) };
    const reviews = await readSigned(packet.reviews, { ...known, type: 'review', role: 'reviewer' });
    const outcomes = await readSigned(packet.outcomes, { ...known, type: 'outcome', role: 'crew' });
    await readSigned(packet.concurrences, { ...known, type: 'concurrence', role: 'crew' });
    // It is what makes this packet, so that its record comes after.
    await readSigned([packet.handover], { ...known, logged: null, type: 'handover', role: 'crew' });
    await checkPictures(packet);
    const same = reviews.filter((one) => one.answer === 'same' && one.passage === packet.sighting.passage && one.pictures_hash === packet.sighting.pictures_hash);
    if (new Set(same.map((one) => one.office)).size < 2 || new Set(same.map((one) => one.by)).size < 2)
        throw new Refusal('two officers of different offices did not say “same” of these pictures');
    if (!outcomes.some((one) => one.outcome === 'custody')) throw new Refusal('no crew signed the custody');
    return { records: leaves.length, statements: reviews.length + outcomes.length + packet.concurrences.length + 1 };
}
