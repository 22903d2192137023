import { useState } from 'preact/hooks';
import { checkHandover, type HandOver } from '../../handover.js';
import { canonical, openPacket, sha256, unbase64 } from '../../statement.js';
import { shortCode, type Alert } from '../alerts';
import { act, call, type Me } from '../desk';
import { useAnswer } from '../hooks';
import { Blank, Button, Figure, Ltr, NotHeard, saveFile, Section } from '../parts';
import { date, day, isolated, Objection, said, t, tell, together } from '../words';
import { saying, useLogKey, type LogKey } from './verified';

interface Sealed { packet: string; handover_hash: string; packets: { station: string; handover_hash: string }[] }
/** `given`: by the log's key from outside, not by the desk's own word. */
interface Checked { records: number; statements: number; given: boolean }
/** `wrong`: what does not hold in it; it can then be kept for those who find out why, and nobody signs for it. */
interface Opened { packet: HandOver; hash: string; sealed: string; checked: Checked | null; wrong: string }

const jpeg = (base: string): string => URL.createObjectURL(new Blob([unbase64(base)], { type: 'image/jpeg' }));

function Evidence({ packet }: { packet: HandOver }) {
    const [face] = useState(() => jpeg(packet.pictures.face));
    const [enrolled] = useState(() => jpeg(packet.pictures.enrolled));
    const answers = together(packet.reviews.map((one) => said((JSON.parse(one.statement) as { answer: string }).answer)));
    return (
        <>
            {packet.marking && <p class="marking" lang="en" dir="ltr">{packet.marking}</p>}
            <p class="line"><strong class="lead"><bdi>{packet.person.name}</bdi></strong> {packet.person.cnic && <Ltr>{packet.person.cnic}</Ltr>}</p>
            <ul class="plain">{packet.cases.map((one) => <li key={one.case}>{said(one.kind)} <Ltr>{one.number} · {one.section} · {date(one.dated)}</Ltr></li>)}</ul>
            <p class="warn">{t('face_recognition_used')}</p>
            <div class="two">
                <div class="faces"><Figure src={face} caption={t('seen_by_camera')} /><Figure src={enrolled} caption={t('enrolled_photograph')} /></div>
                <dl>
                    <dt>{t('decided_at')}</dt><dd><Ltr>{day(packet.sighting.decided_us / 1e6)}</Ltr></dd>
                    <dt>{t('used_pack')}</dt><dd><Ltr>{packet.pack_hash.slice(0, 16)}</Ltr></dd>
                    <dt>{t('used_threshold')}</dt><dd><Ltr>{(packet.sighting.threshold_e6 / 1e6).toFixed(3)}</Ltr></dd>
                    <dt>{t('reviewers_said')}</dt><dd>{answers}</dd>
                    <dt>{t('other_candidates')}</dt><dd><Ltr>{packet.sighting.others.map((one) => shortCode(one.entry)).join(', ') || '–'}</Ltr></dd>
                    <dt>{t('earlier_rejections')}</dt><dd><Ltr>{JSON.stringify(packet.earlier_rejections)}</Ltr></dd>
                </dl>
            </div>
        </>
    );
}

/** Trusts nobody, like the crew's page: signatures, pictures and the log's proofs are checked here before anybody signs for them. */
async function openChecked(me: Me, alert: string, useKey: LogKey['use']): Promise<Opened> {
    if (!me.device) throw new Objection('no_device_key');
    const { packet: sealed, handover_hash: hash, packets } = await call<Sealed>('GET', `/handovers/${alert}`);
    if ((await sha256(unbase64(sealed))) !== hash) throw new Objection('handover_changed');
    const packet = await openPacket<HandOver>(sealed, me.device, `handover:${alert}`);
    const station = packets.find((one) => one.handover_hash === hash)?.station ?? '';
    const { key: logKey, given } = await useKey();
    return checkHandover(packet, { alert, station, site: me.site, rootKey: me.root_key, oversightKey: me.oversight_key, logKey }).then(
        (checked) => ({ packet, hash, sealed, checked: { ...checked, given }, wrong: '' }),
        (problem: unknown) => ({ packet, hash, sealed, checked: null, wrong: tell(saying(problem)) }));
}

/** How the person was found and how sure that is, with the pictures, and without other persons' entries and officers' names. */
async function saveForDefence({ disclosure, pictures }: HandOver, alert: string): Promise<void> {
    saveFile(`disclosure-${shortCode(alert)}.json`, JSON.stringify({ disclosure, disclosure_hash: await sha256(canonical(disclosure, true)), pictures }));
}

function Receive({ me, alert, useKey }: { me: Me; alert: Alert; useKey: LogKey['use'] }) {
    const [opened, setOpened] = useState<Opened | null>(null);
    const [saved, setSaved] = useState(false);
    const open = async () => setOpened(await openChecked(me, alert.alert, useKey));
    return (
        <Section title={`${t('alert')} ${isolated(shortCode(alert.alert))}: ${said(alert.state)}`}>
            {alert.state === 'handed_over' && !opened?.checked && <><p>{t('handover_waits')}</p><Button main words={t('open_handover')} work={open} /></>}
            {alert.state === 'received' && <p class="good">✓ {t('receipt_signed')}</p>}
            {opened && (
                <>
                    {opened.checked
                        ? <p class={opened.checked.given ? 'good' : 'warn'} role="status">{opened.checked.given ? '✓' : '⚠'} {t(opened.checked.given ? 'handover_checked' : 'handover_checked_own',
                            { statements: opened.checked.statements, records: opened.checked.records })}</p>
                        : <p class="problem" role="alert">{t('handover_wrong')} {opened.wrong}</p>}
                    {opened.checked && <Evidence packet={opened.packet} />}
                    <p class="quiet">{t('handover_hash')} <span class="root"><Ltr>{opened.hash}</Ltr></span></p>
                    <p class="quiet">{t(opened.checked ? 'receipt_means' : 'handover_wrong_cure')}</p>
                    <div class="row">
                        <Button main={!saved} words={t('save_sealed')} work={() => {
                            saveFile(`handover-${shortCode(alert.alert)}.json`, JSON.stringify({ alert: alert.alert, handover_hash: opened.hash, packet: opened.sealed }));
                            setSaved(true);
                        }} />
                        {opened.checked && <Button words={t('save_disclosure')} work={() => saveForDefence(opened.packet, alert.alert)} />}
                        {alert.state === 'handed_over' && opened.checked && <Button main={saved} words={t('sign_receipt')} disabled={!saved} work={async () => {
                            await act(me, `/alerts/${alert.alert}/receipt`, 'receipt', { alert: alert.alert, handover_hash: opened.hash });
                            setOpened(null);
                        }} />}
                    </div>
                </>
            )}
        </Section>
    );
}

export function Station({ me }: { me: Me }) {
    const heard = useAnswer<{ alerts: Alert[] }>('/alerts');
    const logKey = useLogKey(me);
    const { value, problem } = heard;
    const alerts = value?.alerts ?? [];
    if (value && !problem && alerts.length === 0) return <Blank words={t('no_handover')} more={t('wakes_up')} />;
    return (
        <>
            <NotHeard what={t('tab_handovers')} of={heard} />
            {alerts.length > 0 && logKey.field}
            {alerts.map((one) => <Receive key={one.alert} me={me} alert={one} useKey={logKey.use} />)}
        </>
    );
}
