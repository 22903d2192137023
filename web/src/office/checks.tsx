import { t } from '../words';

/** What a form has to fulfil before it is worth signing; `words` say the cure. */
export interface Check { holds: boolean; words: string }

export const day_s = 86400;
/** A day begins at midnight where the officer is, as the page shows it; alone it would be read as London's. */
export const secondsOf = (date: string): number => Math.floor(new Date(date.includes('T') ? date : `${date}T00:00`).getTime() / 1000);
export const isPast = (date: string): boolean => secondsOf(date) > 0 && secondsOf(date) <= Date.now() / 1000;

export function Checks({ all }: { all: Check[] }) {
    const open = all.filter((one) => !one.holds);
    return (
        <div class={open.length ? 'checks' : 'checks done'} role="status">
            <strong>{open.length ? t('checks_open', { count: open.length }) : `✓ ${t('checks_done')}`}</strong>
            {open.length > 0 && <ul>{open.map((one) => <li key={one.words}>{one.words}</li>)}</ul>}
        </div>
    );
}
