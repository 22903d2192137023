// Statements, key files and packets (docs/statements.md): what an officer's device does with its own keys.
// The same file runs in the page and in Node, so the command-line story and the browser sign the same bytes.

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });
const subtle = () => globalThis.crypto.subtle;

/** What is refused here, put together as the desk puts its own refusals together (`says` of docs/api.md). */
export class Refusal extends Error {
    constructor(form, ...values) {
        super(form.replace(/\{(\d+)\}/g, (_, at) => values[at - 1]));
        this.says = [{ form, values }];
    }
}

export const hex = (bytes) => Array.from(new Uint8Array(bytes), (b) => b.toString(16).padStart(2, '0')).join('');
export const unhex = (text) => {
    if (!/^([0-9a-f]{2})*$/.test(text)) throw new Refusal('not lower-case hex');
    return Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));
};
export const base64 = (bytes) => btoa(Array.from(new Uint8Array(bytes), (b) => String.fromCharCode(b)).join(''));
export const unbase64 = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));

export async function sha256(bytes) {
    return hex(await subtle().digest('SHA-256', typeof bytes === 'string' ? encoder.encode(bytes) : bytes));
}

/** Canonical JSON: sorted keys, no white space, whole numbers only, no control characters in text; `lines`: of what is hashed and not signed, with a note in it. */
export function canonical(value, lines = false) {
    if (Array.isArray(value)) return `[${value.map((one) => canonical(one, lines)).join(',')}]`;
    if (value !== null && typeof value === 'object')
        return `{${Object.keys(value)
            .sort()
            .map((key) => `${JSON.stringify(key)}:${canonical(value[key], lines)}`)
            .join(',')}}`;
    if (typeof value === 'number' && !Number.isSafeInteger(value)) throw new Refusal('{1} is not a whole number', String(value));
    // eslint-disable-next-line no-control-regex
    if (typeof value === 'string' && !lines && /[\u0000-\u001f\ud800-\udfff]/.test(value.replace(/[\ud800-\udbff][\udc00-\udfff]/g, '')))
        throw new Refusal('text with control characters cannot be signed');
    return JSON.stringify(value);
}

const crockford = '0123456789abcdefghjkmnpqrstvwxyz';
/** A fresh id such as e-6m2k… (80 random bits). */
export function newId(prefix) {
    const random = globalThis.crypto.getRandomValues(new Uint8Array(16));
    return `${prefix}-${Array.from(random, (b) => crockford[b & 31]).join('')}`;
}

const signedBytes = (text) => encoder.encode(`mizan-statement-v1\n${text}`);

/** An officer's signing key: Ed25519, not extractable once it is here. */
export async function newSigningKey(extractable = false) {
    const pair = await subtle().generateKey({ name: 'Ed25519' }, extractable, ['sign', 'verify']);
    return { privateKey: pair.privateKey, public: hex(await subtle().exportKey('raw', pair.publicKey)) };
}

/** A unit's or station's sealing key: X25519. */
export async function newDeviceKey(extractable = false) {
    const pair = await subtle().generateKey({ name: 'X25519' }, extractable, ['deriveBits']);
    return { privateKey: pair.privateKey, public: hex(await subtle().exportKey('raw', pair.publicKey)) };
}

/** Signs the fields; `key` comes from newSigningKey or openKeyFile. */
export async function signStatement(fields, key) {
    const statement = canonical(fields);
    const signature = await subtle().sign({ name: 'Ed25519' }, key.privateKey, signedBytes(statement));
    return { key: key.public, signature: hex(signature), statement };
}

/** The statement's fields when the signature verifies and the bytes are canonical; throws otherwise. */
export async function readEnvelope(envelope) {
    const key = await subtle().importKey('raw', unhex(envelope.key), { name: 'Ed25519' }, false, ['verify']);
    const valid = await subtle().verify({ name: 'Ed25519' }, key, unhex(envelope.signature), signedBytes(envelope.statement));
    if (!valid) throw new Refusal('a signature does not verify');
    const fields = JSON.parse(envelope.statement);
    if (canonical(fields) !== envelope.statement) throw new Refusal('a statement is not canonical');
    return fields;
}

