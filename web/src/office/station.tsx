import { useState } from 'preact/hooks';
import { openPacket, sha256, unbase64, type Case } from '../../statement.js';
import { shortCode, type Alert } from '../alerts';
import { act, call, type Me } from '../desk';
import { useAnswer } from '../hooks';
import { Blank, Button, Figure, Ltr, saveFile, Section } from '../parts';
import { date, day, said, t, together } from '../words';

interface HandOver {
    person: { name: string; cnic?: string }; cases: Case[]; marking: string; reviews: { statement: string }[]; earlier_rejections: unknown;
    pictures: { face: string; enrolled: string }; sighting: { score_e6: number; threshold_e6: number; others: { entry: string; score_e6: number }[]; decided_us: number };
    pack_hash: string; checkpoint: string;
}
interface Opened { packet: HandOver; hash: string; sealed: string }

const jpeg = (base: string): string => URL.createObjectURL(new Blob([unbase64(base)], { type: 'image/jpeg' }));

function Evidence({ packet }: { packet: HandOver }) {
    const [face] = useState(() => jpeg(packet.pictures.face));
    const [enrolled] = useState(() => jpeg(packet.pictures.enrolled));
    const answers = together(packet.reviews.map((one) => said((JSON.parse(one.statement) as { answer: string }).answer)));
    return (
        <>
            {packet.marking && <p class="marking" lang="en" dir="ltr">{packet.marking}</p>}
            <p class="line"><strong class="lead">{packet.person.name}</strong> {packet.person.cnic && <Ltr>{packet.person.cnic}</Ltr>}</p>
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

function Receive({ me, alert }: { me: Me; alert: Alert }) {
    const [opened, setOpened] = useState<Opened | null>(null);
    const [saved, setSaved] = useState(false);
    const open = async () => {
        if (!me.device) throw new Error(t('no_device_key'));
        const sealed = await call<{ packet: string; handover_hash: string }>('GET', `/handovers/${alert.alert}`);
        if ((await sha256(unbase64(sealed.packet))) !== sealed.handover_hash) throw new Error(t('handover_changed'));
        setOpened({ packet: await openPacket<HandOver>(sealed.packet, me.device, `handover:${alert.alert}`), hash: sealed.handover_hash, sealed: sealed.packet });
    };
    return (
        <Section title={`${t('alert')} ${shortCode(alert.alert)}: ${said(alert.state)}`}>
            {alert.state === 'handed_over' && !opened && <><p>{t('handover_waits')}</p><Button main words={t('open_handover')} work={open} /></>}
            {alert.state === 'received' && <p class="good">✓ {t('receipt_signed')}</p>}
            {opened && (
                <>
                    <Evidence packet={opened.packet} />
                    <p class="quiet">{t('handover_hash')} <span class="root"><Ltr>{opened.hash}</Ltr></span></p>
                    <p class="quiet">{t('receipt_means')}</p>
                    <div class="row">
                        <Button main={!saved} words={t('save_sealed')} work={() => {
                            saveFile(`handover-${shortCode(alert.alert)}.json`, JSON.stringify({ alert: alert.alert, handover_hash: opened.hash, packet: opened.sealed }));
                            setSaved(true);
                        }} />
                        {alert.state === 'handed_over' && <Button main={saved} words={t('sign_receipt')} disabled={!saved} work={async () => {
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
    const { value } = useAnswer<{ alerts: Alert[] }>('/alerts');
    const alerts = value?.alerts ?? [];
    if (value && alerts.length === 0) return <Blank words={t('no_handover')} more={t('wakes_up')} />;
    return <>{alerts.map((one) => <Receive key={one.alert} me={me} alert={one} />)}</>;
}
