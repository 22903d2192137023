// How long an event takes to the screen: from the desk's reply to what caused it until the browser has drawn the change.
//   node bench/pixels.mjs [ROUNDS]
import path from 'node:path';
import { openBrowser, signInPage } from '../tests/web/browser.mjs';
import { Site, buildFolder, sleep } from '../tools/demo/site.mjs';

const rounds = Number(process.argv[2] ?? 60);

/** Waits in the page for the frame after the words appeared, and tells the wall time of it. */
const drawnAt = (page, words) => page.evaluate((wanted) => new Promise((done) => {
    const look = () => {
        if (!document.querySelector('.presence')?.textContent.includes(wanted)) return;
        watch.disconnect();
        requestAnimationFrame(() => requestAnimationFrame(() => done(performance.timeOrigin + performance.now())));
    };
    const watch = new MutationObserver(look);
    watch.observe(document.body, { childList: true, subtree: true, characterData: true });
    look();
}), words);

const site = await Site.make(path.join(buildFolder, 'pixels-site'));
try {
    await site.startDesk();
    await site.signInAll();
    const browser = await openBrowser(site);
    const { page } = await signInPage(browser, site, site.cast.dispatcher);
    await page.waitForSelector('.presence');
    const took = [];
    for (let i = 0; i < rounds; i++) {
        const comes = i % 2 === 0;
        const drawn = drawnAt(page, `Reviewing offices: ${comes ? 1 : 0}`);
        await (comes ? site.cast.reviewerOne.present('reviewer') : site.cast.reviewerOne.leave());
        const replied = performance.timeOrigin + performance.now();
        took.push((await drawn) - replied);
        await sleep(50);
    }
    took.sort((a, b) => a - b);
    const at = (percent) => `${took[Math.ceil((took.length * percent) / 100) - 1].toFixed(0)} ms`;
    console.log(`event to pixels, ${rounds} rounds: median ${at(50)}, p95 ${at(95)}, longest ${at(100)}`);
    await browser.close();
} finally {
    await site.end();
}
