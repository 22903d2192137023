// The five-minute tour as docs/tour.md tells it, played sentence by sentence in a real browser on the demonstration's own
// cast page, with the pictures that a desk shows beside it and in the guides. A test holds the text to be these sentences and
// no others, and the pictures to be those that the texts name.
//   node tools/screens/tour.mjs FOLDER     plays it, and leaves the pictures in FOLDER
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { display, lendScreen, openBrowser } from '../../tests/web/browser.mjs';
import { buildFolder, freePort, mizan, subject } from '../demo/site.mjs';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const wide = { width: 1440, height: 1000 };
const phone = { width: 390, height: 844 };
const tablet = { width: 820, height: 1180 };
const patient = 150000;
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** A port whose neighbour below is free, too: the cast page is there. */
async function twoFreePorts() {
    for (;;) {
        const [below, above] = [await freePort(), await freePort()];
        if (above === below + 1) return above;
    }
}

class Stage {
    static async open(pictures, log) {
        const stage = Object.assign(new Stage(), { pictures, pages: {}, folder: path.join(buildFolder, `tour-${process.pid}`), port: await twoFreePorts() });
        fs.mkdirSync(pictures, { recursive: true });
        stage.demo = spawn('node', ['--no-warnings', path.join(root, 'tools/demo/demo.mjs'), '--port', String(stage.port), '--folder', stage.folder],
            { stdio: ['ignore', 'pipe', 'inherit'] });
        stage.said = '';
        stage.over = new Promise((done) => stage.demo.once('exit', done));
        await new Promise((ready, failed) => {
            stage.demo.stdout.on('data', (bytes) => {
                log(bytes);
                if ((stage.said += bytes).includes('Stop with Ctrl-C')) ready();
            });
            stage.over.then((code) => failed(new Error(`the demonstration ended with ${code}`)));
        });
        stage.browser = await openBrowser(stage);
        stage.context = await stage.browser.newContext({ viewport: wide, acceptDownloads: true, permissions: ['geolocation'], geolocation: { latitude: 24.8625, longitude: 67.0052 } });
        await lendScreen(stage.context);
        stage.cast = await stage.context.newPage();
        stage.cast.setDefaultTimeout(patient);
        return stage;
    }

    async close() {
        await this.browser?.close();
        if (this.demo.exitCode === null) this.demo.kill('SIGINT');
        return this.over;
    }

    strip() {
        return this.cast.locator('#who').textContent();
    }

    async untilStrip(pattern) {
        for (const end = Date.now() + patient; ; await pause(100)) {
            const says = await this.strip();
            if (pattern.test(says)) return says;
            if (Date.now() > end) throw new Error(`the strip says "${says}", not ${pattern}`);
        }
    }

    /** The page behind a card, opened once. */
    async part(name, viewport = wide) {
        if (this.pages[name]) return this.pages[name];
        const [page] = await Promise.all([this.context.waitForEvent('page'), this.cast.getByRole('link', { name: `Open: ${name}`, exact: true }).click()]);
        page.setDefaultTimeout(patient);
        await page.setViewportSize(viewport);
        await page.waitForFunction(() => !location.hash.includes('key='));
        await page.locator('header .who').waitFor();
        return (this.pages[name] = page);
    }

    /** The pages of both who are drawn. A machine that opens them in more than 45 seconds has the question passed on: then once more. */
    async drawn() {
        for (const end = Date.now() + 2 * patient; Date.now() < end; await pause(200)) {
            const says = await this.strip();
            if (says === 'Nobody has to act') await this.press(this.cast, 'Walk by');
            const names = /^Next: (Reviewer \w+) and (Reviewer \w+)$/.exec(says);
            if (!names) continue;
            const pages = [await this.part(names[1]), await this.part(names[2])];
            const seen = await Promise.all(pages.map((page) => reviewing(page).waitFor({ timeout: 15000 }).then(() => true, () => false)));
            if (seen.every(Boolean)) return pages;
        }
        throw new Error(`no two reviewers were asked; the strip says "${await this.strip()}"`);
    }

    /** 45 seconds of a slow machine: somebody who was drawn is not asked any more. */
    async wasPassedOn() {
        const asked = await Promise.all((this.reviewers ?? []).map((page) => reviewing(page).isVisible()));
        return asked.length === 2 && !asked.every(Boolean);
    }

