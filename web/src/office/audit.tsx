import { useState } from 'preact/hooks';
import { hex } from '../../statement.js';
import { inclusionPath, leadsToRoot, readProof, standingOf, type Leaf, type Proven as Foreign, type Verified } from '../../proof.js';
import type { Me } from '../desk';
import { Button, Choice, Field, FileField, Ltr, saveFile } from '../parts';
import { currentLanguage, day, t, tell } from '../words';
import records from '../words/records.json';
import { Evidence, saying, WithLog, type Checked } from './verified';

const own = new Set(['at', 'by', 'kind', 'seq', 'site', 'previous', 'commitment']);
const facts = (leaf: Leaf) => Object.entries(leaf).filter(([name]) => !own.has(name))
    .map(([name, value]) => `${name} ${typeof value === 'object' ? JSON.stringify(value) : String(value)}`).join(' · ');
const SHOWN = 200;

const phrases: Record<string, string[]> = records;
/** What happened, in words; the code itself stands in the record and its proof. */
const happened = (kind: string): string => phrases[kind]?.[currentLanguage() === 'ur' ? 1 : 0] ?? kind;

interface Proof { seq: number; path: string[]; holds: boolean }

/** The way from one record up to the signed root, gone here. */
async function prove(log: Verified, seq: number): Promise<Proof> {
    const path = await inclusionPath(log.hashes, seq);
    const root = Uint8Array.from(log.root.match(/../g) ?? [], (pair) => parseInt(pair, 16));
    const leaf = log.hashes[seq] ?? new Uint8Array();
    return { seq, path: path.map(hex), holds: await leadsToRoot(leaf, seq, log.size, path, root) };
}

function Proven({ log, proof }: { log: Verified; proof: Proof }) {
    return (
        <article class="opened">
            <p class={proof.holds ? 'lead good' : 'problem'} role="status">{proof.holds ? `✓ ${t('proof_holds', { seq: proof.seq, steps: proof.path.length })}` : t('log_bad_proof')}</p>
            <pre dir="ltr" tabIndex={0}>{log.lines[proof.seq]}</pre>
            <Button words={t('proof_save')} work={() => saveFile(`record-${proof.seq}.proof.json`,
                JSON.stringify({ proof: 'inclusion', seq: proof.seq, record: log.lines[proof.seq], hashes: proof.path, checkpoint: log.checkpoint }))} />
        </article>
    );
}

function Records({ log }: { log: Verified }) {
    const [wanted, setWanted] = useState('');
    const [kind, setKind] = useState('');
    const [proof, setProof] = useState<Proof | null>(null);
    const kinds = [...new Set(log.leaves.map((leaf) => leaf.kind))].map((kind): [string, string] => [kind, happened(kind)]).sort(([, a], [, b]) => a.localeCompare(b));
    const matching = log.leaves.filter((leaf) => (!kind || leaf.kind === kind) && (!wanted || JSON.stringify(leaf).includes(wanted))).reverse();
    return (
        <>
            <div class="fields">
                <Field words={t('log_search')} value={wanted} onChange={setWanted} ltr />
                <Choice words={t('log_kind')} options={kinds} value={kind} onChange={setKind} none={t('all_kinds')} />
            </div>
            {proof && <Proven log={log} proof={proof} />}
            <p class="quiet">{t('log_shown', { shown: Math.min(SHOWN, matching.length), all: matching.length })}</p>
            <div class="wide" tabIndex={0} role="region" aria-label={t('records')}>
                <table class="records">
                    <thead><tr><th scope="col">#</th><th scope="col">{t('log_at')}</th><th scope="col">{t('log_kind')}</th><th scope="col">{t('log_by')}</th><th scope="col">{t('log_facts')}</th></tr></thead>
                    <tbody dir="ltr">{matching.slice(0, SHOWN).map((leaf) => (
                        <tr key={leaf.seq}>
                            <td><button type="button" class="plain" aria-label={t('proof_of', { seq: leaf.seq })} onClick={() => void prove(log, leaf.seq).then(setProof)}>{leaf.seq}</button></td>
                            <td>{day(leaf.at)}</td><td><bdi>{happened(leaf.kind)}</bdi></td><td>{leaf.by}</td><td class="quiet">{facts(leaf)}</td>
                        </tr>
                    ))}</tbody>
                </table>
            </div>
        </>
    );
}

interface Told extends Foreign { standing: 'same' | 'newer' | 'forked'; text: string }

/** One log has one tree of each size: whoever shows another one signed two. */
function Standing({ log, told: { what, seq, size, standing, text } }: { log: Checked; told: Told }) {
    if (standing === 'newer') return <p class="warn" role="status">⚠ {t('proof_newer', { size, here: log.size })}</p>;
    if (standing === 'same') return <p class="good" role="status">✓ {t(what === 'inclusion' ? 'proof_inclusion' : 'proof_consistency', { seq, size })}</p>;
    return (
        <>
            <p class="lead problem" role="alert">▲ {t('proof_forked', { size, here: log.size })}</p>
            <Evidence exported={log.exported} other={text} name="other.proof.json" check="mizan audit check other.proof.json --key log-key.pub --log log.export" />
        </>
    );
}

/** A proof from a file, held against the log that was verified here: that a record is in it, or that it begins with another. */
function ForeignProof({ me, log }: { me: Me; log: Checked }) {
    const [told, setTold] = useState<Told | null>(null);
    const [problem, setProblem] = useState('');
    const read = async (file: File): Promise<Told> => {
        const text = await file.text();
        const found = await readProof(text, log.key, me.site);
        return { ...found, text, standing: await standingOf(log, found) };
    };
    const check = async (file: File | undefined) => {
        setTold(null);
        setProblem('');
        if (file) await read(file).then(setTold, (reason: unknown) => setProblem(tell(saying(reason))));
    };
    return (
        <details>
            <summary>{t('proof_check')}</summary>
            <FileField words={t('proof_file')} accept=".json" choose={check} />
            {told && <Standing log={log} told={told} />}
            {told?.record && <pre dir="ltr" tabIndex={0}>{told.record}</pre>}
            {problem && <p class="problem" role="alert">{problem}</p>}
        </details>
    );
}

export function Audit({ me }: { me: Me }) {
    return (
        <WithLog me={me} title={t('log')} help={t('log_help')}>
            {(log) => (
                <>
                    <Records log={log} />
                    <ForeignProof me={me} log={log} />
                    <Button words={t('log_save')} work={() => saveFile('log.export', log.exported)} />
                    <p class="quiet"><Ltr>mizan audit verify log.export --key log-key.pub</Ltr></p>
                </>
            )}
        </WithLog>
    );
}
