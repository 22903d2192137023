// The public numbers, counted from the verified log alone, the way the desk's own report does (docs/log.md).
import type { Leaf } from '../../proof.js';
import { harms } from '../alerts';

export const stages = ['raised', 'agreed', 'dispatched', 'accepted', 'on_scene', 'stopped', 'closed'] as const;
/** `outcome` holds; `first` is what was recorded before two offices amended it. */
export interface AlertCount { alert: string; operation: string; at: Partial<Record<string, number>>; outcome: string; first: string; amended: number; unrecorded: boolean; harm: string; same: number; different: number; cannot_tell: number; disagreed: number }
/** Answers about pairs whose answer was known before; such a pair is no alert. */
export interface PlantedCount { pairs: number; answers: number; wrong: number; [name: string]: number }
export interface OperationCount { operation: string; state: string; starts_at: number; ends_at: number; list_size: number; purpose: string; alerts: AlertCount[]; wrongStops: number; planted: PlantedCount }

const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const number = (value: unknown): number => (typeof value === 'number' ? value : 0);

/** Said when the crew signs and again when the outcome counts; an alert has the gravest. */
const graver = (one: string, other: string): string => ([...harms].reverse().find((harm) => harm === one || harm === other) ?? one);

function countAlerts(leaves: Leaf[]): AlertCount[] {
    const alerts = new Map<string, AlertCount>();
    for (const leaf of leaves) {
        const id = text(leaf.alert);
        if (!id) continue;
        const one = alerts.get(id) ?? { alert: id, operation: '', at: {}, outcome: '', first: '', amended: 0, unrecorded: false, harm: 'none', same: 0, different: 0, cannot_tell: 0, disagreed: 0 };
        alerts.set(id, one);
        if (leaf.kind === 'alert_raised') one.operation = text(leaf.operation);
        const stage = leaf.kind.replace(/^alert_/, '');
        if (leaf.kind.startsWith('alert_') && (stages as readonly string[]).includes(stage)) one.at[stage] ??= leaf.at;
        if (leaf.kind === 'alert_closed') one.outcome = one.first = text(leaf.outcome);
        if (leaf.kind === 'outcome_not_recorded') one.unrecorded = true;
        if (leaf.kind === 'outcome_amended') {
            one.outcome = text(leaf.outcome);
            one.amended = leaf.seq;
        }
        if (['concurrence_asked', 'outcome_given'].includes(leaf.kind)) one.harm = graver(one.harm, text(leaf.harm));
        if (leaf.kind === 'reviews_counted') {
            for (const answer of ['same', 'different', 'cannot_tell'] as const) one[answer] += number(leaf[answer]);
            // Who cannot tell contradicts nobody.
            if (number(leaf.same) > 0 && number(leaf.different) > 0) one.disagreed++;
        }
    }
    return [...alerts.values()];
}

function addPair(planted: PlantedCount, leaf: Leaf): void {
    if (leaf.pair !== 'same' && leaf.pair !== 'different') return;
    planted.pairs++;
    planted.answers += number(leaf.same) + number(leaf.different) + number(leaf.cannot_tell);
    planted.wrong += number(leaf[leaf.pair === 'same' ? 'different' : 'same']);
}

export function countOperations(leaves: Leaf[]): OperationCount[] {
    const alerts = countAlerts(leaves);
    const found = new Map<string, OperationCount>();
    for (const leaf of leaves) {
        if (leaf.kind === 'operation_terms')
            found.set(text(leaf.operation), { operation: text(leaf.operation), state: '', starts_at: number(leaf.starts_at), ends_at: number(leaf.ends_at),
                list_size: number(leaf.list_size), purpose: text(leaf.purpose), alerts: [], wrongStops: 0, planted: { pairs: 0, answers: 0, wrong: 0 } });
        const known = found.get(text(leaf.operation));
        const state = /^operation_(requested|authorised|running|paused|halted|ended|wiped|refused|cancelled)$/.exec(leaf.kind)?.[1];
        if (known && state) known.state = state;
        if (known && leaf.kind === 'pair_reviewed') addPair(known.planted, leaf);
    }
    for (const one of found.values()) {
        one.alerts = alerts.filter((alert) => alert.operation === one.operation);
        one.wrongStops = one.alerts.filter((alert) => alert.outcome === 'wrong_person').length;
    }
    return [...found.values()].sort((a, b) => b.starts_at - a.starts_at);
}

export const share = (sorted: number[], percent: number): number => sorted[Math.min(sorted.length - 1, Math.ceil((sorted.length * percent) / 100) - 1)] ?? 0;

export interface StageCount { from: string; to: string; count: number; median_s: number; p90_s: number; longest_s: number }
export function countStages(alerts: AlertCount[]): StageCount[] {
    return stages.slice(1).map((to, i) => {
        const from = stages[i] ?? '';
        const seconds = alerts.flatMap(({ at }) => (at[from] !== undefined && at[to] !== undefined ? [(at[to] ?? 0) - (at[from] ?? 0)] : [])).sort((a, b) => a - b);
        return { from, to, count: seconds.length, median_s: share(seconds, 50), p90_s: share(seconds, 90), longest_s: seconds.at(-1) ?? 0 };
    });
}

export interface ReviewerCount { officer: string; drawn: number; answered: number; passedOn: number; median_s: number }
/** Reviewers by the log: how often drawn, answered, too late. What they answered is in no record that names them. */
export function countReviewers(leaves: Leaf[]): ReviewerCount[] {
    const found = new Map<string, ReviewerCount & { seconds: number[]; drawnAt: Map<string, number> }>();
    const of = (officer: string) => {
        const one = found.get(officer) ?? { officer, drawn: 0, answered: 0, passedOn: 0, median_s: 0, seconds: [], drawnAt: new Map<string, number>() };
        found.set(officer, one);
        return one;
    };
    for (const leaf of leaves) {
        const key = `${text(leaf.alert)}:${text(leaf.passage)}`;
        if (leaf.kind === 'reviewer_drawn') {
            const one = of(text(leaf.officer));
            one.drawn++;
            one.drawnAt.set(key, leaf.at);
        } else if (leaf.kind === 'review_received') {
            const one = of(leaf.by);
            one.answered++;
            const drawn = one.drawnAt.get(key);
            if (drawn !== undefined) one.seconds.push(leaf.at - drawn);
        } else if (leaf.kind === 'review_passed_on' && text(leaf.officer)) of(text(leaf.officer)).passedOn++;
    }
    return [...found.values()].map(({ seconds, drawnAt: _, ...one }) => ({ ...one, median_s: share(seconds.sort((a, b) => a - b), 50) }))
        .sort((a, b) => b.drawn - a.drawn);
}
