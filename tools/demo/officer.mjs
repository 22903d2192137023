// One officer at one device: signs statements with an own key and speaks HTTPS to the desk, trusting the site's CA only.
import https from 'node:https';
import { createHmac, webcrypto } from 'node:crypto';
globalThis.crypto ??= webcrypto;
const { signStatement, newSigningKey, newDeviceKey } = await import('../../web/statement.js');

export const nowSeconds = () => Math.floor(Date.now() / 1000);
export const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

/** RFC 6238 of the base32 secret at that time. */
export function oneTimeCode(secret, seconds) {
    const bits = [...secret].map((one) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(one).toString(2).padStart(5, '0')).join('');
    const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
    const counter = Buffer.alloc(8);
    counter.writeBigUInt64BE(BigInt(Math.floor(seconds / 30)));
    const hash = createHmac('sha1', key).update(counter).digest();
    return String((hash.readUInt32BE(hash[19] & 15) & 0x7fffffff) % 1000000).padStart(6, '0');
}

export class Problem extends Error {
    constructor(status, body, what) {
        super(`${what}: ${status} ${body?.code ?? ''} ${body?.detail ?? ''}`.trim());
        this.status = status;
        this.code = body?.code;
        this.detail = body?.detail ?? '';
    }
}

/** One HTTPS exchange; resolves {status, headers, body: Buffer}. */
export function exchange(site, method, path, { headers = {}, body } = {}) {
    return new Promise((resolve, reject) => {
        const request = https.request(
            { host: '127.0.0.1', servername: 'localhost', port: site.port, path, method, ca: site.ca, agent: site.agent,
                headers: { 'X-Mizan': '1', ...(body ? { 'Content-Length': Buffer.byteLength(body) } : {}), ...headers } },
            (response) => {
                const chunks = [];
                response.on('data', (chunk) => chunks.push(chunk));
                response.on('end', () => {
                    const reply = { status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) };
                    try {
                        site.checkReply?.(method, path, reply);
                        resolve(reply);
                    } catch (problem) {
                        reject(problem);
                    }
                });
                response.on('error', reject);
            });
        request.setTimeout(60000, () => request.destroy(new Error(`${method} ${path}: no answer in 60 s`)));
        request.on('error', reject);
        request.end(body);
    });
}

export class Officer {
    /** about: {name, office, roles, serviceNumber?, unit?, station?} */
    static async make(id, about) {
        const officer = new Officer();
        Object.assign(officer, about, { id });
        officer.key = await newSigningKey(true);
        if (about.unit || about.station) officer.device = await newDeviceKey(true);
        return officer;
    }

    rosterLine() {
        return { officer: this.id, office: this.office, roles: this.roles, posts: [this.unit, this.station].filter(Boolean), key: this.key.public,
            ...(this.serviceNumber && { service_number: this.serviceNumber }) };
    }

    statement(type, fields) {
        return signStatement({ type, site: this.site.name, by: this.id, at: nowSeconds(), ...fields }, this.key);
    }

    /** JSON in, JSON out; throws Problem. */
    async call(method, path, json, extra = {}) {
        const headers = { ...extra };
        if (this.session) headers.Authorization = `Bearer ${this.session}`;
        if (this.deviceCookie) headers.Cookie = this.deviceCookie;
        if (json !== undefined) headers['Content-Type'] = 'application/json';
        const body = json === undefined ? undefined : JSON.stringify(json);
        const reply = await exchange(this.site, method, `/api/v1${path}`, { headers, body });
        // As a browser does: all officers here have one address, and are apart by this only.
        const given = reply.headers['set-cookie']?.find((cookie) => cookie.startsWith('mizan_device='));
        if (given) this.deviceCookie = given.split(';')[0];
        return this.finish(reply, `${method} ${path}`);
    }

    async upload(path, bytes) {
        const headers = { Authorization: `Bearer ${this.session}`, 'Content-Type': 'image/jpeg' };
        return this.finish(await exchange(this.site, 'POST', `/api/v1${path}`, { headers, body: bytes }), `POST ${path}`);
    }

