import { useEffect, useState } from 'preact/hooks';
import { newDeviceKey, openKeyFile, openPacket, readEnvelope, sealKeyFile, unbase64, type DeviceKey, type Envelope, type KeyFile } from '../../statement.js';
import { shortCode } from '../alerts';
import { act, type Me } from '../desk';
import { useAnswer } from '../hooks';
import { Blank, Button, Choice, Field, Figure, FileField, Ltr, NotHeard, readJson, saveFile, Section } from '../parts';
import { rowsOf, type Fields, type Sayings } from './stated';
import { date, Objection, said, t } from '../words';

interface Copy { copy: string; of: string; expires_at: number }
type Content = Record<string, unknown>;

const SHORTEST = 12;

/**
 * The private half leaves this page in the sealed file alone; the public one goes into the roster, by the root's hand. What is sealed
 * to it opens with nothing else: its number is told once the file that was saved has been opened with what the body remembers.
 */
function MakeKey() {
    const [passphrase, setPassphrase] = useState('');
    const [again, setAgain] = useState('');
    const [made, setMade] = useState('');
    const [opens, setOpens] = useState(false);
    const make = async () => {
        if (passphrase !== again) throw new Objection('passphrases_differ');
        const device = await newDeviceKey(true);
        saveFile('body-key.json', JSON.stringify(await sealKeyFile({}, null, device, passphrase)));
        setPassphrase('');
        setAgain('');
        setOpens(false);
        setMade(device.public);
    };
    const prove = (device: DeviceKey) => {
        if (device.public !== made) throw new Objection('copy_another_file');
        setOpens(true);
    };
    return (
        <details>
            <summary>{t('copy_make')}</summary>
            <p class="quiet">{t('copy_make_help')}</p>
            <div class="row">
                <Field words={t('copy_passphrase')} type="password" value={passphrase} onChange={setPassphrase} autocomplete="new-password" />
                <Field words={t('once_more')} type="password" value={again} onChange={setAgain} autocomplete="new-password" />
                <Button words={t('copy_make_now')} disabled={passphrase.length < SHORTEST || !again} work={make} />
            </div>
            {made && !opens && <><p role="status">{t('copy_prove')}</p><OpenKey file={t('copy_saved_file')} words={t('copy_prove_now')} done={prove} /></>}
            {opens && <p role="status">✓ {t('copy_made')} <span class="root"><Ltr>{made}</Ltr></span></p>}
        </details>
    );
}

/** The body's key: in the inspector's own browser, or in a file that only this page opens. The desk never has it. */
function OpenKey({ file: asked, words, done }: { file: string; words: string; done: (key: DeviceKey) => void }) {
    const [file, setFile] = useState<KeyFile | null>(null);
    const [passphrase, setPassphrase] = useState('');
    const open = async () => {
        if (!file) throw new Objection('choose_key_file');
        const { device } = await openKeyFile(file, passphrase);
        if (!device) throw new Objection('copy_no_key');
        done(device);
    };
    return (
        <div class="row">
            <FileField words={asked} accept=".json" choose={async (chosen) => setFile(chosen ? await readJson<KeyFile>(chosen) : null)} />
            <Field words={t('passphrase')} type="password" value={passphrase} onChange={setPassphrase} />
            <Button words={words} disabled={!file} work={open} />
        </div>
    );
}

/** Whichever key is in use, another can take its place: the first one may be the wrong body's. */
export function OversightKey({ deviceKey, use }: { deviceKey: DeviceKey | null; use: (key: DeviceKey | null) => void }) {
    if (!deviceKey) return <><OpenKey file={t('copy_key')} words={t('copy_use_key')} done={use} /><MakeKey /></>;
    return <div class="row between"><p class="good">✓ {t('copy_key_here')}</p><Button words={t('copy_other_key')} work={() => use(null)} /></div>;
}

const isPicture = (value: unknown): value is string => typeof value === 'string' && value.startsWith('/9j/');

function Picture({ base, caption }: { base: string; caption: string }) {
    const [url, setUrl] = useState('');
    useEffect(() => {
        const made = URL.createObjectURL(new Blob([unbase64(base)], { type: 'image/jpeg' }));
        setUrl(made);
        return () => URL.revokeObjectURL(made);
    }, [base]);
    return url ? <Figure src={url} caption={caption} /> : null;
}

const isStatement = (value: unknown): value is Envelope => typeof (value as Envelope | null)?.statement === 'string';

