#!/usr/bin/env node
// An upgrade with data and with tables that change: the package of an older commit runs a site under systemd, a person is stopped, the package of
// this commit is installed over it, and the same stop is ended. (That a program refuses newer tables by name is in store/store.)
//
// Usage: node tools/long/upgrade.mjs FOLDER --from COMMIT
//
// As root, with debootstrap, systemd-nspawn and sqlite3, in a checkout that is set up and built. FOLDER keeps the root and the packages for another run.
import fs from 'node:fs';
import path from 'node:path';
import { execFileSync, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const checkout = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const [place, , from] = process.argv.slice(2);
if (!place || !from || process.argv[3] !== '--from') {
    console.error('Usage: node tools/long/upgrade.mjs FOLDER --from COMMIT');
    process.exit(64);
}
const folder = path.resolve(place);
const root = path.join(folder, 'root');
const siteFolder = path.join(root, 'var/lib/mizan/demo');

function must(held, words) {
    if (!held) throw new Error(words);
}

function run(command, ...args) {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 1 << 26, env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } });
}

/** The packages of a commit; the later one gets a later version, as it will have when it is released. */
function packageOf(name, commit, version) {
    const tree = path.join(folder, name, 'mizan');
    const debs = path.join(tree, 'build/packages');
    const kept = path.join(tree, 'commit');
    if (!fs.existsSync(kept) || fs.readFileSync(kept, 'utf8') !== commit) {
        fs.rmSync(path.join(folder, name), { recursive: true, force: true });
        run('git', 'clone', '--quiet', '--no-local', checkout, tree);
        run('git', '-C', tree, 'checkout', '--quiet', commit);
        if (version) run('sed', '-i', `1s/(.*)/(${version})/`, path.join(tree, 'debian/changelog'));
        // What the setting up fetched is the same; the tour's pictures are not what is tried here.
        for (const made of ['build/assets', 'build/downloads', 'web/node_modules', 'tests/web/node_modules'])
            fs.cpSync(path.join(checkout, made), path.join(tree, made), { recursive: true });
        run(path.join(tree, 'tools/setup'));
        fs.mkdirSync(path.join(tree, 'build/pictures'), { recursive: true });
        run(path.join(tree, 'tools/package'));
        fs.writeFileSync(kept, commit);
    }
    const deb = fs.readdirSync(debs).find((one) => one.startsWith('mizan_'));
    fs.mkdirSync(path.join(root, 'root'), { recursive: true });
    fs.copyFileSync(path.join(debs, deb), path.join(root, `root/${name}.deb`));
    return path.join(debs, deb);
}

function makeRoot() {
    if (fs.existsSync(path.join(root, 'usr/bin/dbus-daemon'))) return;
    run('debootstrap', '--variant=minbase', '--include=systemd,systemd-sysv,dbus,ca-certificates', 'bookworm', root, ...(process.env.MIRROR ? [process.env.MIRROR] : []));
    fs.copyFileSync('/etc/resolv.conf', path.join(root, 'etc/resolv.conf'));
    const authorities = '/usr/local/share/ca-certificates';
    for (const one of fs.readdirSync(authorities)) fs.copyFileSync(path.join(authorities, one), path.join(root, authorities, one));
    run('chroot', root, 'update-ca-certificates');
}

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/** The root, started by its own systemd; `inside` runs a command there. */
async function boot() {
    const container = spawn('systemd-nspawn', ['--quiet', '--directory', root, '--machine', 'mizan-upgrade', '--register=no', '--keep-unit', '--boot'], { stdio: 'ignore' });
    const leader = () => run('pgrep', '--parent', String(container.pid)).trim().split('\n')[0];
    const inside = (...command) => run('nsenter', '--target', leader(), '--mount', '--uts', '--ipc', '--pid', '--', '/usr/bin/env', '-i',
        'PATH=/usr/sbin:/usr/bin:/sbin:/bin', 'DEBIAN_FRONTEND=noninteractive', ...command);
    for (let again = 0; ; again++) {
        try {
            if (/running|degraded/.test(inside('systemctl', 'is-system-running', '--wait'))) break;
        } catch (problem) {
            if (again === 60) throw problem;
        }
        await sleep(500);
    }
    const halt = () => {
        container.kill('SIGTERM');
        return new Promise((done) => container.once('exit', done));
    };
    return { inside, halt };
}

function install(inside, name) {
    inside('apt-get', 'install', '--yes', '--no-install-recommends', `/root/${name}.deb`);
    return inside('dpkg-query', '--show', '--showformat', '${Version}', 'mizan');
}