    /** The page from `at` on, or from its top; where another screen, language or light is asked for it is as before afterwards. */
    async shoot(name, page, { at = 'body', screen, shown } = {}) {
        const before = page.viewportSize();
        await page.bringToFront();
        if (screen) await page.setViewportSize(screen);
        if (shown) await display(page, ...shown);
        // Below what sticks to the upper edge.
        await page.evaluate((from) => document.fonts.ready.then(() => scrollTo(0, from === 'body' ? 0 : document.querySelector(from).getBoundingClientRect().top + scrollY - 80)), at);
        // What was put into another language or size stands still for a second before it can be pressed.
        await page.waitForTimeout(screen || shown?.[0] === 'ur' ? 1200 : 500);
        await page.screenshot({ path: path.join(this.pictures, `${name}.png`) });
        if (shown) await display(page, 'en', 'dark');
        if (screen) await page.setViewportSize(before);
    }

    /** One part of an office's page. */
    async go(page, words) {
        await page.bringToFront();
        await page.getByRole('link', { name: words, exact: true }).click();
    }

    async press(page, name) {
        await page.bringToFront();
        await page.getByRole('button', { name, exact: true }).first().click();
    }
}

const reviewing = (page) => page.getByText('Are these the same person?');
const answers = ['Same', 'Different', 'Cannot tell'];
const nothingElse = async () => {};

async function answer(stage, page) {
    await page.bringToFront();
    await page.getByLabel('nose').first().check();
    await page.getByRole('button', { name: 'Same' }).click();
    await reviewing(page).waitFor({ state: 'detached' });
}

