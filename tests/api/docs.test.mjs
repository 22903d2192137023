// What the documentation tells people to type, typed: every block marked `sh`, in order, in an empty folder; and the links.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import assert from 'node:assert/strict';
import { assets, mizan } from '../../tools/demo/site.mjs';

const root = path.resolve(import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname), '../..');
const pages = fs.readdirSync(path.join(root, 'docs')).filter((name) => name.endsWith('.md')).map((name) => `docs/${name}`);
const texts = new Map([...pages, 'README.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md'].map((name) => [name, fs.readFileSync(path.join(root, name), 'utf8')]));

const blocks = (text) => [...text.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, lines]) => lines);

test('every sh block of the guides does what it says', { timeout: 120000 }, () => {
    let ran = 0;
    for (const [name, text] of texts) {
        const commands = name.startsWith('docs/') ? blocks(text) : [];
        if (!commands.length) continue;
        const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mizan-docs-'));
        const environment = { ...process.env, PATH: `${path.dirname(mizan)}:${process.env.PATH}`, MIZAN_PASSPHRASE: 'demo',
            PACK: path.join(assets, 'pack'), REPORT: path.join(root, 'assets/reports/demo.json'),
            REPORT_KEY: fs.readFileSync(path.join(root, 'assets/reports/demo.pub'), 'utf8').trim() };
        const script = `set -eu\ntrap 'kill $(jobs -p) 2>/dev/null || true' EXIT\n${commands.join('\n')}`;
        try {
            execFileSync('bash', ['-c', script], { cwd: folder, env: environment, stdio: 'pipe', encoding: 'utf8' });
        } catch (problem) {
            assert.fail(`${name}: ${problem.stdout}\n${problem.stderr}`);
        }
        fs.rmSync(folder, { recursive: true });
        ran += commands.length;
    }
    assert.ok(ran >= 5, `${ran} blocks were found`);
});

test('every mizan command that is shown exists', () => {
    const help = execFileSync(mizan, ['--help'], { encoding: 'utf8' });
    const known = new Set();
    for (const [, noun, verbs] of help.matchAll(/^  ([a-z]+) +([^\n]+)$/gm)) {
        known.add(noun);
        for (const verb of verbs.split(',')) known.add(`${noun} ${verb.trim()}`);
    }
    for (const words of ['site init', 'site certify', 'site backup', 'site restore', 'sign key', 'sign statement', 'key new', 'key show',
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
            if (/^https?:|^pictures\/[a-z]+\.png$/.test(target) || target === 'safeguards.md') continue;
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