/** The older package's program where tools/demo/site.mjs looks for a build. */
function lookLikeABuild(deb) {
    const program = path.join(folder, 'older-program');
    const asBuild = path.join(folder, 'older-build');
    for (const one of [program, asBuild]) fs.rmSync(one, { recursive: true, force: true });
    run('dpkg-deb', '--extract', deb, program);
    fs.mkdirSync(path.join(asBuild, 'src/cli'), { recursive: true });
    fs.symlinkSync(path.join(program, 'usr/bin/mizan'), path.join(asBuild, 'src/cli/mizan'));
    fs.symlinkSync(path.join(checkout, 'build/tools'), path.join(asBuild, 'tools'));
    process.env.MIZAN_BUILD = asBuild;
    process.env.MIZAN_ASSETS = path.join(checkout, 'build/assets');
}

/** Names as they are inside the root. */
function moveIn() {
    fs.cpSync(path.join(checkout, 'build/assets/pack'), path.join(root, 'srv/pack'), { recursive: true, dereference: true });
    fs.copyFileSync(path.join(checkout, 'assets/reports/demo.json'), path.join(root, 'srv/report.json'));
    const file = path.join(siteFolder, 'site.ini');
    fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replaceAll(root, '').replace(/(\[pack\]\nfolder = ).*/, '$1/srv/pack').replace(/(\[report\]\nfile = ).*/, '$1/srv/report.json'));
}

async function untilHealthy(exchange, site) {
    for (let again = 0; ; again++) {
        const reply = await exchange(site, 'GET', '/api/v1/health').catch(() => ({ status: 0 }));
        if (reply.status === 200) return JSON.parse(reply.body);
        must(again < 120, 'the desk does not answer after a minute');
        await sleep(500);
    }
}

/** A running desk has the database for itself. */
async function steps(inside, exchange, site) {
    inside('systemctl', 'stop', 'mizan@demo');
    const count = Number(run('sqlite3', '-readonly', path.join(siteFolder, 'site.db'), 'SELECT count(*) FROM migration'));
    inside('systemctl', 'start', 'mizan@demo');
    await untilHealthy(exchange, site);
    return count;
}

const began = Date.now();
const say = (words) => console.log(`${((Date.now() - began) / 1000).toFixed(1).padStart(7)} s  ${words}`);

makeRoot();
say('a Debian 12 root with systemd');
const newer = run('git', '-C', checkout, 'rev-parse', 'HEAD').trim();
const older = run('git', '-C', checkout, 'rev-parse', from).trim();
const olderDeb = packageOf('older', older);
packageOf('newer', newer, '0.1.1');
say(`packages of ${older.slice(0, 7)} and ${newer.slice(0, 7)}`);
lookLikeABuild(olderDeb);
const { Site, exchange, subject } = await import('../demo/site.mjs');
const { inside, halt } = await boot();
let site;
try {
    say(`installed: ${install(inside, 'older')}`);
    site = await Site.make(siteFolder);
    moveIn();
    site.startDesk = async () => {
        inside('systemctl', 'start', 'mizan@demo');
        await untilHealthy(exchange, site);
    };
    await site.startAll();
    const { alert, act } = await site.untilStopped(site.cast.crew, 120);
    const before = fs.readFileSync(await site.exportLog(path.join(folder, 'before.export')), 'utf8');
    const tables = await steps(inside, exchange, site);
    say(`under the older program somebody was stopped (${alert.alert}); its tables were made in ${tables} steps`);

    say(`installed over it: ${install(inside, 'newer')}`);
    await untilHealthy(exchange, site);
    await site.signInAll();
    await site.presentAll();
    const open = await site.cast.dispatcher.get(`/alerts/${alert.alert}`);
    must(open.state === 'stopped', `the stop became ${open.state}`);
    const answer = await site.cast.crew.call('POST', `/alerts/${alert.alert}/verification`, { cnic: subject.cnic, sample: Buffer.from('thumb').toString('base64') });
    must(answer.answer === 'yes', `the register answered ${answer.answer}`);
    await site.cast.crew.call('POST', `/alerts/${alert.alert}/case_status`, { case: site.listed.case });
    const { slip_proof } = await site.cast.crew.get(`/alerts/${alert.alert}`);
    await act('outcome', 'outcome', { outcome: 'custody', harm: 'none', means: 'cnic_verified', case: site.listed.case, slip_proof });
    const after = fs.readFileSync(await site.exportLog(path.join(folder, 'after.export')), 'utf8');
    const records = (text) => text.split('\n').filter((line) => line.includes('"kind"'));
    must(records(before).every((line, i) => records(after)[i] === line), 'the log of before is not the beginning of the log of after');
    const now = await steps(inside, exchange, site);
    must(now > tables, `the tables of these commits are the same (${now} steps): choose an older one`);
    say(`under this program the stop ended in custody; ${now} steps; ${run(path.join(checkout, 'build/src/cli/mizan'), 'audit', 'verify',
        path.join(folder, 'after.export'), '--key', path.join(siteFolder, 'log-key.pub')).split('\n')[0]}`);
} finally {
    await site?.endCameras();
    await halt();
}
process.exit(0);
