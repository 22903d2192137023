import { useState } from 'preact/hooks';
import { call, type Me } from '../desk';
import { Button, Field, Ltr, Section } from '../parts';
import { day, t } from '../words';
import { verifyLog, type Leaf, type Verified } from './log';

const own = new Set(['at', 'by', 'kind', 'seq', 'site', 'previous', 'commitment']);
const facts = (leaf: Leaf) => Object.entries(leaf).filter(([name]) => !own.has(name))
    .map(([name, value]) => `${name} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`).join(' · ');
const SHOWN = 200;

function Records({ verified }: { verified: Verified }) {
    const [wanted, setWanted] = useState('');
    const matching = verified.leaves.filter((leaf) => !wanted || JSON.stringify(leaf).includes(wanted)).reverse();
    return (
        <>
            <Field words={t('log_search')} value={wanted} onChange={setWanted} ltr />
            <p class="quiet">{t('log_shown', { shown: Math.min(SHOWN, matching.length), all: matching.length })}</p>
            <div class="wide" tabIndex={0} role="region" aria-label={t('records')}>
                <table>
                    <thead><tr><th scope="col">#</th><th scope="col">{t('log_at')}</th><th scope="col">{t('log_kind')}</th><th scope="col">{t('log_by')}</th><th scope="col">{t('log_facts')}</th></tr></thead>
                    <tbody dir="ltr">{matching.slice(0, SHOWN).map((leaf) => (
                        <tr key={leaf.seq}><td>{leaf.seq}</td><td>{day(leaf.at)}</td><td>{leaf.kind}</td><td>{leaf.by}</td><td class="quiet">{facts(leaf)}</td></tr>
                    ))}</tbody>
                </table>
            </div>
        </>
    );
}

/** Trusts nobody: what the desk exports is checked here, against the log's public key. */
export function Audit({ me }: { me: Me }) {
    const [verified, setVerified] = useState<Verified | null>(null);
    const [key, setKey] = useState('');
    const read = async () => {
        setVerified(null);
        const logKey = key || (await call<{ log_key: string }>('GET', '/site')).log_key;
        const reply = await fetch('/api/v1/log');
        if (!reply.ok) throw new Error(t('desk_answered', { status: reply.status }));
        setVerified(await verifyLog(await reply.text(), logKey, me.site));
    };
    return (
        <Section title={t('log')}>
            <p class="quiet">{t('log_help')}</p>
            <Field words={t('log_key')} value={key} onChange={setKey} ltr help={t('log_key_help')} />
            <Button main words={t('log_verify')} work={read} />
            {verified && (
                <>
                    <p class="lead" role="status">✓ {t('log_holds', { count: verified.size })} <Ltr>{day(Number(verified.signed))}</Ltr></p>
                    <p class="quiet"><Ltr>{verified.root}</Ltr></p>
                    <Records verified={verified} />
                </>
            )}
        </Section>
    );
}
