import { useRef } from 'preact/hooks';
import type { Call } from './alarm';
import { call, type Me } from './desk';
import { useAnswer, useSecond } from './hooks';
import { Blank, Button, Ltr, NotHeard } from './parts';
import { deskNow } from './time';
import { clock, said, span, t } from './words';

interface Presence { reviewer_offices: number; dispatchers: number; units_free: number; enough: boolean; until: number }

export const usePresence = () => useAnswer<Presence>('/presence');
const SOON_S = 180;

/** Somebody whose presence ends without having left is told before it and after it: from then on nothing comes, and for want of people matching pauses. */
export function usePresenceCalls(): Call[] {
    const until = usePresence().value?.until ?? 0;
    const confirmed = useRef(0);
    if (until > 0) confirmed.current = until;
    else if (confirmed.current > deskNow()) confirmed.current = 0; // left, and not forgotten
    const left = confirmed.current - deskNow();
    if (confirmed.current === 0 || left > SOON_S) return [];
    return [left > 0 ? { key: `presence ends ${confirmed.current}`, words: t('presence_ends') } : { key: `presence over ${confirmed.current}`, words: t('presence_over') }];
}

/** Nothing waits; and whether anything can come. */
export function Idle({ words }: { words: string }) {
    const room = usePresence().value;
    useSecond();
    return <Blank words={words} more={room && room.until <= deskNow() ? t('nothing_comes') : t('wakes_up')} />;
}

/** Being here is confirmed by a person, every 20 minutes at the latest; without enough people matching pauses. */
export function PresencePart({ me }: { me: Me }) {
    const as = ['reviewer', 'dispatcher', 'crew'].filter((role) => me.roles.includes(role));
    const heard = usePresence();
    const room = heard.value;
    useSecond();
    if (as.length === 0) return null;
    const until = room?.until ?? 0;
    const left = until - deskNow();
    return (
        <section class="presence" aria-label={t('presence')}>
            <div class="row">
                {as.map((role) => <Button key={role} words={t('i_am_here', { role: said(role) })} main={left < 300} work={() => call('PUT', '/presence', { as: role })} />)}
                {left > 0 && <Button words={t('i_leave')} work={() => call('DELETE', '/presence')} />}
            </div>
            <NotHeard what={t('presence')} of={heard} />
            {room && (
                <p class={left < 300 ? 'warn' : 'quiet'}>
                    {left <= 0 ? t('not_present') : <>{t('present_until')} <Ltr>{clock(until)} ({span(left)})</Ltr></>}
                </p>
            )}
            {room && (
                <p class={room.enough ? 'quiet' : 'warn'}>
                    {room.enough ? `✓ ${t('room_enough')}` : `⏸ ${t('room_short')}`}{' '}
                    {t('room_counts', { offices: room.reviewer_offices, dispatchers: room.dispatchers, units: room.units_free })}
                </p>
            )}
        </section>
    );
}
