// A desk on a machine that is not as it should be: with a library of tests/ loaded before the C library.
import fs from 'node:fs';
import path from 'node:path';
import { Site, buildFolder } from '../../tools/demo/site.mjs';

const preloaded = (module) => ({ LD_PRELOAD: path.join(buildFolder, 'tests', module) });

/** `more` is in the desk's environment, `words` on its command line. */
export async function startWith(site, module, more, ...words) {
    const environment = { ...preloaded(module), ...more };
    Object.assign(process.env, environment);
    try {
        await Site.prototype.startDesk.call(site, ...words);
    } finally {
        for (const name of Object.keys(environment)) delete process.env[name];
    }
}

/** The desk's wall clock, and that alone, is off by as many seconds as `setClockOffBy` says; its own time, from its next start. `underClock`: another program's environment. */
export function lendClock(site) {
    const file = path.join(site.folder, 'clock');
    site.underClock = { ...preloaded('base/moved_clock.so'), MIZAN_CLOCK: file };
    site.setClockOffBy = (seconds) => fs.writeFileSync(file, `${seconds}\n`);
    site.startDesk = (...words) => startWith(site, 'base/moved_clock.so', { MIZAN_CLOCK: file }, ...words);
}
