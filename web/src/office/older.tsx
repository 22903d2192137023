// What closed long ago: asked for by hand, a page at a time, where what is open is asked for again and again.
import { useState } from 'preact/hooks';
import { call } from '../desk';
import { Button } from '../parts';
import { t } from '../words';

type Noun = 'entries' | 'operations';
export type Page<N extends Noun, T> = Record<N, T[]> & { older?: string };

/** What was asked for beyond the list, and the button that asks for more. */
export function useOlder<N extends Noun, T>(noun: N, list: Page<N, T> | null) {
    const [shown, setShown] = useState<T[]>([]);
    const [next, setNext] = useState<string | null>(null);
    const from = next ?? list?.older ?? '';
    const more = from === '' ? null : <Button words={t('show_older')} work={async () => {
        const page = await call<Page<N, T>>('GET', `/${noun}/${from}/older`);
        setShown([...shown, ...page[noun]]);
        setNext(page.older ?? '');
    }} />;
    return { older: shown, more };
}
