// kill -9 of the desk all through the life of an alert, to the station's receipt and to the destruction of its operation's keys: while reviewers, a
// unit and a stop are awaited, and in the middle of each deed. After each kill: no change is half in the rows, what was acknowledged is there once, the
// alert stands where its log says, the log verifies. Each timer fires once, and not before its time.
import fs from 'node:fs';
import path from 'node:path';
import { sleep, subject } from '../demo/site.mjs';
import { lookForHalves } from './halves.mjs';

const REVIEW_S = 45;
const SILENT_S = 60;
const STOP_S = 600;
const RECALL_S = 60;
const states = ['raised', 'agreed', 'dispatched', 'accepted', 'on_scene', 'stopped', 'closed', 'handed_over', 'received'];
/** Most kills fall into the deed's own milliseconds, some long after its answer. */
const soon = () => 150 * Math.random() ** 3;

function must(held, words) {
    if (!held) throw new Error(words);
}

/** On a machine with much other work the still process may be late; the desk then says so and ends, and starting it again is the cure. */
export async function startAgain(site) {
    for (let again = 0; ; again++) {
        try {
            return await site.startDesk();
        } catch (problem) {
            if (again === 5 || !/ended with 75/.test(problem.message)) throw problem;
        }
    }
}

export class AlertKills {
    kills = 0;
    acknowledged = 0;
    alert = null;
    /** What the log has to hold of this alert: [kind, by, how often]. */
    held = [];
    /** The same of those that are over. */
    over = [];
    people = 0;

    /** told(line): a line a kill. */
    constructor(site, told = () => {}) {
        Object.assign(this, { site, told });
    }

