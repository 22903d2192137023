import { useState } from 'preact/hooks';
import { Refusal, sha256 } from '../../statement.js';
import { act, type Me } from '../desk';
import { useAnswer } from '../hooks';
import { Button, Ltr, Section, Tick } from '../parts';
import { t } from '../words';

interface Table { table_hash: string; confirmed: boolean; table: string }

/** Act, section, longest sentence in months (or death, life), what it is: a row of assets/offences.tsv. */
const rowsOf = (table: string) => table.split('\n').filter((line) => line && !line.startsWith('#')).map((line) => line.split('\t'));

/** As the statutes have it: in years where there are whole ones. */
const lengthOf = (months: number) => (months > 12 && months % 12 === 0 ? t('offence_years', { count: months / 12 }) : t('offence_months', { count: months }));
const sentenceOf = (longest: string) => (longest === '0' ? t('offence_none') : longest === 'death' ? t('offence_death') : longest === 'life' ? t('offence_life')
    : lengthOf(Number(longest)));

/** Of the very table that was read. */
async function hashOf({ table, table_hash }: Table): Promise<string> {
    if ((await sha256(table)) !== table_hash) throw new Refusal('the desk shows something else than what would be signed; sign nothing, tell the auditor');
    return table_hash;
}

/** The sections that a case may stand on. Counsel reads all of them before a live site lists a suspect for one. */
export function Offences({ me }: { me: Me }) {
    const { value, problem } = useAnswer<Table>('/offences');
    const [read, setRead] = useState(false);
    const maySign = me.roles.includes('outside_signer');
    return (
        <Section title={t('tab_offences')}>
            <p class="quiet">{t('offences_help')}</p>
            {problem && <p class="problem" role="alert">{problem}</p>}
            {value && <p role="status" class={value.confirmed ? 'good' : 'warn'}>{value.confirmed ? `✓ ${t('offences_confirmed')}` : `⚠ ${t('offences_unconfirmed')}`}</p>}
            {value && <div class="wide" tabIndex={0} role="region" aria-label={t('tab_offences')}>
                <table class="stacks">
                    <thead><tr><th scope="col">{t('offence_section')}</th><th scope="col">{t('offence_sentence')}</th><th scope="col">{t('offence_about')}</th></tr></thead>
                    <tbody>{rowsOf(value.table).map(([law, section, longest = '', about]) => (
                        <tr key={`${law} ${section}`}><td><Ltr>{law} {section}</Ltr></td><td data-of={t('offence_sentence')}>{sentenceOf(longest)}</td><td data-of={t('offence_about')}><Ltr>{about}</Ltr></td></tr>
                    ))}</tbody>
                </table>
            </div>}
            {value && maySign && !value.confirmed && (
                <div class="row">
                    <Tick words={t('offences_read')} value={read} onChange={setRead} />
                    <Button main words={t('offences_sign')} disabled={!read} work={async () => act(me, '/offences/signature', 'offence_table', { table_hash: await hashOf(value) })} />
                </div>
            )}
            {value && <p class="quiet">SHA-256 <Ltr>{value.table_hash}</Ltr></p>}
        </Section>
    );
}
