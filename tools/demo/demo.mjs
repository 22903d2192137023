// ./demo: the whole story on real video. `--auto` plays every officer; without it the site stays up for people in browsers.
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Site, buildFolder } from './site.mjs';
import { authorise, begin, list, paint, playCustody, playWithdrawn, playWrongPerson, publish, secondsSinceStart, setUp, step, streams } from './story.mjs';
import { Tour } from './tour.mjs';

const { values: options } = parseArgs({ options: {
    auto: { type: 'boolean', default: false }, port: { type: 'string', default: '8443' }, cameras: { type: 'string', default: '1' },
    keep: { type: 'boolean', default: false }, reset: { type: 'boolean', default: false } } });
const cameras = Number(options.cameras);
if (!(cameras >= 1 && cameras <= 4 && Number.isInteger(cameras))) {
    console.error('demo: --cameras takes 1 to 4: a demonstration site has four cameras at most');
    process.exit(64);
}
const folder = path.join(buildFolder, options.auto ? 'demo-auto' : 'demo-site');
const places = ['gate', 'market', 'station', 'crossing'].slice(0, cameras);
const scenes = { ...Object.fromEntries(places.map((name) => [name, 'nobody.mp4'])), ...streams };

async function playEverybody(site) {
    await setUp(site);
    await list(site);
    await authorise(site);
    await begin(site);
    await playCustody(site);
    await playWrongPerson(site);
    await playWithdrawn(site);
    await publish(site);
    console.log(`\nThe loop closed in ${secondsSinceStart()} s: custody, wrong person, halted, withdrawn.`);
}

async function makeSite() {
    if (options.reset) fs.rmSync(folder, { recursive: true, force: true });
    if (options.keep && fs.existsSync(path.join(folder, 'cast.json')))
        return step('the demo site of last time is taken up again', () => Site.reopen(folder, scenes));
    return step('a demo site is made: root key, certificate, roster, empty log', () =>
        Site.make(folder, { scenes, port: options.auto ? undefined : Number(options.port) }));
}

const site = await makeSite();
const ending = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => ending.abort());
let failed = false;
try {
    await (options.auto ? playEverybody(site) : new Tour(site).run(ending.signal));
} catch (problem) {
    failed = true;
    console.error(`${paint(31, '✗')} ${problem.message}\n  The desk's log: ${path.join(site.folder, 'desk.log')}`);
    if (process.env.MIZAN_VERBOSE) console.error(problem.stack);
} finally {
    await site.end();
    if (options.keep) await site.keep();
    else if (!options.auto && !failed) fs.rmSync(folder, { recursive: true, force: true });
}
process.exit(failed ? 1 : 0);
