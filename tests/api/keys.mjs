// Officers whose keys lie in the command line's own key files.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { mizan } from '../../tools/demo/site.mjs';

const environment = { ...process.env, MIZAN_PASSPHRASE: 'demo' };

/** Officers of the command line beside the cast, one for each part; their ids, offices and key files. */
export function castKeys(site, cast = ['admin', 'watchOfficer', 'approver', 'authoriserOne', 'authoriserTwo', 'dispatcher', 'auditor', 'inspector', 'outsideSigner', 'station']) {
    site.keys = {};
    for (const part of cast.filter((one) => site.cast[one])) {
        const file = path.join(site.folder, `${part}.key`);
        const made = spawnSync(mizan, ['key', 'new', file], { env: environment, encoding: 'utf8' });
        assert.equal(made.status, 0, made.stderr);
        assert.equal(fs.statSync(file).mode & 0o777, 0o600);
        const line = { ...JSON.parse(made.stdout), office: site.cast[part].office, roles: site.cast[part].roles, posts: site.cast[part].rosterLine().posts };
        site.keys[part] = { ...line, file };
        site.cast[`command_${part}`] = { rosterLine: () => line, signIn: async () => {} };
    }
}

/** The station's key in a file of the command line's own. */
export function castStation(site) {
    const file = path.join(site.folder, 'station.device');
    site.stationKey = { file };
    site.cast.station.device = { public: JSON.parse(site.mizan('key', 'device', file)).key };
}

/** An inspector beside the cast, and oversight's key in a file of the command line's own. */
export const inspector = { inspector: { name: 'Inspector', office: 'f-00000000000000aa', roles: ['inspector'] } };
export function castOversight(site) {
    const file = path.join(site.folder, 'oversight.key');
    site.oversight = { public: JSON.parse(site.mizan('key', 'device', file)).key, file };
}
