import { useState } from 'preact/hooks';
import { checkMarks } from '../../proof.js';
import { base64, openSealed, unbase64, type DeviceKey } from '../../statement.js';
import { shortCode } from '../alerts';
import { call, type Me } from '../desk';
import type { Operation } from '../control/operations';
import { useAnswer } from '../hooks';
import { Blank, Button, Choice, Field, Ltr, NotHeard } from '../parts';
import { cnicOf } from '../unit/stop';
import { date, isolated, said, t } from '../words';
import { OversightKey } from './copies';
import { useOlder, type Page } from './older';
import { saying, WithLog, type Checked } from './verified';

interface Tags { operation: string; tags: string; context: string; sealed_key: string }
interface Found { operation: string; listed: boolean; hash: string }

const TAG_SIZE = 32;

/** The tag of one number under the operation's key, which only oversight opens. */
async function tagOf(key: Uint8Array<ArrayBuffer>, cnic: string): Promise<string> {
    const hmac = await crypto.subtle.importKey('raw', key, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
    return base64(await crypto.subtle.sign('HMAC', hmac, new TextEncoder().encode(cnic)));
}

/** Asked and answered on this device: the number goes to nobody, and the marks are those of the log. */
async function look(log: Checked, operation: string, cnic: string, device: DeviceKey): Promise<Found> {
    const { tags, context, sealed_key } = await call<Tags>('GET', `/operations/${operation}/listed`);
    const all = unbase64(tags);
    const hash = await checkMarks(log, operation, all, unbase64(sealed_key)).catch((problem: unknown) => { throw saying(problem); });
    const wanted = await tagOf(await openSealed(sealed_key, device, context), cnic);
    const known = new Set<string>();
    for (let at = 0; at < all.length; at += TAG_SIZE) known.add(base64(all.slice(at, at + TAG_SIZE)));
    return { operation, listed: known.has(wanted), hash };
}

function Look({ me, log }: { me: Me; log: Checked }) {
    const heard = useAnswer<Page<'operations', Operation>>('/operations');
    const { value, problem } = heard;
    const { older, more } = useOlder('operations', value);
    const [key, setKey] = useState(me.device);
    const [operation, setOperation] = useState('');
    const [cnic, setCnic] = useState('');
    const [found, setFound] = useState<Found | null>(null);
    const all = [...(value?.operations ?? []), ...older];
    if (value && !problem && all.length === 0 && !more) return <Blank words={t('no_operation')} />;
    return (
        <>
            <NotHeard what={t('operations')} of={heard} />
            <OversightKey deviceKey={key} use={setKey} />
            <div class="fields">
                <Choice words={t('operation')} options={all.map((one): [string, string] => [one.operation, `${isolated(shortCode(one.operation))} · ${said(one.state)} · ${isolated(date(one.starts_at ?? 0))}`])}
                    value={operation} onChange={setOperation} none={t('choose')} />
                <Field words={t('card_number')} value={cnic} ltr inputMode="numeric" placeholder="42101-0000000-1" onChange={(to) => setCnic(cnicOf(to))} />
            </div>
            {more}
            <Button main words={t('listed_look')} disabled={!key || !operation || cnic.length !== 15} work={async () => {
                setFound(null);
                if (key) setFound(await look(log, operation, cnic, key));
                setCnic('');
            }} />
            {found && (
                <div role="status">
                    <p class={found.listed ? 'lead warn' : 'lead good'}>{found.listed ? `● ${t('listed_yes')}` : `○ ${t('listed_no')}`} <Ltr>{shortCode(found.operation)}</Ltr></p>
                    <p class="quiet">{t('listed_hash')} <Ltr>{found.hash.slice(0, 32)}</Ltr></p>
                </div>
            )}
        </>
    );
}

/** Was this person on an operation's list, long after the list was destroyed? */
export function Listed({ me }: { me: Me }) {
    return <WithLog me={me} title={t('tab_listed')} help={t('listed_help')}>{(log) => <Look me={me} log={log} />}</WithLog>;
}
