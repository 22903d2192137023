import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { LogProblem, readExport, type Verified } from '../../proof.js';
import { call, type Me } from '../desk';
import { Button, Field, Ltr, Section } from '../parts';
import { day, t, type Word } from '../words';

let current: Verified | null = null;
let logKey = '';

/** The log's key as it was given, or the desk's word for it. */
export const usedLogKey = (): string => logKey;

export const saying = (problem: unknown): Error => (problem instanceof LogProblem ? new Error(t(problem.code as Word, problem.values)) : (problem as Error));

/** Trusts nobody: what the desk exports is checked here, against the log's public key, before anything is shown of it. */
export function WithLog({ me, title, help, children }: { me: Me; title: string; help: string; children: (log: Verified) => ComponentChildren }) {
    const [log, setLog] = useState(current);
    const [key, setKey] = useState(logKey);
    const read = async () => {
        current = null;
        setLog(null);
        logKey = key.trim() || (await call<{ log_key: string }>('GET', '/site')).log_key;
        const reply = await fetch('/api/v1/log');
        if (!reply.ok) throw new Error(t('desk_answered', { status: reply.status }));
        current = await readExport(await reply.text(), logKey, me.site).catch((problem: unknown) => {
            throw saying(problem);
        });
        setLog(current);
    };
    return (
        <Section title={title}>
            <p class="quiet">{help}</p>
            <div class="row">
                <Field words={t('log_key')} value={key} onChange={setKey} ltr help={t('log_key_help')} />
                <Button main={!log} words={log ? t('log_again') : t('log_verify')} work={read} />
            </div>
            {log && (
                <>
                    <p class="lead good" role="status">✓ {t('log_holds', { count: log.size })} <Ltr>{day(log.signed)}</Ltr></p>
                    <p class="quiet root"><Ltr>{log.root}</Ltr></p>
                    {children(log)}
                </>
            )}
        </Section>
    );
}
