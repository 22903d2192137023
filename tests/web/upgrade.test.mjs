// A desk that is upgraded while its pages are open, in a real browser.
import fs from 'node:fs';
import https from 'node:https';
import path from 'node:path';
import { assert, exchange, sleep, story } from '../api/story.mjs';
import { addressFor, openBrowser } from './browser.mjs';

const next = 'feedfacefeedface';
const named = /\?build=([0-9a-f]{16})/g;

/** Stands before the desk; once `upgraded` it is a desk whose page is of another build, which has nothing of the one before. */
async function startUpgradable(site, build) {
    const file = (name) => fs.readFileSync(path.join(site.folder, name));
    const state = { upgraded: false };
    const answer = async (request, response) => {
        const wanted = new URL(request.url, 'https://desk').searchParams.get('build');
        if (state.upgraded && wanted && wanted !== next) return response.writeHead(404).end();
        const body = Buffer.concat(await request.toArray());
        const sent = { ...request.headers, 'accept-encoding': 'identity' };
        const reply = await exchange(site, request.method, state.upgraded ? request.url.replace(next, build) : request.url, { headers: sent, body: body.length ? body : undefined });
        const isPage = /html|javascript/.test(reply.headers['content-type']);
        const text = state.upgraded && isPage ? Buffer.from(reply.body.toString().replaceAll(build, next)) : reply.body;
        const { 'transfer-encoding': _, 'content-length': __, etag, ...headers } = reply.headers;
        response.writeHead(reply.status, { ...headers, 'content-length': text.length }).end(text);
    };
    const server = https.createServer({ cert: file('server.pem'), key: file('server.key') }, (request, response) => {
        if (request.url.endsWith('/events')) return response.writeHead(503).end();
        answer(request, response).catch(() => response.destroy());
    });
    await new Promise((done) => server.listen(0, '127.0.0.1', done));
    return { port: server.address().port, upgrade: () => { state.upgraded = true; }, end: () => server.close() };
}

/** The files of this build are kept, all that are needed, and of no other. */
async function untilKept(page, build) {
    const builds = () => page.evaluate(async () => {
        const texts = async (name) => {
            const shell = await caches.open(name);
            return Promise.all((await shell.keys()).map(async (one) => (await shell.match(one)).text()));
        };
        const shells = await caches.keys();
        const all = (await Promise.all(shells.map(texts))).flat();
        return [...shells, `${all.length} files`, ...new Set(all.flatMap((one) => one.match(/\?build=[0-9a-f]{16}/g) ?? []))];
    });
    const wanted = [`mizan-shell?build=${build}`, '8 files', `?build=${build}`];
    for (let i = 0; i < 100 && (await builds()).join() !== wanted.join(); i++) await sleep(100);
    assert.deepEqual(await builds(), wanted);
}

story('of two builds of the page no part stands beside one of the other: a page of before is told to load again, and what is kept is of one build', async (site) => {
    const index = (await exchange(site, 'GET', '/')).body.toString();
    const [[, build]] = index.matchAll(named);
    for (const name of ['page', 'office', 'map']) {
        const script = (await exchange(site, 'GET', `/${name}.js?build=${build}`)).body.toString();
        assert.doesNotMatch(script, /\.\/\w+\.js["'`]/, `${name}.js asks for a part of whatever build`);
        assert.deepEqual([...new Set([...script.matchAll(named)].map(([, one]) => one))], [build]);
    }
    const browser = await openBrowser(site);
    const desk = await startUpgradable(site, build);
    try {
        const context = await browser.newContext();
        const page = await context.newPage();
        const ofBuild = (which) => page.locator(`script[src$="${which}"]`).waitFor({ state: 'attached' });
        const open = async () => page.goto(await addressFor(site, site.cast.watchOfficer, desk.port));
        const signIn = async () => {
            await page.fill('input[type=password]', 'demo');
            await page.click('button.main');
        };
        await open();
        await untilKept(page, build);
        desk.upgrade();
        await signIn();
        await page.getByText('Parts of this office: not known: the desk was upgraded, and this page is of before: load the page again').waitFor();
        assert.match(await page.evaluate(() => fetch('/').then((reply) => reply.text())), new RegExp(next), 'a new build is not held back');
        assert.equal(await page.evaluate((name) => navigator.serviceWorker.register(`/shell.js?build=${name}`).then(() => 'kept', () => 'refused'), build.replace(/^./, (one) => (one === '0' ? '1' : '0'))), 'refused');
        await untilKept(page, build);
        await page.reload();
        await ofBuild(next);
        await untilKept(page, next);
        await page.goto('about:blank');
        await open();
        await signIn();
        await page.locator('.office nav.tabs').waitFor();
        await context.setOffline(true);
        await page.reload();
        await ofBuild(next);
        await page.waitForSelector('text=Sign in');
    } finally {
        await browser.close();
        desk.end();
    }
});
