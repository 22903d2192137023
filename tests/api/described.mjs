// Holds every reply to docs/openapi.json: the part of JSON Schema that it uses. An unknown keyword is an error, so nothing passes unread.
import fs from 'node:fs';
import path from 'node:path';
import { buildFolder } from '../../tools/demo/site.mjs';

const openapi = JSON.parse(fs.readFileSync(new URL('../../docs/openapi.json', import.meta.url), 'utf8'));
const known = new Set(['type', 'enum', 'const', 'pattern', 'maxLength', 'properties', 'required', 'additionalProperties', 'items', 'allOf', 'anyOf',
    'description', '$ref']);

const follow = (schema) => schema?.$ref
    ? schema.$ref.slice(2).split('/').reduce((at, word) => at?.[word], openapi)
    : schema;
const typeOf = (value) => value === null ? 'null' : Array.isArray(value) ? 'array' : Number.isInteger(value) ? 'integer' : typeof value;

function check(schema, value, where) {
    schema = follow(schema);
    const wrong = (what) => { throw new Error(`not as docs/openapi.json describes: ${where}: ${what}`); };
    if (!schema) wrong('no description');
    for (const keyword of Object.keys(schema)) if (!known.has(keyword)) wrong(`the keyword ${keyword} is not understood`);
    const type = typeOf(value);
    const types = [schema.type ?? []].flat();
    if (types.length && !types.includes(type) && !(type === 'integer' && types.includes('number'))) wrong(`is ${type}, not ${types}`);
    if (schema.enum && !schema.enum.includes(value)) wrong(`${value} is none of ${schema.enum}`);
    if ('const' in schema && schema.const !== value) wrong(`${value} is not ${schema.const}`);
    if (schema.pattern && !new RegExp(schema.pattern).test(value)) wrong(`${value} does not fit ${schema.pattern}`);
    if (schema.maxLength && Buffer.byteLength(value) > schema.maxLength) wrong('is too long');
    for (const part of schema.allOf ?? []) check(part, value, where);
    const misfits = schema.anyOf?.map((part) => misfit(part, value, where));
    if (misfits?.every(Boolean)) wrong(`fits none of what it may be: ${misfits.join('; ')}`);
    if (type === 'array' && schema.items) value.forEach((item, i) => check(schema.items, item, `${where}[${i}]`));
    if (type !== 'object') return;
    for (const name of schema.required ?? []) if (!(name in value)) wrong(`${name} is missing`);
    for (const [name, member] of Object.entries(value)) {
        if (schema.properties?.[name]) check(schema.properties[name], member, `${where}.${name}`);
        else if (schema.additionalProperties === false) wrong(`${name} is not described`);
    }
}

function misfit(schema, value, where) {
    try {
        check(schema, value, where);
        return null;
    } catch (problem) {
        return problem.message;
    }
}

const patterns = Object.keys(openapi.paths).map((path) => [path, new RegExp(`^${path.replace(/\{[^}]+\}/g, '[^/]+').replaceAll('.', '\\.')}$`)]);

/** Throws when the reply is not what is described for its route; returns "METHOD path" of the route, or null for an unknown one. */
function describe(method, route, { status, headers, body }) {
    const [pattern] = patterns.find(([, form]) => form.test(route.split('?')[0])) ?? [];
    const operation = openapi.paths[pattern]?.[method.toLowerCase()];
    if (!operation) return null;
    const where = `${method} ${pattern} ${status}`;
    const response = follow(operation.responses[status] ?? (status >= 400 ? operation.responses.default : undefined));
    if (!response) throw new Error(`not as docs/openapi.json describes: ${where}: this status is not there`);
    const type = (headers['content-type'] ?? '').split(';')[0];
    const content = response.content?.[type];
    if (!content) throw new Error(`not as docs/openapi.json describes: ${where}: the type '${type}' is not there`);
    if (type.endsWith('json') && content.schema) check(content.schema, JSON.parse(body.toString('utf8')), where);
    return `${method} ${pattern}`;
}

const answered = new Set();

/** Throws as `describe` does; writes down which routes answered well in some story, so that ./check knows of one that nobody plays. */
export function holdToDescription(method, route, reply) {
    const name = describe(method, route, reply);
    if (!name || reply.status >= 300 || answered.has(name)) return;
    answered.add(name);
    fs.mkdirSync(path.join(buildFolder, 'stories'), { recursive: true });
    fs.appendFileSync(path.join(buildFolder, 'stories', 'answered'), `${name}\n`);
}
