import { useEffect, useState } from 'preact/hooks';
import { readEnvelope, type Envelope, type Roster } from '../../statement.js';
import { call, type Me } from '../desk';
import { t } from '../words';

/** The stations of the roster, which has to carry the pinned root's signature. */
export function useStations(me: Me): string[] {
    const [stations, setStations] = useState<string[]>([]);
    useEffect(() => {
        void call<{ envelope: Envelope }>('GET', '/roster').then(async ({ envelope }) => {
            if (envelope.key !== me.root_key) throw new Error(t('roster_not_signed'));
            setStations((await readEnvelope<Roster>(envelope)).stations.map((one) => one.station));
        });
    }, [me]);
    return stations;
}

export const secondsOf = (date: string): number => Math.floor(new Date(date).getTime() / 1000);
