// kill -9 of the desk all through the life of an alert: while reviewers, a unit and a stop are awaited, and in the middle of each deed. After each
// kill: what was acknowledged is there once, the alert stands where its log says, the log verifies. Each timer fires once, and not before its time.
import fs from 'node:fs';
import path from 'node:path';
import { sleep } from '../demo/site.mjs';

const REVIEW_S = 45;
const SILENT_S = 60;
const STOP_S = 600;
const RECALL_S = 60;
const states = ['raised', 'agreed', 'dispatched', 'accepted', 'on_scene', 'stopped', 'closed'];

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

    /** told(line): a line a kill. */
    constructor(site, told = () => {}) {
        Object.assign(this, { site, told });
    }

    /** The records of this alert. */
    async records() {
        const { site, alert } = this;
        const log = (await site.cast.auditor.bytes('/log')).toString();
        const file = path.join(site.folder, 'log.export');
        fs.writeFileSync(file, log);
        must(/verified/.test(site.verifyLog(file)), 'the log does not verify');
        return log.split('\n').filter((line) => line.startsWith('{') && line.includes(alert.alert)).map((line) => JSON.parse(line));
    }

    count(records, kind, by) {
        return records.filter((one) => one.kind === kind && (!by || one.by === by)).length;
    }

    async look() {
        const records = await this.records();
        const moves = records.filter((one) => one.kind.startsWith('alert_') && states.includes(one.kind.slice(6)));
        const state = moves.at(-1).kind.slice(6);
        const seen = (await this.site.cast.dispatcher.get('/alerts')).alerts.find((one) => one.alert === this.alert.alert);
        if (seen) must(seen.state === state, `the alert is ${seen.state}, and ${state} by its log: half a change`);
        for (const [kind, by, times] of this.held) {
            const found = this.count(records, kind, by);
            must(found === times, `${found} records ${kind} of ${by}, ${times} were acknowledged`);
        }
        const desk = fs.readFileSync(path.join(this.site.folder, 'desk.log'), 'utf8');
        const wrong = desk.split('\n').find((line) => /"event":"(alert_corrupt|operation_corrupt|alert_tick_failed|event_lost|alert_timer)"/.test(line));
        must(!wrong, `the desk says: ${wrong}`);
        return { records, state };
    }

    /** Kills the desk after so long; `work` was begun before and may have been answered or not. */
    async kill(after, work) {
        const heard = work?.().then((answer) => ({ answer }), (problem) => ({ problem }));
        await sleep(after);
        await this.site.killDesk();
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

    /** A deed with a kill in its middle; the same statement is sent again, whether it was answered or not, and counts once. */
    async deed(officer, step, type, fields, kind, state) {
        const { alert } = this.alert;
        const statement = await officer.statement(type, { alert, ...fields });
        const send = () => officer.call('POST', `/alerts/${alert}/${step}`, statement);
        const after = Math.random() * 150;
        const { answer, back } = await this.kill(after, send);
        if (answer) {
            this.acknowledged++;
            must(this.count(await this.records(), kind, officer.id) >= 1, `the acknowledged ${type} is lost`);
        }
        const again = await send();
        if (answer) must(JSON.stringify(answer) === JSON.stringify(again), `${type} sent again is answered otherwise`);
        const before = this.held.find((one) => one[0] === kind && one[1] === officer.id);
        if (before) before[2]++;
        else this.held.push([kind, officer.id, 1]);
        const looked = await this.look();
        if (state) must(looked.state === state, `after ${type} the alert is ${looked.state}`);
        this.told({ kill: this.kills, state: looked.state, deed: type, answered: Boolean(answer), after_ms: Math.round(after), back_ms: back });
        return again;
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
        const { alert, reviewers } = await this.site.untilDrawn(180);
        Object.assign(this, { alert, held: [['alert_raised', null, 1]] });
        return reviewers;
    }

    at(records, kind, by) {
        return records.findLast((one) => one.kind === kind && (!by || one.by === by)).at;
    }

    /** One of two reviewers is silent: a third is drawn after 45 s, once. */
    async reviewThroughTimer(every) {
        const [first] = await this.begin();
        await this.looked(first);
        await this.review(first);
        const since = this.at(await this.records(), 'reviewer_drawn');
        await this.untilTimer('review_passed_on', 'site', since, REVIEW_S, every, 0); // the third's own 45 s run now
        const { reviewerOne, reviewerTwo, reviewerThree } = this.site.cast;
        const asked = async (one) => (await one.get('/alerts')).alerts.some((seen) => seen.alert === this.alert.alert && seen.state === 'raised' && !seen.answered);
        for (const one of [reviewerOne, reviewerTwo, reviewerThree].filter((other) => other !== first))
            if (await asked(one)) {
                await this.looked(one);
                await this.review(one);
                break;
            }
        must((await this.look()).state === 'agreed', 'two officers said same, and the alert is not agreed');
        // From here on a later passage of the same person has reviewers of its own, and they are silent, too.
        this.held = this.held.filter(([kind]) => kind !== 'review_passed_on');
    }

    /** Without kills: what comes after is what counts here. */
    async agree() {
        const agreed = await this.site.untilAgreed(180);
        Object.assign(this, { alert: agreed, held: [['alert_raised', null, 1]] });
        must((await this.look()).state === 'agreed', 'two officers said same, and the alert is not agreed');
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

    async close(crew, slip_proof) {
        await this.deed(crew, 'outcome', 'outcome', { outcome: 'identity_not_established', harm: 'none', means: 'none', case: '', slip_proof }, 'alert_closed', 'closed');
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
}