/** [what the tour says, what shows that it is so]. */
export const sentences = [
    ['# Five-minute tour On Debian 12, as root or with sudo, in a checkout: ``` ./demo ``` The first time it installs what it needs, builds, and takes the pictures that a desk shows on this page and in the guides, some minutes.', nothingElse],
    ['Then it prints one address, `http://localhost:8442/`.', async (stage) => {
        assert.ok(stage.said.includes(`Open http://localhost:${stage.port - 1}/`), stage.said);
    }],
    ['From another machine, the line with `ssh -L` below it brings both ports over.', async (stage) => {
        for (const port of [stage.port - 1, stage.port]) assert.match(stage.said, new RegExp(`ssh .*-L ${port}:127\\.0\\.0\\.1:${port} `));
    }],
    ['Open the address: it is the cast, one card for each officer.', async (stage) => {
        await stage.cast.goto(`http://localhost:${stage.port - 1}/`);
        assert.equal(await stage.cast.locator('#cast li').count(), 13);
    }],
    ['A card opens that officer, signed in, at a host name of its own, so that one browser can hold all of them.', async (stage) => {
        const links = await stage.cast.locator('#cast a').evaluateAll((all) => all.map((one) => new URL(one.href).hostname));
        assert.equal(new Set(links).size, 13);
    }],
    ['The browser warns about the certificate once for each; the page says why, and what else can be done. ![The cast page: the strip that says who acts next, and a card for each officer](pictures/cast.png)', async (stage) => {
        const help = stage.cast.locator('details', { hasText: 'The browser warns about the certificate' });
        await help.locator('summary').click();
        await help.getByText('certificate authority of its own').waitFor();
        await help.locator('summary').click();
        await stage.shoot('cast', stage.cast);
    }],
    ['The strip at the top says who acts next.', (stage) => stage.untilStrip(/^Next: |is walking by$/)],
    ['The street is empty until you press **Walk by**; when the demonstration starts he walks by once without being asked. ## 1. A match is a lead Demo person A, played by a consenting subject, walks past the camera. Two pictures of different moments have to match.', async (stage) => {
        await stage.cast.getByRole('button', { name: 'Walk by' }).waitFor();
    }],
    ['Two of three reviewers are drawn; the strip names them. Open both. ![A reviewer\'s page: two faces of equal size, and three answers](pictures/review.png)', async (stage) => {
        stage.reviewers = await stage.drawn();
        await stage.reviewers[0].waitForFunction(() => [...document.querySelectorAll('.faces img')].every((one) => one.complete && one.naturalWidth > 0));
        await stage.shoot('review', stage.reviewers[0]);
    }],
    ['Each reviewer sees two faces of equal size, the place and the time.', async (stage) => {
        const [page] = stage.reviewers;
        const sizes = await page.locator('.faces img').evaluateAll((all) => all.map((one) => `${one.clientWidth}x${one.clientHeight}`));
        assert.equal(sizes.length, 2);
        assert.equal(sizes[0], sizes[1]);
        assert.match(await page.locator('.review').textContent(), /Demo camera gate.*\d\d:\d\d/s);
    }],
    ['No name, no offence, no score.', async (stage) => {
        const seen = await stage.reviewers[0].content();
        for (const word of [subject.name, subject.cnic, 'DEMO-1', 'DEMO 1', 'score']) assert.ok(!seen.includes(word), `the page holds ${word}`);
    }],
    ['The answers unlock after a minimum look. Say what is alike or what differs, then **Same**, **Different** or **Cannot tell**.', async (stage) => {
        for (const name of answers) await stage.reviewers[1].locator('button:not([disabled])', { hasText: name }).waitFor();
    }],
    ['Answer as the first reviewer, and look at the second screen: nothing there has changed.', async (stage) => {
        const [first, second] = stage.reviewers;
        const before = await second.locator('.review').textContent();
        await answer(stage, first);
        assert.equal(await second.locator('.review').textContent(), before);
    }],
    ['Answer as the second. *Different* ends it here. *Cannot tell* calls the third. Silence for 45 seconds passes the question on to somebody else.', async (stage) => {
        await answer(stage, stage.reviewers[1]);
    }],
    ['## 2. One unit Open the dispatcher. *Two officers say same, not identified*: only now is there a name.', async (stage) => {
        await stage.untilStrip(/^Next: Dispatcher$/);
        const page = await stage.part('Dispatcher');
        await page.getByRole('heading', { name: 'Two officers say same, not identified' }).waitFor();
        await page.getByText(subject.name, { exact: true }).waitFor();
    }],
    ['Fill in what the crew needs to see, choose ERV-01, and press **Send this unit**. ![The dispatcher\'s page: what is known, what the crew needs to see, and the map](pictures/dispatch.png)', async (stage) => {
        const page = await stage.part('Dispatcher');
        await page.getByLabel('Travels', { exact: false }).first().selectOption({ index: 1 });
        const unit = page.getByLabel('Unit', { exact: true });
        await unit.selectOption(await unit.locator('option', { hasText: 'ERV-01' }).getAttribute('value'));
        await page.locator('.leaflet-marker-icon').first().waitFor();
        await stage.shoot('dispatch', page);
        await stage.shoot('dispatch-urdu', page, { shown: ['ur', 'dark'] });
        await stage.press(page, 'Send this unit');
    }],
    ['Open the crew of ERV 0001. Its page opens the packet with a key that exists on this device alone, and checks both reviewers\' signatures itself before it shows anything.', async (stage) => {
        await stage.untilStrip(/^Next: Crew of ERV 0001$/);
        const page = await stage.part('Crew of ERV 0001', phone);
        await page.locator('.packet').getByText(subject.name, { exact: true }).waitFor();
        assert.match(await page.locator('.packet .marking').textContent(), /NOT A WANTED PERSON/);
    }],
    ['**Accept**, **We are on scene**, **Person stopped**. ![The crew\'s page: the packet, opened and checked](pictures/packet.png)', async (stage) => {
        const page = await stage.part('Crew of ERV 0001');
        await page.locator('button:not([disabled], [aria-disabled])', { hasText: 'Accept' }).waitFor();
        await stage.shoot('packet', page);
        await stage.press(page, 'Accept');
        await shootOnTheWay(stage, page);
        for (const words of ['We are on scene', 'Person stopped']) await stage.press(page, words);
        await page.locator('.slip .code').waitFor();
    }],
    ['## 3. A face is never enough Choose *custody* at once: **Record the outcome** stays shut, and the page says what is missing.', async (stage) => {
        const page = await stage.part('Crew of ERV 0001');
        await page.getByRole('radio', { name: 'custody', exact: true }).check();
        assert.ok(await page.getByRole('button', { name: 'Record the outcome' }).isDisabled());
        await page.getByText('Custody needs the case live').waitFor();
    }],
    ['Enter the card\'s number, `42101-0000001-1` (Urdu digits work, too), and `thumb` as the sample, and press **Verify the card**; then **Ask the case’s status**.', async (stage) => {
        const page = await stage.part('Crew of ERV 0001');
        const number = page.getByLabel('Number on the card');
        assert.equal(subject.cnic, '42101-0000001-1');
        await number.fill('۴۲۱۰۱۰۰۰۰۰۰۱۱');
        assert.equal(await number.inputValue(), subject.cnic);
        await page.getByLabel('Sample (simulated reader)').fill('thumb');
        await stage.press(page, 'Verify the card');
        await page.getByText('The register answers: yes').waitFor();
        await stage.press(page, 'Ask the case’s status');
        await page.getByText('The case is: live').waitFor();
    }],
    ['Say that there was no harm and that the card was verified; now custody can be recorded. The slip has a code: the person can ask with it later who looked, and why. ![The crew\'s page at a stop: the slip, the card, the outcome](pictures/stop.png)', async (stage) => {
        const page = await stage.part('Crew of ERV 0001');
        await page.getByRole('group', { name: 'Force or harm' }).getByRole('radio', { name: 'none' }).check();
        await page.getByRole('radio', { name: 'card verified' }).check();
        assert.match(await page.locator('.slip .code').textContent(), /^\w{8}$/);
        await stage.shoot('stop', page, { at: '.stop h3:nth-of-type(2)' });
        await stage.shoot('stop-urdu', page, { at: '.stop h3', shown: ['ur', 'night'] });
        await stage.press(page, 'Record the outcome');
    }],
    ['## 4. The station Choose the station as the crew and press **Hand over**.', async (stage) => {
        const page = await stage.part('Crew of ERV 0001');
        await page.getByLabel('Station').selectOption({ index: 1 });
        await stage.press(page, 'Hand over');
        await stage.untilStrip(/^Next: Station duty officer$/);
    }],
    ['Open the station: **Open the hand-over packet** opens it with the station\'s own key. It says that face recognition was used, with which model and threshold.', async (stage) => {
        const page = await stage.part('Station duty officer');
        await stage.press(page, 'Open the hand-over packet');
        for (const words of ['Face recognition was used', 'Model pack', 'Threshold']) await page.getByText(words).first().waitFor();
    }],
    ['**Save the sealed packet**, for the desk erases its copy; then **Sign the receipt** ends it. ![The station\'s page: what was used, who said what, the cases](pictures/station.png)', async (stage) => {
        const page = await stage.part('Station duty officer');
        await stage.shoot('station', page);
        await stage.shoot('station-urdu', page, { shown: ['ur', 'light'] });
        await Promise.all([page.waitForEvent('download'), stage.press(page, 'Save the sealed packet')]);
        await stage.press(page, 'Sign the receipt');
        await page.getByText('The receipt is signed').waitFor();
    }],
    ['With custody the entry was withdrawn in the same moment: let him walk by again, and nothing happens.', async (stage) => {
        await stage.untilStrip(/^(Nobody has to act|Somebody is walking by)$/);
        await stage.untilStrip(/^Nobody has to act$/);
        await stage.press(stage.cast, 'Walk by');
        await stage.untilStrip(/^Somebody is walking by$/);
        await stage.untilStrip(/^Nobody has to act$/);
        await stage.cast.getByText('The story has ended').waitFor();
    }],
    ['## 5. Who checks all this Open the auditor and press **Fetch and verify**. Every step is a record; none holds a face, a name or a number. The page checks the tree and the signature itself.', async (stage) => {
        const page = await stage.part('Auditor');
        await stage.press(page, 'Fetch and verify');
        await page.getByText('The log holds').waitFor();
        const kinds = await page.locator('.records tbody tr td:nth-child(3)').allTextContents();
        for (const kind of ['an alert was raised', 'a reviewer answered', 'a unit was sent', 'a crew gave an outcome', 'a station signed a receipt']) assert.ok(kinds.some((one) => one.includes(kind)), `no record of ${kind}`);
        assert.equal(kinds.filter((one) => one === 'an alert was raised').length, 1);
        const seen = await page.locator('.records').textContent();
        for (const word of [subject.name, subject.cnic]) assert.ok(!seen.includes(word));
    }],
    ['The same check needs two files and no desk, the log as **Save the log** gives it and the log\'s public key, here `build/demo-site/log-key.pub`: ``` mizan audit verify log.export --key log-key.pub ``` ![The auditor\'s page: the log holds](pictures/log.png)', async (stage) => {
        const page = await stage.part('Auditor');
        await stage.shoot('log', page);
        const [saved] = await Promise.all([page.waitForEvent('download'), stage.press(page, 'Save the log')]);
        assert.equal(saved.suggestedFilename(), 'log.export');
        const file = path.join(stage.folder, 'log.export');
        await saved.saveAs(file);
        assert.match(execFileSync(mizan, ['audit', 'verify', file, '--key', path.join(stage.folder, 'log-key.pub')], { encoding: 'utf8' }), /verif/i);
    }],
    ['Press **Begin again** on the cast page for another round, and answer differently: a *wrong person* suspends the entry everywhere; a *halt* ends matching at once; a withdrawn entry calls the crew back.', async (stage) => {
        await stage.press(stage.cast, 'Begin again');
        await stage.untilStrip(/^Somebody is walking by$|^Next: /);
    }],
    ['`./demo --auto` plays all of that by itself and prints what each step took. `./demo --help` lists the rest.', async () => {
        assert.match(execFileSync(path.join(root, 'demo'), ['--help'], { encoding: 'utf8' }), /--auto/);
    }],
];

