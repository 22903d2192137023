import { call, type Me } from './desk';
import { useAnswer, useSecond } from './hooks';
import { Button, Ltr, NotHeard } from './parts';
import { clock, now, said, span, t } from './words';

interface Presence { reviewer_offices: number; dispatchers: number; units_free: number; enough: boolean; until: number }

/** Being here is confirmed by a person, every 20 minutes at the latest; without enough people matching pauses. */
export function PresencePart({ me }: { me: Me }) {
    const as = ['reviewer', 'dispatcher', 'crew'].find((role) => me.roles.includes(role));
    const heard = useAnswer<Presence>('/presence');
    const room = heard.value;
    useSecond();
    if (!as) return null;
    const until = room?.until ?? 0;
    const left = until - now();
    return (
        <section class="presence" aria-label={t('presence')}>
            <div class="row">
                <Button words={t('i_am_here', { role: said(as) })} main={left < 300} work={() => call('PUT', '/presence', { as })} />
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
