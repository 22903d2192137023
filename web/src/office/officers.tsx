import { useState } from 'preact/hooks';
import { canonical, newId, readEnvelope, sha256, type Envelope, type Roster, type RosterOfficer } from '../../statement.js';
import { officerCode, shortCode } from '../alerts';
import { act, call, signAs, type Me } from '../desk';
import { fingerprintOf, shortKey } from '../keys';
import { Button, Choice, Field, FileField, Ltr, saveFile, Section, State, Tick } from '../parts';
import { day, isolated, now, Objection, said, t, tell, together } from '../words';
import { useRoster } from './roster';

interface Enrolment { type: string; site: string; by: string; name: string; service_number: string; role: string; unit: string; station: string; device_key: string }
interface Request { fields: Enrolment; key: string; fingerprint: string }

/** A request that its own key signed: whoever made it holds the key. Whose key it is, two people find out by comparing digits. */
async function readRequest(text: string, site: string): Promise<Request> {
    const envelope = JSON.parse(text) as Envelope;
    const fields = await readEnvelope<Enrolment>(envelope);
    if (fields.type !== 'enrolment' || fields.site !== site) throw new Objection('request_other_site');
    return { fields, key: envelope.key, fingerprint: await fingerprintOf(envelope.key, fields.device_key) };
}

function Accept({ me, draft, change }: { me: Me; draft: Roster; change: (to: Roster) => void }) {
    const [request, setRequest] = useState<Request | null>(null);
    const [problem, setProblem] = useState('');
    const [office, setOffice] = useState('');
    const [same, setSame] = useState(false);
    const isTheirs = (one: RosterOfficer) => one.service_number?.toLowerCase() === request?.fields.service_number?.toLowerCase();
    const other = request?.fields.service_number ? draft.officers.find((one) => isTheirs(one) && one.officer !== request.fields.by) : undefined;
    const offices = [...new Set(draft.officers.map((one) => one.office))];
    const choose = async (file: File | undefined) => {
        setRequest(null);
        setSame(false);
        setProblem('');
        if (file) await readRequest(await file.text(), me.site).then(setRequest, (reason: unknown) => setProblem(tell(reason)));
    };
    const accept = (one: Request) => {
        const { fields } = one;
        const posts = [fields.unit, fields.station].filter(Boolean);
        const officer = { officer: fields.by, office: office === 'new' ? newId('f') : office, roles: [fields.role], posts, key: one.key,
            ...(fields.service_number && { service_number: fields.service_number }) };
        change({ ...draft, officers: [...draft.officers.filter((other) => other.officer !== fields.by), officer],
            units: fields.unit ? [...draft.units.filter((other) => other.unit !== fields.unit), { unit: fields.unit, key: fields.device_key }] : draft.units,
            stations: fields.station ? [...draft.stations.filter((other) => other.station !== fields.station), { station: fields.station, key: fields.device_key }] : draft.stations });
        setRequest(null);
    };
    return (
        <div class="column">
            <FileField words={t('request_file')} accept=".json" choose={choose} />
            {problem && <p class="problem" role="alert">{problem}</p>}
            {request && (
                <article class="opened">
                    <p class="lead"><bdi>{request.fields.name}</bdi> · {said(request.fields.role)}{request.fields.service_number && <> · <Ltr>{request.fields.service_number}</Ltr></>}</p>
                    {other && <p class="problem" role="alert">{t('request_other_code')} <Ltr>{other.officer}</Ltr></p>}
                    <p>{t('request_compare')}</p>
                    <p class="code"><Ltr>{request.fingerprint}</Ltr></p>
                    <Choice words={t('office')} options={[...offices.map((one): [string, string] => [one, shortCode(one)]), ['new', t('office_new')]]} value={office} onChange={setOffice} none={t('choose')} />
                    <Tick words={t('request_same')} value={same} onChange={setSame} />
                    <Button main words={t('request_accept')} disabled={!same || !office || other !== undefined} work={() => accept(request)} />
                </article>
            )}
        </div>
    );
}

function Draft({ draft, envelope, change }: { draft: Roster; envelope: Envelope; change: (to: Roster | null) => void }) {
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
                <Button words={t('draft_drop')} work={() => change(null)} />
            </div>
        </article>
    );
}

/** The roster that the root signed comes back here, on a live site with the oversight body's endorsement. */
function Bring({ me }: { me: Me }) {
    const [roster, setRoster] = useState<Envelope | null>(null);
    const [endorsement, setEndorsement] = useState<Envelope | null>(null);
    const [done, setDone] = useState<{ number: number; counts_at: number } | null>(null);
    const read = async (file: File | undefined) => (file ? (JSON.parse(await file.text()) as Envelope) : null);
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
    const { roster, problem } = useRoster(me);
    const [draft, setDraft] = useState<Roster | null>(null);
    const [envelope, setEnvelope] = useState<Envelope | null>(null);
    const [wanted, setWanted] = useState('');
    if (problem) return <section><p class="problem" role="alert">{problem}</p></section>;
    if (!roster) return <section><p class="quiet">{t('loading')}</p></section>;
    const shown = draft ?? roster;
    const change = async (to: Roster | null) => {
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
                <Accept me={me} draft={shown} change={(to) => void change(to)} />
                {draft && envelope && <Draft draft={draft} envelope={envelope} change={(to) => void change(to)} />}
                <Bring me={me} />
            </Section>
            <Section title={t('roster')}>
                <Suspend me={me} subjects={[...roster.officers.map((one): [string, string] => [one.officer, `${officerCode(one.officer, one.service_number)} · ${together(one.roles.map(said))}`]),
                    ...roster.units.map((one): [string, string] => [one.unit, `${t('unit')} ${shortCode(one.unit)}`]),
                    ...roster.stations.map((one): [string, string] => [one.station, `${t('station')} ${shortCode(one.station)}`])]} />
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
                <p class="quiet">{t('units')}: <Ltr>{shown.units.map((one) => shortCode(one.unit)).join(', ') || '–'}</Ltr> · {t('stations')}: <Ltr>{shown.stations.map((one) => shortCode(one.station)).join(', ') || '–'}</Ltr></p>
            </Section>
        </>
    );
}
