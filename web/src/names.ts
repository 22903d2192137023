// What units and stations are called, by the roster that this device has believed; their ids are drawn and say nothing.
import type { Roster } from '../statement.js';
import { shortCode } from './alerts';

const names = new Map<string, string>();

export function noteNames({ units, stations }: Pick<Roster, 'units' | 'stations'>): void {
    names.clear();
    for (const one of units) names.set(one.unit, one.name ?? '');
    for (const one of stations) names.set(one.station, one.name ?? '');
}

export const withName = (id: string, name: string | undefined): string => [name, shortCode(id)].filter(Boolean).join(' · ');
/** A unit or a station as people call it, with its code. */
export const nameOf = (id: string): string => withName(id, names.get(id));
