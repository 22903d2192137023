/* What report.js gives; the file itself also runs in Node, unbuilt. */
import type { Leaf } from './proof.js';
export interface OperationReport { report: 'operation'; site: string; operation: string; first_record: number; last_record: number; [measure: string]: unknown }
export function reportOf(leaves: Leaf[], operation: string): OperationReport;
