// What outlives the page of a crew, beside the keys in the browser's own store: what it chose in a stop, and what it signed and the
// desk has not answered. It goes with the desk's answer, with the end of its alert, with its officer, before another one comes in,
// and after a day in any case. None of it says who the person is.
import { dropBeside, putBeside, rowsBeside } from './keys';
import { deskNow } from './time';

export interface Kept { by: string; alert: string; at: number }

const DAY_S = 86400;
/** As in the store, for a page that cannot wait for it. */
let rows = new Map<string, Kept>();
let works = true;
let last: Promise<unknown> = Promise.resolve();

/** One after the other. A store that fails leaves the page with what it has in memory, which ends with it. */
const queue = (work: () => Promise<unknown>): Promise<unknown> => last = last.then(work).catch(() => { works = false; });

async function dropFromStore(is: (row: Kept, name: string) => boolean): Promise<void> {
    const names = (await rowsBeside<Kept>()).filter(([name, row]) => is(row, name)).map(([name]) => name);
    if (names.length > 0) await dropBeside(names);
}

export const shelf = {
    /** Whether it would outlive this page. */
    works: (): boolean => works,
    /** Other pages of this browser write there, too. */
    load: (): Promise<unknown> => queue(async () => {
        if (!works) return;
        await dropFromStore((row) => deskNow() - row.at > DAY_S);
        rows = new Map(await rowsBeside<Kept>());
    }),
    all: (): [string, Kept][] => [...rows],
    get: (name: string): Kept | undefined => rows.get(name),
    put(name: string, row: Omit<Kept, 'at'>): Promise<unknown> {
        const dated = { ...row, at: deskNow() };
        rows.set(name, dated);
        return queue(() => putBeside(name, dated));
    },
    /** What another page of this browser put there, too. */
    drop(is: (row: Kept, name: string) => boolean): Promise<unknown> {
        for (const [name, row] of rows) if (is(row, name)) rows.delete(name);
        return queue(() => dropFromStore(is));
    },
};
