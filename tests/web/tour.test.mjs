// docs/tour.md word for word: each of its sentences is played in a real browser on the demonstration itself, which makes
// the pictures beside them and those of the guides; and a desk shows each text with its own.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { playTour, sentences } from '../../tools/screens/tour.mjs';
import { Site, buildFolder } from '../../tools/demo/site.mjs';
import { openBrowser } from './browser.mjs';

const pictures = path.join(buildFolder, 'pictures');
const inOneLine = (text) => text.trim().split(/\s+/).join(' ');

test('the tour is told in these sentences and no others', () => {
    const told = fs.readFileSync(new URL('../../docs/tour.md', import.meta.url), 'utf8');
    assert.equal(inOneLine(told), sentences.map(([says]) => says).join(' '));
});

test('every sentence of the tour holds on the pages, and the demonstration leaves nothing behind', { timeout: 600000 }, () => playTour(pictures));

const docs = new URL('../../docs/', import.meta.url);
/** [the text, the pictures that it names], of those that name any. */
const shownIn = fs.readdirSync(docs).filter((name) => name.endsWith('.md'))
    .map((name) => [name.replace('.md', ''), [...fs.readFileSync(new URL(name, docs), 'utf8').matchAll(/\(pictures\/([^)]+)\)/g)].map(([, one]) => one)])
    .filter(([, names]) => names.length > 0);

test('every picture that a text names was made, and every one that was made is named', () => {
    assert.deepEqual([...new Set(shownIn.flatMap(([, names]) => names))].sort(), fs.readdirSync(pictures).sort());
    assert.ok(['tour', 'pages', 'operator', 'crew', 'office', 'station', 'oversight', 'administrator'].every((one) => shownIn.some(([name]) => name.endsWith(one))));
});

test('a desk shows each text with its pictures', { timeout: 60000 }, async () => {
    const site = await Site.make(path.join(buildFolder, 'stories', `tour-${process.pid}`));
    let browser;
    try {
        await site.startDesk();
        browser = await openBrowser(site);
        const page = await browser.newPage({ viewport: { width: 1000, height: 30000 } });
        for (const [name, names] of shownIn) {
            await page.goto(`https://localhost:${site.port}/docs/${name}`);
            await page.waitForFunction(() => [...document.images].every((one) => one.complete));
            const shown = await page.evaluate(() => [...document.images].map((one) => [one.src.split('/').pop(), one.naturalWidth > 0, one.alt.length > 20]));
            assert.deepEqual(shown.map(([one]) => `${one}.png`), names, name);
            assert.ok(shown.every(([, seen, told]) => seen && told), `${name}: ${JSON.stringify(shown)}`);
        }
    } finally {
        await browser?.close();
        await site.end();
        fs.rmSync(site.folder, { recursive: true, force: true });
    }
});
