// What time it is. The device's clock may be wrong, or be set while the page is open, and its steady count may stand still while it
// sleeps; the desk says its own time with every reply, and a desk may lie. So what shows, and what a crew states, goes by the desk's
// time; what is checked goes by `now`, the device's own clock; and what ends in time ends by whichever of the two is later.

/** By the clock that people set, and by the count that nobody sets. */
export interface Moment { wall_ms: number; steady_ms: number }

export const moment = (): Moment => ({ wall_ms: Date.now(), steady_ms: performance.now() });
/** As much as either says: the one was set back, or the other stood still. */
export const passed_ms = (since: Moment): number => Math.max(Date.now() - since.wall_ms, performance.now() - since.steady_ms);

let heard: { desk_ms: number; at: Moment } | null = null;

/** The desk's time as far as it was heard; before that the device's. */
export const deskNow_ms = (): number => (heard ? heard.desk_ms + passed_ms(heard.at) : Date.now());
export const deskNow = (): number => Math.floor(deskNow_ms() / 1000);
export const now = (): number => Math.floor(Date.now() / 1000);
/** For what ends: neither a slow clock nor a desk's word prolongs it. */
export const latestNow = (): number => Math.max(now(), deskNow());

/** A reply of the desk was stamped, in whole seconds, after it was asked for and before it came: only what contradicts that moves what is believed, so a clock that is right stays as it is. */
export function hearDesk(stamp: string | null, asked: Moment): void {
    const stamped_ms = Date.parse(stamp ?? '');
    if (Number.isNaN(stamped_ms)) return;
    heard = { desk_ms: Math.min(Math.max(deskNow_ms(), stamped_ms), stamped_ms + 1000 + passed_ms(asked)), at: moment() };
}

/** How far the device's clock is ahead of the desk's, in seconds. */
export const ahead_s = (): number => Math.round((Date.now() - deskNow_ms()) / 1000);
