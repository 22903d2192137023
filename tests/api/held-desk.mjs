// Stands between the command line and the desk, passes everything on and holds every reply to docs/openapi.json. In a thread of its own:
// the story waits for a command and does nothing else meanwhile.
import fs from 'node:fs';
import https from 'node:https';
import path from 'node:path';
import { once } from 'node:events';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { holdToDescription } from './described.mjs';

function serve({ folder, port }) {
    const file = (name) => fs.readFileSync(path.join(folder, name));
    const ca = file('ca.pem');
    const pass = (request, reply) => {
        const { method, url, headers } = request;
        const onward = https.request({ host: '127.0.0.1', servername: 'localhost', port, ca, method, path: url, headers, agent: false }, async (answer) => {
            const held = { status: answer.statusCode, headers: answer.headers, body: Buffer.concat(await answer.toArray()) };
            try {
                holdToDescription(method, url, held);
                reply.writeHead(held.status, { ...held.headers, 'content-length': held.body.length, connection: 'close' }).end(held.body);
            } catch (problem) {
                reply.writeHead(502, { 'content-type': 'application/json' }).end(JSON.stringify({ code: 'corrupt', detail: problem.message }));
            }
        });
        onward.on('error', () => reply.destroy());
        request.pipe(onward);
    };
    const desk = https.createServer({ cert: file('server.pem'), key: file('server.key'), maxVersion: 'TLSv1.2' }, pass);
    desk.listen(0, '127.0.0.1', () => parentPort.postMessage(desk.address().port));
}

/** Resolves {port, end}: where the command line finds the site's desk. */
export async function holdDesk({ folder, port }) {
    const thread = new Worker(new URL(import.meta.url), { workerData: { folder, port } });
    const [held] = await once(thread, 'message');
    return { port: held, end: () => thread.terminate() };
}

if (!isMainThread) serve(workerData);
