import { useState } from 'preact/hooks';
import { officerCode } from '../alerts';
import { act, type Me } from '../desk';
import { useAnswer } from '../hooks';
import { Blank, Button, Choice, Field, Ltr, Section } from '../parts';
import { day, said, t, together } from '../words';
import { useRoster } from './roster';

interface Pass {
    officer: string; state: 'none' | 'held' | 'broken'; pass: string; since: number; lock: string; locked_until: number; failures: number;
    unlock_signed_by: string; reset_signed_by: string;
}

/** Two of different offices sign; neither for themselves. */
function Release({ me, pass, subject, signedBy, words, reasons }: { me: Me; pass: Pass; subject: string; signedBy: string; words: string; reasons: string[] }) {
    const [reason, setReason] = useState('');
    if (pass.officer === me.officer || signedBy === me.officer) return <p class="quiet">{signedBy ? t('second_signs') : t('others_sign')}</p>;
    return (
        <div class="row">
            <Choice words={t('reason')} options={reasons} value={reason} onChange={setReason} none={t('choose')} />
            <Button words={words} main={signedBy !== ''} disabled={!reason}
                work={() => act(me, '/passes/release', 'pass_release', { officer: pass.officer, subject, reason })} />
            {signedBy && <p class="quiet">{t('first_signed')} <Ltr>{officerCode(signedBy, me.serviceNumbers[signedBy])}</Ltr></p>}
        </div>
    );
}

function One({ me, pass, roles }: { me: Me; pass: Pass; roles: string[] }) {
    const broken = pass.state === 'broken';
    return (
        <li>
            <div class="line">
                <strong><Ltr>{officerCode(pass.officer, me.serviceNumbers[pass.officer])}</Ltr></strong> <span>{together(roles.map(said))}</span>
                {pass.state === 'none' && <span class="quiet">{t('no_pass')}</span>}
                {pass.state === 'held' && <span class="quiet">{t('pass_since')} <Ltr>{day(pass.since)}</Ltr>{pass.failures > 0 && <> · {t('wrong_answers', { count: pass.failures })}</>}</span>}
            </div>
            {pass.lock && <p class="warn">⚠ {t('locked_until')} <Ltr>{day(pass.locked_until)}</Ltr></p>}
            {broken && <p class="warn">⚠ {t('pass_broken')}</p>}
            {pass.lock && <Release key={pass.lock} me={me} pass={pass} subject={pass.lock} signedBy={pass.unlock_signed_by} words={t('end_lock')} reasons={['mistyped', 'other']} />}
            {pass.state !== 'none' && (
                <details open={broken || pass.reset_signed_by !== ''}>
                    <summary>{t('reset_pass')}</summary>
                    <p class="quiet">{t('reset_help')}</p>
                    <Release key={pass.pass} me={me} pass={pass} subject={broken ? pass.officer : pass.pass} signedBy={pass.reset_signed_by} words={t('reset_pass_now')} reasons={['forgotten', 'lost_phone', 'broken', 'other']} />
                </details>
            )}
        </li>
    );
}

/** Who has a password and codes, and who is locked out: those whom it concerns first. */
export function Passes({ me }: { me: Me }) {
    const { value, problem } = useAnswer<{ officers: Pass[]; addresses: { address: string; locked_until: number }[] }>('/passes');
    const { value: roster } = useRoster(me);
    const [wanted, setWanted] = useState('');
    if (problem && !value) return <section><p class="problem" role="alert">{problem}</p></section>;
    if (!value) return <Blank words={t('loading')} />;
    const rolesOf = (officer: string) => roster?.officers.find((one) => one.officer === officer)?.roles ?? [];
    const urgent = (one: Pass) => Number(one.lock !== '') * 2 + Number(one.state === 'broken') * 2 + Number(one.reset_signed_by !== '' || one.unlock_signed_by !== '');
    const shown = value.officers.filter((one) => !wanted || `${officerCode(one.officer, me.serviceNumbers[one.officer])} ${one.officer} ${rolesOf(one.officer).map(said).join(' ')}`.toLowerCase().includes(wanted.trim().toLowerCase()))
        .sort((a, b) => urgent(b) - urgent(a));
    return (
        <Section title={t('tab_passes')}>
            {value.addresses.map((one) => <p key={one.address} class="warn">⚠ {t('address_locked')} <Ltr>{one.address} · {day(one.locked_until)}</Ltr></p>)}
            <Field words={t('find_officer')} value={wanted} onChange={setWanted} />
            <ul class="list">{shown.map((one) => <One key={one.officer} me={me} pass={one} roles={rolesOf(one.officer)} />)}</ul>
        </Section>
    );
}
