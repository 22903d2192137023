// The keyboard's place on the page is never lost. What was pressed may go with its press, or can be pressed no more; then
// the place is the heading of what it stood in, which also says to a screen reader where things are now.

const parts = 'li, article, .opened, section, .room > div, main';
const pressable = 'a[href], button:not(:disabled), select, input:not(:disabled), textarea, summary';

const isLost = (one: HTMLElement): boolean => !one.isConnected || one.matches(':disabled') || !one.checkVisibility();

/** The heading of a part, or in a line of a list what can be pressed there; where there is neither, the page's own part. */
const placeIn = (part: Element): HTMLElement | null =>
    part.querySelector<HTMLElement>('h1:not(.unseen), h2, h3') ?? (part.matches('li') ? part.querySelector<HTMLElement>(pressable) : part.matches('main') ? part as HTMLElement : null);

function goTo(place: HTMLElement): void {
    if (!place.matches(pressable)) {
        place.tabIndex = -1;
        place.addEventListener('blur', () => place.removeAttribute('tabindex'), { once: true });
    }
    place.focus({ preventScroll: true });
}

/** Watches until the page is gone. */
export function keepFocus(): void {
    let last: HTMLElement | null = null;
    let around: Element[] = [];
    addEventListener('focusin', ({ target }) => {
        last = target as HTMLElement;
        around = [];
        for (let one = last.parentElement; one; one = one.parentElement) if (one.matches(parts)) around.push(one);
    });
    // Who clicks beside everything has left by themselves.
    addEventListener('pointerdown', ({ target }) => {
        if (!(target as Element).closest(`${pressable}, label, [tabindex]`)) last = null;
    });
    new MutationObserver(() => {
        if (!last || document.activeElement !== document.body || !isLost(last)) return;
        const place = around.filter((one) => one.isConnected).map(placeIn).find(Boolean);
        if (place) goTo(place);
    }).observe(document.body, { subtree: true, childList: true, attributeFilter: ['disabled', 'open'] });
}