    async bytes(path) {
        const reply = await exchange(this.site, 'GET', `/api/v1${path}`, { headers: { Authorization: `Bearer ${this.session}` } });
        if (reply.status !== 200) this.finish(reply, `GET ${path}`);
        return reply.body;
    }

    finish(reply, what) {
        let parsed = null;
        try {
            parsed = reply.body.length ? JSON.parse(reply.body.toString('utf8')) : {};
        } catch {
            throw new Problem(reply.status, { detail: 'the reply is not JSON' }, `${this.name}: ${what}`);
        }
        if (reply.status >= 400) throw new Problem(reply.status, parsed, `${this.name}: ${what}`);
        return parsed;
    }

    get(path) {
        return this.call('GET', path);
    }

    /** Signs a statement of this type and sends it. */
    async act(path, type, fields) {
        return this.call('POST', path, await this.statement(type, fields));
    }

    /** With the key; and with password and a fresh code where the officer has them. */
    async signIn() {
        const { challenge } = await this.call('POST', '/challenges', {});
        const statement = await this.statement('sign_in', { challenge, unit: this.unit ?? '' });
        const { session, needs } = await this.call('POST', '/sessions', statement);
        this.session = session;
        if (needs === 'pass' && this.pass)
            this.session = (await this.call('POST', '/sessions/current/proof', { password: this.pass.password, code: await this.freshCode() })).session;
        return needs;
    }

    /** A code that was not used yet: each counts once. */
    async freshCode() {
        while (Math.floor(nowSeconds() / 30) <= this.pass.step - 1) await sleep(500);
        this.pass.step = Math.max(this.pass.step + 1, Math.floor(nowSeconds() / 30));
        return oneTimeCode(this.pass.secret, this.pass.step * 30);
    }

    /** Makes a password and codes where there are none; the session goes on as another. */
    async makePass(password) {
        const { secret } = await this.call('POST', '/passes', { password: '', code: '', new_password: password, new_codes: true });
        this.pass = { password, secret, step: 0 };
        this.session = (await this.call('POST', '/passes/confirmation', { code: await this.freshCode() })).session;
    }

    present(as) {
        return this.call('PUT', '/presence', { as });
    }

    leave() {
        return this.call('DELETE', '/presence');
    }

    /** Asks again until `test` likes the answer, or fails saying what it last saw. */
    async until(path, test, { seconds = 20, what = path } = {}) {
        const end = Date.now() + seconds * 1000;
        let last = 'nothing';
        for (;;) {
            try {
                const answer = await this.get(path);
                if (test(answer)) return answer;
                last = JSON.stringify(answer).slice(0, 600);
            } catch (problem) {
                last = problem.message;
            }
            if (Date.now() > end) throw new Error(`${this.name} waited ${seconds} s for ${what}; last: ${last}`);
            await sleep(100);
        }
    }

    /** The event stream: calls `heard({id, event, data, at})` until the returned function is called. */
    listen(heard, lastEventId) {
        const headers = { Authorization: `Bearer ${this.session}`, Accept: 'text/event-stream' };
        if (lastEventId) headers['Last-Event-ID'] = lastEventId;
        const request = https.get({ host: '127.0.0.1', servername: 'localhost', port: this.site.port, ca: this.site.ca,
            path: '/api/v1/events', headers, agent: false }, (response) => {
            let text = '';
            response.setEncoding('utf8');
            response.on('data', (chunk) => {
                text += chunk;
                for (let end; (end = text.indexOf('\n\n')) >= 0; text = text.slice(end + 2)) {
                    const fields = Object.fromEntries(text.slice(0, end).split('\n').filter((line) => line && line[0] !== ':')
                        .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]));
                    if (fields.data) heard({ ...fields, data: JSON.parse(fields.data), at: Date.now() });
                }
            });
            response.on('error', () => {});
        });
        request.on('error', () => {});
        return () => request.destroy();
    }
}
