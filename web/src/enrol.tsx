import { useEffect, useState } from 'preact/hooks';
import { newDeviceKey, newId, newSigningKey, signStatement, type Envelope } from '../statement.js';
import { call } from './desk';
import { canKeepKeys, fingerprintOf, keepKeys, keepsForGood, shortKey, type OwnKeys } from './keys';
import { Button, Choice, Field, Ltr, saveFile } from './parts';
import { now } from './time';
import { t } from './words';

const roles = ['reviewer', 'dispatcher', 'crew', 'watch_officer', 'authoriser', 'station', 'auditor', 'outside_signer', 'inspector', 'admin'] as const;
/** Whom no force numbers. */
const outside = new Set(['outside_signer', 'inspector', 'auditor']);

/** What the officer takes to the administrator, as long as nobody signed in with it: the request, and the digits that both compare. */
export function Made({ keys, request }: { keys: OwnKeys; request: Envelope }) {
    const [fingerprint, setFingerprint] = useState('');
    const [good, setGood] = useState(true);
    useEffect(() => {
        void fingerprintOf(keys.signing.public, keys.device?.public ?? '').then(setFingerprint);
        void keepsForGood().then(setGood);
    }, [keys]);
    return (
        <div class="column">
            <p class="lead" role="status">✓ {t('enrol_made')}</p>
            <p>{t('enrol_compare')}</p>
            <p class="code"><Ltr>{fingerprint}</Ltr></p>
            <Button main words={t('enrol_save')} work={() => saveFile(`mizan-request-${keys.officer}.json`, JSON.stringify(request))} />
            {!good && <p class="warn">⚠ {t('enrol_may_go')}</p>}
            <p class="quiet">{t('enrol_root')} <Ltr>{shortKey(keys.root_key)}</Ltr></p>
            <p class="quiet">{t('enrol_then')}</p>
        </div>
    );
}

/** An officer makes keys on this device; only their public halves ever leave it, in a request that the officer signs. */
export function Enrol() {
    const [able, setAble] = useState<boolean | null>(null);
    const [name, setName] = useState('');
    const [serviceNumber, setServiceNumber] = useState('');
    const [before, setBefore] = useState('');
    const [role, setRole] = useState('');
    const [oversight, setOversight] = useState('');
    const [made, setMade] = useState<OwnKeys | null>(null);
    useEffect(() => void canKeepKeys().then(setAble), []);
    const make = async () => {
        const site = await call<{ site: string; kind: string; root_key: string }>('GET', '/site');
        const officer = before || newId('o');
        const signing = await newSigningKey();
        const device = role === 'crew' || role === 'station' ? await newDeviceKey() : null;
        // Which unit or station it is, the administrator says: an officer may join one that is there.
        const envelope = await signStatement({ type: 'enrolment', site: site.site, by: officer, at: now(), name, service_number: serviceNumber, role,
            device_key: device?.public ?? '' }, signing);
        const keys = { officer, name, site: site.site, unit: '', root_key: site.root_key, oversight_key: oversight, signing, device, request: envelope };
        await keepKeys(keys);
        setMade(keys);
    };
    const isKnown = (serviceNumber ? /^[A-Za-z0-9/-]{2,24}$/.test(serviceNumber) : outside.has(role)) && /^(o-[0-9a-z]{16})?$/.test(before);
    if (able === false) return <p class="problem" role="alert">{t('enrol_unable')}</p>;
    if (made?.request) return <Made keys={made} request={made.request} />;
    return (
        <form class="column" onSubmit={(event) => event.preventDefault()}>
            <p class="quiet">{t('enrol_help')}</p>
            <Field words={t('your_name')} value={name} onChange={setName} />
            <Choice words={t('your_role')} options={roles} value={role} onChange={setRole} none={t('choose')} />
            <Field words={t('service_number')} value={serviceNumber} onChange={(to) => setServiceNumber(to.trim())} ltr help={t('service_number_help')} />
            <Field words={t('code_before')} value={before} onChange={(to) => setBefore(to.trim())} ltr help={t('code_before_help')} />
            <Field words={t('oversight_key')} value={oversight} onChange={setOversight} ltr help={t('oversight_key_help')} />
            <Button main words={t('enrol_make')} disabled={!name || !role || !able || !isKnown} work={make} />
        </form>
    );
}
