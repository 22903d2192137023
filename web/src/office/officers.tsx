import { useState } from 'preact/hooks';
import { canonical, newId, readEnvelope, sha256, type Envelope, type Roster, type RosterOfficer } from '../../statement.js';
import { officerCode, shortCode } from '../alerts';
import { act, call, signAs, type Me } from '../desk';
import { fingerprintOf, shortKey } from '../keys';
import { nameOf, withName } from '../names';
import { Button, Choice, Field, FileField, Ltr, readJson, saveFile, Section, State, Tick } from '../parts';
import { now } from '../time';
import { day, isolated, Objection, said, t, together } from '../words';
import { isName, kindOf, named, Posts, postsOf, withPosts, type Kind, type Post } from './posts';
import { useRoster } from './roster';

interface Enrolment { type: string; site: string; by: string; name: string; service_number: string; role: string; device_key: string }
interface Request { fields: Enrolment; key: string; fingerprint: string }

/** An office is known by who is in it: the roster has no names of offices. */
function officeOf(roster: Roster, office: string): string {
    const members = roster.officers.filter((one) => one.office === office).map((one) => one.service_number ?? shortCode(one.officer));
    return `${shortCode(office)} (${members.slice(0, 3).join(', ')}${members.length > 3 ? ', …' : ''})`;
}

/** A request that its own key signed: whoever made it holds the key. Whose key it is, two people find out by comparing digits. */
async function readRequest(file: File, site: string): Promise<Request> {
    const envelope = await readJson<Envelope>(file);
    const fields = await readEnvelope<Enrolment>(envelope);
    if (fields.type !== 'enrolment' || fields.site !== site) throw new Objection('request_other_site');
    return { fields, key: envelope.key, fingerprint: await fingerprintOf(envelope.key, fields.device_key) };
}

/** Where the officer is posted: what it is called, and whether what is sealed to it opens on this device from now on. */
interface Posting { id: string; name: string; opens: string }
const nowhere: Posting = { id: '', name: '', opens: '' };
const isWhole = ({ id, name, opens }: Posting): boolean => id !== '' && isName(name) && (id === 'new' || opens !== '');

/** A new unit or station, or one that is there: whose only device a new one replaces, or whose second officer comes with a device of the own. */
function PostingPart({ kind, posts, value, change }: { kind: Kind; posts: Post[]; value: Posting; change: (to: Posting) => void }) {
    const options = [...posts.map((one): [string, string] => [one.id, withName(one.id, one.name)]), ['new', t(kind === 'unit' ? 'unit_new' : 'station_new')] as [string, string]];
    return (
        <>
            <Choice words={t(kind)} options={options} value={value.id} none={t('choose')}
                onChange={(id) => change({ id, name: posts.find((one) => one.id === id)?.name ?? '', opens: '' })} />
            {value.id && <Field words={t('post_name')} value={value.name} onChange={(name) => change({ ...value, name })} help={t('post_name_help')} />}
            {value.id && value.id !== 'new' && <Choice words={t('post_opens')} options={[['this', t('post_opens_this')], ['before', t('post_opens_before')]]}
                value={value.opens} onChange={(opens) => change({ ...value, opens })} none={t('choose')} />}
        </>
    );
}

/** The draft with this officer in it; who is in it already comes with a new key, in the place of the old one. */
function accepted(draft: Roster, { fields, key }: Request, office: string, posting: Posting): Roster {
    const kind = kindOf(fields.role);
    const id = posting.id === 'new' ? newId(kind === 'unit' ? 'u' : 's') : posting.id;
    const officer = { officer: fields.by, office: office === 'new' ? newId('f') : office, roles: [fields.role], posts: kind ? [id] : [], key,
        ...(fields.service_number && { service_number: fields.service_number }) };
    const to = { ...draft, officers: [...draft.officers.filter((other) => other.officer !== fields.by), officer] };
    if (!kind) return to;
    const posts = postsOf(kind, draft);
    const before = posts.find((one) => one.id === id);
    const post = named({ id, key: before && posting.opens === 'before' ? before.key : fields.device_key }, posting.name);
    return withPosts(kind, to, [...posts.filter((one) => one.id !== id), post]);
}

