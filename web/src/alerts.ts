// Alerts as the desk shows them to one person; what is absent is not for that person's eyes.
import type { Case, Envelope, Place } from '../statement.js';
import { deskNow } from './time';

export interface Alert {
    alert: string; state: string; outcome?: string;
    passage?: string; pictures_hash?: string; place?: Place; raised_at?: number; look_s?: number; answered?: boolean; answer_by?: number;
    agreed_at?: number; dispatch_until?: number; unit?: string; units?: { unit: string; distance_m?: number }[]; entry?: string;
    person?: { name?: string }; cases?: Case[]; unreviewed?: number; concurrence_asked?: string; asked_by?: string; outcome_hash?: string; missing?: 'adult' | 'minor'; outcome_statement?: Envelope; told?: string; packet?: string; dies_at?: number; steered?: boolean; stopped_at?: number; register?: boolean; times_us?: { stopped?: number }; slip?: string; slip_text?: string; slip_proof?: string; earlier_slip?: string;
    newer_place?: boolean; near_pair?: boolean; recall?: string; recall_word?: string; amended?: string;
}

/** Taken back, or told of something, and the crew has not said that it knows. */
export const isUnheard = (one: Alert): boolean => one.recall === 'told' || one.recall === 'escalated';

const STOP_LIMIT_S = 600;
/** When the ten minutes of a stop are over, of an alert whose crew has stopped somebody. */
export const stopEnds = (one: Alert): number | undefined => {
    const stopped = one.stopped_at ?? (one.times_us?.stopped ?? 0) / 1e6;
    return one.state === 'stopped' && stopped ? Math.floor(stopped) + STOP_LIMIT_S : undefined;
};
export const isTooLong = (one: Alert): boolean => deskNow() >= (stopEnds(one) ?? Infinity);

export const features = ['face_shape', 'forehead', 'brows', 'eyes', 'nose', 'mouth', 'chin', 'ears', 'hair', 'beard', 'scar', 'glasses', 'age'] as const;
export const travels = ['unknown', 'on_foot', 'motorcycle', 'rickshaw', 'car'] as const;
export const colours = ['unknown', 'black', 'white', 'grey', 'red', 'blue', 'green', 'yellow', 'brown'] as const;
export const clothings = ['unknown', 'shalwar_kameez', 'trousers_shirt', 'burqa', 'jacket', 'uniform'] as const;
export const headings = ['unknown', 'north', 'east', 'south', 'west', 'standing'] as const;
/** The gravest last. */
export const harms = ['none', 'resistance', 'injury', 'firearm', 'death'] as const;
export const forces = ['none', 'self_defence', 'protection_of_others', 'overcame_resistance', 'prevented_escape'] as const;
export const means = ['none', 'cnic_verified', 'document_and_officer'] as const;
/** What somebody is taken along for who is not in custody for the entry's case. */
export const matters = ['another_fir', 'another_warrant', 'offence_in_stop'] as const;
export const outcomes = ['wrong_person', 'right_person_not_wanted', 'identity_not_established', 'right_person_no_action', 'other_custody',
    'custody', 'found_safe', 'contact_declined'] as const;
/** Of the missing only: nobody else is taken off the list by being well. */
export const forMissing = ['found_safe', 'contact_declined'] as const;
export const fitting = (alert: Alert, codes: readonly string[]): readonly string[] => codes.filter((one) => alert.missing || !forMissing.some((is) => is === one));
/** How a stop ends of somebody whom an earlier slip shows to be another person. */
export const cleared = ['wrong_person', 'other_custody'] as const;
export const missed = ['not_found', 'lost', 'not_stopped'] as const;
export const haltReasons = ['safety', 'wrong_person', 'technical', 'legal', 'other'] as const;

export const shortCode = (id: string): string => id.slice(-4).toUpperCase();
/** An officer as colleagues find them: by the code, and by the service number where the roster has one. */
export const officerCode = (officer: string, serviceNumber: string | undefined): string => [shortCode(officer), serviceNumber].filter(Boolean).join(' · ');
