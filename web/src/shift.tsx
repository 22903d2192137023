import { useState } from 'preact/hooks';
import { hashOfShown, newId, type Envelope } from '../statement.js';
import { officerCode, shortCode } from './alerts';
import { act, type Me } from './desk';
import { useAnswer } from './hooks';
import { Button, Choice, Ltr, NotHeardApart, Section } from './parts';
import { believedRoster } from './sign-in';
import { said, t } from './words';

interface Item { item: string; kind: 'alert' | 'redress' | 'entry' | 'operation'; takers: string[] }
interface Offer { shift: string; giver: string; taker: string; items: string[]; handover_hash: string; handover: Envelope; at: number }
interface Shifts { items: Item[]; offers: Offer[]; unattended: string[] }

const hand = (me: Me, to: string, items: string[]) => act(me, '/shifts', 'shift_handover', { shift: newId('h'), to, items });
const Codes = ({ items }: { items: string[] }) => <Ltr>{items.map(shortCode).join(', ')}</Ltr>;

function Open({ me, items, offered }: { me: Me; items: Item[]; offered: Set<string> }) {
    const [to, setTo] = useState('');
    const free = items.filter((one) => !offered.has(one.item));
    const takers = [...new Set(free.flatMap((one) => one.takers))];
    const theirs = free.filter((one) => one.takers.includes(to)).map((one) => one.item);
    return (
        <div class="column">
            <ul>{items.map((one) => <li key={one.item}>{said(one.kind)} <Ltr>{shortCode(one.item)}</Ltr>{offered.has(one.item) ? ` · ${t('shift_offered')}` : one.takers.length === 0 ? ` · ${t('shift_nobody')}` : ''}</li>)}</ul>
            {takers.length > 0 && (
                <div class="row">
                    <Choice words={t('shift_to')} options={takers.map((one): [string, string] => [one, officerCode(one, me.serviceNumbers[one])])} value={to} onChange={setTo} none={t('choose')} />
                    <Button words={t('shift_hand')} disabled={theirs.length === 0} work={() => hand(me, to, theirs)} />
                </div>
            )}
        </div>
    );
}

function Offered({ me, offer }: { me: Me; offer: Offer }) {
    const { by, items } = JSON.parse(offer.handover.statement) as { by: string; items: string[] };
    const answer = async (word: string) => act(me, `/shifts/${offer.shift}/acceptance`, 'shift_acceptance', { shift: offer.shift, handover_hash: await hashOfShown(offer.handover,
        { type: 'shift_handover', site: me.site, about: { shift: offer.shift, to: me.officer }, stated: offer.handover_hash, role: '', roster: await believedRoster(me) }), answer: word });
    return (
        <div class="notice" role="status">
            <p>{t('shift_from')} <Ltr>{officerCode(by, me.serviceNumbers[by])}</Ltr>: <Codes items={items} /></p>
            <div class="row">
                <Button main words={t('shift_accept')} work={() => answer('accepted')} />
                <Button words={t('shift_refuse')} work={() => answer('refused')} />
            </div>
        </div>
    );
}

/** What others hand to me: it waits for my answer, so it stands above everything; so does that it is not known what is handed. */
export function ShiftOffers({ me }: { me: Me }) {
    const heard = useAnswer<Shifts>('/shifts');
    const offers = (heard.value?.offers ?? []).filter((one) => one.taker === me.officer);
    return <>{heard.problem && <NotHeardApart what={t('shift')} of={heard} />}{offers.map((one) => <Offered key={one.shift} me={me} offer={one} />)}</>;
}

/** What is open and mine, and whom it goes to when I leave. Nothing shows when there is nothing. */
export function Shift({ me }: { me: Me }) {
    const { value } = useAnswer<Shifts>('/shifts');
    if (!value || value.items.length + value.unattended.length === 0) return null;
    const offered = new Set(value.offers.filter((one) => one.giver === me.officer).flatMap((one) => one.items));
    return (
        <Section title={t('shift')}>
            {value.unattended.length > 0 && (
                <div class="row">
                    <p class="warn">⚠ {t('shift_unattended')} <Codes items={value.unattended} /></p>
                    <Button words={t('shift_take')} work={() => hand(me, me.officer, value.unattended)} />
                </div>
            )}
            {value.items.length > 0 && <Open me={me} items={value.items} offered={offered} />}
        </Section>
    );
}
