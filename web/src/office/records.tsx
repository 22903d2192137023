import { useState } from 'preact/hooks';
import type { Verified } from '../../proof.js';
import { shortCode } from '../alerts';
import type { Me } from '../desk';
import { Choice, Ltr, State } from '../parts';
import { day, said, t, isolated } from '../words';
import { countOperations, countStages, type OperationCount } from './counted';
import { Plot } from './plot';
import { WithLog } from './verified';

const ends = ['custody', 'wrong_person', 'right_person_not_wanted', 'identity_not_established', 'right_person_no_action', 'other_custody', 'found_safe',
    'contact_declined', 'not_found', 'lost', 'not_stopped', 'rejected', 'no_unit', 'lapsed', 'recalled'] as const;

/** Every outcome stands there, zeros included: nothing that went wrong is left out. */
function Outcomes({ one }: { one: OperationCount }) {
    const count = (outcome: string) => one.alerts.filter((alert) => alert.outcome === outcome).length;
    return (
        <div class="wide" tabIndex={0} role="region" aria-label={t('outcomes')}>
            <table><thead><tr><th scope="col">{t('outcome')}</th><th scope="col">{t('count')}</th></tr></thead>
                <tbody>{ends.map((outcome) => <tr key={outcome} class={count(outcome) ? '' : 'quiet'}><td>{said(outcome)}</td><td>{count(outcome)}</td></tr>)}</tbody></table>
        </div>
    );
}

function Stages({ one }: { one: OperationCount }) {
    const all = countStages(one.alerts);
    return (
        <>
            <Plot words={t('plot_stages')} bars={{ labels: all.map((stage) => said(stage.to)), series: [{ words: 'p90', values: all.map((stage) => stage.p90_s) }] }} />
            <div class="wide" tabIndex={0} role="region" aria-label={t('stages')}>
                <table><thead><tr><th scope="col">{t('stage')}</th><th scope="col">{t('alerts')}</th><th scope="col">{t('median')}</th><th scope="col">p90</th><th scope="col">{t('longest')}</th></tr></thead>
                    <tbody>{all.map((stage) => <tr key={stage.to}><td>{said(stage.from)} → {said(stage.to)}</td><td>{stage.count}</td><td><Ltr>{stage.median_s} s</Ltr></td><td><Ltr>{stage.p90_s} s</Ltr></td><td><Ltr>{stage.longest_s} s</Ltr></td></tr>)}</tbody></table>
            </div>
        </>
    );
}

function Record({ log }: { log: Verified }) {
    const all = countOperations(log.leaves);
    const [chosen, setChosen] = useState('');
    const one = all.find((other) => other.operation === chosen) ?? all[0];
    if (!one) return <p class="quiet">{t('no_operations_yet')}</p>;
    const disagreed = one.alerts.filter((alert) => alert.same > 0 && alert.different + alert.cannot_tell > 0).length;
    const figures: [string, number, string][] = [[t('alerts'), one.alerts.length, ''], [t('stops'), one.alerts.filter((alert) => alert.at.stopped !== undefined).length, ''],
        [t('wrong_stops'), one.wrongStops, one.wrongStops ? 'is-bad' : ''], [t('reviewers_disagreed'), disagreed, ''],
        [t('with_harm'), one.alerts.filter((alert) => alert.harm !== 'none').length, '']];
    return (
        <>
            <Choice words={t('operation')} options={all.map((other): [string, string] => [other.operation, `${isolated(shortCode(other.operation))} · ${said(other.state)} · ${isolated(day(other.starts_at))}`])}
                value={one.operation} onChange={setChosen} />
            <h3>{t('operation')} <Ltr>{shortCode(one.operation)}</Ltr> <State code={one.state} /></h3>
            <p class="quiet">{said(one.purpose)} · {t('list_of', { count: one.list_size })} · <Ltr>{day(one.starts_at)} – {day(one.ends_at)}</Ltr></p>
            <ul class="figures">{figures.map(([words, value, mark]) => <li key={words} class={mark}><strong>{value}</strong><span>{words}</span></li>)}</ul>
            <div class="two"><div><Stages one={one} /></div><div><Outcomes one={one} /></div></div>
        </>
    );
}

/** What the public gets of an operation, computed in this browser from the verified log and from nothing else. */
export function PublicRecords({ me }: { me: Me }) {
    return <WithLog me={me} title={t('tab_records')} help={t('records_help')}>{(log) => <Record log={log} />}</WithLog>;
}
