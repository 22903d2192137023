// A live site for the stories: certified by an issuer whose key everybody has, in a build made for that. Its pack is the
// demonstration's, so no operation arms on it; everything before that is as on any live site.
import fs from 'node:fs';
import path from 'node:path';
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { Site, buildFolder, nowSeconds } from '../../tools/demo/site.mjs';
import { newSigningKey, sha256, signStatement } from '../../web/statement.js';

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

    async settle() {
        this.body = await newSigningKey();
        const certificate = path.join(this.folder, 'certificate.json');
        fs.writeFileSync(certificate, JSON.stringify(await signStatement({ type: 'site_certificate', site: this.name, by: 'issuer', at: nowSeconds(),
            root_key: this.rootKey(), oversight_key: this.body.public, expires_at: nowSeconds() + 30 * 24 * HOUR_S }, await issuerKey())));
        this.mizan('site', 'certify', this.folder, certificate);
        fs.appendFileSync(path.join(this.folder, 'site.ini'), `\n[witness]\naddress = 127.0.0.1:9\nname = ${witnessKey.name}\nkey = ${witnessKey.public.toString('hex')}\n`);
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
