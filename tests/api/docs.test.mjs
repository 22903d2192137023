// What the documentation tells people to type, typed: every block marked `sh`, in order, in an empty folder; and the links.
import { execFile, execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { assets, mizan } from '../../tools/demo/site.mjs';
import { castKeys, castOversight, inspector } from './keys.mjs';
import { story } from './story.mjs';

const root = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), '../..');
const pages = fs.readdirSync(path.join(root, 'docs')).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`);
const texts = new Map([...pages, 'README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md'].map((name) => [name, fs.readFileSync(path.join(root, name), 'utf8')]));

const blocks = (text) => [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```/gm)].map(([, language, lines]) => ({ language, lines }));
const environment = { ...process.env, PATH: `${path.dirname(mizan)}:${process.env.PATH}`, MIZAN_PASSPHRASE: 'demo',
    PACK: path.join(assets, 'pack'), REPORT: path.join(root, 'assets/reports/demo.json'),
    REPORT_KEY: fs.readFileSync(path.join(root, 'assets/reports/demo.pub'), 'utf8').trim() };

/** Types the page's sh blocks, one after the other, in this folder; resolves how many there were. */
async function type(name, folder, more = {}) {
    const commands = blocks(texts.get(name)).filter(({ language }) => language === 'sh').map(({ lines }) => lines);
    const script = `set -eu\ntrap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n${commands.join('\n')}`;
    await promisify(execFile)('bash', ['-c', script], { cwd: folder, env: { ...environment, ...more } }).catch((problem) => {
        assert.fail(`${name}: ${problem.stdout}\n${problem.stderr}`);
    });
    return commands.length;
}

/** A table of one line that is well once it names its photograph. */
function aTable(site) {
    const day = (offset) => new Date(Date.now() + offset * 86400000).toISOString().slice(0, 10);
    const cells = { ground: 'consenting_test_subject', name: 'Demo person C', father: '', cnic: '42101-0000005-5', born: 1980, gender: 'male', description: '',
        case_kind: 'court', case_number: 'DEMO-3/2026', case_section: 'DEMO 3', case_station: site.cast.station.station, case_dated: day(-10),
        case_officer: 'SI Demo', photo: 'PHOTO', photo_source: 'consenting_subject', photo_record: 'DEMO-3', photo_dated: day(-1), expires: day(7) };
    return `${Object.keys(cells).join(',')}\n${Object.values(cells).join(',')}\n`;
}

// Pages whose commands want a desk, its log or its root beside them.
const beside = ['docs/command-line.md', 'docs/guide-oversight.md', 'docs/log.md', 'docs/pages.md'];

test('every sh block of the guides does what it says in an empty folder', { timeout: 120000 }, async () => {
    let ran = 0;
    for (const name of texts.keys()) {
        if (!name.startsWith('docs/') || beside.includes(name)) continue;
        const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mizan-docs-'));
        ran += await type(name, folder);
        fs.rmSync(folder, { recursive: true });
    }
    assert.ok(ran >= 5, `${ran} blocks were found`);
});

story('every other sh block does what it says beside a desk, in the hands of the officers it speaks of', async (site) => {
    const folder = path.join(site.folder, 'typed');
    fs.mkdirSync(path.join(folder, 'offline'), { recursive: true });
    const copy = (from, to) => fs.copyFileSync(path.join(site.folder, from), path.join(folder, to));
    for (const [from, to] of [['ca.pem', 'ca.pem'], ['log-key.pub', 'log-key.pub'], ['offline/root.key', 'offline/root.key'], ['roster-fields.json', 'roster-2.json'],
        ['approver.key', 'approver.key'], ['watchOfficer.key', 'watch-officer.key'], ['authoriserOne.key', 'authoriser.key'], ['auditor.key', 'auditor.key'],
        ['inspector.key', 'inspector.key'], ['oversight.key', 'oversight.key']])
        copy(from, to);
    fs.writeFileSync(path.join(folder, 'assessment.pdf'), 'of the impact');
    fs.copyFileSync(path.join(assets, 'photos', 'subject-1.jpg'), path.join(folder, 'face.jpg'));
    fs.writeFileSync(path.join(folder, 'table.csv'), aTable(site));
    fs.writeFileSync(path.join(folder, 'kept.export'), await site.cast.auditor.bytes('/log'));
    const { id } = await site.registerCamera('gate', 'rtsp://127.0.0.1:1/gate');
    const { entry } = await site.propose();
    await type('docs/command-line.md', folder, { PORT: String(site.port), ENTRY: entry, CAMERA: id });
    for (const name of beside.slice(1)) await type(name, folder);
}, { more: inspector, prepare: async (site) => {
    castKeys(site);
    castOversight(site);
    await site.signRoster(1, '0'.repeat(64));
    await site.startDesk();
    await site.signInAll();
} });

