import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';
import { goesOn, LogProblem, readExport, type Verified } from '../../proof.js';
import { call, type Me } from '../desk';
import { Button, Field, Grave, Ltr, saveFile, Section } from '../parts';
import { day, Objection, t, type Word } from '../words';

/** With the key it was verified by: `given` by this person, or the desk's own word. */
export interface Checked extends Verified { exported: string; key: string; given: boolean; officer: string }
let current: Checked | null = null;

export const saying = (problem: unknown): Error => (problem instanceof LogProblem ? new Objection(problem.code as Word, problem.values) : (problem as Error));

export interface LogKey { field: JSX.Element; use: () => Promise<{ key: string; given: boolean }> }

/** The log's public key, best from this person's own papers: this browser keeps what was given, for whom gave it. */
export function useLogKey(me: Me): LogKey {
    const name = `mizan-log-key-${me.site}-${me.officer}`;
    const [typed, setTyped] = useState(localStorage.getItem(name) ?? '');
    const use = async () => {
        const given = typed.trim();
        localStorage.setItem(name, given);
        return { key: given || (await call<{ log_key: string }>('GET', '/site')).log_key, given: given !== '' };
    };
    return { field: <Field words={t('log_key')} value={typed} onChange={setTyped} ltr help={t('log_key_help')} />, use };
}

/** `note` is the signed one itself: what convicts a desk that signs another log later. */
interface Seen { size: number; root: string; signed: number; note?: string }
const seenName = (site: string) => `mizan-checkpoint-${site}`;

/** What this browser last verified of the log; public, so that it may stay here. */
const seenBefore = (site: string) => JSON.parse(localStorage.getItem(seenName(site)) ?? 'null') as Seen | null;

interface Fork { exported: string; other: string; name: string; check: string }

/** Two logs that one key signed and no honest desk has: both leave this browser, so that anybody can check it. */
export function Evidence({ exported, other, name, check }: Fork) {
    return (
        <>
            <p class="quiet">{t('fork_evidence')}</p>
            <div class="row">
                {other && <Button words={t('fork_save_other')} work={() => saveFile(name, other)} />}
                <Button words={t('fork_save_log')} work={() => saveFile('log.export', exported)} />
            </div>
            <p class="quiet"><Ltr>{check}</Ltr></p>
        </>
    );
}

const breaks = new Set(['log_rolled_back', 'log_forked']);

/** Trusts nobody: what the desk exports is checked here, against the log's public key, before anything is shown of it. */
export function WithLog({ me, title, help, children }: { me: Me; title: string; help: string; children: (log: Checked) => ComponentChildren }) {
    const [log, setLog] = useState(current?.officer === me.officer ? current : null);
    const logKey = useLogKey(me);
    const [seen, setSeen] = useState<Seen | null>(null);
    const [contradicts, setContradicts] = useState<Fork | null>(null);
    const read = async () => {
        current = null;
        setLog(null);
        setContradicts(null);
        const { key, given } = await logKey.use();
        const reply = await fetch('/api/v1/log');
        if (!reply.ok) throw new Objection('desk_answered', { status: reply.status });
        const exported = await reply.text();
        const before = seenBefore(me.site);
        try {
            const verified = await readExport(exported, key, me.site);
            if (before) await goesOn(verified, before);
            current = { ...verified, exported, key, given, officer: me.officer };
        } catch (problem) {
            if (problem instanceof LogProblem && breaks.has(problem.code))
                setContradicts({ exported, other: before?.note ?? '', name: 'earlier.note', check: 'mizan audit verify log.export --key log-key.pub --since earlier.note' });
            throw saying(problem);
        }
        const { size, root, signed, checkpoint: note } = current;
        localStorage.setItem(seenName(me.site), JSON.stringify({ size, root, signed, note } satisfies Seen));
        setSeen(before);
        setLog(current);
    };
    return (
        <Section title={title}>
            <p class="quiet">{help}</p>
            <div class="row">
                {logKey.field}
                <Button main={!log} words={log ? t('log_again') : t('log_verify')} work={read} />
            </div>
            {contradicts && (
                <>
                    <p class="quiet">{t('log_contradicts')}</p>
                    <Evidence {...contradicts} />
                    <Grave words={t('log_forget_seen')} means={t('log_forget_means')} work={() => {
                        localStorage.removeItem(seenName(me.site));
                        setContradicts(null);
                    }} />
                </>
            )}
            {log && (
                <>
                    {log.given ? <p class="lead good" role="status">✓ {t('log_holds', { count: log.size })} <Ltr>{day(log.signed)}</Ltr></p>
                        : <p class="lead warn" role="status">⚠ {t('log_holds_own', { count: log.size })} <Ltr>{day(log.signed)}</Ltr></p>}
                    {seen && <p class="quiet">✓ {t('log_goes_on', { count: seen.size })} <Ltr>{day(seen.signed)}</Ltr></p>}
                    <p class="quiet root"><Ltr>{log.root}</Ltr></p>
                    {children(log)}
                </>
            )}
        </Section>
    );
}