function Accept({ me, draft, change }: { me: Me; draft: Roster; change: (to: Roster) => Promise<void> }) {
    const [request, setRequest] = useState<Request | null>(null);
    const [office, setOffice] = useState('');
    const [posting, setPosting] = useState(nowhere);
    const [same, setSame] = useState(false);
    const isTheirs = (one: RosterOfficer) => one.service_number?.toLowerCase() === request?.fields.service_number?.toLowerCase();
    const other = request?.fields.service_number ? draft.officers.find((one) => isTheirs(one) && one.officer !== request.fields.by) : undefined;
    const offices = [...new Set(draft.officers.map((one) => one.office))];
    const kind = request && kindOf(request.fields.role);
    /** Who is in the roster comes with a new device for the post of before. */
    const show = (one: Request) => {
        const before = draft.officers.find(({ officer }) => officer === one.fields.by);
        const its = kindOf(one.fields.role);
        const post = its && postsOf(its, draft).find(({ id }) => before?.posts.includes(id));
        setOffice(before?.office ?? '');
        setPosting(post ? { id: post.id, name: post.name ?? '', opens: 'this' } : nowhere);
        setRequest(one);
    };
    const choose = async (file: File | undefined) => {
        setRequest(null);
        setSame(false);
        if (file) show(await readRequest(file, me.site));
    };
    const accept = async (one: Request) => {
        await change(accepted(draft, one, office, posting));
        setRequest(null);
    };
    return (
        <div class="column">
            <FileField words={t('request_file')} accept=".json" choose={choose} />
            {request && (
                <article class="opened">
                    <p class="lead"><bdi>{request.fields.name}</bdi> · {said(request.fields.role)}{request.fields.service_number && <> · <Ltr>{request.fields.service_number}</Ltr></>}</p>
                    {other && <p class="problem" role="alert">{t('request_other_code')} <Ltr>{other.officer}</Ltr></p>}
                    <p>{t('request_compare')}</p>
                    <p class="code"><Ltr>{request.fingerprint}</Ltr></p>
                    <Choice words={t('office')} options={[...offices.map((one): [string, string] => [one, officeOf(draft, one)]), ['new', t('office_new')]]} value={office} onChange={setOffice} none={t('choose')} />
                    {kind && <PostingPart kind={kind} posts={postsOf(kind, draft)} value={posting} change={setPosting} />}
                    <Tick words={t('request_same')} value={same} onChange={setSame} />
                    <Button main words={t('request_accept')} disabled={!same || !office || other !== undefined || (kind !== null && !isWhole(posting))} work={() => accept(request)} />
                </article>
            )}
        </div>
    );
}

function Draft({ draft, envelope, drop }: { draft: Roster; envelope: Envelope; drop: () => void }) {
    const save = async () => {
        const fields = { ...draft, number: draft.number + 1, previous: await sha256(envelope.statement), at: now(), by: 'root', type: 'roster' };
        saveFile(`roster-${fields.number}.json`, canonical(fields));
    };
    return (
        <article class="opened">
            <h3>{t('draft_title', { number: draft.number + 1 })}</h3>
            <p>{t('draft_help')}</p>
            <pre dir="ltr" tabIndex={0}>mizan sign statement offline/root.key roster-{draft.number + 1}.json &gt; signed.json</pre>
            <div class="row">
                <Button main words={t('draft_save')} work={save} />
                <Button words={t('draft_drop')} work={drop} />
            </div>
        </article>
    );
}

/** The roster that the root signed comes back here, on a live site with the oversight body's endorsement. */
function Bring({ me }: { me: Me }) {
    const [roster, setRoster] = useState<Envelope | null>(null);
    const [endorsement, setEndorsement] = useState<Envelope | null>(null);
    const [done, setDone] = useState<{ number: number; counts_at: number } | null>(null);
    const read = async (file: File | undefined) => (file ? await readJson<Envelope>(file) : null);
    const bring = async (one: Envelope) => {
        const { number } = await readEnvelope<Roster>(one);
        const adoption = await signAs(me, 'roster_adoption', { number, roster_hash: await sha256(one.statement) });
        setDone(await call<{ number: number; counts_at: number }>('POST', '/roster', { adoption, roster: one, endorsement }));
    };
    return (
        <details>
            <summary>{t('roster_bring')}</summary>
            <div class="column">
                <FileField words={t('roster_signed')} accept=".json" choose={async (file) => setRoster(await read(file))} />
                {me.oversight_key && <FileField words={t('roster_endorsed')} accept=".json" choose={async (file) => setEndorsement(await read(file))} />}
                <Button main words={t('roster_bring_now')} disabled={!roster} work={() => roster && bring(roster)} />
                {done && <p class="good" role="status">✓ {t('roster_brought', { number: done.number, at: day(done.counts_at) })}</p>}
            </div>
        </details>
    );
}

