// A running demo site for one test, ended whatever happens.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { sleep } from '../../tools/demo/officer.mjs';
import { Site, buildFolder } from '../../tools/demo/site.mjs';
import { holdToDescription } from './described.mjs';

export { assert, sleep, test };
export { Problem } from '../../tools/demo/officer.mjs';
export { subject, exchange, newId, nowSeconds } from '../../tools/demo/site.mjs';

let number = 0;

/** What a browser needs to hear with whatever it gets, so that no other page frames it, reads it or runs a script in it. */
const careful = {
    'content-security-policy': "default-src 'self'; img-src 'self' blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'",
    'x-frame-options': 'DENY', 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin', 'cross-origin-resource-policy': 'same-origin',
};

/** Every reply of every story is held to the description. */
function checkReply(method, route, reply) {
    for (const [name, value] of Object.entries(careful)) assert.equal(reply.headers[name], value, `${method} ${route}: ${name}`);
    assert.equal(reply.headers['access-control-allow-origin'], undefined, `${method} ${route} lets other pages read it`);
    holdToDescription(method, route, reply);
}

/** `work(site)` with everything running and everybody present; scenes: {camera: file}; more: parts besides the usual cast; kind: of site. */
export function story(name, work, { scenes = { gate: 'loop.mp4' }, more, prepare, kind = Site } = {}) {
    test(name, { timeout: 600000 }, async () => {
        const folder = path.join(buildFolder, 'stories', `${process.pid}-${++number}`);
        const site = await kind.make(folder, { scenes, more });
        site.checkReply = checkReply;
        try {
            await (prepare ?? ((one) => one.startAll()))(site);
            await work(site);
            // Whatever happened, the record of it verifies.
            assert.match(site.verifyLog(await site.exportLog()), /verif/i);
        } finally {
            await site.end();
        }
    });
}

/** With the desk ended, and ended after it; the site itself stays as it is. */
export async function inACopy(site, work) {
    const { folder } = site;
    site.folder = `${folder}-copy`;
    fs.cpSync(folder, site.folder, { recursive: true });
    try {
        await work();
    } finally {
        await site.killDesk();
        fs.rmSync(site.folder, { recursive: true });
        site.folder = folder;
    }
}

/** The promise has to fail with a Problem of this status (and these words, where given). */
export async function refused(promise, status, words) {
    const problem = await promise.then(() => null, (one) => one);
    assert.ok(problem, `was accepted, though ${status} ${words ?? ''} was due`);
    assert.equal(problem.status, status, problem.message);
    if (words) assert.match(problem.detail, words);
    return problem;
}

export async function untilState(site, alert, state, seconds = 20) {
    return site.cast.dispatcher.until(`/alerts/${alert.alert}`, (one) => one.state === state, { seconds, what: `alert ${state}` });
}

/** After two healths of later than now: what is counted since then was counted after what the test did. */
export async function untilNewHealth(site) {
    const decoded = async () => (await site.cast.dispatcher.get(`/operations/${site.operation}`)).cameras[0].health?.decoded;
    for (let heard = 0, last = await decoded(); heard < 2; await sleep(100)) {
        const next = await decoded();
        heard += next !== last;
        last = next;
    }
}

export async function templatesComputed(site, operation = site.operation) {
    const { cameras } = await site.cast.dispatcher.get(`/operations/${operation}`);
    return cameras.reduce((sum, camera) => sum + (camera.health?.templates_computed ?? 0), 0);
}
