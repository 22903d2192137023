import { useState } from 'preact/hooks';
import { haltReasons, shortCode } from '../alerts';
import { act, type Me } from '../desk';
import { useAnswer } from '../hooks';
import { Choice, NotHeard, Question } from '../parts';
import { isolated, said, t } from '../words';
import { isLive, type Operation } from './operations';

/** The table of routes has the same (src/http/route.c: CONTROL_ROOM). */
export const mayHalt = (me: Me): boolean => ['reviewer', 'dispatcher', 'authoriser', 'watch_officer', 'inspector'].some((role) => me.roles.includes(role));

/**
 * In the page's head, so that it is in reach wherever the page stands; asks once, then it is done. It goes only when the desk says
 * that nothing runs; what was last heard of is halted also while the desk does not say what runs now.
 */
export function Halt({ me }: { me: Me }) {
    const [asks, ask] = useState(false);
    const [reason, setReason] = useState('safety');
    const [chosen, setChosen] = useState('');
    const heard = useAnswer<{ operations: Operation[] }>('/operations');
    const live = (heard.value?.operations ?? []).filter(isLive);
    const operation = live.some((one) => one.operation === chosen) ? chosen : live.length === 1 ? live[0]?.operation ?? '' : '';
    if (live.length === 0 && heard.value && !heard.problem) return null;
    return (
        <>
            <button type="button" class="tool danger" onClick={() => ask(true)}>{t('halt')}</button>
            {asks && (
                <Question name={t('halt')} heading={t('halt_sure')} words={t('halt_now')} disabled={!operation} over={() => ask(false)}
                    work={(given) => act(me, `/operations/${operation}/halt`, 'halt', { operation, reason }, given)}>
                    <p>{t('halt_means')}</p>
                    <NotHeard what={t('operations')} of={heard} />
                    {live.length > 1 && <Choice words={t('operation')} value={operation} onChange={setChosen} none={t('choose')}
                        options={live.map((one): [string, string] => [one.operation, `${isolated(shortCode(one.operation))} · ${said(one.state)}`])} />}
                    <Choice words={t('reason')} options={haltReasons} value={reason} onChange={setReason} />
                </Question>
            )}
        </>
    );
}
