// Every form of a refusal that the desk, statement.js or handover.js can give to an officer, read from the sources.
import fs from 'node:fs';

const root = new URL('../../', import.meta.url);
const read = (name) => fs.readFileSync(new URL(name, root), 'utf8');
const cFiles = (folder) => fs.readdirSync(new URL(`src/${folder}/`, root)).filter((name) => name.endsWith('.c')).map((name) => `src/${folder}/${name}`);

/** What answers a request. sign/site.c speaks when a site is made or started; the rest is the program's own or goes to the log. */
const files = ['src/base/json.c', 'src/base/text.c', 'src/store/copy.c', 'src/store/keyring.c', 'src/watch/enrol_link.c', 'src/watch/still_link.c', ...['sign', 'list', 'alert', 'http'].flatMap(cFiles)]
    .filter((name) => name !== 'src/sign/site.c');

// fail(err, CODE, "form", …), fail_within(err, "form", …), and one of two forms behind a question.
const call = /\bfail(_within)?\(\s*(?:[^,()]+,)(\s*[\w.>-]+,)?\s*(?:[\w.>-]+\s*\?)?((?:\s*(?:"(?:[^"\\]|\\.)*"|PRI\w+|:))+)\s*[,)]/g;
const unescape = (text) => JSON.parse(`"${text}"`);

/** As base/wording.c writes a printf format: {1} for its first value. */
function formOf(format) {
    let at = 0;
    return format.replace(/%[^diuxXcsfge%]*([diuxXcsfge%])/g, (_, kind) => (kind === '%' ? '%' : `{${++at}}`));
}

const literal = (text) => [...text.matchAll(/"((?:[^"\\]|\\.)*)"|PRI\w+/g)].map(([, part]) => (part === undefined ? 'd' : unescape(part))).join('');

/** 500 and its kin: the desk's own failure is in its log, and an officer is told one sentence. */
const isOwnFailure = (code) => /ERROR_(CORRUPT|SYSTEM)/.test(code ?? '');

/** What a watch says of its camera, whole sentences: why it is degraded, and what a set-up view found. Why a camera was halted, the desk says. */
const sentences = ['src/watch/post_judge.c', 'src/watch/survey.c'];

export function formsOfRefusals() {
    const forms = new Map();
    for (const name of files)
        for (const [, , code, formats] of read(name).matchAll(call))
            for (const form of formats.split(/(?<=")\s*:\s*(?=")/).map((one) => formOf(literal(one))))
                if (!isOwnFailure(code) && /[a-z]{2}/.test(form.replace(/\{\d+\}/g, ''))) forms.set(form, name);
    for (const name of ['web/statement.js', 'web/handover.js'])
        for (const [, form] of read(name).matchAll(/new Refusal\('((?:[^'\\]|\\.)*)'/g)) forms.set(form, name);
    for (const name of sentences)
        for (const [text] of read(name).replace(/^#include.*$/gm, '').matchAll(/(?:"(?:[^"\\]|\\.)*"\s*)+/g))
            if (/\w+ \w+ \w+/.test(literal(text))) forms.set(literal(text), name);
    for (const name of cFiles('watch'))
        for (const [, why] of read(name).matchAll(/\bpost_halt\(\w+, "((?:[^"\\]|\\.)*)"/g)) forms.set(unescape(why), name);
    return forms;
}

/** Calls whose form is not written out where it is made: nobody could translate them. */
export const unreadable = () => files.flatMap((name) => {
    const text = read(name);
    const readable = [...text.matchAll(call)].length;
    return [...text.matchAll(/\bfail(_within)?\(/g)].length === readable ? [] : [name];
});