/** At once, without waiting for a roster: the key signs nothing more, its sessions and presence are over. */
function Suspend({ me, subjects }: { me: Me; subjects: [string, string][] }) {
    const [subject, setSubject] = useState('');
    const [reason, setReason] = useState('');
    const [done, setDone] = useState('');
    const suspend = async () => {
        await act(me, '/suspensions', 'suspension', { subject, reason });
        setDone(t('suspended', { subject: isolated(shortCode(subject)) }));
    };
    return (
        <details>
            <summary>{t('lost_device')}</summary>
            <p>{t('lost_device_help')}</p>
            <div class="row">
                <Choice words={t('suspend_whose')} options={subjects} value={subject} onChange={setSubject} none={t('choose')} />
                <Choice words={t('reason')} options={['lost_device', 'left', 'replaced', 'other']} value={reason} onChange={setReason} none={t('choose')} />
                <Button danger words={t('suspend')} disabled={!subject || !reason} work={suspend} />
            </div>
            {done && <p class="good" role="status">✓ {done}</p>}
        </details>
    );
}

/** Who may sign what: the roster as the root signed it, and a draft of the next one for the root to sign offline. */
export function Officers({ me }: { me: Me }) {
    const { value: roster, problem } = useRoster(me);
    const [draft, setDraft] = useState<Roster | null>(null);
    const [envelope, setEnvelope] = useState<Envelope | null>(null);
    const [wanted, setWanted] = useState('');
    if (problem) return <section><p class="problem" role="alert">{problem}</p></section>;
    if (!roster) return <section><p class="quiet">{t('loading')}</p></section>;
    const shown = draft ?? roster;
    const change = async (to: Roster) => {
        setEnvelope((await call<{ envelope: Envelope }>('GET', '/roster')).envelope);
        setDraft(to);
    };
    const without = (officer: string) => change({ ...shown, officers: shown.officers.filter((one) => one.officer !== officer) });
    const officers = shown.officers.filter((one) => `${JSON.stringify(one)} ${shortCode(one.officer)} ${one.roles.map(said).join(' ')}`.toLowerCase().includes(wanted.trim().toLowerCase()));
    const isNew = (officer: string) => !roster.officers.some((one) => one.officer === officer);
    return (
        <>
            <Section title={t('tab_officers')}>
                <p class="quiet">{t('roster_number', { number: roster.number, count: roster.officers.length })} {t('roster_holds')}</p>
                <h3>{t('request_title')}</h3>
                <Accept me={me} draft={shown} change={change} />
                {draft && envelope && <Draft draft={draft} envelope={envelope} drop={() => setDraft(null)} />}
                <Bring me={me} />
            </Section>
            <Section title={t('roster')}>
                <Suspend me={me} subjects={[...roster.officers.map((one): [string, string] => [one.officer, `${officerCode(one.officer, one.service_number)} · ${together(one.roles.map(said))}`]),
                    ...roster.units.map((one): [string, string] => [one.unit, `${t('unit')} ${nameOf(one.unit)}`]),
                    ...roster.stations.map((one): [string, string] => [one.station, `${t('station')} ${nameOf(one.station)}`])]} />
                <Field words={t('find_officer')} value={wanted} onChange={setWanted} />
                <div class="wide" tabIndex={0} role="region" aria-label={t('roster')}>
                    <table class="stacks">
                        <thead><tr><th scope="col">{t('officer')}</th><th scope="col">{t('roles')}</th><th scope="col">{t('office')}</th><th scope="col">{t('key')}</th><th scope="col"><span class="unseen">{t('change')}</span></th></tr></thead>
                        <tbody>{officers.map((one) => (
                            <tr key={one.officer}>
                                <td><Ltr>{officerCode(one.officer, one.service_number)}</Ltr> {isNew(one.officer) && <State code="requested" />}</td>
                                <td>{together(one.roles.map(said))}</td><td data-of={t('office')}><Ltr>{shortCode(one.office)}</Ltr></td><td data-of={t('key')}><Ltr>{shortKey(one.key)}</Ltr></td>
                                <td>{one.officer !== me.officer && <Button words={t('take_out')} of={officerCode(one.officer, one.service_number)} work={() => without(one.officer)} />}</td>
                            </tr>
                        ))}</tbody>
                    </table>
                </div>
                <Posts roster={shown} change={change} />
            </Section>
        </>
    );
}
