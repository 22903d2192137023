// What every form is made of.
import type { ComponentChildren } from 'preact';
import { useId, useState } from 'preact/hooks';
import { ring } from './desk';
import { said } from './words';

interface ButtonProps { words: string; work: () => unknown; main?: boolean; danger?: boolean; disabled?: boolean; type?: 'button' | 'submit'; hint?: string }

/** Cannot be pressed twice, and says why it failed beside itself. */
export function Button({ words, work, main, danger, disabled, type = 'button', hint }: ButtonProps) {
    const [busy, setBusy] = useState(false);
    const [problem, setProblem] = useState('');
    const press = async () => {
        setBusy(true);
        setProblem('');
        try {
            await work();
        } catch (reason) {
            setProblem((reason as Error).message);
        }
        setBusy(false);
        ring();
    };
    return (
        <span class="press">
            <button type={type} class={main ? 'main' : danger ? 'danger' : ''} disabled={disabled || busy} onClick={() => void press()}>
                {words}{hint && <kbd aria-hidden="true">{hint}</kbd>}
            </button>
            {problem && <span class="problem" role="alert">{problem}</span>}
        </span>
    );
}

type Option = string | [string, string];

export function Choice({ words, options, value, onChange }: { words: string; options: readonly Option[]; value: string; onChange: (to: string) => void }) {
    const id = useId();
    return (
        <div class="field"><label for={id}>{words}</label>
            <select id={id} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
                {options.map((one) => (typeof one === 'string' ? [one, said(one)] as const : one))
                    .map(([code, shown]) => <option key={code} value={code}>{shown}</option>)}
            </select>
        </div>
    );
}

interface FieldProps {
    words: string; value: string; onChange: (to: string) => void; type?: string; ltr?: boolean; placeholder?: string;
    inputMode?: 'numeric' | 'text'; help?: string; min?: string; max?: string;
}

export function Field({ words, value, onChange, type = 'text', ltr, placeholder, inputMode, help, min, max }: FieldProps) {
    const id = useId();
    return (
        <div class="field"><label for={id}>{words}</label>
            <input id={id} type={type} value={value} class={ltr ? 'ltr' : ''} autocomplete="off" placeholder={placeholder ?? ''}
                inputMode={inputMode ?? 'text'} aria-describedby={help ? `${id}-help` : undefined} min={min} max={max}
                onInput={(event) => onChange(event.currentTarget.value)} />
            {help && <small id={`${id}-help`}>{help}</small>}
        </div>
    );
}

export function Ticks({ words, codes, value, onChange }: { words: string; codes: readonly string[]; value: string[]; onChange: (to: string[]) => void }) {
    return (
        <fieldset><legend>{words}</legend>
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

export const Figure = ({ src, caption, scene }: { src: string; caption: string; scene?: boolean }) => (
    <figure><img src={src} alt={caption} class={scene ? 'scene' : 'face'} /><figcaption>{caption}</figcaption></figure>
);
