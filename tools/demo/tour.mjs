// The demonstration for people in browsers: one cast page that opens each part signed in, says who acts next, and
// lets demo person A walk by. Nothing here answers for anybody; it keeps the control room staffed and the street empty.
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { sleep } from './officer.mjs';
import { authorise, begin, cameraNames, emptyStreet, list, paint, setUp, step, walkBy } from './story.mjs';
import { subject } from './site.mjs';
import { base64 } from '../../web/statement.js';

const castPage = fs.readFileSync(path.join(path.dirname(fileURLToPath(import.meta.url)), 'cast.html'), 'utf8');
const walkMs = 24000;
const presenceMs = 5 * 60 * 1000;
/** An operation of the tour, in minutes. */
const lastsMinutes = 480;

/** The cast in the order of the story: what each does, and the host name its browser session lives at. */
const parts = [
    ['watchOfficer', 'watch-officer', 'Proposes who is listed and requests operations; sees no alert.'],
    ['approver', 'approver', 'Checks a proposal against its sources and approves or refuses it.'],
    ['authoriserOne', 'authoriser-one', 'Signs an operation for the first office.'],
    ['authoriserTwo', 'authoriser-two', 'Signs it for the second office: two are needed.'],
    ['reviewerOne', 'reviewer-one', 'Compares two faces; sees no name, offence or score.'],
    ['reviewerTwo', 'reviewer-two', 'Compares them separately; never sees the other answer.'],
    ['reviewerThree', 'reviewer-three', 'Is drawn when somebody cannot tell or does not answer.'],
    ['dispatcher', 'dispatcher', 'After two “same”: sends one unit, recalls it, may halt.'],
    ['crew', 'erv-1', 'Opens the sealed packet, stops the person, checks the card, records the outcome.'],
    ['secondCrew', 'erv-2', 'The other unit.'],
    ['station', 'station', 'Takes over after custody, with the open cases, and signs.'],
    ['auditor', 'auditor', 'Verifies the log and the public record; sees no face.'],
    ['admin', 'administrator', 'Cameras, officers, settings; sees no face and no list.'],
];

const openStates = ['raised', 'agreed', 'dispatched', 'accepted', 'on_scene', 'stopped', 'handed_over'];
const stationOwes = (alert) => alert.state === 'closed' && alert.outcome === 'custody';

async function text(request) {
    let all = '';
    for await (const chunk of request) if ((all += chunk).length > 64) break;
    return all || undefined;
}

export class Tour {
    constructor(site) {
        this.site = site;
        this.walkingUntil = 0;
    }

    async run(signal) {
        const { site } = this;
        if (site.operation) {
            await step('cameras and desk start again', async () => {
                await site.startCameras();
                // However long ago it was: of a demonstration nobody has to look at another calendar.
                await site.startDesk('--after-pause', new Date().toISOString().slice(0, 10));
                await site.signInAll();
                await site.presentAll();
            });
        } else {
            await setUp(site);
            await this.authorise();
            await begin(site);
        }
        await site.placeUnits();
        await this.openCastPage();
        this.walk();
        await this.untilEnded(signal);
        this.server.close();
    }

    async authorise() {
        await list(this.site);
        await authorise(this.site, lastsMinutes);
    }

    /** Demo person A, then the other man; then the street is empty until somebody asks again. */
    walk(camera = cameraNames(this.site)[0]) {
        if (Date.now() < this.walkingUntil || !cameraNames(this.site).includes(camera)) return;
        this.walkingUntil = Date.now() + walkMs;
        walkBy(this.site, camera);
        setTimeout(() => emptyStreet(this.site, camera), walkMs).unref();
    }

    /** After custody the entry is withdrawn: a new one, and an operation for it, so that the story can be played again. */
    async again() {
        const { site } = this;
        if (this.beginning) return;
        this.beginning = true;
        try {
            const { state } = await site.cast.dispatcher.get(`/operations/${site.operation}`);
            if (!['ended', 'wiped', 'cancelled'].includes(state))
                await site.cast.watchOfficer.act(`/operations/${site.operation}/end`, 'operation_end', { operation: site.operation });
            if (state !== 'cancelled') await site.publishRecord();
            await this.authorise();
            await site.untilOperation(site.operation, 'running', 120);
            this.walk();
        } finally {
            this.beginning = false;
        }
    }

    async untilEnded(signal) {
        let presentAt = Date.now();
        while (!signal.aborted) {
            await sleep(250);
            if (Date.now() - presentAt < presenceMs) continue;
            await this.site.presentAll();
            presentAt = Date.now();
        }
    }

