// The short version of tools/long/load.mjs: nothing is refused, lost or grown under streams, requests and a crowd. Times are for the long one.
import path from 'node:path';
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { assert, test } from './story.mjs';

const program = path.join(path.dirname(fileURLToPath(import.meta.url)), '../../tools/long/load.mjs');

test('streams hear every event and requests are answered beside a crowd that only connects', { timeout: 300000 }, () => {
    const ran = spawnSync('node', [program, '--streams', '70', '--rate', '25', '--seconds', '2', '--alerts', '0', '--hostile', '1300', '--rounds', '3'], { encoding: 'utf8' });
    assert.equal(ran.status, 0, ran.stderr);
    const result = JSON.parse(ran.stdout.slice(ran.stdout.indexOf('{'), ran.stdout.lastIndexOf('}') + 1));
    assert.deepEqual(result.requests.failures, {});
    assert.deepEqual(result.requests_after.failures, {});
    assert.equal(result.requests.count, 50);
    assert.equal(result.events_ms.count, 2 * 3 * 70, 'an event came to less than every stream, or twice');
    assert.ok(result.hostile.begun >= 1300);
    assert.ok(result.hostile.desk.ended_for_room > 0, 'the crowd never came to the limit');
    assert.ok(result.after.peak_mb <= 200, `${result.after.peak_mb} MB`);
});
