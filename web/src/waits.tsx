import { signal } from './desk';
import { useSecond } from './hooks';
import { isolated, t } from './words';

/** An action that has not been answered, and why; also in a question that stands over the page, because nothing behind it is seen then. */
export function Waits() {
    useSecond();
    if (signal.waiting === 0) return null;
    return <p class="warn waits" role="status">⏳ {signal.why ? t('waits_for_desk', { problem: isolated(signal.why) }) : t('waits_for_signal')}</p>;
}
