// The catalogues of the page, as files: what one language says the other has to say too.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { formsOfRefusals, unreadable } from './refusals.mjs';

const read = (name) => JSON.parse(fs.readFileSync(new URL(`../../web/src/words/${name}.json`, import.meta.url), 'utf8'));
const english = read('en');
const urdu = read('ur');
const places = (text) => (text.match(/\{\w+\}/g) ?? []).sort();
const parts = ['words', 'codes'];

test('both languages have the same texts, none of them empty', () => {
    for (const part of parts) {
        assert.deepEqual(Object.keys(urdu[part]).sort(), Object.keys(english[part]).sort());
        for (const [key, text] of [...Object.entries(english[part]), ...Object.entries(urdu[part])]) assert.ok(text.trim(), `${key} is empty`);
    }
});

test('a text takes the same values in both languages', () => {
    for (const [key, text] of Object.entries(english.words)) assert.deepEqual(places(urdu.words[key]), places(text), key);
});

test('every Urdu text is in Urdu letters', () => {
    for (const part of parts)
        for (const [key, text] of Object.entries(urdu[part])) {
            assert.match(text, /[\u0600-\u06ff]/, `${key}: ${text}`);
            assert.doesNotMatch(text.replace(/\{\w+\}|CNIC|FIR|ERV|JPEG|JSON|CSV|v4l2:\S*|\blive\b|\bclosed\b/g, ''), /[A-Za-z]{2}/, `${key}: ${text}`);
        }
});

test('every refusal that the desk or a device can give is said in Urdu, with the same values, and no other', () => {
    const refusals = read('refusals.ur');
    const forms = formsOfRefusals();
    assert.deepEqual(unreadable(), [], 'a refusal is written out where it is made');
    assert.deepEqual([...forms].filter(([form]) => !(form in refusals)), [], 'add these to web/src/words/refusals.ur.json');
    assert.deepEqual(Object.keys(refusals).filter((form) => !forms.has(form)), [], 'take these out of web/src/words/refusals.ur.json');
    for (const [form, text] of Object.entries(refusals)) {
        assert.deepEqual(places(text), places(form), form);
        assert.match(text, /[\u0600-\u06ff]/, form);
    }
});

test('no text points with an arrow, which in the other language points back', () => {
    const folder = new URL('../../web/src/', import.meta.url);
    const names = fs.readdirSync(folder, { recursive: true }).filter((name) => /\.(tsx?|json)$/.test(name));
    assert.deepEqual(names.filter((name) => /[→←]/.test(fs.readFileSync(new URL(name, folder), 'utf8'))), []);
});

/** One term for one meaning: wherever English has the first, Urdu has the second, and never the third, which meant the same once. */
const glossary = [
    [/\bsay same\b|"same"|^same$/i, /وہی/, /ایک جیسا/],
    [/\blive sites?\b/i, /اصل سائٹ/, /فعال/],
    [/\bstatus(es)?\b/i, /حالت|حالات/, /حیثیت/],
    [/\bidentity not established\b/i, /شناخت ثابت نہیں ہوئی/, /ثابت نہ ہوئی/],
    [/\balerts?\b/i, /الرٹ/, /انتباہ/],
    [/\bunits?\b/i, /گاڑی|گاڑیاں|گاڑیوں/, /(?<![\u0600-\u06ff])یونٹ/],
    [/\bfree\b/i, /فارغ/, /خالی گاڑی/],
    [/\bauthorisers?\b/i, /مجاز افسر/, /منظوری دہندہ/],
    [/\bthe signs\b|\bsigns stand\b|\bsigns missing\b/i, /علامات/, /نشان لگ/],
    [/(?<!most )\burgen(t|cy)\b/i, /ہنگامی/, /فوری (?:قرار|ہونے)/],
    [/\bpassphrase\b/i, /خفیہ جملہ/, /پاس فریز/],
    [/\broot\b/i, /جڑ/, /روٹ(?![\u0600-\u06ff])/],
    [/\bsuspects?\b/i, /ملزم/, /مشتبہ/],
    [/\bdegraded\b/i, /کمزور/, /کیمرا .*خراب/],
];

test('a term of the trade is one word in Urdu, on every page and in every refusal', () => {
    const said = [...parts.flatMap((part) => Object.entries(english[part]).map(([key, text]) => [text, urdu[part][key]])), ...Object.entries(read('refusals.ur'))];
    for (const [term, word, other] of glossary) {
        assert.ok(said.some(([text]) => term.test(text)), `nothing says ${term} any more`);
        for (const [text, inUrdu] of said) {
            if (term.test(text.replace(/\{\w+\}/g, ''))) assert.match(inUrdu, word, text);
            assert.doesNotMatch(inUrdu, other, text);
        }
    }
});

test('that nobody is identified is said alike on the page and over the radio', () => {
    for (const { words } of [english, urdu]) assert.ok(words.radio_words.includes(words.two_say_same), words.radio_words);
});

