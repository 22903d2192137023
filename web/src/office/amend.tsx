import { useState } from 'preact/hooks';
import { outcomes, missed, shortCode, type Alert } from '../alerts';
import { act, type Me } from '../desk';
import { useAnswer } from '../hooks';
import { Blank, Button, Choice, Ltr, NotHeard, Section } from '../parts';
import { said, t } from '../words';

/** Never custody: nobody comes into custody on paper. */
const possible: string[] = [...outcomes, ...missed].filter((one) => one !== 'custody');
/** Of a stop whose crew recorded nothing for a day: two offices close it. */
const unrecorded = 'not_recorded';
const given = [...possible, 'custody', unrecorded];

function One({ me, alert }: { me: Me; alert: Alert }) {
    const [to, setTo] = useState('');
    const holds = alert.amended ?? alert.outcome ?? '';
    const choices = holds === unrecorded ? ['identity_not_established'] : possible.filter((one) => one !== holds);
    return (
        <li>
            <div class="row between">
                <span class="line"><strong><Ltr>{shortCode(alert.alert)}</Ltr></strong> <span>{said(holds)}</span>
                    {alert.amended && <span class="quiet">{t('was_first', { outcome: said(alert.outcome ?? '') })}</span>}</span>
                <span class="row">
                    <Choice words={t('amend_to')} options={choices} value={to} onChange={setTo} none={t('choose')} />
                    <Button words={t('amend')} disabled={!to} work={() => act(me, `/alerts/${alert.alert}/amendment`, 'amendment', { alert: alert.alert, from: holds, outcome: to })} />
                </span>
            </div>
        </li>
    );
}

/** An outcome is never overwritten: two authorisers of different offices who took no part sign what it should have been. */
export function Amend({ me }: { me: Me }) {
    const heard = useAnswer<{ alerts: Alert[] }>('/alerts');
    const { value, problem } = heard;
    const ended = (value?.alerts ?? []).filter((one) => given.includes(one.outcome ?? ''));
    if (value && !problem && ended.length === 0) return <Blank words={t('nothing_to_amend')} more={t('nothing_to_amend_more')} />;
    return (
        <Section title={t('tab_amend')}>
            <p class="quiet">{t('amend_help')}</p>
            <NotHeard what={t('alerts')} of={heard} />
            {ended.some((one) => one.outcome === unrecorded) && <p class="warn">{t('amend_unrecorded')}</p>}
            <ul class="list">{ended.map((one) => <One key={one.alert} me={me} alert={one} />)}</ul>
        </Section>
    );
}
