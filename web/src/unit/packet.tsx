import { useEffect, useState } from 'preact/hooks';
import { checkPacket, openPacket, Refusal, unbase64, type Packet, type PacketEnds, type Seen } from '../../statement.js';
import type { Alert } from '../alerts';
import { call, type Me } from '../desk';
import { useGiven, useSecond } from '../hooks';
import { newestRoster } from '../keys';
import { Figure } from '../parts';
import { latestNow, now } from '../time';
import { Objection, said, t } from '../words';

/** What the crew reads beside the packet's own is what the dispatcher signed, never what the desk says of it. */
export interface Checked { packet: Packet; seen: Seen }

/**
 * The packet opened with this device's key, after everything that vouches for it was checked here; until then nothing, and nothing
 * again from the second it dies, whether there is a signal or not.
 */
export function usePacket(me: Me, alert: Alert): { checked: Checked | null; problem: string } {
    const [ends, setEnds] = useState<{ of: string | undefined; at: PacketEnds } | null>(null);
    useSecond();
    const accepted = alert.state !== 'dispatched';
    const died = ends !== null && ends.of === alert.packet && ends.at[accepted ? 'accepted' : 'unaccepted'] <= latestNow();
    const open = async () => {
        if (died) throw new Refusal('this packet has died');
        if (!me.device) throw new Objection('no_device_key');
        const sealed = await call<{ packet: string }>('GET', `/packets/${alert.alert}`);
        const packet = await openPacket(sealed.packet, me.device, `packet:${alert.alert}`);
        // Who was removed since then vouches for nothing any more.
        const { suspended } = await call<{ suspended: string[] }>('GET', '/roster');
        const { ends: at, seen } = await checkPacket(packet, { suspended, alert: alert.alert, unit: me.unit, rootKey: me.root_key, oversightKey: me.oversight_key,
            leastNumber: await newestRoster(me.root_key), now: now(), accepted });
        setEnds({ of: alert.packet, at });
        return { packet, seen };
    };
    const { value: checked, problem } = useGiven(open, `${alert.alert} ${alert.packet} ${died}`);
    return { checked, problem };
}

function usePicture(base: string): string {
    const [url, setUrl] = useState('');
    useEffect(() => {
        const made = URL.createObjectURL(new Blob([unbase64(base)], { type: 'image/jpeg' }));
        setUrl(made);
        return () => URL.revokeObjectURL(made);
    }, [base]);
    return url;
}

/** Whose alert this is not, on a demonstration site; it stays when the rest is folded away. */
export const Marking = ({ packet }: { packet: Packet }) => (packet.marking ? <p class="marking" lang="en" dir="ltr">{packet.marking}</p> : null);

export function PacketView({ packet, seen }: Checked) {
    const face = usePicture(packet.pictures.face);
    const enrolled = usePicture(packet.pictures.enrolled);
    const words = Object.entries(seen).filter(([, value]) => value !== 'unknown' && value !== false)
        .map(([name, value]) => (value === true ? said(name) : said(String(value)))).join(' · ');
    return (
        <div class="packet">
            <Marking packet={packet} />
            <p><strong>{t('two_say_same')}.</strong> {t('lead_not_identity')}</p>
            <div class="faces">
                {face && <Figure src={face} caption={t('seen_by_camera')} />}
                {enrolled && <Figure src={enrolled} caption={t('enrolled_photograph')} />}
            </div>
            <div class="about">
                <p class="where"><small>{t('last_seen')}</small><strong><bdi>{packet.place.name}</bdi></strong>{words && <span>{words}</span>}</p>
                <p class="where"><small>{t('person')}</small><strong><bdi>{packet.person.name}</bdi></strong><span><bdi>{packet.person.description}</bdi></span></p>
            </div>
        </div>
    );
}
