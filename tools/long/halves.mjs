// Looks for half changes in what a killed desk has left in its database: in a copy, before a start could mend anything.
import fs from 'node:fs';
import path from 'node:path';
import { execFileSync } from 'node:child_process';

const states = ['raised', 'agreed', 'dispatched', 'accepted', 'on_scene', 'stopped', 'closed', 'handed_over', 'received'];
const listed = (words) => words.map((one) => `'${one}'`).join(', ');

/** The log as a table. */
const tables = `WITH log AS (SELECT seq, leaf ->> 'kind' AS kind, leaf ->> 'alert' AS alert, leaf ->> 'operation' AS operation, leaf ->> 'entry' AS entry,
    leaf ->> 'outcome' AS outcome, leaf ->> 'signed' AS signed FROM ledger_leaf),
  moves AS (SELECT seq, alert, substr(kind, 7) AS state, outcome FROM log WHERE kind IN (${listed(states.map((one) => `alert_${one}`))})),
  taken AS (SELECT row.entry FROM moves JOIN alert AS row USING (alert) WHERE moves.state = 'closed' AND moves.outcome = 'custody')`;

/** Whatever these find is half a change; in these runs nothing but custody withdraws an entry. */
export const halves = {
    'an alert is in another state than its log says':
        'SELECT alert FROM alert WHERE state IS NOT (SELECT state FROM moves WHERE moves.alert = alert.alert ORDER BY seq DESC LIMIT 1)',
    'an alert of the log has no row': 'SELECT alert FROM moves WHERE alert NOT IN (SELECT alert FROM alert)',
    'an entry is withdrawn without custody, or not withdrawn with it':
        "SELECT entry FROM entry WHERE (state = 'withdrawn') <> (entry IN (SELECT entry FROM taken))",
    'an entry is withdrawn without its record, or not with it, or twice':
        "SELECT entry FROM entry WHERE (state = 'withdrawn') <> (SELECT count(*) FROM log WHERE kind = 'entry_withdrawn' AND log.entry = entry.entry)",
    'a custody has no pictures before its receipt, or some after it':
        `SELECT alert FROM alert WHERE outcome = 'custody' AND (state <> 'received') <> EXISTS
         (SELECT 1 FROM alert_passage JOIN alert_picture USING (passage) WHERE alert_passage.alert = alert.alert)`,
    'a picture is left without its passage': 'SELECT passage FROM alert_picture WHERE passage NOT IN (SELECT passage FROM alert_passage)',
    'there are hand-over packets of what is not handed over, or none of what is':
        "SELECT alert FROM alert WHERE (state = 'handed_over') <> (alert IN (SELECT alert FROM alert_handover))",
    'pictures are erased without the record, or not with it, or twice':
        "SELECT alert FROM alert WHERE erased <> (SELECT count(*) FROM log WHERE kind = 'alert_pictures_erased' AND log.alert = alert.alert)",
    'a statement is kept that no record names, or named and not kept':
        `SELECT alert FROM alert WHERE (SELECT count(*) FROM alert_statement AS kept WHERE kept.alert = alert.alert) <>
         (SELECT count(DISTINCT signed) FROM log WHERE log.alert = alert.alert)`,
    'an operation is wiped without the record, or not with it, or twice':
        "SELECT operation FROM operation WHERE wiped <> (SELECT count(*) FROM log WHERE kind = 'operation_wiped' AND log.operation = operation.operation)",
    'something of a wiped operation is left':
        `SELECT operation FROM operation WHERE wiped = 1 AND (operation IN (SELECT operation FROM operation_gallery) OR
         operation IN (SELECT operation FROM operation_statement) OR 'operation/' || operation IN (SELECT key_name FROM ledger_private))`,
    'the key of a wiped operation is neither destroyed nor about to be':
        `SELECT operation FROM log AS wipe WHERE kind = 'operation_wiped' AND 'operation/' || operation NOT IN (SELECT key_name FROM ledger_erasure) AND
         NOT EXISTS (SELECT 1 FROM log WHERE kind = 'keys_destroyed' AND log.seq > wipe.seq)`,
};

/** The desk of this folder does not run. Throws, naming what is half. */
export function lookForHalves(folder) {
    const copy = path.join(folder, 'left.db');
    for (const end of ['', '-wal']) if (fs.existsSync(path.join(folder, `site.db${end}`))) fs.copyFileSync(path.join(folder, `site.db${end}`), copy + end);
    const queries = Object.entries(halves).map(([words, sql]) => `${tables}, found(what) AS (${sql}) SELECT DISTINCT '${words}: ' || what FROM found;`);
    const found = execFileSync('sqlite3', [copy, queries.join('\n')], { encoding: 'utf8' }).trim();
    for (const end of ['', '-wal', '-shm']) fs.rmSync(copy + end, { force: true });
    if (found) throw new Error(`half a change: ${found}`);
}