/** What the desk hands on as a state or as the reason of one: its tables, the reasons of its statements, what its rules write. */
function codesOfDesk() {
    const read = (name) => fs.readFileSync(new URL(`../../src/${name}`, import.meta.url), 'utf8');
    const all = (folder, name) => fs.readdirSync(new URL(`../../src/${folder}`, import.meta.url)).filter((one) => name.test(one)).map((one) => read(`${folder}/${one}`)).join('\n');
    const within = (text, pattern) => [...text.matchAll(pattern)].flatMap(([found]) => [...found.replace(/word_of\([^)]*\)/g, '').matchAll(/"(\w+)"/g)].map(([, code]) => code));
    const tables = ['list/operation_lives.c', 'list/entry_lives.c', 'alert/lives.c', 'watch/supervisor.c'].flatMap((name) => within(read(name), /\[[A-Z]+_\w+\] = "\w+"/g));
    const reasons = [...read('sign/types.c').matchAll(/(?:WORD\(\s*|\.name = )"reason",[^"]*"([^"]+)"/g)].flatMap(([, words]) => words.split(' '));
    const operations = within(all('list', /\.c$/), /\b(?:operation_move|move_alone|wait_for|operation_halt_by_rule|entry_suspend)\([^;]*;|\b(?:why|hindrance) = [^;]*;/g);
    const alerts = within(all('alert', /\.c$/), /\b(?:entry_suspend|operation_breaks|operation_halt_by_rule|withdrawal_follows)\([^;]*;/g);
    const told = ['entry', 'operation'].flatMap((noun) => within(all('list', new RegExp(`^${noun}.*\\.c$`)), /\brecall\(site, [^;]*"\w+"/g).map((code) => `${noun}_${code}`));
    return [...tables, ...reasons, ...operations, ...alerts, ...told];
}

test('every state and every reason that the desk gives is a word of the catalogues', () => {
    const found = new Set(codesOfDesk());
    for (const one of ['set_up', 'suspended', 'no_reference', 'not_ratified', 'no_live_case', 'breaker', 'entry_withdrawn', 'operation_halted'])
        assert.ok(found.has(one), `the sources are read well enough to find ${one}`);
    assert.deepEqual([...found].filter((code) => !(code in english.codes)), [], 'add these to the codes of web/src/words/en.json and ur.json');
});

/** Every kind of a record that the desk writes: in so many words, or a state behind its noun. */
function kindsOfRecords() {
    const root = new URL('../../src/', import.meta.url);
    const sources = ['alert', 'govern', 'http', 'list'].flatMap((folder) => fs.readdirSync(new URL(`${folder}/`, root)).filter((name) => name.endsWith('.c'))
        .map((name) => fs.readFileSync(new URL(`${folder}/${name}`, root), 'utf8')));
    const within = (pattern) => sources.flatMap((text) => [...text.matchAll(pattern)].flatMap(([found]) => [...found.matchAll(/"([a-z]+_[a-z_]+)"/g)].map(([, kind]) => kind)));
    const wordsOf = (name) => fs.readFileSync(new URL(name, root), 'utf8').match(/char \*const \w+\[[A-Z_]*\] = \{[^}]*\}/)[0];
    const states = ['alert', 'entry', 'operation'].flatMap((noun) => [...wordsOf(`${noun === 'alert' ? 'alert/lives' : `list/${noun}_lives`}.c`).matchAll(/"(\w+)"/g)].map(([, state]) => `${noun}_${state}`));
    return new Set([...within(/(?:\.|char \*)kind = [^,;}]*/g), ...within(/\b(?:alert_record\w*|record_\w+|ledger_record_alone|alert_return_to_dispatcher)\([^;{]*/g), ...within(/struct ledger_expiry \w+ = [^;]*/g).filter((one) => one.endsWith('_erased')),
        ...states.filter((one) => one !== 'operation_draft')]);
}

test('every kind of a record is said in both languages', () => {
    const records = read('records');
    const kinds = kindsOfRecords();
    for (const one of ['alert_raised', 'alert_stopped', 'signed_in', 'listed_tags_erased', 'unit_declined', 'log_started']) assert.ok(kinds.has(one), `the sources are read well enough to find ${one}`);
    assert.deepEqual([...kinds].filter((kind) => !(kind in records)), [], 'add these to web/src/words/records.json');
    for (const [kind, [english, urdu]] of Object.entries(records)) {
        assert.match(english, /[a-z]/, kind);
        assert.match(urdu, /^[^A-Za-z]*[\u0600-\u06ff][^A-Za-z]*$/, kind);
    }
});

test('every kind of refusal says what to do about it', () => {
    const codes = read('../../../docs/openapi').components.schemas.Problem.properties.code.enum;
    assert.ok(codes.length > 5);
    assert.deepEqual(codes.filter((code) => !english.words[`problem_cure_${code}`] || !urdu.words[`problem_cure_${code}`]), []);
});

test('a year has twelve months in both languages', () => {
    for (const { words } of [english, urdu]) assert.equal(words.months.split(' ').length, 12);
});

test('digits are western in both languages, as times and numbers are on the page', () => {
    for (const text of [...Object.values(urdu.words), ...Object.values(urdu.codes), ...Object.values(read('refusals.ur'))]) assert.doesNotMatch(text, /[۰-۹٠-٩]/);
});

test('every text that the pages ask for is in the catalogue, and none is there for nothing', () => {
    const folder = new URL('../../web/src/', import.meta.url);
    const names = fs.readdirSync(folder, { recursive: true }).filter((name) => /\.tsx?$/.test(name));
    const sources = [...names, '../proof.js'].map((name) => fs.readFileSync(new URL(name, folder), 'utf8')).join('\n');
    for (const [, key] of sources.matchAll(/\bt(?:In\(\w+, |\()'(\w+)'/g)) assert.ok(key in english.words, `"${key}" is asked for and not there`);
    // What to do about a refusal: the page puts the key together from the gate's verdict or the refusal's code.
    const codes = read('../../../docs/openapi').components.schemas.Problem.properties.code.enum;
    const cured = (key) => (key.startsWith('cure_') && key.slice(5) in english.codes) || (/^(line|problem)_cure_/.test(key) && codes.includes(key.replace(/^\w*?_cure_/, '')));
    for (const key of Object.keys(english.words)) assert.ok(cured(key) || sources.includes(`'${key}'`), `nothing shows "${key}"`);
});