/** Fields that hold codes, in the page's words. */
const sayings: Sayings = Object.fromEntries(['outcome', 'harm', 'force', 'means', 'answer', 'matter', 'finding', 'state', 'reason'].map((field) => [field, (code: string) => said(code)]));

function Rows({ me, fields }: { me: Me; fields: Fields }) {
    return <dl>{rowsOf(fields, me.serviceNumbers, sayings).map(({ path, name, text }) => [<dt key={path}>{name}</dt>, <dd><bdi>{text}</bdi></dd>])}</dl>;
}

/** What somebody signed, read as it was signed; by whose key, this device sees for itself. */
function Signed({ me, envelope }: { me: Me; envelope: Envelope }) {
    const [holds, setHolds] = useState<boolean | null>(null);
    useEffect(() => void readEnvelope(envelope).then(() => setHolds(true), () => setHolds(false)), [envelope]);
    const fields = JSON.parse(envelope.statement) as Fields & { type: string };
    return (
        <details>
            <summary>{said(fields.type)} {holds === null ? '' : holds ? `✓ ${t('signature_holds')}` : `⚠ ${t('signature_fails')}`}</summary>
            <Rows me={me} fields={fields} />
        </details>
    );
}

/** Pictures, then what the desk noted, then all that was signed. */
function Opened({ me, content }: { me: Me; content: Content }) {
    const all = Object.entries(content).flatMap(([name, value]) => (Array.isArray(value) && value.some(isStatement) ? value.map((one, i) => [`${name}.${i}`, one as unknown] as const) : [[name, value] as const]));
    const pictures = all.filter(([, value]) => isPicture(value));
    const signed = all.filter(([, value]) => isStatement(value));
    const rest = all.filter(([, value]) => !isPicture(value) && !isStatement(value));
    const stored = rest.filter(([, value]) => typeof value === 'object' && value !== null);
    return (
        <article class="opened">
            {pictures.length > 0 && <div class="faces">{pictures.map(([name, value]) => <Picture key={name} base={String(value)} caption={said(name)} />)}</div>}
            <Rows me={me} fields={Object.fromEntries(rest.filter((one) => !stored.includes(one)))} />
            {signed.map(([name, value]) => <Signed key={name} me={me} envelope={value as Envelope} />)}
            {stored.map(([name, value]) => <details key={name}><summary>{said(name)}</summary><pre dir="ltr" tabIndex={0}>{JSON.stringify(value, null, 2)}</pre></details>)}
        </article>
    );
}

function One({ me, one, deviceKey }: { me: Me; one: Copy; deviceKey: DeviceKey | null }) {
    const [reason, setReason] = useState('');
    const [content, setContent] = useState<Content | null>(null);
    const open = async () => {
        if (!deviceKey) throw new Objection('copy_key_first');
        const { context, sealed } = await act<{ context: string; sealed: string }>(me, `/copies/${one.copy}/opening`, 'copy_opening', { copy: one.copy, reason });
        setContent(await openPacket<Content>(sealed, deviceKey, context));
    };
    return (
        <li>
            <div class="row between">
                <span class="line"><strong><Ltr>{shortCode(one.copy)}</Ltr></strong> <span>{said(one.of)}</span> <span class="quiet">{t('expires')} <Ltr>{date(one.expires_at)}</Ltr></span></span>
                {content ? <Button words={t('close_entry')} work={() => setContent(null)} /> : (
                    <span class="row">
                        <Choice words={t('copy_reason')} options={['routine', 'wrong_stop', 'harm', 'complaint', 'court']} value={reason} onChange={setReason} none={t('choose')} />
                        <Button words={t('open_entry')} disabled={!reason} work={open} />
                    </span>
                )}
            </div>
            {content && <Opened me={me} content={content} />}
        </li>
    );
}

/** Sealed to oversight, opened on this device only; each look is a record. */
export function Copies({ me }: { me: Me }) {
    const heard = useAnswer<{ copies: Copy[] }>('/copies');
    const { value, problem } = heard;
    const [key, setKey] = useState(me.device);
    const all = value?.copies ?? [];
    return (
        <Section title={t('tab_copies')}>
            <p class="quiet">{t('copies_help')}</p>
            <OversightKey deviceKey={key} use={setKey} />
            <NotHeard what={t('tab_copies')} of={heard} />
            {value && !problem && all.length === 0 && <Blank words={t('no_copies')} />}
            <ul class="list">{all.map((one) => <One key={one.copy} me={me} one={one} deviceKey={key} />)}</ul>
        </Section>
    );
}
