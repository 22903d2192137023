import type { Verified } from '../../proof.js';
import { officerCode } from '../alerts';
import type { Me } from '../desk';
import { Ltr } from '../parts';
import { t } from '../words';
import { countOperations, countReviewers } from './counted';
import { Plot } from './plot';
import { WithLog } from './verified';

function Reviewers({ me, log }: { me: Me; log: Verified }) {
    const all = countReviewers(log.leaves);
    const alerts = countOperations(log.leaves).flatMap((one) => one.alerts);
    const sum = (name: 'same' | 'different' | 'cannot_tell') => alerts.reduce((total, one) => total + one[name], 0);
    if (all.length === 0) return <p class="quiet">{t('no_reviews')}</p>;
    return (
        <>
            <Plot words={t('plot_answers')} bars={{ labels: [t('same'), t('different'), t('cannot_tell')], series: [{ words: t('count'), values: [sum('same'), sum('different'), sum('cannot_tell')] }] }} />
            <div class="wide" tabIndex={0} role="region" aria-label={t('tab_measured')}>
                <table><thead><tr><th scope="col">{t('officer')}</th><th scope="col">{t('drawn')}</th><th scope="col">{t('answered')}</th><th scope="col">{t('too_late')}</th><th scope="col">{t('median')}</th></tr></thead>
                    <tbody>{all.map((one) => <tr key={one.officer}><td><Ltr>{officerCode(one.officer, me.serviceNumbers[one.officer])}</Ltr></td><td>{one.drawn}</td><td>{one.answered}</td><td>{one.passedOn}</td><td>{one.answered ? <Ltr>{one.median_s} s</Ltr> : '–'}</td></tr>)}</tbody></table>
            </div>
            <p class="quiet">{t('measured_note')}</p>
        </>
    );
}

export function Measured({ me }: { me: Me }) {
    return <WithLog me={me} title={t('tab_measured')} help={t('measured_help')}>{(log) => <Reviewers me={me} log={log} />}</WithLog>;
}
