// What a crew signed and the desk has not answered yet. It outlives a killed tab and the session's end, and goes with the desk's
// answer, with the end of its alert, with its officer, and before another one comes in.
import type { Envelope } from '../statement.js';

export interface Pending { by: string; alert: string; path: string; envelope: Envelope }

/** Statements of ids and closed sets of words, and the number of a paper: none says who the person is. */
const kept = new Set(['acceptance', 'acknowledgement', 'arrival', 'concurrence', 'handover', 'outcome', 'stop']);
const place = 'mizan-pending';
const write = (all: Pending[]): void => (all.length > 0 ? sessionStorage.setItem(place, JSON.stringify(all)) : sessionStorage.removeItem(place));

export const pending = {
    all: (): Pending[] => JSON.parse(sessionStorage.getItem(place) ?? '[]') as Pending[],
    /** The newest of each step: what is signed anew takes the place of what was too old. */
    keep(path: string, envelope: Envelope): void {
        const { type, by, alert } = JSON.parse(envelope.statement) as { type: string; by: string; alert: string };
        if (kept.has(type)) write([...pending.all().filter((one) => one.path !== path), { by, alert, path, envelope }]);
    },
    has: (envelope: Envelope): boolean => pending.all().some((one) => one.envelope.signature === envelope.signature),
    drop: (envelope: Envelope): void => write(pending.all().filter((one) => one.envelope.signature !== envelope.signature)),
    eraseOf: (alert: string): void => write(pending.all().filter((one) => one.alert !== alert)),
    eraseOfOthers: (officer: string): void => write(pending.all().filter((one) => one.by === officer)),
    erase: (): void => write([]),
};
