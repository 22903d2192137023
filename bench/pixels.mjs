// How long the desk's news takes to the screen, in a real browser:
//   a raised alert   from its event at another client until both pictures stand decoded on the reviewer's screen
//   a word           from the desk's reply to what changed it until the browser has drawn it
//   node bench/pixels.mjs [ALERTS] [ROUNDS]
import os from 'node:os';
import path from 'node:path';
import { openBrowser, signInPage } from '../tests/web/browser.mjs';
import { Site, buildFolder, newId, sleep, subject } from '../tools/demo/site.mjs';

const [alerts, rounds] = [Number(process.argv[2] ?? 24), Number(process.argv[3] ?? 60)];
/** So many pairs an operation takes in an hour (LIMIT_PLANTED_AN_HOUR); for more there is another site. */
const PAIRS = 6;

const now = () => performance.timeOrigin + performance.now();

/** Resolves with the wall time of the frame after both pictures were decoded. */
const picturesShown = (page) => page.evaluate(() => new Promise((done, failed) => {
    const look = () => {
        const pictures = [...document.querySelectorAll('.review .faces img')];
        if (pictures.length < 2) return;
        watch.disconnect();
        Promise.all(pictures.map((one) => one.decode())).then(() => requestAnimationFrame(() => done(performance.timeOrigin + performance.now())), failed);
    };
    const watch = new MutationObserver(look);
    watch.observe(document.body, { childList: true, subtree: true });
    look();
}));

/** Resolves with the wall time of the second frame after the words appeared. */
const wordsShown = (page, words) => page.evaluate((wanted) => new Promise((done) => {
    const look = () => {
        if (!document.querySelector('.presence')?.textContent.includes(wanted)) return;
        watch.disconnect();
        requestAnimationFrame(() => requestAnimationFrame(() => done(performance.timeOrigin + performance.now())));
    };
    const watch = new MutationObserver(look);
    watch.observe(document.body, { childList: true, subtree: true, characterData: true });
    look();
}), words);

/** A trial of two persons at a camera that sees nobody: the only alerts are those that are planted. */
async function startTrial(site) {
    await site.startCameras();
    await site.startDesk();
    await site.signInAll();
    await site.registerCamera('gate');
    site.listed = await site.enrol();
    site.other = await site.enrol('other-1.jpg', { ...subject, name: 'Demo person B', cnic: '42101-0000002-1' });
    await site.presentAll();
    await site.cast.reviewerThree.leave();
    site.operation = await site.authoriseOperation([site.listed.entry, site.other.entry]);
    await site.untilOperation(site.operation, 'running', 60);
}

/** One alert from its event to the pictures; both reviewers answer it, and it is over. */
async function timeAlert(site, page) {
    const { authoriserOne, reviewerOne, reviewerTwo, dispatcher } = site.cast;
    const alert = newId('a');
    let hush;
    const raised = new Promise((done) => { hush = dispatcher.listen(({ data }) => JSON.stringify(data).includes(alert) && done(now())); });
    await sleep(300);
    const shown = picturesShown(page);
    await authoriserOne.act('/alerts', 'planting', { alert, operation: site.operation, camera: site.cameras.gate.id,
        entry: site.listed.entry, photo_entry: site.other.entry, photo: site.other.photo.photo });
    const took = (await shown) - (await raised);
    hush();
    await page.waitForTimeout(1200); // the least look
    for (const one of [reviewerOne, reviewerTwo]) {
        const asked = (await one.get('/alerts')).alerts.find((each) => each.alert === alert);
        await site.review(one, asked, 'different');
    }
    await page.locator('.review').waitFor({ state: 'detached' });
    return took;
}

async function timeWords(site, page, i) {
    const comes = i % 2 === 0;
    const drawn = wordsShown(page, `Reviewing offices: ${comes ? 3 : 2}`);
    await (comes ? site.cast.reviewerThree.present('reviewer') : site.cast.reviewerThree.leave());
    const replied = now();
    const took = (await drawn) - replied;
    await sleep(50);
    return took;
}

function tell(what, took) {
    took.sort((a, b) => a - b);
    const at = (percent) => took[Math.ceil((took.length * percent) / 100) - 1].toFixed(0);
    console.log(`${what}, n = ${took.length}: p50 ${at(50)}, p95 ${at(95)}, max ${at(100)} ms (load average ${os.loadavg().map((one) => one.toFixed(1)).join(', ')})`);
}

async function withTrial(work) {
    const site = await Site.make(path.join(buildFolder, 'pixels-site'), { scenes: { gate: 'nobody.mp4' } });
    try {
        await startTrial(site);
        const browser = await openBrowser(site);
        try {
            await work(site, (await signInPage(browser, site, site.cast.reviewerOne)).page);
        } finally {
            await browser.close();
        }
    } finally {
        await site.end();
    }
}

const took = [];
while (took.length < alerts)
    await withTrial(async (site, page) => {
        for (let i = 0; i < PAIRS && took.length < alerts; i++) took.push(await timeAlert(site, page));
    });
tell('raised alert to both pictures decoded', took);
await withTrial(async (site, page) => {
    const words = [];
    for (let i = 0; i < rounds; i++) words.push(await timeWords(site, page, i));
    tell('event to words drawn', words);
});