async function passphraseKey(passphrase, salt, iterations) {
    const material = await subtle().importKey('raw', encoder.encode(passphrase), 'PBKDF2', false, ['deriveKey']);
    const derivation = { name: 'PBKDF2', hash: 'SHA-256', salt, iterations };
    return subtle().deriveKey(derivation, material, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
}

/** A key file: the private keys sealed under a passphrase. `keys` are extractable ones. `iterations` of PBKDF2. */
export async function sealKeyFile(about, signing, device, passphrase, iterations = 600000) {
    const salt = globalThis.crypto.getRandomValues(new Uint8Array(16));
    const nonce = globalThis.crypto.getRandomValues(new Uint8Array(12));
    const secret = {};
    if (signing) secret.signing = base64(await subtle().exportKey('pkcs8', signing.privateKey));
    if (device) secret.device = base64(await subtle().exportKey('pkcs8', device.privateKey));
    const key = await passphraseKey(passphrase, salt, iterations);
    const sealed = await subtle().encrypt({ name: 'AES-GCM', iv: nonce }, key, encoder.encode(JSON.stringify(secret)));
    return { ...about, format: 'mizan-key-v1', iterations, salt: hex(salt), nonce: hex(nonce), sealed: base64(sealed),
        public: signing?.public ?? '', device_public: device?.public ?? '' };
}

/** Opens a key file; the keys come out not extractable. */
export async function openKeyFile(file, passphrase) {
    if (/^mizan-(device|officer|offline)-key-v1$/.test(file.format)) throw new Refusal('this key file was made by the command line and opens there only');
    if (file.format !== 'mizan-key-v1') throw new Refusal('this is not a Mizan key file');
    const key = await passphraseKey(passphrase, unhex(file.salt), Math.min(file.iterations, 5000000));
    let secret;
    try {
        const opened = await subtle().decrypt({ name: 'AES-GCM', iv: unhex(file.nonce) }, key, unbase64(file.sealed));
        secret = JSON.parse(decoder.decode(opened));
    } catch {
        throw new Refusal('the passphrase does not open this key file');
    }
    const signing = secret.signing
        ? await subtle().importKey('pkcs8', unbase64(secret.signing), { name: 'Ed25519' }, false, ['sign'])
        : null;
    const device = secret.device
        ? await subtle().importKey('pkcs8', unbase64(secret.device), { name: 'X25519' }, false, ['deriveBits'])
        : null;
    return {
        signing: signing && { privateKey: signing, public: file.public },
        device: device && { privateKey: device, public: file.device_public },
    };
}

/** The bytes that were sealed to this device: ephemeral X25519 key (32), nonce (12), AES-256-GCM ciphertext and tag. */
export async function openSealed(sealed, device, context) {
    const bytes = sealed instanceof Uint8Array ? sealed : unbase64(sealed);
    const ephemeral = bytes.slice(0, 32);
    const theirs = await subtle().importKey('raw', ephemeral, { name: 'X25519' }, false, []);
    const shared = await subtle().deriveBits({ name: 'X25519', public: theirs }, device.privateKey, 256);
    const material = await subtle().importKey('raw', shared, 'HKDF', false, ['deriveKey']);
    const salt = new Uint8Array([...ephemeral, ...unhex(device.public)]);
    const key = await subtle().deriveKey(
        { name: 'HKDF', hash: 'SHA-256', salt, info: encoder.encode(context) },
        material,
        { name: 'AES-GCM', length: 256 },
        false,
        ['decrypt'],
    );
    const parameters = { name: 'AES-GCM', iv: bytes.slice(32, 44), additionalData: encoder.encode(context) };
    const opened = await subtle().decrypt(parameters, key, bytes.slice(44)).catch(() => null);
    if (!opened) throw new Refusal('what was sealed to this device was changed, or is for another');
    return new Uint8Array(opened);
}

export const openPacket = async (sealed, device, context) => JSON.parse(decoder.decode(await openSealed(sealed, device, context)));

/** Two codes of one person would be two persons to every rule that asks for two; as the desk checks it, too. */
function checkPersons(officers) {
    const known = new Map();
    for (const { officer, service_number: number } of officers) {
        if (!number) continue;
        const other = known.get(number.toLowerCase());
        if (other) throw new Refusal('the roster gives {1} and {2} one service number, {3}: one person is one officer', other, officer, number);
        known.set(number.toLowerCase(), officer);
    }
}

/** A roster counts on a live site this long after the oversight body endorsed it (LIMIT_ROSTER_WAIT_S). */
const ROSTER_WAIT_S = 24 * 3600;

/**
 * The roster that may be believed: signed by the pinned root and, on a live site, endorsed by the pinned oversight key for 24
 * hours. `oversightKey` is "" on a demo site; a device that was enrolled for a live site refuses a demo roster and the reverse.
 * `leastNumber` is that of the newest one this device has believed.
 */
export async function checkRoster(envelope, endorsement, { rootKey, oversightKey = '', now, leastNumber = 0 }) {
    const roster = await readEnvelope(envelope);
    if (envelope.key !== rootKey || roster.type !== 'roster' || roster.by !== 'root')
        throw new Refusal('the roster is not signed by this site’s root key');
    if (roster.number < leastNumber)
        throw new Refusal('this is roster {1} and this device has seen roster {2} already: tell the administrator and the oversight body', roster.number, leastNumber);
    checkPersons(roster.officers);
    if ((roster.kind === 'live') !== Boolean(oversightKey))
        throw new Refusal('this device is not enrolled for a {1} site', roster.kind);
    if (!oversightKey) return roster;
    if (!endorsement) throw new Refusal('the oversight body has not endorsed this roster');
    const word = await readEnvelope(endorsement);
    if (endorsement.key !== oversightKey || word.type !== 'roster_endorsement' || word.by !== 'oversight')
        throw new Refusal('the roster’s endorsement is not by the pinned oversight key');
    if (word.site !== roster.site || word.number !== roster.number || word.roster_hash !== (await sha256(envelope.statement)))
        throw new Refusal('the endorsement is about another roster');
    if (now < word.at + ROSTER_WAIT_S) throw new Refusal('the roster counts 24 hours after its endorsement, not yet');
    return roster;
}

/** The officer of the roster who signed it; throws where the key is another's, or the role is missing ("": any will do). */
function signerOf(roster, fields, envelope, role) {
    const officer = roster.officers.find((one) => one.officer === fields.by);
    if (!officer || officer.key !== envelope.key) throw new Refusal('{1} is not in the roster with this key', fields.by);
    if (role && !officer.roles.includes(role)) throw new Refusal('{1} is not a {2}', fields.by, role);
    return officer;
}

/**
 * The hash of what is read here before it is signed for: this officer's site's, of this form, about this (`about`: field → id), by
 * one whom the roster gives the role, and not another than the desk states. Throws with the reason.
 */
export async function hashOfShown(envelope, { type, site, about, stated, role, roster }) {
    if (!envelope) throw new Refusal('the desk does not show what is to be signed; sign nothing that you cannot read, tell the auditor');
    const fields = await readEnvelope(envelope);
    const hash = await sha256(envelope.statement);
    const isIt = fields.type === type && fields.site === site && hash === stated && Object.entries(about).every(([name, id]) => fields[name] === id);
    if (!isIt) throw new Refusal('the desk shows something else than what would be signed; sign nothing, tell the auditor');
    signerOf(roster, fields, envelope, role);
    return hash;
}

/** Every alert is over this long after it was raised (LIMIT_ALERT_S), which was before anybody reviewed it. */
const ALERT_S = 3600;

/** A packet that nobody accepts dies this long after its passage (LIMIT_PACKET_S), which was before it was sent. */
const PACKET_S = 900;

/**
 * When a packet dies: 15 minutes after its passage (`dies_at`) as long as nobody accepted it, with the alert once somebody did.
 * The passage's time and that somebody accepted are the desk's word alone: neither prolongs beyond what the dispatcher and the
 * reviewers signed, whatever the desk says.
 */
function packetEnds(packet, dispatch, reviews) {
    const alert = Math.min(...reviews.map((one) => one.at)) + ALERT_S;
    return { accepted: alert, unaccepted: Math.min(packet.dies_at, dispatch.at + PACKET_S, alert) };
}

/**
 * What a unit's page demands before it shows anything: the roster signed by the pinned root, the dispatcher's
 * statement, and two "same" by reviewers of different offices on the very pictures that were dispatched. Throws with
 * the reason; returns the checked fields, and when it dies. `accepted`: whether the desk says that the unit took it.
 */
export async function checkPacket(packet, { alert, unit, suspended = [], accepted = false, ...pinned }) {
    const { now } = pinned;
    const roster = await checkRoster(packet.roster, packet.endorsement, pinned);
    const person = (fields, envelope, role) => {
        if (suspended.includes(fields.by)) throw new Refusal('the key of {1} was suspended', fields.by);
        return signerOf(roster, fields, envelope, role);
    };
    const dispatch = await readEnvelope(packet.dispatch);
    if (dispatch.type !== 'dispatch' || dispatch.site !== roster.site || dispatch.alert !== alert || dispatch.unit !== unit)
        throw new Refusal('the dispatch is not for this unit and alert');
    const dispatcher = person(dispatch, packet.dispatch, 'dispatcher');
    if (packet.reviews.length !== 2) throw new Refusal('two reviews are needed');
    const reviews = await Promise.all(packet.reviews.map(readEnvelope));
    const reviewers = reviews.map((review, i) => {
        if (review.type !== 'review' || review.site !== roster.site || review.alert !== alert || review.answer !== 'same')
            throw new Refusal('a review is not a "same" for this alert');
        if (review.pictures_hash !== dispatch.pictures_hash || review.passage !== dispatch.passage)
            throw new Refusal('a review is about other pictures');
        return person(review, packet.reviews[i], 'reviewer');
    });
    if (reviewers[0].officer === reviewers[1].officer || reviewers[0].office === reviewers[1].office)
        throw new Refusal('the two reviewers have to be of different offices');
    if (new Set([dispatcher.officer, ...reviewers.map((one) => one.officer)]).size !== 3)
        throw new Refusal('the dispatcher cannot be a reviewer');
    const ends = packetEnds(packet, dispatch, reviews);
    if ((accepted ? ends.accepted : ends.unaccepted) <= now) throw new Refusal('this packet has died');
    const { travel, colour, clothing, pillion, heading } = dispatch;
    return { roster, dispatch, reviews, ends, seen: { travel, colour, clothing, pillion, heading } };
}
