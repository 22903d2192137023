// The evaluation's page: opened from a file with no network, asks for nothing, and fits the paper it is printed on.
import { after, test } from 'node:test';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';

const root = path.dirname(path.dirname(path.dirname(fileURLToPath(import.meta.url))));
const assets = process.env.MIZAN_ASSETS ?? path.join(root, 'build/assets');
const build = process.env.MIZAN_BUILD ?? path.join(root, 'build');
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mizan-report-'));
after(() => fs.rmSync(folder, { recursive: true, force: true }));

function measure() {
    for (const [name, photos] of [['Subject', ['subject-1', 'subject-2', 'subject-3']], ['Other', ['other-1', 'other-2']]]) {
        fs.mkdirSync(path.join(folder, 'data', name), { recursive: true });
        photos.forEach((photo, i) => fs.copyFileSync(path.join(assets, 'photos', `${photo}.jpg`), path.join(folder, 'data', name, `${name}_000${i + 1}.jpg`)));
    }
    fs.writeFileSync(path.join(folder, 'groups'), 'Subject first\nOther second\n');
    execFileSync(path.join(build, 'src/cli/mizan-lab'), ['evaluate', 'search', 'data', '--entries', '1', '--threshold', '0.5', '--groups', 'groups',
        '--html', 'report.html'], { cwd: folder, env: { ...process.env, MIZAN_ASSETS: assets }, stdio: 'ignore' });
    return pathToFileURL(path.join(folder, 'report.html')).href;
}

test('the report of an evaluation opens without a network, asks for nothing and prints on whole pages', async () => {
    const address = process.env.MIZAN_REPORT ? pathToFileURL(process.env.MIZAN_REPORT).href : measure();
    const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', env: { ...process.env, HOME: folder },
        args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'] });
    try {
        const context = await browser.newContext({ offline: true, viewport: { width: 390, height: 844 } });
        const page = await context.newPage();
        const requests = [];
        page.on('request', (request) => requests.push(request.url()));
        page.on('pageerror', (problem) => { throw problem; });
        page.on('console', (message) => assert.notEqual(message.type(), 'error', message.text()));
        await page.goto(address);
        assert.deepEqual(requests, [address]);
        assert.match(await page.textContent('h1'), /false alerts/i);
        assert.equal(await page.locator('svg').count(), 2);
        assert.ok(await page.locator('table').count() >= 2);
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'wider than a phone');
        await shoot(page, 'narrow');
        await page.setViewportSize({ width: 1280, height: 900 });
        await shoot(page, 'wide');
        const overlaps = await page.evaluate(() => {
            const texts = [...document.querySelectorAll('svg text')].map((text) => text.getBoundingClientRect());
            return texts.flatMap((a, i) => texts.slice(i + 1).filter((b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1)).length;
        });
        assert.equal(overlaps, 0, 'words of the plots lie over each other');
        const pdf = await page.pdf({ format: 'A4', printBackground: true, margin: { top: '15mm', bottom: '15mm', left: '15mm', right: '15mm' } });
        if (process.env.MIZAN_SCREENSHOTS) fs.writeFileSync(path.join(process.env.MIZAN_SCREENSHOTS, 'report.pdf'), pdf);
        const pages = pdf.toString('latin1').match(/\/Type\s*\/Page\b/g).length;
        assert.ok(pages <= 2, `${pages} pages`);
    } finally {
        await browser.close();
    }
});

async function shoot(page, name) {
    if (process.env.MIZAN_SCREENSHOTS) await page.screenshot({ path: path.join(process.env.MIZAN_SCREENSHOTS, `report-${name}.png`), fullPage: true });
}