const drawnAt = sentences.findIndex(([says]) => says.startsWith('Two of three reviewers'));
const answeredAt = sentences.findIndex(([says]) => says.startsWith('Answer as the second'));

/** For the guides: the crew's page in its car, and the room that sent it, while nothing runs out. */
async function shootOnTheWay(stage, crew) {
    await crew.locator('button:not([disabled], [aria-disabled])', { hasText: 'We are on scene' }).waitFor();
    await stage.shoot('packet-night', crew, { shown: ['en', 'night'] });
    await stage.shoot('packet-tablet', crew, { screen: tablet, shown: ['en', 'night'] });
    const room = await stage.part('Dispatcher');
    await room.locator('.steps [aria-current]', { hasText: 'accepted' }).waitFor();
    await stage.press(room, 'If the packet does not arrive: radio');
    await room.locator('.script').waitFor();
    await stage.shoot('way', room, { shown: ['en', 'light'] });
}

/** For the guides: the offices' pages, by the light of an office; what ran has ended, and the next one runs. */
async function shootOffices(stage) {
    const light = { shown: ['en', 'light'] };
    const auditor = await stage.part('Auditor');
    await stage.go(auditor, 'Public records');
    await stage.press(auditor, 'Fetch and verify again');
    await auditor.getByLabel('Operation').selectOption({ label: await auditor.locator('option', { hasText: /ended|wiped/ }).first().textContent() });
    await auditor.locator('.plot canvas').waitFor();
    await stage.shoot('records', auditor, { at: '.figures', ...light });
    const officer = await stage.part('Watch officer');
    await officer.getByRole('button', { name: /^Open: \w{4}$/ }).first().click();
    await stage.shoot('entries', officer, light);
    await stage.go(officer, 'Request an operation');
    await stage.shoot('request-urdu', officer, { shown: ['ur', 'light'] });
    const authoriser = await stage.part('First authoriser');
    await stage.go(authoriser, 'Operations');
    await authoriser.locator('summary', { hasText: 'Terms of the request' }).first().click();
    await stage.shoot('operations', authoriser, light);
    const admin = await stage.part('Administrator');
    await stage.go(admin, 'Cameras');
    await stage.shoot('cameras', admin, light);
    await stage.go(admin, 'Officers and devices');
    await stage.shoot('officers', admin, light);
}