    /** All records of a log that verifies. */
    async log() {
        const { site } = this;
        const log = (await site.cast.auditor.bytes('/log')).toString();
        const file = path.join(site.folder, 'log.export');
        fs.writeFileSync(file, log);
        must(/verified/.test(site.verifyLog(file)), 'the log does not verify');
        return log.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));
    }

    /** The records of this alert. */
    async records() {
        return (await this.log()).filter((one) => one.alert === this.alert.alert);
    }

    count(records, kind, by) {
        return records.filter((one) => one.kind === kind && (!by || one.by === by)).length;
    }

    mustHold(records, held) {
        for (const [kind, by, times] of held) {
            const found = this.count(records, kind, by);
            must(found === times, `${found} records ${kind} of ${by}, ${times} were acknowledged`);
        }
    }

    async look() {
        const log = await this.log();
        const records = log.filter((one) => one.alert === this.alert.alert);
        const state = this.stateOf(records);
        const seen = (await this.site.cast.dispatcher.get('/alerts')).alerts.find((one) => one.alert === this.alert.alert);
        if (seen) must(seen.state === state, `the alert is ${seen.state}, and ${state} by its log: half a change`);
        this.mustHold(records, this.held);
        for (const { alert, held } of this.over) this.mustHold(log.filter((one) => one.alert === alert), held);
        // What was about to be destroyed is destroyed before the desk answers.
        const [wiped, destroyed] = ['operation_wiped', 'keys_destroyed'].map((kind) => log.findLast((one) => one.kind === kind)?.seq ?? -1);
        must(wiped <= destroyed, 'an operation is wiped, and its keys are not destroyed after the start');
        const desk = fs.readFileSync(path.join(this.site.folder, 'desk.log'), 'utf8');
        const wrong = desk.split('\n').find((line) => /"event":"(alert_corrupt|operation_corrupt|alert_tick_failed|event_lost|alert_timer)"/.test(line));
        must(!wrong, `the desk says: ${wrong}`);
        this.state = state;
        return { records, state, log };
    }

    lastMove(records) {
        const last = records.findLast((one) => one.kind.startsWith('alert_') && states.includes(one.kind.slice(6)));
        return { ...last, state: last.kind.slice(6) };
    }

    stateOf(records) {
        return this.lastMove(records).state;
    }

    /** As soon as the desk writes its keyring anew, which is how keys are destroyed, or a little later. */
    keyringChange() {
        return new Promise((resolve) => {
            const watcher = fs.watch(this.site.folder, (_, name) => name?.startsWith('keyring') && setTimeout(done, 10 * Math.random()));
            const late = setTimeout(done, 3000);
            function done() {
                watcher.close();
                clearTimeout(late);
                resolve();
            }
        });
    }

    /** Kills the desk after so many ms, or when its keyring changes; `work` was begun before and may have been answered or not. */
    async kill(after, work) {
        const due = after === 'keyring' ? this.keyringChange() : sleep(after);
        const heard = work?.().then((answer) => ({ answer }), (problem) => ({ problem }));
        await due;
        await this.site.killDesk();
        lookForHalves(this.site.folder);
        const { answer, problem } = (await heard) ?? {};
        // Refused is another thing than not answered.
        if (problem?.status) throw problem;
        const began = Date.now();
        await startAgain(this.site);
        const back = Date.now() - began;
        this.kills++;
        // Presence ends by itself after twenty minutes.
        if (this.kills % 20 === 0) await this.site.presentAll();
        return { answer, back };
    }

    async killAndLook(after) {
        const { back } = await this.kill(after);
        const looked = await this.look();
        this.told({ kill: this.kills, state: looked.state, after_ms: Math.round(after), back_ms: back });
        return looked;
    }

    /** A statement with a kill in its middle; the same one is sent again, whether it was answered or not, and counts once. */
    async say(officer, route, type, fields, after = soon()) {
        const statement = await officer.statement(type, fields);
        const send = () => officer.call('POST', route, statement);
        const ids = [fields.alert, fields.entry, fields.operation].filter(Boolean);
        const brought = (log) => log.filter((one) => one.by === officer.id && [one.alert, one.entry, one.operation].some((id) => ids.includes(id))).length;
        const before = brought(await this.log());
        const { answer, back } = await this.kill(after, send);
        const kept = brought(await this.log()) - before;
        if (answer) this.acknowledged++;
        must(!answer || kept, `the acknowledged ${type} is lost`);
        const again = await send();
        must(!answer || JSON.stringify(answer) === JSON.stringify(again), `${type} sent again is answered otherwise`);
        const { log } = await this.look();
        const now = brought(log) - before;
        must(kept ? now === kept : now, `${type} sent again is recorded ${kept ? 'twice' : 'never'}`);
        this.told({ kill: this.kills, state: this.state, deed: type, answered: Boolean(answer), kept: Boolean(kept), after_ms: after === 'keyring' ? after : Math.round(after), back_ms: back });
        return again;
    }

    /** About the alert, which has one record of it more afterwards. */
    async deed(officer, step, type, fields, kind, expected, after) {
        const { alert } = this.alert;
        const before = this.held.find((one) => one[0] === kind && one[1] === officer.id);
        if (before) before[2]++;
        else this.held.push([kind, officer.id, 1]);
        const said = await this.say(officer, `/alerts/${alert}/${step}`, type, { alert, ...fields }, after);
        must(!expected || this.state === expected, `after ${type} the alert is ${this.state}`);
        return said;
    }

    /** A question is no statement: asked again it is another one. What was answered was recorded, what was not may have been. */
    async ask(officer, step, body, kind, answer) {
        const route = `/alerts/${this.alert.alert}/${step}`;
        const asked = async () => this.count(await this.records(), kind, officer.id);
        const before = await asked();
        const first = (await this.kill(soon(), () => officer.call('POST', route, body))).answer;
        const between = (await asked()) - before;
        must(first ? between === 1 : between <= 1, `${between} records ${kind} of one question`);
        const again = await officer.call('POST', route, body);
        must(again.answer === answer && (!first || first.answer === answer), `${step} is answered ${again.answer}`);
        this.held.push([kind, officer.id, before + between + 1]);
        await this.look();
        this.told({ kill: this.kills, state: this.state, deed: kind, answered: Boolean(first) });
    }

    /** Kills every now and then until the log has this record, then `more` times: it comes once, `seconds` after `since` at the earliest. */
    async untilTimer(kind, by, since, seconds, every, more = 2) {
        const due = (since + seconds) * 1000;
        let found = [];
        while (!found.length) {
            must(Date.now() < due + 120000, `no ${kind} two minutes after its time`);
            const { records } = await this.killAndLook(Math.random() * every);
            found = records.filter((one) => one.kind === kind && one.at >= since);
        }
        must(found.length === 1, `${found.length} records ${kind}`);
        must(found[0].at >= since + seconds, `${kind} came ${found[0].at - since} s after the beginning`);
        this.held.push([kind, by, this.count(await this.records(), kind, by)]);
        for (let i = 0; i < more; i++) await this.killAndLook(Math.random() * 1500);
        return found[0];
    }

    review(officer, answer = 'same') {
        const { passage, pictures_hash } = this.alert;
        return this.deed(officer, 'reviews', 'review', { passage, pictures_hash, answer, likenesses: ['nose', 'eyes'], differences: [] }, 'review_received');
    }

    async looked(officer) {
        for (const name of ['probe', 'enrolled']) await officer.bytes(`/alerts/${this.alert.alert}/pictures/${name}`);
    }

    dispatch(crew) {
        const { passage, pictures_hash } = this.alert;
        return this.deed(this.site.cast.dispatcher, 'dispatch', 'dispatch', { passage, pictures_hash, unit: crew.unit, travel: 'on_foot', colour: 'unknown',
            clothing: 'trousers_shirt', pillion: false, heading: 'east' }, 'alert_dispatched', 'dispatched');
    }

    async begin() {
        if (this.alert) this.over.push({ alert: this.alert.alert, held: this.held });
        const { alert, reviewers } = await this.site.untilDrawn(180);
        Object.assign(this, { alert, held: [['alert_raised', null, 1]] });
        return reviewers;
    }

    at(records, kind, by) {
        return records.findLast((one) => one.kind === kind && (!by || one.by === by)).at;
    }

    async isAsked(officer) {
        return (await officer.get('/alerts')).alerts.some((seen) => seen.alert === this.alert.alert && seen.state === 'raised' && !seen.answered);
    }

    /** One of two reviewers is silent: a third is drawn after 45 s, once. */
    async reviewThroughTimer(every) {
        const [first] = await this.begin();
        await this.looked(first);
        await this.review(first);
        const since = this.at(await this.records(), 'reviewer_drawn');
        await this.untilTimer('review_passed_on', 'site', since, REVIEW_S, every, 0); // the third's own 45 s run now
        const { reviewerOne, reviewerTwo, reviewerThree } = this.site.cast;
        for (const one of [reviewerOne, reviewerTwo, reviewerThree].filter((other) => other !== first))
            if (await this.isAsked(one)) {
                await this.looked(one);
                await this.review(one);
                break;
            }
        must((await this.look()).state === 'agreed', 'two officers said same, and the alert is not agreed');
        // From here on a later passage of the same person has reviewers of its own, and they are silent, too.
        this.held = this.held.filter(([kind]) => kind !== 'review_passed_on');
    }

    /** Two of them say "same", each in the middle of a kill; who was too late for that, on a busy machine, has others drawn instead. */
    async agree() {
        const { reviewerOne, reviewerTwo, reviewerThree } = this.site.cast;
        await this.begin();
        for (let tries = 0; (await this.look()).state === 'raised'; tries++) {
            must(tries < 12, 'two officers said same, and the alert is not agreed');
            for (const one of [reviewerOne, reviewerTwo, reviewerThree]) {
                if (!(await this.isAsked(one))) continue;
                await this.looked(one);
                await this.review(one);
            }
        }
        this.mustHold(await this.records(), [['alert_agreed', null, 1]]);
    }

    /** A unit that does not answer is given up after a minute, once. */
    async silentUnit(crew, every) {
        await this.dispatch(crew);
        await this.untilTimer('unit_silent', 'site', this.at(await this.records(), 'alert_dispatched'), SILENT_S, every);
        this.held = this.held.filter(([kind]) => kind !== 'alert_dispatched');
        const moved = this.count(await this.records(), 'alert_dispatched', this.site.cast.dispatcher.id);
        this.held.push(['alert_dispatched', this.site.cast.dispatcher.id, moved]);
    }

    async accept(crew) {
        await this.dispatch(crew);
        await this.deed(crew, 'acceptance', 'acceptance', { answer: 'accepted' }, 'alert_accepted', 'accepted');
    }

    async stop(crew) {
        await this.deed(crew, 'arrival', 'arrival', {}, 'alert_on_scene', 'on_scene');
        return (await this.deed(crew, 'stop', 'stop', {}, 'alert_stopped', 'stopped')).slip_proof;
    }

    /** Kills through the stop; its timer says once that it takes long. */
    async overrun(every) {
        await this.untilTimer('stop_overrun', 'site', this.at(await this.records(), 'alert_stopped'), STOP_S, every);
    }

    /** What a crew records at the end of a stop. */
    async close(crew, slip_proof, said = { outcome: 'identity_not_established', means: 'none', case: '' }) {
        await this.deed(crew, 'outcome', 'outcome', { harm: 'none', slip_proof, ...said }, 'alert_closed', 'closed');
    }

    /** The card is the entry's own and the case is live: custody, which withdraws the entry, the hand-over and the station's receipt. */
    async takeIntoCustody(crew, slip_proof) {
        const { site } = this;
        const { listed, cast: { station } } = site;
        await this.ask(crew, 'verification', { cnic: listed.cnic ?? subject.cnic, sample: 'dGh1bWI=' }, 'register_asked', 'yes');
        await this.ask(crew, 'case_status', { case: listed.case }, 'case_status_asked', 'live');
        await this.close(crew, slip_proof, { outcome: 'custody', means: 'cnic_verified', case: listed.case });
        await this.deed(crew, 'handover', 'handover', { station: station.station }, 'alert_handed_over', 'handed_over');
        const { handover_hash } = await station.get(`/handovers/${this.alert.alert}`);
        await this.deed(station, 'receipt', 'receipt', { handover_hash }, 'alert_received', 'received', Math.random() < 0.5 ? 'keyring' : soon());
    }

    /** Whatever officers sign in `work` is killed in its middle. */
    async amongKills(work) {
        const officers = Object.values(this.site.cast);
        for (const one of officers) one.act = (route, type, fields) => this.say(one, route, type, fields);
        try {
            return await work();
        } finally {
            for (const one of officers) delete one.act;
        }
    }

    /** The operation ends and its keys are destroyed, once. */
    async wipe(every) {
        const { operation, cast: { watchOfficer } } = this.site;
        const count = async (kind) => (await this.look()).log.filter((one) => one.kind === kind && one.operation === operation).length;
        await this.say(watchOfficer, `/operations/${operation}/end`, 'operation_end', { operation }, ++this.people % 2 ? 'keyring' : soon());
        for (let i = 0; i < 20 && !(await count('operation_wiped')); i++) await this.killAndLook(Math.random() * every);
        for (const kind of ['operation_ended', 'operation_wiped']) must((await count(kind)) === 1, `${kind} ${await count(kind)} times`);
    }

    /** Its record is published; another person is listed and a new operation authorised. */
    async renew() {
        const { site } = this;
        const cnic = `42101-000${1000 + this.people}-1`;
        await this.amongKills(async () => {
            await site.publishRecord();
            site.listed = { ...(await site.enrol('subject-1.jpg', { ...subject, cnic })), cnic };
            site.writePorts({ registered: { [cnic]: 'thumb' }, statuses: site.statuses });
            site.operation = await site.authoriseOperation([site.listed.entry]);
        });
        await site.untilOperation(site.operation, 'running', 120);
    }

    /** The operation is halted under a crew on its way, which does not answer: said once, a minute later. */
    async recall(every) {
        const { reviewerOne } = this.site.cast;
        const { operation } = this.site;
        const statement = await reviewerOne.statement('halt', { operation, reason: 'safety' });
        const send = () => reviewerOne.call('POST', `/operations/${operation}/halt`, statement);
        await this.kill(Math.random() * 150, send);
        await send();
        const { records, state } = await this.look();
        must(state === 'closed', `the recalled alert is ${state}`);
        must(this.count(records, 'alert_recalled') === 1, 'it was not recalled once');
        if (every) await this.untilTimer('recall_unacknowledged', 'site', this.at(records, 'alert_recalled'), RECALL_S, every);
    }
    /** How this site's alerts ended: received for a custody with its receipt. */
    async ends() {
        const ends = {};
        const log = await this.log();
        for (const alert of new Set(log.filter((one) => one.kind === 'alert_raised').map((one) => one.alert))) {
            const { state, outcome } = this.lastMove(log.filter((one) => one.alert === alert));
            const end = state === 'closed' ? outcome : state;
            ends[end] = (ends[end] ?? 0) + 1;
        }
        return ends;
    }
}
