// What a station's officer demands of a hand-over before signing its receipt, and the desk forgets it: that officers signed everything in
// it, each while the roster of then named them with a key that was not suspended, that its pictures are the reviewed ones, and that all of it
// stands in the log (docs/statements.md). Runs in the page and in Node, unbuilt.
import { leadsToRoot, leafHash, readCheckpoint, readLeaf } from './proof.js';
import { canonical, checkRoster, readEnvelope, Refusal, sha256, unbase64, unhex } from './statement.js';

/** As many records as the desk proves at most (PROVED_RECORDS); of statements of one kind an alert has fewer. */
const MOST = 512;

/** Whoever knows the station's public key can seal to it: a form and an end first. */
function checkForm({ stations, records, standing, former_rosters: rosters, reviews, outcomes, concurrences, sighting, pictures }) {
    if (standing === undefined)
        throw new Refusal('the hand-over does not say which rosters and which suspensions stood, as none does that was made before; keep the sealed packet and have the auditor hold it against the log');
    const lists = [stations, records, standing, rosters, reviews, outcomes, concurrences, pictures?.crops];
    if (!sighting || !lists.every((one) => Array.isArray(one) && one.length <= MOST)) throw new Refusal('what was sealed does not have the form of a hand-over');
}

/** The leaves that prove themselves to be in the log, at their own places. */
async function leavesOf({ checkpoint, records, standing }, { site, logKey }) {
    const { size, root } = await readCheckpoint(checkpoint, logKey, site);
    const prove = async ({ seq, leaf: line, proof }) => {
        const leaf = readLeaf(line, seq);
        if (leaf.seq !== seq || leaf.site !== site || !(await leadsToRoot(await leafHash(line), seq, size, proof.map(unhex), root)))
            throw new Refusal('record {1} of the hand-over is not in the log', String(seq));
        return leaf;
    };
    const [about, beside] = await Promise.all([records, standing].map((list) => Promise.all(list.map(prove))));
    return { about, beside: beside.sort((one, other) => one.seq - other.seq) };
}

/** One of the hand-over's rosters, and since when it stood: by the root and, on a live site, endorsed long enough when the log says it was adopted. */
async function readRoster({ roster: envelope, endorsement }, adoptions, { site, rootKey, oversightKey }) {
    const hash = await sha256(envelope.statement);
    const adoption = adoptions.find((one) => one.roster_hash === hash);
    if (!adoption) throw new Refusal('the hand-over has a roster of which the log does not say that it was in force');
    const roster = await checkRoster(envelope, endorsement, { rootKey, oversightKey, now: adoption.at });
    if (roster.site !== site) throw new Refusal('the hand-over has a statement about something else: {1}', roster.type);
    return { hash, since: adoption.seq, officers: roster.officers };
}

/** What stood when: the rosters that were in force since the alert was raised, oldest first, and the keys that were suspended. */
async function standingOf(packet, leaves, pinned) {
    const adoptions = leaves.filter((one) => one.kind === 'roster_adopted');
    const papers = [{ roster: packet.roster, endorsement: packet.endorsement }, ...packet.former_rosters];
    const rosters = await Promise.all(papers.map((one) => readRoster(one, adoptions, pinned)));
    const missing = adoptions.find((adoption) => !rosters.some((one) => one.hash === adoption.roster_hash));
    if (missing) throw new Refusal('roster {1}, which was in force, is not in the hand-over', String(missing.number));
    return { rosters: rosters.sort((one, other) => one.since - other.since), suspensions: leaves.filter((one) => one.kind === 'key_suspended') };
}

/** Who signed it, by the roster that was in force when the log took it in (`seq`) and with a key that was not suspended before. */
function signerOf({ by }, { key }, { role, seq, standing: { rosters, suspensions } }) {
    const then = rosters.filter((one) => one.since < seq).at(-1);
    const officer = then?.officers.find((one) => one.officer === by && one.key === key && one.roles.includes(role));
    if (!officer) throw new Refusal('{1} is not in the roster with this key', by);
    if (suspensions.some((one) => one.subject === by && one.key === key && one.seq < seq))
        throw new Refusal('the key of {1} was suspended before this was signed with it', by);
    return officer;
}

/** The statements of one kind: about this alert, signed by who had the role then, and known to the log by their whole envelopes' hash. */
async function readSigned(envelopes, { type, role, alert, site, standing, logged }) {
    return Promise.all(envelopes.map(async (envelope) => {
        const fields = await readEnvelope(envelope);
        if (fields.type !== type || fields.site !== site || fields.alert !== alert) throw new Refusal('the hand-over has a statement about something else: {1}', fields.type);
        const seq = logged ? logged.get(await sha256(canonical(envelope))) : Infinity;
        if (seq === undefined) throw new Refusal('what {1} signed is not in the log', fields.by);
        return { ...fields, office: signerOf(fields, envelope, { role, seq, standing }).office };
    }));
}

/** Statement's hash → the number of the first record that came with it. */
function loggedOf(leaves, alert) {
    const logged = new Map();
    for (const { alert: about, signed, seq } of leaves)
        if (about === alert && !(logged.get(signed) < seq)) logged.set(signed, seq);
    return logged;
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
 * Throws with the first thing that does not hold. `rootKey` and, on a live site, `oversightKey` are those this device was enrolled
 * with, `logKey` is the log's public key in hex; resolves how many records were proved, and of which kinds the statements are.
 */
export async function checkHandover(packet, { alert, station, site, rootKey, oversightKey = '', logKey }) {
    checkForm(packet);
    if (packet.alert !== alert || packet.station !== station || !packet.stations.includes(station))
        throw new Refusal('the hand-over is for another station or about another alert');
    const { about, beside } = await leavesOf(packet, { site, logKey });
    const standing = await standingOf(packet, beside, { site, rootKey, oversightKey });
    const known = { alert, site, standing, logged: loggedOf(about, alert) };
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
    return { records: about.length + beside.length, statements: reviews.length + outcomes.length + packet.concurrences.length + 1 };
}
