import { useState } from 'preact/hooks';
import type { Case } from '../../statement.js';
import { shortCode } from '../alerts';
import { act, call, type Me } from '../desk';
import { useAnswer } from '../hooks';
import { Button, Choice, Field, Ltr, Section } from '../parts';
import { day, said, t } from '../words';

interface Outline { entry: string; state: string; ground: string; expires_at: number; proposal_hash: string; reason: string }
interface Whole extends Outline {
    person: { name: string; father: string; cnic: string; born: number; gender: string; description: string };
    cases: Case[]; photos: { photo: string; source: string; record_number: string; dated: number }[];
}
const reasons = ['no_longer_wanted', 'wrong_photo', 'died', 'in_custody', 'other'] as const;

function Facts({ entry }: { entry: Whole }) {
    const { person } = entry;
    return (
        <dl>
            <dt>{t('person_name')}</dt><dd>{person.name}</dd>
            <dt>{t('father_name')}</dt><dd>{person.father}</dd>
            <dt>{t('cnic')}</dt><dd><Ltr>{person.cnic}</Ltr></dd>
            <dt>{t('born')}</dt><dd><Ltr>{person.born}</Ltr>, {said(person.gender)}</dd>
            {entry.cases.map((one) => [<dt>{said(one.kind)}</dt>, <dd><Ltr>{one.number} · {one.section} · {day(one.dated)}</Ltr></dd>])}
            {entry.photos.map((one) => [<dt>{t('photo_source')}</dt>, <dd>{said(one.source)} · <Ltr>{one.record_number} · {day(one.dated)}</Ltr></dd>])}
        </dl>
    );
}

function Approve({ me, entry, done }: { me: Me; entry: Whole; done: () => void }) {
    const [reason, setReason] = useState('');
    const send = async (answer: string) => {
        await act(me, `/entries/${entry.entry}/approval`, 'entry_approval', { entry: entry.entry, proposal_hash: entry.proposal_hash, answer, reason });
        done();
    };
    return (
        <>
            <p class="quiet">{t('approve_help')}</p>
            <Field words={t('refusal_reason')} value={reason} onChange={setReason} />
            <div class="row">
                <Button main words={t('approve')} work={() => send('approved')} />
                <Button words={t('refuse')} disabled={!reason} work={() => send('refused')} />
            </div>
        </>
    );
}

function Withdraw({ me, entry, done }: { me: Me; entry: Whole; done: () => void }) {
    const [reason, setReason] = useState('no_longer_wanted');
    return (
        <div class="row">
            <Choice words={t('reason')} options={reasons} value={reason} onChange={setReason} />
            <Button danger words={t('withdraw')} work={async () => {
                await act(me, `/entries/${entry.entry}/withdrawal`, 'entry_withdrawal', { entry: entry.entry, reason });
                done();
            }} />
        </div>
    );
}

/** The list as ids and states; opening one is a look that the log keeps. */
export function Entries({ me }: { me: Me }) {
    const { value, problem } = useAnswer<{ entries: Outline[] }>('/entries');
    const [open, setOpen] = useState<Whole | null>(null);
    const close = () => setOpen(null);
    return (
        <Section title={t('entries')}>
            {problem && <p class="problem">{problem}</p>}
            <p class="quiet">{t('looking_is_logged')}</p>
            <ul class="list">{(value?.entries ?? []).map((one) => (
                <li key={one.entry} class="row between">
                    <span><Ltr>{shortCode(one.entry)}</Ltr> · {said(one.state)} · {said(one.ground ?? '')} · <Ltr>{day(one.expires_at ?? 0)}</Ltr></span>
                    <Button words={t('open_entry')} work={async () => setOpen(await call<Whole>('GET', `/entries/${one.entry}`))} />
                </li>
            ))}</ul>
            {open && (
                <article class="opened">
                    <h3>{t('entry')} <Ltr>{shortCode(open.entry)}</Ltr>: {said(open.state)}</h3>
                    <Facts entry={open} />
                    {open.state === 'proposed' && me.roles.includes('authoriser') && <Approve me={me} entry={open} done={close} />}
                    {open.state === 'approved' && <Withdraw me={me} entry={open} done={close} />}
                    <Button words={t('close_entry')} work={close} />
                </article>
            )}
        </Section>
    );
}