/** What is shown and cannot be typed here: the file whose run shows it, by these words. */
const elsewhere = [
    ['./demo\n', 'tools/screens/tour.mjs', 'tools/demo/demo.mjs'],
    ['mizan audit verify log.export --key log-key.pub\n', 'tools/screens/tour.mjs', "['audit', 'verify', file"],
    ['build/tools/test-camera/mizan-test-camera --port', 'tools/demo/site.mjs', 'mizan-test-camera'],
    ['while :; do ffmpeg -v error -f v4l2', 'docs/cameras.md', 'ffmpeg'], // wants a webcam
];

test('no block of the guides is left out: it is typed, shown elsewhere, or no command', () => {
    for (const [name, text] of texts) {
        if (!name.startsWith('docs/')) continue;
        for (const { language, lines } of blocks(text)) {
            if (language) continue;
            const [, file, words] = elsewhere.find(([begin]) => lines.startsWith(begin)) ?? assert.fail(`${name}: nobody types\n${lines}`);
            assert.ok(fs.readFileSync(path.join(root, file), 'utf8').includes(words), `${file} does not show ${lines}`);
        }
    }
    const [{ lines }] = blocks(texts.get('README.md')).filter(({ language }) => language === 'sh');
    const fresh = fs.readFileSync(path.join(root, 'tools/fresh'), 'utf8');
    for (const line of lines.trim().split('\n').map((one) => one.split('#')[0].trim()))
        assert.ok(fresh.includes(line) || line === './demo', `tools/fresh does not run ${line}`);
});

test('every mizan command that is shown exists', () => {
    const help = execFileSync(mizan, ['--help'], { encoding: 'utf8' });
    const known = new Set();
    for (const [, noun, verbs] of help.matchAll(/^  ([a-z]+) +([^\n]+)$/gm)) {
        known.add(noun);
        for (const verb of verbs.split(',')) known.add(`${noun} ${verb.trim()}`);
    }
    for (const words of ['site init', 'site certify', 'site backup', 'site restore', 'sign key', 'sign statement', 'key new', 'key device', 'key show',
        'audit verify', 'audit prove', 'audit check', 'audit report']) known.add(words);
    for (const [name, text] of texts)
        for (const [, noun, next] of text.matchAll(/(?:^|`)mizan ([a-z]+)(?: ([a-z-]+))?/gm)) {
            const takesFolder = ['desk', 'doctor'].includes(noun);
            assert.ok(known.has(takesFolder || !next ? noun : `${noun} ${next}`), `${name}: there is no 'mizan ${noun} ${next ?? ''}'`);
        }
});

test('every link between the texts leads somewhere', () => {
    for (const [name, text] of texts)
        for (const [, target] of text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)) {
            // Made at build time: the list of safeguards, and the pictures (tests/web/tour.test.mjs opens them).
            if (/^https?:|^pictures\/[a-z-]+\.png$/.test(target) || target === 'safeguards.md') continue;
            assert.ok(fs.existsSync(path.join(root, path.dirname(name), target)), `${name}: ${target} is not there`);
        }
});

test('what the guides name in bold as something to press is on the pages in these words', () => {
    const { words } = JSON.parse(fs.readFileSync(path.join(root, 'web/src/words/en.json'), 'utf8'));
    const shown = Object.values(words).map((one) => new RegExp(`^${one.replace(/[.*+?^$()|[\]\\]/g, '\\$&').replace(/\{\w+\}/g, '.+')}$`));
    // Bold that ends like a sentence is one.
    const pressed = (text) => [...text.matchAll(/\*\*([^*]+)\*\*/g)].map(([, one]) => one.replace(/\s+/g, ' ')).filter((one) => !/[.?:!]$/.test(one));
    const castPage = new Set(['Walk by', 'Begin again']);
    let found = 0;
    for (const [name, text] of texts) {
        if (!/^docs\/(guide-|tour)/.test(name)) continue;
        for (const one of pressed(text)) {
            assert.ok(castPage.has(one) || shown.some((word) => word.test(one)), `${name}: no page shows "${one}"`);
            found++;
        }
    }
    assert.ok(found > 20, `${found} were found`);
});
