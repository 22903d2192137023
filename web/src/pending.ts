// What a crew signed and the desk has not answered yet.
import type { Envelope } from '../statement.js';
import { shelf, type Kept } from './shelf';

export interface Pending extends Kept { path: string; envelope: Envelope }

/** Statements of ids and closed sets of words, and the number of a paper: none says who the person is. */
export const crewStatements = new Set(['acceptance', 'acknowledgement', 'arrival', 'concurrence', 'handover', 'outcome', 'stop']);
const isPending = (row: Kept): row is Pending => 'envelope' in row;
const isOf = (envelope: Envelope) => (row: Kept): boolean => isPending(row) && row.envelope.signature === envelope.signature;

export const pending = {
    all: (): Pending[] => shelf.all().map(([, row]) => row).filter(isPending),
    /** The newest of each step: what is signed anew takes the place of what was too old. */
    async keep(path: string, envelope: Envelope): Promise<void> {
        const { type, by, alert } = JSON.parse(envelope.statement) as { type: string; by: string; alert: string };
        if (crewStatements.has(type)) await shelf.put(path, { by, alert, path, envelope } as Omit<Pending, 'at'>);
    },
    has: (envelope: Envelope): boolean => pending.all().some(isOf(envelope)),
    drop: (envelope: Envelope): unknown => shelf.drop(isOf(envelope)),
    eraseOf: (alert: string): unknown => shelf.drop((row) => isPending(row) && row.alert === alert),
};
