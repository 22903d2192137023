// A desk on a machine that is not as it should be: with a library of tests/ loaded before the C library.
import fs from 'node:fs';
import path from 'node:path';
import { Site, buildFolder } from '../../tools/demo/site.mjs';

/** `more` is in the desk's environment. */
export async function startWith(site, module, more) {
    const environment = { LD_PRELOAD: path.join(buildFolder, 'tests', module), ...more };
    Object.assign(process.env, environment);
    try {
        await Site.prototype.startDesk.call(site);
    } finally {
        for (const name of Object.keys(environment)) delete process.env[name];
    }
}

/** The desk's wall clock, and that alone, is off by as many seconds as `setClockOffBy` says; its own time, from its next start. */
export function lendClock(site) {
    const file = path.join(site.folder, 'clock');
    site.setClockOffBy = (seconds) => fs.writeFileSync(file, `${seconds}\n`);
    site.startDesk = () => startWith(site, 'base/moved_clock.so', { MIZAN_CLOCK: file });
}
