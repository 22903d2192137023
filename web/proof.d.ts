/* What proof.js gives; the file itself also runs in Node, unbuilt. */
export interface Leaf { at: number; by: string; kind: string; seq: number; site: string; previous: string; commitment: string; [field: string]: unknown }
export interface Verified { leaves: Leaf[]; lines: string[]; hashes: Uint8Array[]; checkpoint: string; root: string; size: number; signed: number }
export interface Proven { what: 'inclusion' | 'consistency'; size: number; seq: number; record: string; heads: { size: number; root: string }[] }
export class LogProblem extends Error { code: string; values: Record<string, number> }
export function leafHash(line: string): Promise<Uint8Array>;
export function rootOf(hashes: Uint8Array[], from?: number, to?: number): Promise<Uint8Array>;
export function inclusionPath(hashes: Uint8Array[], seq: number): Promise<Uint8Array[]>;
export function leadsToRoot(leaf: Uint8Array, seq: number, size: number, path: Uint8Array[], root: Uint8Array): Promise<boolean>;
export function beginsWith(oldSize: number, oldRoot: Uint8Array, size: number, root: Uint8Array, path: Uint8Array[]): Promise<boolean>;
export function readLeaf(line: string, seq: number): Leaf;
export function readCheckpoint(note: string, logKey: string, site: string): Promise<{ size: number; root: Uint8Array; signed: number }>;
export function readExport(exported: string, logKey: string, site: string): Promise<Verified>;
export function goesOn(log: Verified, seen: { size: number; root: string }): Promise<void>;
export function readProof(text: string, logKey: string, site: string): Promise<Proven>;
export function standingOf(log: Verified, proof: Proven): Promise<'same' | 'newer' | 'forked'>;
export function checkMarks(log: Verified, operation: string, marks: Uint8Array<ArrayBuffer>, sealedKey: Uint8Array<ArrayBuffer>): Promise<string>;
