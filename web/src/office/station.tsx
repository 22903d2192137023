import { useState } from 'preact/hooks';
import { openPacket, type Case } from '../../statement.js';
import { shortCode, type Alert } from '../alerts';
import { act, call, type Me } from '../desk';
import { useAnswer } from '../hooks';
import { Button, Ltr, Section } from '../parts';
import { said, t } from '../words';

interface HandOver { person: { name: string; cnic?: string }; cases: Case[]; marking: string; reviews: unknown[] }

function Receive({ me, alert }: { me: Me; alert: Alert }) {
    const [opened, setOpened] = useState<{ packet: HandOver; hash: string } | null>(null);
    const open = async () => {
        if (!me.device) throw new Error(t('no_device_key'));
        const sealed = await call<{ packet: string; handover_hash: string }>('GET', `/handovers/${alert.alert}`);
        setOpened({ packet: await openPacket<HandOver>(sealed.packet, me.device, `handover:${alert.alert}`), hash: sealed.handover_hash });
    };
    return (
        <Section title={`${t('alert')} ${shortCode(alert.alert)}: ${said(alert.state)}`}>
            {alert.state === 'handed_over' && !opened && <Button main words={t('open_handover')} work={open} />}
            {opened && (
                <>
                    {opened.packet.marking && <p class="marking">{opened.packet.marking}</p>}
                    <p><strong>{opened.packet.person.name}</strong></p>
                    <ul>{opened.packet.cases.map((one) => <li key={one.case}><Ltr>{one.number} · {one.section}</Ltr></li>)}</ul>
                    <p class="quiet">{t('face_recognition_used')}</p>
                    {alert.state === 'handed_over' && <Button main words={t('sign_receipt')} work={async () => {
                        await act(me, `/alerts/${alert.alert}/receipt`, 'receipt', { alert: alert.alert, handover_hash: opened.hash });
                        setOpened(null);
                    }} />}
                </>
            )}
        </Section>
    );
}

export function Station({ me }: { me: Me }) {
    const alerts = useAnswer<{ alerts: Alert[] }>('/alerts').value?.alerts ?? [];
    if (alerts.length === 0) return <section><p class="lead">{t('nothing_to_do')}</p><p class="quiet">{t('wakes_up')}</p></section>;
    return <>{alerts.map((one) => <Receive key={one.alert} me={me} alert={one} />)}</>;
}
