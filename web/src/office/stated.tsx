// A signed statement to be read field by field before somebody signs for it. Nothing that is signed is left out: a field that has
// no words here yet stands under its own name.
import { officerCode } from '../alerts';
import { nameOf } from '../names';
import { day, isolated, said, t, together, type Word } from '../words';

export type Fields = Record<string, unknown>;
/** `path` as the statement has it, with the number of a list's item; what it is called, and what it says. */
export interface Row { path: string; name: string; text: string }
/** How the page says fields of which it knows more than the statement: by their path. */
export type Sayings = Record<string, (value: never) => string>;

const names: Record<string, Word> = {
    'person.name': 'person_name', 'person.father': 'father_name', 'person.cnic': 'cnic', 'person.born': 'born', 'person.gender': 'gender', 'person.description': 'description',
    ground: 'ground', 'cases.kind': 'case_kind', 'cases.number': 'case_number', 'cases.section': 'case_section', 'cases.dated': 'case_dated', 'cases.station': 'station',
    'cases.officer': 'case_officer', 'cases.case': 'case_code', 'photos.source': 'photo_source', 'photos.record_number': 'photo_record', 'photos.dated': 'photo_dated',
    'photos.photo': 'photo_hash', 'photos.file_hash': 'photo_file_hash', expires_at: 'expires_signed', entry: 'entry',
    purpose: 'purpose', reasons: 'why_here', why_here: 'why_here', why_reference: 'why_reference', why_dated: 'why_dated', cameras: 'cameras', starts_at: 'starts', ends_at: 'ends',
    list_size: 'list', list_hash: 'list_hash', threshold_e6: 'threshold', camera_class: 'camera_class', expected_passages: 'expected_passages', assessment_hash: 'assessment_hash',
    assessment_dated: 'assessment_dated', notice_confirmed: 'notice_signed', pack_hash: 'pack_hash', report_hash: 'report_hash', kind: 'site_kind', operation: 'operation',
    by: 'stated_by', at: 'stated_at', site: 'site', type: 'statement',
};
const paths = Object.keys(names);
/** As the names stand above; what has none comes before who signed. */
function byPlace(a: string, b: string): number {
    const place = (path: string): number => {
        const at = paths.findIndex((one) => one === path || one.startsWith(`${path}.`));
        return at < 0 ? paths.indexOf('by') - 0.5 : at;
    };
    return place(a) - place(b);
}

/** Fields whose values are words of a closed set. */
const coded = new Set(['ground', 'gender', 'kind', 'source', 'purpose', 'type', 'why_here']);
const isTime = (field: string): boolean => /(^|_)(at|dated)$/.test(field);

function textOf(field: string, value: string, serviceNumbers: Record<string, string>): string {
    if (coded.has(field)) return said(value);
    if (/^[us]-[0-9a-z]{16}$/.test(value)) return isolated(nameOf(value));
    if (/^o-[0-9a-z]{16}$/.test(value)) return isolated(officerCode(value, serviceNumbers[value]));
    if (/^[0-9a-f]{64}$/.test(value)) return isolated((value.match(/.{8}/g) ?? []).join(' '));
    return value ? `\u2068${value}\u2069` : '–';
}

function valueOf(field: string, value: unknown, serviceNumbers: Record<string, string>): string {
    if (typeof value === 'boolean') return said(value ? 'yes' : 'no');
    if (typeof value === 'number') return isolated(isTime(field) ? day(value) : String(field.endsWith('_e6') ? value / 1e6 : value));
    return typeof value === 'string' ? textOf(field, value, serviceNumbers) : JSON.stringify(value);
}

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

interface Reading { serviceNumbers: Record<string, string>; sayings: Sayings }

/** `path` without the items' numbers, by which a field has its name; `at` and `which` with them. */
function rowsAt(path: string, at: string, which: string, value: unknown, reading: Reading): Row[] {
    const field = path.split('.').pop() ?? '';
    const say = reading.sayings[path];
    const word = names[path];
    const row = (text: string): Row[] => [{ path: at, name: `${word ? t(word) : said(field)}${which}`, text }];
    if (say) return row(say(value as never));
    if (isFields(value)) return Object.entries(value).sort(([a], [b]) => byPlace(`${path}.${a}`, `${path}.${b}`)).flatMap(([name, inner]) => rowsAt(`${path}.${name}`, `${at}.${name}`, which, inner, reading));
    if (!Array.isArray(value)) return row(valueOf(field, value, reading.serviceNumbers));
    if (!value.some(isFields)) return row(value.length > 0 ? together(value.map((one) => valueOf(field, one, reading.serviceNumbers))) : '–');
    return value.flatMap((one, i) => rowsAt(path, `${at}.${i + 1}`, value.length > 1 ? ` (${i + 1})` : '', one, reading));
}

/** Every field, the ones that a reader looks for first. */
export const rowsOf = (fields: Fields, serviceNumbers: Record<string, string>, sayings: Sayings = {}): Row[] => Object.entries(fields)
    .sort(([a], [b]) => byPlace(a, b)).flatMap(([field, value]) => rowsAt(field, field, '', value, { serviceNumbers, sayings }));
