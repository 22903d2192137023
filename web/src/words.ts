// The catalogues: every text on the page comes from words/*.json, in English and in Urdu.
import { nameOf } from './names';
import en from './words/en.json';
import ur from './words/ur.json';
import { deskNow } from './time';

export type Word = keyof typeof en.words;
export type Code = keyof typeof en.codes;
export type Language = 'en' | 'ur';

const catalogues: Record<Language, typeof en> = { en, ur };
let language: Language = localStorage.getItem('mizan-language') === 'ur' ? 'ur' : 'en';

export const currentLanguage = (): Language => language;

/** What the desk and statement.js refuse, in Urdu, by the form that says it in English; a file of its own. */
let refusals: Record<string, string> = {};
const learnRefusals = async (): Promise<void> => {
    if (language === 'ur') refusals = (await import('./words/refusals.ur.json')).default;
};

/** Kept when the refusals of that language are here, too: what stands on the page is drawn again then. */
export function setLanguage(to: Language): Promise<void> {
    language = to;
    localStorage.setItem('mizan-language', to);
    document.documentElement.lang = to;
    document.documentElement.dir = to === 'ur' ? 'rtl' : 'ltr';
    return learnRefusals().catch(() => undefined);
}

function fill(text: string, values: Record<string, string | number>): string {
    return text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''));
}

/** A text of the current language; `{name}` is filled from values. */
export const t = (word: Word, values: Record<string, string | number> = {}): string => fill(catalogues[language].words[word], values);
export const tIn = (of: Language, word: Word, values: Record<string, string | number> = {}): string => fill(catalogues[of].words[word], values);

const isCode = (code: string): code is Code => code in en.codes;
/** A code of the desk (`on_foot`) as people say it. */
export const said = (code: string): string => (isCode(code) ? catalogues[language].codes[code] : code.replaceAll('_', ' '));

/** A sentence as the desk put it together: forms, outermost first, and what was filled into them. */
export interface Said { form: string; values: string[] }

/** Ids, numbers and dates keep their own direction inside a text of the other one, where no element can say so. */
export const isolated = (value: string): string => `\u2066${value}\u2069`;
/** A name that people gave keeps the direction of its own letters. */
export const named = (name: string): string => `\u2068${name}\u2069`;
/** Several of the same, as the language strings them together. */
export const together = (all: string[]): string => all.join(language === 'ur' ? '، ' : ', ');

/** Ids are drawn and say nothing: in a refusal, too, units and stations go by their names, and all else by the code that stands on the pages. */
const called = (text: string): string => text.replace(/\b[a-z]{1,2}-[0-9a-z]{16}\b/g, (id) => nameOf(id));
const apart = (value: string): string => (isCode(value) ? said(value) : named(called(value)));
// Addresses, sections and patterns that stand in the form itself: whole runs, so that no stroke of one changes its side.
const latin = /(?<![\w{])[A-Za-z0-9][\w:/.+…-]*(?![\w}])/g;
const sayOne = ({ form, values }: Said): string =>
    (refusals[form]?.replace(latin, isolated) ?? isolated(form)).replace(/\{(\d+)\}/g, (_, at: string) => apart(values[Number(at) - 1] ?? ''));

/** What the page itself has to object; told again in the other language when the page speaks that one. */
export class Objection extends Error {
    constructor(public word: Word, public values: Record<string, string | number> = {}) {
        super(t(word, values));
    }
}

/** Why something was refused, in the language of the page. */
export function tell(problem: unknown): string {
    if (problem instanceof Objection) return t(problem.word, problem.values);
    const { says, message } = problem as { says?: Said[] | undefined; message?: string | undefined };
    return language === 'en' || !says?.length ? called(message || String(problem)) : says.map(sayOne).join(language === 'ur' ? '، ' : ': ');
}

/** A refusal that says what to do says it after a semicolon. */
export const holdsCure = (says: Said[] | undefined): boolean => says?.some(({ form }) => form.includes('; ')) ?? false;

/** Why something was refused and what to do about it: the refusal's own cure, or else the one of its kind. */
export function tellWithCure(problem: unknown): string {
    const { says, code } = problem as { says?: Said[]; code?: string };
    const key = `problem_cure_${code}`;
    const cure = !holdsCure(says) && key in en.words ? catalogues[language].words[key as Word] : '';
    return cure ? `${tell(problem)}${language === 'ur' ? '۔' : '.'} ${cure}` : tell(problem);
}

/** A whole sentence of a watch (src/watch/post_judge.c, survey.c), or a code. */
export const sentence = (text: string): string => (language === 'en' ? said(text) : isCode(text) ? said(text) : refusals[text] ?? isolated(text));

/** What to do about a refusal of the photograph's gate; "" for another word. */
export const cureOf = (code: string): string => (`cure_${code}` in en.words ? catalogues[language].words[`cure_${code}` as Word] : '');

/** Digits as keyboards of Urdu and of Arabic write them, as everything else here has them. */
export const western = (typed: string): string => typed.replace(/[۰-۹٠-٩]/g, (digit) => String(digit.charCodeAt(0) & 15));

/** 24 hours and western digits in both languages: a time is read out over the radio. */
export const clock = (seconds: number): string => new Date(seconds * 1000).toLocaleTimeString('en-GB');
/** A month's name turns the line to its own language's direction, wherever the date stands. */
const inOrder = (dated: string): string => (language === 'ur' ? `\u2067${dated}\u2069` : dated);
export function date(seconds: number): string {
    const at = new Date(seconds * 1000);
    return inOrder(`${at.getDate()} ${t('months').split(' ')[at.getMonth()]} ${at.getFullYear()}`);
}
export const day = (seconds: number): string => inOrder(together([date(seconds), clock(seconds).slice(0, 5)]));
/** From when to when; a day that both share is said once. */
export const period = (from: number, until: number): string => inOrder(`${day(from)} – ${date(from) === date(until) ? clock(until).slice(0, 5) : day(until)}`);
const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
/** Minutes and seconds, and hours where there are any. */
export function span(seconds: number): string {
    const length = Math.abs(seconds);
    const minutes = length < 3600 ? String(Math.floor(length / 60)) : `${Math.floor(length / 3600)}:${two(length % 3600 / 60)}`;
    return `${seconds < 0 ? '−' : ''}${minutes}:${two(length % 60)}`;
}
/** A time of today without its day: what is near is read at a glance. */
export const today = (seconds: number): string => (date(seconds) === date(deskNow()) ? clock(seconds).slice(0, 5) : day(seconds));
export const ago = (seconds: number): string => {
    const minutes = Math.max(0, Math.floor((deskNow() - seconds) / 60));
    return minutes < 60 ? t('ago', { minutes }) : t('ago_hours', { hours: Math.floor(minutes / 60), minutes: minutes % 60 });
};
