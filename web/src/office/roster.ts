import type { Roster } from '../../statement.js';
import type { Me } from '../desk';
import { useGiven, type Answer } from '../hooks';
import { believedRoster } from '../sign-in';

/** The roster, once it was found to be the pinned root's. */
export const useRoster = (me: Me): Answer<Roster> => useGiven(() => believedRoster(me), me.officer);
