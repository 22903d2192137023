// ./demo: the whole story on real video. `--auto` plays every officer; without it the site stays up for people in browsers.
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { Site, buildFolder } from './site.mjs';
import { authorise, begin, list, paint, playCustody, playWithdrawn, playWrongPerson, publish, secondsSinceStart, setUp, step, streams } from './story.mjs';
import { Tour } from './tour.mjs';

// A webcam's device may be left out: then it is the first.
const args = process.argv.slice(2).map((one, i, all) => (one === '--webcam' && !/^[^-]/.test(all[i + 1] ?? '') ? '--webcam=/dev/video0' : one));
const known = { auto: { type: 'boolean', default: false }, port: { type: 'string', default: '8443' }, cameras: { type: 'string' },
    keep: { type: 'boolean', default: false }, reset: { type: 'boolean', default: false }, folder: { type: 'string' }, webcam: { type: 'string' } };
const options = readOptions();
/** Two zones, a camera in each; the story of --auto needs one. */
const cameras = Number(options.cameras ?? (options.auto ? 1 : 2));
const port = Number(options.port);

function refuse(status, words) {
    console.error(`demo: ${words}`);
    process.exit(status);
}

function readOptions() {
    try {
        return parseArgs({ args, options: known }).values;
    } catch (problem) {
        return refuse(64, `${problem.message.split('. ')[0]}; ./demo --help lists the options`);
    }
}

if (!(cameras >= 1 && cameras <= 4 && Number.isInteger(cameras)))
    refuse(64, '--cameras takes 1 to 4: a demonstration site has four cameras at most');
if (!(port >= 1025 && port <= 65535 && Number.isInteger(port))) refuse(64, '--port takes a number from 1025 to 65535');
if (options.webcam && cameras > 3) refuse(64, 'with --webcam there is room for three more cameras: a demonstration site has four at most');
if (options.webcam && !/^\/dev\/video\d{1,3}$/.test(options.webcam)) refuse(64, '--webcam takes a device like /dev/video0');
if (options.webcam && !fs.existsSync(options.webcam)) refuse(69, `there is no webcam at ${options.webcam}: plug one in, or name another (ls /dev/video*)`);
const folder = path.resolve(options.folder ?? path.join(buildFolder, options.auto ? 'demo-auto' : 'demo-site'));
// Making a site empties its folder: only a kept demonstration may be there.
if (options.folder && fs.existsSync(folder) && !fs.existsSync(path.join(folder, 'cast.json')))
    refuse(69, `${folder} is there and is no kept demonstration: name a folder that is not there yet`);
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
        return step('the demo site of last time is taken up again', () => Site.reopen(folder, streams));
    return step('a demo site is made: root key, certificate, roster, empty log', () =>
        Site.make(folder, { scenes, webcam: options.webcam, port: options.auto ? undefined : port }));
}

/** One demonstration at a time in one folder: another would take the site from under the first. */
function claim() {
    const lock = `${folder}.pid`;
    const other = fs.existsSync(lock) ? Number(fs.readFileSync(lock, 'utf8')) : 0;
    const itsName = other && fs.existsSync(`/proc/${other}/cmdline`) ? fs.readFileSync(`/proc/${other}/cmdline`, 'utf8') : '';
    if (itsName.includes('demo.mjs')) refuse(69, `another demonstration runs in ${folder} (process ${other}): end it with Ctrl-C there, or with kill ${other}`);
    fs.mkdirSync(path.dirname(lock), { recursive: true });
    fs.writeFileSync(lock, String(process.pid));
    process.once('exit', () => fs.rmSync(lock, { force: true }));
}

/** The desk's port and the cast page's, before anything is made. */
async function mustBeFree(number) {
    const taken = await new Promise((done) => {
        const probe = net.createServer().once('error', () => done(true)).listen(number, () => probe.close(() => done(false)));
    });
    if (taken) refuse(69, `port ${number} of this machine is taken: choose another with --port (the desk's; the cast page is at the one before it)`);
}

claim();
const ending = new AbortController();
const ended = new Promise((_, reject) => ending.signal.addEventListener('abort', () => reject(new Error('ended before the story was'))));
ended.catch(() => {});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => ending.abort());
if (!options.auto) for (const one of [port, port - 1]) await mustBeFree(one);
const site = await makeSite();
let failed = false;
try {
    await (options.auto ? Promise.race([ended, playEverybody(site)]) : new Tour(site).run(ending.signal));
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
