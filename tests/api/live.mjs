// A live site for the stories: certified by an issuer whose key everybody has, in a build made for that. LiveSite has the
// demonstration's pack, so no operation arms on it; everything before that is as on any live site. ArmedSite has all that arms one.
import fs from 'node:fs';
import path from 'node:path';
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { Site, assets, buildFolder, freePort, nowSeconds, sleep } from '../../tools/demo/site.mjs';
import { newSigningKey, sha256, signStatement } from '../../web/statement.js';
import { endWitness, startWitness } from './witness.mjs';

const HOUR_S = 3600;
/** Before the desk, and a page, believe a roster that the oversight body has signed (LIMIT_ROSTER_WAIT_S). */
const ROSTER_WAIT_S = 24 * HOUR_S;
/** An Ed25519 key of thirty-two same bytes, as PKCS 8 (RFC 8410). */
const keyOfBytes = (two) => Buffer.from(`302e020100300506032b657004220420${two.repeat(32)}`, 'hex');
const issuerKey = async () => ({ public: 'ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c',
    privateKey: await crypto.subtle.importKey('pkcs8', keyOfBytes('07'), { name: 'Ed25519' }, false, ['sign']) });

/** The witness's: its private half is for a story that cosigns, and `seed` for one that runs mizan-witness. */
const witnessPrivate = createPrivateKey({ key: keyOfBytes('09'), format: 'der', type: 'pkcs8' });
export const witnessKey = { name: 'witness.example', seed: '09'.repeat(32), privateKey: witnessPrivate,
    public: createPublicKey(witnessPrivate).export({ format: 'der', type: 'spki' }).subarray(-32) };

export class LiveSite extends Site {
    kind = 'live';
    program = path.join(buildFolder, 'tests/cli/mizan-live');
    rosterAge_s = ROSTER_WAIT_S + 2 * HOUR_S;
    password = 'seven quiet lanterns';
    witnessPort = 9;

    async settle() {
        this.body = await newSigningKey();
        const certificate = path.join(this.folder, 'certificate.json');
        fs.writeFileSync(certificate, JSON.stringify(await signStatement({ type: 'site_certificate', site: this.name, by: 'issuer', at: nowSeconds(),
            root_key: this.rootKey(), oversight_key: this.body.public, expires_at: nowSeconds() + 30 * 24 * HOUR_S }, await issuerKey())));
        this.mizan('site', 'certify', this.folder, certificate);
        fs.appendFileSync(path.join(this.folder, 'site.ini'), `\n[witness]\naddress = 127.0.0.1:${this.witnessPort}\nname = ${witnessKey.name}\nkey = ${witnessKey.public.toString('hex')}\n`);
    }

    async signRoster(number, previous) {
        await super.signRoster(number, previous);
        const { statement } = JSON.parse(fs.readFileSync(path.join(this.folder, 'roster.json')));
        const endorsement = await signStatement({ type: 'roster_endorsement', site: this.name, by: 'oversight', at: nowSeconds() - ROSTER_WAIT_S - HOUR_S,
            number, roster_hash: await sha256(statement) }, this.body);
        fs.writeFileSync(path.join(this.folder, 'roster-endorsement.json'), JSON.stringify(endorsement));
    }

    pinnedKeys() {
        return { ...super.pinnedKeys(), oversight_key: this.body.public };
    }

    /** There is no register and no status source to play. */
    writePorts() {}

    /** With password and codes, which a live site asks of everybody. */
    async signInParts(...parts) {
        for (const part of parts) {
            await this.cast[part].signIn();
            await this.cast[part].makePass(this.password);
        }
    }

    propose(photoFile, person) {
        return super.propose(photoFile, person, { ground: 'court_warrant', source: 'court', section: '392 PPC' });
    }
}

const livePack = path.join(buildFolder, 'stories', `live-pack-${process.pid}`);

/** The demonstration's networks under a description that says live, and a report of what was measured of them, by another key. */
async function makePack() {
    const demo = path.join(assets, 'pack');
    fs.rmSync(livePack, { recursive: true, force: true });
    fs.mkdirSync(livePack, { recursive: true });
    for (const name of fs.readdirSync(demo)) fs.symlinkSync(path.join(demo, name), path.join(livePack, name));
    const description = fs.readFileSync(path.join(demo, 'pack.ini'), 'utf8').replace('use = demo', 'use = live');
    fs.rmSync(path.join(livePack, 'pack.ini'));
    fs.writeFileSync(path.join(livePack, 'pack.ini'), description);
    const measured = JSON.parse(JSON.parse(fs.readFileSync(`${new Site().report}.json`)).statement);
    const key = await newSigningKey();
    fs.writeFileSync(`${livePack}.json`, JSON.stringify(await signStatement({ ...measured, pack_hash: await sha256(description) }, key)));
    fs.writeFileSync(`${livePack}.pub`, `${key.public}\n`);
}

/** What a live site needs to arm, and nothing less: a pack for that, a witness that answers, pictures fetched again, a status that the station signed, a judge. */
export class ArmedSite extends LiveSite {
    pack = livePack;
    report = livePack;

    static async make(folder, options) {
        await makePack();
        return super.make(folder, options);
    }

    async settle() {
        this.witnessPort = await freePort();
        await super.settle();
        fs.writeFileSync(path.join(this.folder, 'witness.key'), `${witnessKey.seed}\n`);
        this.witness = await startWitness(this, this.witnessPort);
    }

    async end() {
        await super.end();
        await endWitness(this.witness);
    }

    signInAll() {
        return this.signInParts(...Object.keys(this.cast));
    }

    /** `papers`: of each the photograph, the same person's that the record gives once more, who it is and on which paper. */
    async listAll(papers) {
        const { approver, station } = this.cast;
        const listed = [];
        for (const { photo, again, person, paper } of papers) {
            const one = await Site.prototype.propose.call(this, photo, person, paper);
            const fetched = await approver.upload('/photos', fs.readFileSync(path.join(assets, 'photos', again)));
            await approver.act(`/entries/${one.entry}/fetches`, 'source_fetch', { entry: one.entry, photo: one.photo.photo, fetched: fetched.photo, record_number: 'DEMO-1' });
            await approver.act(`/entries/${one.entry}/approval`, 'entry_approval', { entry: one.entry, proposal_hash: one.proposal_hash, answer: 'approved', reason: '' });
            listed.push(one);
        }
        await station.act('/statuses', 'status_feed', { station: station.station, taken_at: nowSeconds(), cases: listed.map((one) => ({ case: one.case, status: 'live' })) });
        return listed;
    }

    /** The judge's signature is the third. */
    async authoriseOperation(entries, cameras, minutes, paper) {
        const { authoriserOne, authoriserTwo, outsideSigner } = this.cast;
        const { operation, request_hash } = await this.requestOperation(entries, cameras, minutes, { kind: 'live', why_here: 'last_seen', ...paper });
        for (const officer of [authoriserOne, authoriserTwo, outsideSigner])
            await officer.act(`/operations/${operation}/authorisations`, 'authorisation', { operation, request_hash, answer: 'authorised' });
        return operation;
    }

    /** Nobody is quicker than the least look, which a live site never shortens. */
    async review(officer, alert, answer) {
        for (const name of ['probe', 'enrolled']) await officer.bytes(`/alerts/${alert.alert}/pictures/${name}`);
        await sleep((alert.look_s - 1) * 1000);
        return super.review(officer, alert, answer);
    }
}
