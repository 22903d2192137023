// What every form is made of.
import { createContext, type ComponentChildren } from 'preact';
import { useContext, useEffect, useId, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { ring, signal } from './desk';
import { useLatest, type Answer } from './hooks';
import { Waits } from './waits';
import { date, Objection, said, t, tellWithCure } from './words';

/** Gives the person a file; nothing leaves the device. */
export function saveFile(name: string, content: string): void {
    const link = document.createElement('a');
    link.href = URL.createObjectURL(new Blob([content], { type: 'application/json' }));
    link.download = name;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}

/** What a file of JSON holds. */
export async function readJson<T>(file: File): Promise<T> {
    try {
        return JSON.parse(await file.text()) as T;
    } catch {
        throw new Objection('file_not_read');
    }
}

/** While this holds nothing can be pressed: something has moved, and a thumb may be on its way to what stood there before. */
export const Moving = createContext(false);

interface ButtonProps { words: string; work: () => unknown; main?: boolean; danger?: boolean; disabled?: boolean; type?: 'button' | 'submit'; hint?: string; of?: string }

/**
 * Cannot be pressed twice, and says why it failed beside itself. While it works or things move it keeps the keyboard's place, which a
 * disabled one loses. `of` says for the ear which of several alike it is.
 */
export function Button({ words, work, main, danger, disabled, type = 'button', hint, of }: ButtonProps) {
    const working = useRef(false);
    const moving = useContext(Moving);
    const [busy, setBusy] = useState(false);
    const [problem, setProblem] = useState<unknown>(null);
    const press = async () => {
        if (working.current || moving) return;
        working.current = true;
        setBusy(true);
        setProblem(null);
        try {
            await work();
        } catch (reason) {
            setProblem(reason);
        }
        working.current = false;
        setBusy(false);
        ring();
    };
    return (
        <span class="press">
            <button type={type} class={main ? 'main' : danger ? 'danger' : ''} disabled={disabled && !busy} aria-disabled={busy || moving || undefined} aria-busy={busy || undefined}
                aria-label={of ? `${words}: ${of}` : undefined} aria-keyshortcuts={hint} onClick={() => void press()}>
                {words}{hint && <kbd aria-hidden="true">{hint}</kbd>}
            </button>
            {problem !== null && <span class="problem" role="alert">{tellWithCure(problem)}</span>}
        </span>
    );
}

interface QuestionProps { name: string; heading: string; words: string; work: (given: AbortSignal) => unknown; over: () => void; disabled?: boolean; children: ComponentChildren }

/** Stands over the page until it is answered or given up. What was pressed in it and waits for the desk is given up with it, and not done later. */
export function Question({ name, heading, words, work, over, disabled = false, children }: QuestionProps) {
    const dialog = useRef<HTMLDialogElement>(null);
    const [given] = useState(() => new AbortController());
    const [pressed, setPressed] = useState(false);
    useLayoutEffect(() => {
        dialog.current?.showModal();
        return () => given.abort();
    }, []);
    const close = () => dialog.current?.close();
    return (
        <dialog ref={dialog} aria-label={name} onClose={over}>
            <h2 tabIndex={-1} autofocus>{heading}</h2>
            {children}
            {pressed && <Waits />}
            <div class="row">
                <Button danger words={words} disabled={disabled} work={async () => {
                    setPressed(true);
                    await work(given.signal);
                    close();
                }} />
                <Button words={t('cancel')} work={close} />
            </div>
        </dialog>
    );
}

interface GraveProps { words: string; means: string; work: (given: AbortSignal) => unknown; disabled?: boolean }

/** For what nobody takes back: it says what it means, and only who presses once more does it. */
export function Grave({ words, means, work, disabled = false }: GraveProps) {
    const [asks, ask] = useState(false);
    return (
        <>
            <Button words={words} disabled={disabled} work={() => ask(true)} />
            {asks && <Question name={words} heading={words} words={words} work={work} over={() => ask(false)}><p>{means}</p></Question>}
        </>
    );
}

type Option = string | [string, string];

interface ChoiceProps { words: string; options: readonly Option[]; value: string; onChange: (to: string) => void; none?: string }

/** With `none` nothing is chosen until a person chooses. */
export function Choice({ words, options, value, onChange, none }: ChoiceProps) {
    const id = useId();
    return (
        <div class="field"><label for={id}>{words}</label>
            <select id={id} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
                {none && <option value="">{none}</option>}
                {options.map((one) => (typeof one === 'string' ? [one, said(one)] as const : one))
                    .map(([code, shown]) => <option key={code} value={code}>{shown}</option>)}
            </select>
        </div>
    );
}

interface FieldProps {
    words: string; value: string; onChange: (to: string) => void; type?: string; ltr?: boolean; placeholder?: string;
    inputMode?: 'numeric' | 'text'; help?: string; min?: string; max?: string; autocomplete?: 'one-time-code' | 'current-password' | 'new-password';
}

export function Field({ words, value, onChange, type = 'text', ltr, placeholder, inputMode, help, min, max, autocomplete }: FieldProps) {
    const id = useId();
    return (
        <div class="field"><label for={id}>{words}{type === 'date' && value && <> · <Ltr>{date(new Date(value).getTime() / 1000)}</Ltr></>}</label>
            <input id={id} type={type} value={value} class={ltr ? 'ltr' : ''} autocomplete={autocomplete ?? 'off'} placeholder={placeholder ?? ''}
                inputMode={inputMode ?? 'text'} aria-describedby={help ? `${id}-help` : undefined} min={min} max={max}
                onInput={(event) => onChange(event.currentTarget.value)} />
            {help && <small id={`${id}-help`}>{help}</small>}
        </div>
    );
}

interface TicksProps { words: string; codes: readonly string[]; value: string[]; onChange: (to: string[]) => void; hint?: string }

/** The arrows go from one to the next, as Tab does, and around. */
function walkTicks(event: KeyboardEvent, group: HTMLElement): void {
    const onward = document.documentElement.dir === 'rtl' ? 'ArrowLeft' : 'ArrowRight';
    if (!event.key.startsWith('Arrow')) return;
    event.preventDefault();
    const ticks = [...group.querySelectorAll('input')];
    const at = ticks.findIndex((one) => one === event.target);
    ticks.at((at + (['ArrowDown', onward].includes(event.key) ? 1 : -1)) % ticks.length)?.focus();
}

export function Ticks({ words, codes, value, onChange, hint }: TicksProps) {
    return (
        <fieldset aria-keyshortcuts={hint} onKeyDown={(event) => walkTicks(event, event.currentTarget)}>
            <legend>{words}{hint && <kbd aria-hidden="true">{hint}</kbd>}</legend>
            {codes.map((code) => (
                <label class="tick" key={code}>
                    <input type="checkbox" checked={value.includes(code)}
                        onChange={(event) => onChange(event.currentTarget.checked ? [...value, code] : value.filter((one) => one !== code))} />
                    {said(code)}
                </label>
            ))}
        </fieldset>
    );
}

export const Tick = ({ words, value, onChange }: { words: string; value: boolean; onChange: (to: boolean) => void }) => (
    <label class="tick"><input type="checkbox" checked={value} onChange={(event) => onChange(event.currentTarget.checked)} />{words}</label>
);

/** Ids, numbers, times and plates stay left to right in both languages. */
export const Ltr = ({ children }: { children: ComponentChildren }) => <bdi dir="ltr">{children}</bdi>;

export const Section = ({ title, children }: { title: string; children?: ComponentChildren }) => (
    <section><h2>{title}</h2>{children}</section>
);

const AGAIN_MS = 3000;
const PICTURE_MS = 8000;

interface FigureProps { src: string; caption: string; scene?: boolean; came?: () => void }

/**
 * A picture that did not come, or not in time, says so and is asked for again, each time with more patience for a weak signal; `came`
 * hears when there is something to look at.
 */
export function Figure({ src, caption, scene, came }: FigureProps) {
    const [asked, ask] = useState(0);
    const [missing, miss] = useState(false);
    const image = useRef<HTMLImageElement>(null);
    useEffect(() => {
        // Without a source it is given up, which frees its connection, and is an error as any other.
        const timer = setTimeout(() => image.current?.complete === false && image.current.setAttribute('src', ''), PICTURE_MS * (asked + 1));
        return () => clearTimeout(timer);
    }, [src, asked]);
    return (
        <figure>
            <img key={asked} ref={image} src={src} alt={caption} class={scene ? 'scene' : 'face'} fetchpriority={scene ? 'auto' : 'high'} onLoad={() => {
                miss(false);
                came?.();
            }} onError={() => {
                miss(true);
                setTimeout(() => ask(asked + 1), AGAIN_MS);
            }} />
            <figcaption>{caption}{missing && <span class="warn" role="alert"> ⚠ {t('picture_missing')}</span>}</figcaption>
        </figure>
    );
}

/** For more than a line's length; what is signed is one line, so that a break becomes a space. */
export function Writing({ words, value, onChange }: { words: string; value: string; onChange: (to: string) => void }) {
    const id = useId();
    return <div class="field"><label for={id}>{words}</label><textarea id={id} rows={4} value={value} onInput={(event) => onChange(event.currentTarget.value.replace(/[\r\n]+/g, ' '))} /></div>;
}

interface FileFieldProps { words: string; accept: string; choose?: (file: File | undefined) => unknown; before?: string | undefined; chooseAll?: (files: File[]) => unknown }

/** The browser's own field speaks the browser's language: this one speaks the page's. Of a file that could not be taken nothing stays, nor of the one before. `before` names what was chosen when its form was last here. */
export function FileField({ words, accept, choose, before, chooseAll }: FileFieldProps) {
    const [names, setNames] = useState(before ? [before] : []);
    const [problem, setProblem] = useState<unknown>(null);
    const latest = useLatest();
    const take = async (files: File[]) => {
        const isLatest = latest();
        setNames(files.map(({ name }) => name));
        setProblem(null);
        try {
            await choose?.(files[0]);
            await chooseAll?.(files);
        } catch (reason) {
            if (!isLatest()) return;
            setNames([]);
            setProblem(reason);
            await choose?.(undefined);
        }
    };
    return (
        <>
            <label class="field file">{words}
                <input type="file" class="unseen" accept={accept} multiple={Boolean(chooseAll)} onChange={(event) => {
                    void take([...event.currentTarget.files ?? []]);
                    event.currentTarget.value = ''; // the same file again is a choice, too: the first time nothing may have come back
                }} />
                <span class="file-face" aria-hidden="true">
                    <span class="file-press">{t(chooseAll ? 'choose_files' : 'choose_file')}</span>
                    <span>{names.length > 1 ? t('files_chosen', { count: names.length }) : names.length ? <Ltr>{names[0]}</Ltr> : t('no_file')}</span>
                </span>
            </label>
            {problem !== null && <p class="problem" role="alert">{tellWithCure(problem)}</p>}
        </>
    );
}

/** Nothing here yet, and what that means. */
export const Blank = ({ words, more }: { words: string; more?: string }) => (
    <section class="blank"><p class="lead">{words}</p>{more && <p class="quiet">{more}</p>}</section>
);

/** Not known is not none: what the desk was asked and has not answered, or not again. Nothing where it has. */
export function NotHeard({ what, of: { value, problem } }: { what: string; of: Answer<unknown> }) {
    if (value && !problem) return null;
    return (
        <p class={problem ? 'warn' : 'quiet'} role="status">
            {problem ? `⚠ ${t(value ? 'heard_before' : 'not_known', { what, problem })}` : `⏳ ${t('is_asked', { what })}`}
        </p>
    );
}

/** In a card of its own. While the connection is lost the page's first line says it of all that was heard: a crew has no eyes for it three times. */
export const NotHeardApart = ({ what, of }: { what: string; of: Answer<unknown> }) =>
    (of.value && (!of.problem || signal.lost) ? null : <section><NotHeard what={what} of={of} /></section>);

/** Large answers to choose one from; nothing is chosen before a person does. */
export function Answers({ words, codes, value, onChange }: { words: string; codes: readonly string[]; value: string; onChange: (to: string) => void }) {
    const name = useId();
    return (
        <fieldset class="answers-list"><legend>{words}</legend>
            {codes.map((code) => (
                <label key={code} class={value === code ? 'answer chosen' : 'answer'}>
                    <input type="radio" name={name} value={code} checked={value === code} onChange={() => onChange(code)} />
                    {said(code)}
                </label>
            ))}
        </fieldset>
    );
}

const SHORT = 12;
const AT_ONCE = 50;

interface LongProps<T> { all: T[]; says: (one: T) => string; line: (one: T) => ComponentChildren }

/** A list that may have hundreds of lines: found by what a line says, and drawn a part at a time. */
export function Long<T>({ all, says, line }: LongProps<T>) {
    const [wanted, setWanted] = useState('');
    const [most, setMost] = useState(AT_ONCE);
    const found = wanted.trim() ? all.filter((one) => says(one).toLowerCase().includes(wanted.trim().toLowerCase())) : all;
    return (
        <>
            {all.length > SHORT && <Field words={t('find_here')} value={wanted} onChange={setWanted} />}
            {all.length > 0 && found.length === 0 && <p class="quiet" role="status">{t('none_found')}</p>}
            <ul class="list">{found.slice(0, most).map(line)}</ul>
            {found.length > most && <Button words={t('show_more', { count: found.length - most })} work={() => setMost(most + AT_ONCE)} />}
        </>
    );
}

const good = new Set(['approved', 'running', 'authorised', 'received', 'agreed']);
const bad = new Set(['blind', 'degraded', 'halted', 'suspended', 'refused', 'corrupt', 'paused']);
const waits = new Set(['proposed', 'requested', 'raised', 'dispatched', 'handed_over']);
/** A state as a word with a mark of its own: never by colour alone. */
export const State = ({ code }: { code: string }) => (
    <span class={`state ${good.has(code) ? 'is-good' : bad.has(code) ? 'is-bad' : waits.has(code) ? 'is-waiting' : ''}`}>
        <span aria-hidden="true">{good.has(code) ? '●' : bad.has(code) ? '▲' : waits.has(code) ? '◔' : '○'}</span> {said(code)}
    </span>
);
