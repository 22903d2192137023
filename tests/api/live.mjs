// A live site for the stories: certified by an issuer whose key everybody has, in a build made for that. Its pack is the
// demonstration's, so no operation arms on it; everything before that is as on any live site.
import fs from 'node:fs';
import path from 'node:path';
import { Site, buildFolder, nowSeconds } from '../../tools/demo/site.mjs';
import { newSigningKey, sha256, signStatement } from '../../web/statement.js';

const HOUR_S = 3600;
/** Before the desk, and a page, believe a roster that the oversight body has signed (LIMIT_ROSTER_WAIT_S). */
const ROSTER_WAIT_S = 24 * HOUR_S;
/** An Ed25519 key of thirty-two bytes of 7 (RFC 8410). */
const issuerKey = async () => ({ public: 'ea4a6c63e29c520abef5507b132ec5f9954776aebebe7b92421eea691446d22c',
    privateKey: await crypto.subtle.importKey('pkcs8', Buffer.from(`302e020100300506032b657004220420${'07'.repeat(32)}`, 'hex'), { name: 'Ed25519' }, false, ['sign']) });

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
        fs.appendFileSync(path.join(this.folder, 'site.ini'), `\n[witness]\naddress = 127.0.0.1:9\nname = witness.example\nkey = ${'00'.repeat(32)}\n`);
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