/** All sentences in order, then what the guides show besides; the demonstration has to end well when it is told to, and to leave nothing behind. */
export async function playTour(pictures, log = () => {}) {
    const beside = `${pictures}.new-${process.pid}`;
    const stage = await Stage.open(beside, log);
    try {
        for (let i = 0, rounds = 0; i < sentences.length; i++) {
            const [says, shows] = sentences[i];
            const problem = await shows(stage).then(() => null, (one) => one);
            if (!problem) continue;
            if (i < drawnAt || i > answeredAt || ++rounds > 3 || !(await stage.wasPassedOn())) throw new Error(`"${says.slice(-160)}": ${problem.message}`);
            i = drawnAt - 1;
        }
        await shootOffices(stage);
    } catch (problem) {
        await stage.close();
        fs.rmSync(beside, { recursive: true, force: true });
        throw problem;
    }
    assert.equal(await stage.close(), 0, 'the demonstration ends well');
    assert.ok(!fs.existsSync(stage.folder), 'the demonstration leaves nothing behind');
    fs.rmSync(pictures, { recursive: true, force: true });
    fs.renameSync(beside, pictures);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
    const folder = process.argv[2];
    if (!folder) throw new Error('usage: node tools/screens/tour.mjs FOLDER');
    await playTour(path.resolve(folder), (bytes) => process.stdout.write(bytes));
    console.log(`${fs.readdirSync(folder).length} pictures in ${folder}`);
}
