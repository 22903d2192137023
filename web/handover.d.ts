/* What handover.js gives; the file itself also runs in Node, unbuilt. */
import type { Case, Envelope } from './statement.js';
interface Proved { seq: number; leaf: string; proof: string[] }
export interface HandOver {
    alert: string; station: string; stations: string[]; stations_without_key: string[]; marking: string; pack_hash: string; list_size: number; report: Envelope | null;
    person: { name: string; cnic?: string }; cases: Case[]; earlier_rejections: number; checkpoint: string; records: Proved[]; standing: Proved[];
    pictures: { crops: { format: string; width: number; height: number; pixels: string }[]; face: string; enrolled: string };
    sighting: { passage: string; score_e6: number; threshold_e6: number; others: { entry: string; score_e6: number }[]; decided_us: number; pictures_hash: string; enrolled_hash: string };
    reviews: Envelope[]; outcomes: Envelope[]; concurrences: Envelope[]; handover: Envelope; roster: Envelope; endorsement?: Envelope;
    former_rosters: { roster: Envelope; endorsement?: Envelope }[]; disclosure: object;
}
export interface Expected { alert: string; station: string; site: string; rootKey: string; oversightKey?: string; logKey: string }
export function checkHandover(packet: HandOver, expected: Expected): Promise<{ records: number; statements: number }>;
