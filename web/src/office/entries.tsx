import { useState } from 'preact/hooks';
import { hashOfShown, type Case, type Envelope } from '../../statement.js';
import { shortCode } from '../alerts';
import { act, call, type Me } from '../desk';
import { useAnswer } from '../hooks';
import { Blank, Button, Choice, Field, Long, Ltr, Section, State, Tick } from '../parts';
import { believedRoster } from '../sign-in';
import { now } from '../time';
import { day, isolated, said, t, tell, together, type Said } from '../words';
import { useOlder, type Page } from './older';
import { PhotoPart, type Photo as Uploaded } from './photo-part';
import { rowsOf } from './stated';

interface Outline { entry: string; state: string; ground: string; expires_at: number; proposal_hash: string; reason: string }
export interface Person { name: string; father: string; cnic: string; born: number; gender: string; description: string }
export interface Photo { photo: string; source: string; record_number: string; dated: number }
interface Proposal { person: Person; ground: string; cases: Case[]; photos: Photo[]; expires_at: number }
interface Whole extends Outline { proposal?: Envelope; look_alikes?: string[]; fetched?: string[]; proposer?: string; reinstated_by?: string; refusal?: string; unproved?: { detail: string; says: Said[] } }
const reasons = ['no_longer_wanted', 'wrong_photo', 'died', 'in_custody', 'other'] as const;

/** What was proposed, as its proposer signed it; null once the entry is wiped. */
const proposalOf = (entry: Whole): Proposal | null => (entry.proposal ? (JSON.parse(entry.proposal.statement) as Proposal) : null);

/** Of the very proposal that stands on the page, so that nobody signs for another. */
const proposalHashOf = async (me: Me, entry: Whole): Promise<string> => hashOfShown(entry.proposal, { type: 'entry_proposal', site: me.site,
    about: { entry: entry.entry }, stated: entry.proposal_hash, role: 'watch_officer', roster: await believedRoster(me) });

/** All that the proposer signed; when a renewal has put its end off, until when it is on the list. */
function Facts({ me, entry }: { me: Me; entry: Whole }) {
    const proposal = proposalOf(entry);
    if (!proposal) return <p class="quiet">{t('entry_wiped')}</p>;
    return (
        <dl>
            {rowsOf({ ...proposal }, me.serviceNumbers).map(({ path, name, text }) => [<dt key={path}>{name}</dt>, <dd>{path === 'person.name' ? <strong><bdi>{text}</bdi></strong> : <bdi>{text}</bdi>}</dd>])}
            {entry.expires_at !== proposal.expires_at && [<dt key="renewed">{t('expires_renewed')}</dt>, <dd><Ltr>{day(entry.expires_at)}</Ltr></dd>]}
        </dl>
    );
}

/** The record's own picture, once more from its source: the desk compares both, forgets this one and keeps the officer's word. */
function Fetch({ me, entry, photo, done }: { me: Me; entry: string; photo: Photo; done: () => void }) {
    const [picture, setPicture] = useState<Uploaded | null>(null);
    const record = isolated(photo.record_number);
    return (
        <>
            <p>{t('fetch_help', { record: isolated(record) })}</p>
            <PhotoPart words={t('fetch_file', { record: isolated(record) })} photo={picture} setPhoto={setPicture} />
            <Button words={t('fetch_sign')} disabled={!picture} work={async () => {
                await act(me, `/entries/${entry}/fetches`, 'source_fetch', { entry, photo: photo.photo, fetched: picture?.photo, record_number: photo.record_number });
                done();
            }} />
        </>
    );
}

/** Three looks that only a person can do; without them there is nothing to sign. What was suspended is looked at by two, as if it were new. */
function Approve({ me, entry, done }: { me: Me; entry: Whole; done: () => void }) {
    const [reason, setReason] = useState('');
    const again = entry.state === 'suspended';
    const [looked, setLooked] = useState({ picture: false, papers: false, alike: false });
    const alike = entry.look_alikes ?? [];
    const { cases = [], photos = [] } = proposalOf(entry) ?? {};
    // A live site asks for each photo's own statement; elsewhere the officer's tick stands for it.
    const [fetched, setFetched] = useState(entry.fetched);
    const missing = photos.filter((one) => fetched && !fetched.includes(one.photo));
    const isPictureSeen = fetched ? missing.length === 0 : looked.picture;
    const send = async (answer: string) => {
        await act(me, `/entries/${entry.entry}/approval`, 'entry_approval', { entry: entry.entry, proposal_hash: await proposalHashOf(me, entry), answer, reason });
        done();
    };
    if (entry.reinstated_by === me.officer) return <p class="good">✓ {t('reinstate_second')}</p>;
    return (
        <>
            {again && <p>{t('reinstate_same', { until: isolated(day(entry.expires_at)) })}</p>}
            {again && <p>{t('reinstate_help')}{entry.reinstated_by && <> {t('first_signed')} <Ltr>{shortCode(entry.reinstated_by)}</Ltr></>}</p>}
            {alike.length > 0 && <p class="warn">⚠ {t('look_alikes')} <Ltr>{alike.map(shortCode).join(', ')}</Ltr></p>}
            {missing.map((one) => <Fetch key={one.photo} me={me} entry={entry.entry} photo={one} done={() => setFetched((before = []) => [...before, one.photo])} />)}
            <fieldset class="stacked"><legend>{t('approve_looks')}</legend>
                {photos.filter((one) => fetched?.includes(one.photo)).map((one) => <p key={one.photo} class="good">✓ {t('fetch_done', { record: isolated(one.record_number) })}</p>)}
                {!fetched && <Tick words={t('approve_picture', { record: together(photos.map((one) => isolated(one.record_number))) })} value={looked.picture} onChange={(picture) => setLooked({ ...looked, picture })} />}
                <Tick words={t('approve_papers', { number: isolated(cases[0]?.number ?? '') })} value={looked.papers} onChange={(papers) => setLooked({ ...looked, papers })} />
                {alike.length > 0 && <Tick words={t('approve_alike')} value={looked.alike} onChange={(to) => setLooked({ ...looked, alike: to })} />}
            </fieldset>
            {!again && <Field words={t('refusal_reason')} value={reason} onChange={setReason} help={t('refusal_help')} />}
            <div class="row">
                <Button main words={again ? t('reinstate') : t('approve')} disabled={!isPictureSeen || !looked.papers || (alike.length > 0 && !looked.alike)} work={() => send('approved')} />
                {!again && <Button words={t('refuse')} disabled={!reason} work={() => send('refused')} />}
            </div>
        </>
    );
}

