import { useState } from 'preact/hooks';
import type { Leaf, Verified } from '../../proof.js';
import { reportOf } from '../../report.js';
import { canonical, sha256 } from '../../statement.js';
import { shortCode } from '../alerts';
import { act, call, type Me } from '../desk';
import { Button, Choice, Ltr, saveFile, State } from '../parts';
import { day, isolated, Objection, period, said, t } from '../words';
import { countOperations, countStages, type OperationCount } from './counted';
import { Plot } from './plot';
import { WithLog } from './verified';

const ends = ['custody', 'wrong_person', 'right_person_not_wanted', 'identity_not_established', 'right_person_no_action', 'other_custody', 'found_safe',
    'contact_declined', 'not_found', 'lost', 'not_stopped', 'rejected', 'no_unit', 'lapsed', 'recalled'] as const;

/** Every outcome stands there, zeros included: nothing that went wrong is left out. */
function Outcomes({ one }: { one: OperationCount }) {
    const count = (outcome: string) => one.alerts.filter((alert) => alert.outcome === outcome).length;
    return (
        <>
            <div class="wide" tabIndex={0} role="region" aria-label={t('outcomes')}>
                <table><thead><tr><th scope="col">{t('outcome')}</th><th scope="col">{t('count')}</th></tr></thead>
                    <tbody>{ends.map((outcome) => <tr key={outcome} class={count(outcome) ? '' : 'quiet'}><td>{said(outcome)}</td><td>{count(outcome)}</td></tr>)}</tbody></table>
            </div>
            {one.alerts.filter((alert) => alert.amended).map((alert) => <p key={alert.alert} class="warn">{t('outcome_was_amended', { alert: isolated(shortCode(alert.alert)), first: said(alert.first), holds: said(alert.outcome) })}</p>)}
            {one.alerts.filter((alert) => alert.unrecorded).map((alert) => <p key={alert.alert} class="warn">{t('outcome_not_recorded', { alert: isolated(shortCode(alert.alert)) })}</p>)}
        </>
    );
}

function Stages({ one }: { one: OperationCount }) {
    const all = countStages(one.alerts);
    return (
        <>
            <Plot words={t('plot_stages')} bars={{ labels: all.map((stage) => said(stage.to)), series: [{ words: t('nine_of_ten'), values: all.map((stage) => stage.p90_s) }] }} />
            <div class="wide" tabIndex={0} role="region" aria-label={t('stages')}>
                <table><thead><tr><th scope="col">{t('stage')}</th><th scope="col">{t('alerts')}</th><th scope="col">{t('median')}</th><th scope="col">{t('nine_of_ten')}</th><th scope="col">{t('longest')}</th></tr></thead>
                    <tbody>{all.map((stage) => <tr key={stage.to}><td>{t('from_to', { from: said(stage.from), to: said(stage.to) })}</td><td>{stage.count}</td><td><Ltr>{stage.median_s} s</Ltr></td><td><Ltr>{stage.p90_s} s</Ltr></td><td><Ltr>{stage.longest_s} s</Ltr></td></tr>)}</tbody></table>
            </div>
        </>
    );
}

interface Published { through: number; record_hash: string }

/** The record as the log that was verified here gives it, to the letter of its file; the desk has to name that one and no other. */
async function recordOf(log: Verified, operation: string): Promise<Published & { file: string }> {
    const { through, record_hash } = await call<Published>('GET', `/operations/${operation}/record`);
    const record = reportOf(log.leaves, operation);
    const file = `${canonical(record)}\n`;
    if (through !== record.last_record || record_hash !== (await sha256(file))) throw new Objection('record_not_the_log');
    return { through, record_hash, file };
}

/** Save it, publish it where the public finds it, then sign which one it was: before, no other operation arms. */
function Publish({ me, log, one }: { me: Me; log: Verified; one: OperationCount }) {
    const [signed, setSigned] = useState('');
    const before = log.leaves.filter((leaf: Leaf) => leaf.kind === 'record_published' && leaf.operation === one.operation).at(-1);
    const amended = Math.max(0, ...one.alerts.map((alert) => alert.amended)) > Number(before?.through);
    const hash = signed || (amended ? '' : typeof before?.record_hash === 'string' ? before.record_hash : '');
    if (!['ended', 'wiped'].includes(one.state)) return null;
    if (hash) return <p class="good" role="status">✓ {t('record_published')} <Ltr>{hash.slice(0, 16)}</Ltr></p>;
    const save = async () => saveFile(`${one.operation}.json`, (await recordOf(log, one.operation)).file);
    const sign = async () => {
        const { through, record_hash } = await recordOf(log, one.operation);
        await act(me, `/operations/${one.operation}/publication`, 'publication', { operation: one.operation, through, record_hash });
        setSigned(record_hash);
    };
    return (
        <>
            {amended && <p class="warn" role="status">{t('record_amended')}</p>}
            <p class="quiet">{t('publish_help')}</p>
            <div class="row"><Button words={t('record_save')} work={save} /><Button main words={t('publish_record')} work={sign} /></div>
        </>
    );
}

function Record({ me, log }: { me: Me; log: Verified }) {
    const all = countOperations(log.leaves);
    const [chosen, setChosen] = useState('');
    const one = all.find((other) => other.operation === chosen) ?? all[0];
    if (!one) return <p class="quiet">{t('no_operations_yet')}</p>;
    const disagreed = one.alerts.reduce((all, alert) => all + alert.disagreed, 0);
    const figures: [string, number, string][] = [[t('alerts'), one.alerts.length, ''], [t('stops'), one.alerts.filter((alert) => alert.at.stopped !== undefined).length, ''],
        [t('wrong_stops'), one.wrongStops, one.wrongStops ? 'is-bad' : ''], [t('reviewers_disagreed'), disagreed, ''],
        [t('with_harm'), one.alerts.filter((alert) => alert.harm !== 'none').length, '']];
    return (
        <>
            <Choice words={t('operation')} options={all.map((other): [string, string] => [other.operation, `${isolated(shortCode(other.operation))} · ${said(other.state)} · ${isolated(day(other.starts_at))}`])}
                value={one.operation} onChange={setChosen} />
            <h3>{t('operation')} <Ltr>{shortCode(one.operation)}</Ltr> <State code={one.state} /></h3>
            <p class="quiet">{said(one.purpose)} · {t('list_of', { count: one.list_size })} · <Ltr>{period(one.starts_at, one.ends_at)}</Ltr></p>
            <ul class="figures">{figures.map(([words, value, mark]) => <li key={words} class={mark}><strong>{value}</strong><span>{words}</span></li>)}</ul>
            {one.planted.answers > 0 && <p>{t('planted_pairs', { ...one.planted })}</p>}
            <Publish key={one.operation} me={me} log={log} one={one} />
            <div class="two"><div><Stages one={one} /></div><div><Outcomes one={one} /></div></div>
        </>
    );
}

/** What the public gets of an operation, computed in this browser from the verified log and from nothing else. */
export function PublicRecords({ me }: { me: Me }) {
    return <WithLog me={me} title={t('tab_records')} help={t('records_help')}>{(log) => <Record me={me} log={log} />}</WithLog>;
}
