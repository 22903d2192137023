// What an administrator and the control room are told of a camera: the set-up view, and how it is.
import fs from 'node:fs';
import { assert, refused, story } from './story.mjs';

async function begin(site) {
    await site.startCameras();
    await site.startDesk();
    await site.signInAll();
    await site.registerCamera('gate');
}

const cameraOf = async (site) => (await site.cast.dispatcher.get('/cameras')).cameras[0];

/** A picture that is not marked for its viewer is not shown: the process that marks it stands still, is ended and begins anew. */
async function s51_the_view_waits_for_its_mark(site, path) {
    const [still] = site.children('still');
    process.kill(still, 'SIGSTOP');
    await refused(site.cast.admin.get(path), 503);
    await site.cast.admin.until(path, (one) => one.picture, { seconds: 20, what: 'the set-up view, marked again' });
    assert.notDeepEqual(site.children('still'), [still]);
}

story('s27 s51 a camera is shown for set-up, reduced whole and judged in words, until an operation takes it over', async (site) => {
    const { admin, dispatcher } = site.cast;
    const path = `/cameras/${site.cameras.gate.id}/set_up`;
    await refused(admin.get(path), 404);
    await refused(dispatcher.call('POST', path), 403);
    assert.equal((await admin.call('POST', path)).seconds, 60);
    await refused(admin.call('POST', path), 409);
    await refused(dispatcher.get(path), 403);
    const view = await admin.until(path, (one) => one.faces >= 10 && one.light_percent > 0, { seconds: 40, what: 'faces in the set-up view' });
    assert.deepEqual([view.codec, view.width, view.height], ['h264', 1280, 720]);
    assert.ok(view.seconds_left > 0 && view.seconds_left <= 60);
    assert.ok(['suitable', 'doubtful', 'unsuitable'].includes(view.fitness), view.fitness);
    assert.equal(Object.values(view.eye_distances_px).reduce((sum, one) => sum + one), view.faces);
    const hours = Object.entries(view.light_by_hour);
    assert.ok(hours.length === 1 || hours.length === 2, JSON.stringify(hours));
    assert.ok(hours.every(([hour, percent]) => /^([01]\d|2[0-3])$/.test(hour) && Math.abs(percent - view.light_percent) <= 10), JSON.stringify(view));
    const picture = Buffer.from(view.picture, 'base64');
    assert.equal(picture.readUInt16BE(0), 0xffd8);
    assert.ok(picture.length < 6000, `a preview of ${picture.length} bytes`);
    await s51_the_view_waits_for_its_mark(site, path);
    assert.equal((await cameraOf(site)).state, 'set_up');
    assert.match(fs.readFileSync(await site.exportLog(), 'utf8'), /"kind":"camera_shown"/);

    site.listed = await site.enrol();
    await site.presentAll();
    site.operation = await site.authoriseOperation([site.listed.entry]);
    await site.untilOperation(site.operation, 'running', 40);
    await refused(admin.get(path), 404);
    await refused(admin.call('POST', path), 409);

    // Pulled, and back: the control room sees both.
    site.camera.kill('SIGSTOP');
    const blind = await dispatcher.until(`/operations/${site.operation}`, (one) => one.cameras[0].state === 'blind', { seconds: 30, what: 'a blind camera' });
    assert.ok(blind.cameras[0].reason.length > 10, blind.cameras[0].reason);
    assert.equal((await cameraOf(site)).state, 'blind');
    site.camera.kill('SIGCONT');
    await site.untilOperation(site.operation, 'running', 40);
}, { scenes: { gate: 'street.mp4' }, prepare: begin });