    /** {next: [part], words, walking, again}: what the strip on the cast page says. */
    async state() {
        const { site } = this;
        const { dispatcher } = site.cast;
        const [{ alerts }, operation] = await Promise.all([dispatcher.get('/alerts'), dispatcher.get(`/operations/${site.operation}`)]);
        const common = { walking: Date.now() < this.walkingUntil, operation: operation.state };
        const open = await this.openAlert(alerts);
        if (open) return { ...common, ...open };
        const { entries } = await site.cast.watchOfficer.get('/entries');
        const listed = entries.find((one) => one.entry === site.listed.entry)?.state === 'approved';
        if (!listed || operation.state !== 'running')
            return { ...common, next: [], again: true, words: listed
                ? `The operation is ${operation.state}. Begin again for a new one.`
                : 'The story has ended: the entry is no longer on the list, so he can walk by without an alert. Begin again to list him anew.' };
        const waits = 'The street is empty and waits for you: nobody walks by until you press “Walk by”.';
        return { ...common, next: [], words: common.walking
            ? 'Demo person A is walking by. The alert comes when two pictures of different moments agree.'
            : alerts[0]?.outcome === 'lapsed' ? `The last alert lapsed: two answers did not come in time. ${waits}` : waits };
    }

    async openAlert(alerts) {
        const { site } = this;
        const reviewers = ['reviewerOne', 'reviewerTwo', 'reviewerThree'];
        const drawn = [];
        for (const part of reviewers) {
            const { alerts: own } = await site.cast[part].get('/alerts');
            if (own.some((one) => one.state === 'raised' && !one.answered)) drawn.push(part);
        }
        if (drawn.length) return { next: drawn, words: 'An alert. Compare the two faces. An answer is passed on after 45 seconds of silence: that is the rule, not the demo.' };
        const alert = alerts.find((one) => openStates.includes(one.state)) ?? alerts.find(stationOwes);
        if (!alert) return null;
        const unit = ['crew', 'secondCrew'].find((part) => site.cast[part].unit === alert.unit) ?? 'crew';
        const says = {
            raised: [[], 'One answer is in. Nothing changes on any screen until both are.'],
            agreed: [['dispatcher'], 'Two officers say same, not identified. Send a unit within five minutes.'],
            dispatched: [[unit], 'A unit is sent. Its device opens the sealed packet: accept or decline.'],
            accepted: [[unit], 'The unit drives. Press “on scene” when it is there.'],
            on_scene: [[unit], 'Look for him. Stop the person, or say that he was not found.'],
            stopped: [[unit], `Check the card against the register: number ${subject.cnic}, sample “thumb”. Then record how it ended. Custody on a face is not possible.`],
            closed: [[unit], 'Custody. Hand over to the station.'],
            handed_over: [['station'], 'The station opens the hand-over with its own key and signs for it.'],
        };
        const [next, words] = says[alert.state];
        return { next, words };
    }

    async openCastPage() {
        const { site } = this;
        const cards = await Promise.all(parts.map(async ([part, host, does]) => {
            const officer = site.cast[part];
            const file = encodeURIComponent(base64(Buffer.from(JSON.stringify(await site.keyFile(officer)))));
            return { part, host, does, name: officer.name,
                link: `https://${host}.mizan.localhost:${site.port}/#key=${file}&passphrase=demo` };
        }));
        const page = castPage.replace('"CAST"', () => JSON.stringify({ cards, cameras: cameraNames(site) }).replaceAll('<', '\\u003c'));
        this.server = http.createServer((request, response) => this.answer(request, response, page));
        const port = site.port - 1;
        await new Promise((listening, failed) => this.server.once('error', failed).listen(port, '127.0.0.1', listening));
        console.log(`\n  Open ${paint(1, `http://localhost:${port}/`)}: every officer, signed in, and who acts next.`);
        console.log(`  From another machine first: ssh -L ${port}:127.0.0.1:${port} -L ${site.port}:127.0.0.1:${site.port} THIS-HOST`);
        console.log(`  Cameras: ${cameraNames(site).join(', ')}. Stop with Ctrl-C.\n`);
    }

    async answer(request, response, page) {
        const send = (status, type, body) => response.writeHead(status, { 'Content-Type': type, 'Cache-Control': 'no-store' }).end(body);
        const local = /^(localhost|127\.0\.0\.1)(:\d+)?$/.test(request.headers.host ?? '');
        const path = request.url.split('?')[0];
        try {
            if (!local) return send(403, 'text/plain', 'this page is for this machine only');
            if (request.method === 'GET' && path === '/') return send(200, 'text/html; charset=utf-8', page);
            if (request.method === 'GET' && path === '/state') return send(200, 'application/json', JSON.stringify(await this.state()));
            if (request.method === 'GET' && path === '/ca.pem') return send(200, 'application/x-x509-ca-cert', this.site.ca);
            if (request.method === 'POST' && request.headers['x-demo'] === '1') {
                if (path === '/walk') return this.walk(await text(request)), send(204, 'text/plain', '');
                if (path === '/again') return await this.again(), send(204, 'text/plain', '');
            }
            return send(404, 'text/plain', 'not here');
        } catch (problem) {
            return send(500, 'application/json', JSON.stringify({ problem: problem.message }));
        }
    }
}