function Withdraw({ me, entry, done }: { me: Me; entry: Whole; done: () => void }) {
    const [reason, setReason] = useState('');
    return (
        <div class="row">
            <Choice words={t('withdraw_reason')} options={reasons} value={reason} onChange={setReason} none={t('choose')} />
            <Button danger words={t('withdraw')} disabled={!reason} work={async () => {
                await act(me, `/entries/${entry.entry}/withdrawal`, 'entry_withdrawal', { entry: entry.entry, reason });
                done();
            }} />
        </div>
    );
}

/** Another authoriser than before looks at it again; suspects named in a report alone and missing adults are proposed anew. */
function Renew({ me, entry, done }: { me: Me; entry: Whole; done: () => void }) {
    const [days, setDays] = useState('');
    const isLength = Number(days) >= 1 && Number(days) <= 90;
    const until = () => now() + Number(days) * 86400;
    return (
        <>
            <div class="row">
                <Field words={t('renew_days')} value={days} onChange={setDays} type="number" min="1" max="90" />
                <Button words={t('renew')} disabled={!isLength} work={async () => {
                    await act(me, `/entries/${entry.entry}/renewal`, 'entry_renewal', { entry: entry.entry, proposal_hash: await proposalHashOf(me, entry), expires_at: until() });
                    done();
                }} />
            </div>
            {isLength && <p role="status">{t('renew_changes', { before: isolated(day(entry.expires_at)), after: isolated(day(until())) })}</p>}
        </>
    );
}

function Opened({ me, entry, close }: { me: Me; entry: Whole; close: () => void }) {
    const mine = entry.proposer === me.officer;
    const authoriser = me.roles.includes('authoriser');
    const answers = authoriser && ['proposed', 'suspended'].includes(entry.state);
    return (
        <article class="opened">
            <h3>{t('entry')} <Ltr>{shortCode(entry.entry)}</Ltr> <State code={entry.state} /></h3>
            {entry.reason && <p class="warn">{t('reason')}: {said(entry.reason)}{entry.refusal ? <> · <bdi>{said(entry.refusal)}</bdi></> : null}</p>}
            {entry.unproved && <p class="warn">⚠ {tell({ says: entry.unproved.says, message: entry.unproved.detail })}</p>}
            <Facts me={me} entry={entry} />
            {answers && (mine ? <p class="warn">{t('approve_not_own')}</p> : <Approve me={me} entry={entry} done={close} />)}
            {entry.state === 'approved' && authoriser && !mine && !['suspect_fir_only', 'missing_or_at_risk'].includes(entry.ground) && <Renew me={me} entry={entry} done={close} />}
            {(['approved', 'suspended'].includes(entry.state) || (entry.state === 'proposed' && mine)) && <Withdraw me={me} entry={entry} done={close} />}
            <Button words={t('close_entry')} work={close} />
        </article>
    );
}

const order = ['proposed', 'suspended', 'approved'];
const rank = (one: Outline) => (order.includes(one.state) ? order.indexOf(one.state) : order.length);

/** The list as ids and states; opening one is a look that the log keeps. */
export function Entries({ me }: { me: Me }) {
    const { value, problem } = useAnswer<Page<'entries', Outline>>('/entries');
    const { older, more } = useOlder('entries', value);
    const [open, setOpen] = useState<Whole | null>(null);
    const all = [...(value?.entries ?? []), ...older].sort((a, b) => rank(a) - rank(b) || a.expires_at - b.expires_at);
    if (value && all.length === 0 && !more) return <Blank words={t('no_entries')} more={t('no_entries_more')} />;
    return (
        <Section title={t('entries')}>
            {problem && <p class="problem" role="alert">{problem}</p>}
            <p class="quiet">{t('looking_is_logged')}</p>
            <Long all={all} says={(one) => `${shortCode(one.entry)} ${said(one.state)} ${said(one.ground ?? '')} ${day(one.expires_at)}`} line={(one) => (
                <li key={one.entry}>
                    <div class="row between">
                        <span class="line"><strong><Ltr>{shortCode(one.entry)}</Ltr></strong> <State code={one.state} /> <span>{said(one.ground ?? '')}</span>
                            {one.state === 'suspended' && one.reason && <span class="warn">{said(one.reason)}</span>}
                            <span class={one.expires_at - now() < 2 * 86400 ? 'warn' : 'quiet'}>{t('expires')} <Ltr>{day(one.expires_at ?? 0)}</Ltr></span></span>
                        {open?.entry !== one.entry && <Button words={t('open_entry')} of={shortCode(one.entry)} work={async () => setOpen(await call<Whole>('GET', `/entries/${one.entry}`))} />}
                    </div>
                    {open?.entry === one.entry && <Opened me={me} entry={open} close={() => setOpen(null)} />}
                </li>
            )} />
            {more}
        </Section>
    );
}
