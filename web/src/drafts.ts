// What an officer has put into a form and not signed yet. It outlives the form's tab, in the memory of this page alone, and goes with its officer.
import { useState, type StateUpdater } from 'preact/hooks';

const drafts = new Map<string, unknown>();
let officer = '';

/** Of anybody else nothing is left; of nobody, "", neither. */
export function keepDraftsOf(one: string): void {
    if (one !== officer) drafts.clear();
    officer = one;
}

const held = <T>(name: string, none: () => T): T => {
    if (!drafts.has(name)) drafts.set(name, none());
    return drafts.get(name) as T;
};

/** As useState, for a form that is left and come back to; what is set after it was left stands there, too. */
export function useDraft<T extends object>(name: string, none: () => T): [T, (to: StateUpdater<T>) => void] {
    const [, draw] = useState({});
    return [held(name, none), (to) => {
        drafts.set(name, typeof to === 'function' ? to(held(name, none)) : to);
        draw({});
    }];
}
