import { useEffect, useState } from 'preact/hooks';
import { checkRoster, openKeyFile, unbase64, type Envelope, type KeyFile, type Roster, type RosterOfficer } from '../statement.js';
import { act, call, NoAnswer, session, signedOff, type Me } from './desk';
import { Enrol, Made } from './enrol';
import { forgetKeys, forgetRequest, newestRoster, noteRoster, type OwnKeys } from './keys';
import { noteNames } from './names';
import { Button, Field, FileField, Grave, readJson } from './parts';
import { MakePass, ShowPass, type Session } from './pass';
import { Waits } from './waits';
import { now } from './time';
import { named, Objection, t, tell } from './words';

export interface Given { file: KeyFile; passphrase: string }

/** A key file handed over in the address's fragment, which browsers never send; it is taken out of the address at once.
 *  The demonstration hands over the passphrase too. */
export function takeFragment(): Given | null {
    const fragment = new URLSearchParams(location.hash.slice(1));
    const found = fragment.get('key');
    if (!found) return null;
    history.replaceState(null, '', location.pathname);
    try {
        const file = JSON.parse(new TextDecoder().decode(unbase64(found))) as KeyFile;
        return { file, passphrase: fragment.get('passphrase') ?? '' };
    } catch {
        return null;
    }
}

/** The roster as this device may believe it: by the pinned root, on a live site endorsed by the pinned oversight body, none older than before. */
export async function believedRoster(me: Pick<Me, 'root_key' | 'oversight_key'>): Promise<Roster> {
    const { envelope, endorsement } = await call<{ envelope: Envelope; endorsement?: Envelope }>('GET', '/roster');
    const leastNumber = await newestRoster(me.root_key);
    const roster = await checkRoster(envelope, endorsement, { rootKey: me.root_key, oversightKey: me.oversight_key, now: now(), leastNumber });
    await noteRoster(me.root_key, roster.number);
    noteNames(roster);
    believed = { rootKey: me.root_key, roster };
    return roster;
}

let believed: { rootKey: string; roster: Roster } | null = null;

/** The same, or without a signal the one that this page believed last: whoever reads a statement in a dead spot can sign for it there. */
export async function rosterAtHand(me: Pick<Me, 'root_key' | 'oversight_key'>): Promise<Roster> {
    try {
        return await believedRoster(me);
    } catch (problem) {
        if (problem instanceof NoAnswer && believed?.rootKey === me.root_key) return believed.roster;
        throw problem;
    }
}

/** Signed in with the key; `session.needs` says what is missing yet. */
interface Begun { me: Me; session: Session }

async function beginSession(about: Omit<Me, 'roles' | 'office' | 'hasPass' | 'serviceNumbers' | 'until'>): Promise<Begun> {
    await signedOff();
    const me: Me = { ...about, roles: [], office: '', hasPass: false, serviceNumbers: {}, until: session.signal };
    const { challenge } = await call<{ challenge: string }>('POST', '/challenges', {});
    return { me, session: await act<Session>(me, '/sessions', 'sign_in', { challenge, unit: me.unit }) };
}

/** A device makes its key before its officer is posted anywhere: the unit is the one that the roster posts a crew to, as the desk takes it, too. */
function unitOf({ units }: Roster, own: RosterOfficer): string {
    const [unit, another] = units.filter((one) => own.roles.includes('crew') && own.posts.includes(one.unit));
    return another ? '' : (unit?.unit ?? '');
}

/** Believes the desk only when its roster is the one that this device was enrolled with. */
async function finishSession({ me, session: { roles, office } }: Begun, hasPass: boolean): Promise<Me> {
    const roster = await believedRoster(me);
    const own = roster.officers.find((one) => one.officer === me.officer);
    if (own?.key !== me.signing.public) throw new Objection('roster_without_me');
    const serviceNumbers = Object.fromEntries(roster.officers.map((one) => [one.officer, one.service_number ?? '']));
    return { ...me, unit: me.unit || unitOf(roster, own), roles, office, hasPass, serviceNumbers };
}

