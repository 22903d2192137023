import { useEffect, useState } from 'preact/hooks';
import type { Roster } from '../../statement.js';
import type { Me } from '../desk';
import { tell } from '../words';
import { believedRoster } from '../sign-in';

/** The roster, once it was found to be the pinned root's. */
export function useRoster(me: Me): { roster: Roster | null; problem: string } {
    const [found, setFound] = useState<{ roster: Roster | null; problem: string }>({ roster: null, problem: '' });
    useEffect(() => {
        believedRoster(me).then((roster) => setFound({ roster, problem: '' }), (problem: unknown) => setFound({ roster: null, problem: tell(problem) }));
    }, [me]);
    return found;
}

export const useStations = (me: Me): string[] => (useRoster(me).roster?.stations ?? []).map((one) => one.station);