function KeyFileForm({ given, done }: { given: Given | null; done: (begun: Begun) => unknown }) {
    const [file, setFile] = useState(given?.file ?? null);
    const [passphrase, setPassphrase] = useState(given?.passphrase ?? '');
    const [problem, setProblem] = useState('');
    const enter = async () => {
        setProblem('');
        if (!file) throw new Objection('choose_key_file');
        const { signing, device } = await openKeyFile(file, passphrase);
        if (!signing) throw new Objection('choose_key_file');
        setPassphrase('');
        await done(await beginSession({ officer: file.officer, name: file.name, site: file.site, unit: file.unit ?? '', root_key: file.root_key,
            oversight_key: file.oversight_key ?? '', signing, device }));
    };
    useEffect(() => {
        if (given?.passphrase) enter().catch((reason: unknown) => {
            setPassphrase('');
            setProblem(tell(reason));
        });
    }, []);
    return (
        <form class="column" onSubmit={(event) => event.preventDefault()}>
            {problem && <p class="warn" role="alert">⚠ {problem}</p>}
            {!given && <FileField words={t('key_file')} accept=".json" choose={async (chosen) => setFile(chosen ? await readJson<KeyFile>(chosen) : null)} />}
            <Field words={t('passphrase')} type="password" value={passphrase} onChange={setPassphrase} />
            <Button words={t('sign_in')} main type="submit" work={enter} />
        </form>
    );
}

function OwnKey({ kept, done }: { kept: OwnKeys; done: (begun: Begun) => unknown }) {
    return (
        <div class="column">
            {kept.request && <Made keys={kept} request={kept.request} />}
            <Button words={t('sign_in')} main work={async () => {
                const begun = await beginSession(kept);
                if (kept.request) await forgetRequest(kept.root_key);
                await done(begun);
            }} />
            <Grave words={t('forget_key')} means={t('forget_key_means')} work={async () => {
                await forgetKeys();
                location.reload();
            }} />
        </div>
    );
}

/** What is missing beside the key. */
function Prove({ begun: { me, session }, done, back }: { begun: Begun; done: (session: Session) => unknown; back: () => void }) {
    return (
        <div class="entrance">
            <section class="sign-in">
                <h1>{session.needs === 'enrolment' ? t('make_pass') : t('sign_in_as', { name: named(me.name) })}</h1>
                {session.needs === 'pass' && <ShowPass roles={session.roles} done={done} />}
                {session.needs === 'enrolment' && <MakePass roles={session.roles} has={false} done={done} />}
                {session.needs === 'reset' && <p class="problem" role="alert">{t('pass_broken')} {t('two_reset')}</p>}
                <p class="ways"><button type="button" class="plain" onClick={back}>{t('back')}</button></p>
            </section>
        </div>
    );
}

type Way = 'own' | 'file' | 'enrol';

export function SignIn({ given, kept, done }: { given: Given | null; kept: OwnKeys | null; done: (me: Me) => unknown }) {
    const [way, setWay] = useState<Way>(kept ? 'own' : 'file');
    const [begun, setBegun] = useState<Begun | null>(null);
    const name = way === 'own' ? kept?.name : given?.file.name;
    const go = async (one: Begun) => (one.session.needs === 'nothing' ? done(await finishSession(one, false)) : setBegun(one));
    if (begun) return <Prove begun={begun} done={async (session) => done(await finishSession({ ...begun, session }, true))} back={() => setBegun(null)} />;
    return (
        <div class="entrance">
            <section class="sign-in">
                <h1>{way === 'enrol' ? t('enrol') : name ? t('sign_in_as', { name: named(name) }) : t('sign_in')}</h1>
                {way !== 'enrol' && <p class="quiet">{t('key_stays')}</p>}
                {way === 'own' && kept && <OwnKey kept={kept} done={go} />}
                {way === 'file' && <KeyFileForm given={given} done={go} />}
                {way === 'enrol' && <Enrol />}
                <Waits />
                {!given && (
                    <p class="ways">
                        {way !== 'own' && kept && <button type="button" class="plain" onClick={() => setWay('own')}>{t('sign_in_as', { name: named(kept.name) })}</button>}
                        {way !== 'file' && <button type="button" class="plain" onClick={() => setWay('file')}>{t('with_key_file')}</button>}
                        {way !== 'enrol' && !kept && <button type="button" class="plain" onClick={() => setWay('enrol')}>{t('enrol_here')}</button>}
                    </p>
                )}
            </section>
        </div>
    );
}
