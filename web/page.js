// One plain page for the reviewer, the dispatcher and the crew. Everything it does is a statement signed with a key
// that stays in this browser; everything a crew sees was checked here first.
import { base64, checkPacket, openKeyFile, openPacket, signStatement, unbase64 } from '/statement.js';

const place = (id) => document.getElementById(id);
const now = () => Math.floor(Date.now() / 1000);
let me = null; // {officer, name, site, roles, unit, root_key, signing, device}
let shown = ''; // what the main part was drawn from, so that an event does not wipe half-filled forms

/** h('button', {onclick}, 'Same'): an element; text stays text. */
function h(tag, properties = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(properties)) {
        if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
        else if (name in element) element[name] = value;
        else element.setAttribute(name, value);
    }
    element.append(...children.flat().filter((child) => child !== null && child !== undefined));
    return element;
}

const say = (words) => { place('notice').textContent = words; };

async function call(method, path, json) {
    const reply = await fetch(`/api/v1${path}`, {
        method,
        headers: { 'X-Mizan': '1', ...(json === undefined ? {} : { 'Content-Type': 'application/json' }) },
        body: json === undefined ? undefined : JSON.stringify(json),
    });
    const body = await reply.json().catch(() => ({}));
    if (!reply.ok) throw Object.assign(new Error(body.detail ?? `The desk answered ${reply.status}.`), { status: reply.status });
    return body;
}

async function act(path, type, fields) {
    const statement = { type, site: me.site, by: me.officer, at: now(), ...fields };
    return call('POST', path, await signStatement(statement, me.signing));
}

/** A button that cannot be pressed twice and says why it failed. */
function button(words, work, properties = {}) {
    const element = h('button', { type: 'button', ...properties, onclick: async () => {
        element.disabled = true;
        say('');
        try {
            await work();
        } catch (problem) {
            say(problem.message);
        }
        element.disabled = false;
        await refresh();
    } }, words);
    return element;
}

function choice(words, options, value) {
    const select = h('select', {}, options.map((one) => {
        const [code, shownAs] = Array.isArray(one) ? one : [one, one.replaceAll('_', ' ')];
        return h('option', { value: code, selected: code === value }, shownAs);
    }));
    return { label: h('label', { className: 'field' }, words, select), get value() { return select.value; } };
}

function entryField(words, properties = {}) {
    const input = h('input', properties);
    return { label: h('label', { className: 'field' }, words, input), get value() { return input.value.trim(); } };
}

function ticks(words, codes) {
    const boxes = codes.map((code) => [code, h('input', { type: 'checkbox' })]);
    const field = h('fieldset', {}, h('legend', {}, words),
        boxes.map(([code, box]) => h('label', { className: 'tick' }, box, code.replaceAll('_', ' '))));
    return { field, get value() { return boxes.filter(([, box]) => box.checked).map(([code]) => code); } };
}

const features = ['face_shape', 'forehead', 'brows', 'eyes', 'nose', 'mouth', 'chin', 'ears', 'hair', 'beard', 'scar', 'glasses', 'age'];
const clock = (seconds) => new Date(seconds * 1000).toLocaleTimeString('en-GB');

function picture(alert, name, caption) {
    const image = h('img', { src: `/api/v1/alerts/${alert.alert}/pictures/${name}`, alt: caption });
    if (name === 'scene') image.className = 'scene';
    return h('figure', {}, image, h('figcaption', {}, caption));
}

/* The reviewer: two faces of equal size, the reduced scene, a minimum look. */
function reviewPart(alert) {
    if (alert.answered)
        return h('section', {}, h('h1', {}, 'Your answer is in'), h('p', { className: 'quiet' }, 'Nothing more is shown until both answers are in.'));
    const likenesses = ticks('What is alike', features);
    const differences = ticks('What differs', features);
    const send = (answer) => act(`/alerts/${alert.alert}/reviews`, 'review', { alert: alert.alert, passage: alert.passage,
        pictures_hash: alert.pictures_hash, answer, likenesses: likenesses.value, differences: differences.value });
    const buttons = [button('Same', () => send('same'), { accessKey: 's' }), button('Different', () => send('different'), { accessKey: 'd' }),
        button('Cannot tell', () => send('cannot_tell'), { accessKey: 'c' })];
    buttons.forEach((one) => { one.disabled = true; });
    setTimeout(() => buttons.forEach((one) => { one.disabled = false; }), (alert.look_s ?? 3) * 1000);
    return h('section', {}, h('h1', {}, 'Are these the same person?'),
        h('p', { className: 'quiet' }, `${alert.place?.name ?? alert.place ?? ''} · ${clock(alert.raised_at)} · look before you answer`),
        h('div', { className: 'faces' }, picture(alert, 'probe', 'Seen by the camera'), picture(alert, 'enrolled', 'Enrolled photograph')),
        picture(alert, 'scene', 'The scene; everybody else is reduced'), likenesses.field, differences.field,
        h('div', { className: 'row' }, buttons));
}

const unitName = (one) => one.name ?? one.unit;

/* The dispatcher, after two "same". */
function dispatchPart(alert) {
    if (alert.state !== 'agreed') return progressPart(alert);
    const unit = choice('Unit', (alert.units ?? []).map((one) => [one.unit, unitName(one)]));
    const travel = choice('Travels', ['on_foot', 'motorcycle', 'rickshaw', 'car', 'unknown'], 'unknown');
    const colour = choice('Colour', ['black', 'white', 'grey', 'red', 'blue', 'green', 'yellow', 'brown', 'unknown'], 'unknown');
    const clothing = choice('Clothing', ['shalwar_kameez', 'trousers_shirt', 'burqa', 'jacket', 'uniform', 'unknown'], 'unknown');
    const heading = choice('Heading', ['north', 'east', 'south', 'west', 'standing', 'unknown'], 'unknown');
    const pillion = h('input', { type: 'checkbox' });
    return h('section', {}, h('h1', {}, 'Two officers say same, not identified'),
        h('p', {}, `${alert.person?.name ?? ''} · ${alert.place?.name ?? alert.place ?? ''} · agreed ${clock(alert.agreed_at)}`),
        h('div', { className: 'faces' }, picture(alert, 'probe', 'Seen by the camera'), picture(alert, 'enrolled', 'Enrolled photograph')),
        h('div', { className: 'row' }, unit.label, travel.label, colour.label, clothing.label, heading.label,
            h('label', { className: 'tick' }, pillion, 'pillion')),
        h('div', { className: 'row' }, button('Send this unit', () => act(`/alerts/${alert.alert}/dispatch`, 'dispatch', {
            alert: alert.alert, passage: alert.passage, pictures_hash: alert.pictures_hash, unit: unit.value, travel: travel.value,
            colour: colour.value, clothing: clothing.value, pillion: pillion.checked, heading: heading.value }), { className: 'main' })));
}

function progressPart(alert) {
    return h('section', {}, h('h1', {}, `Alert ${alert.state.replaceAll('_', ' ')}`),
        h('p', { className: 'quiet' }, `${alert.alert}${alert.outcome ? ` · ${alert.outcome.replaceAll('_', ' ')}` : ''}`));
}

/* The crew: the packet is opened with the unit's key and checked before anything of it is shown. */
let packet = { alert: '', opened: null, problem: '' };
async function openedPacket(alert) {
    if (packet.alert === alert.alert && packet.opened) return packet;
    try {
        const sealed = await call('GET', `/packets/${alert.alert}`);
        const opened = await openPacket(sealed.packet, me.device, `packet:${alert.alert}`);
        await checkPacket(opened, { alert: alert.alert, unit: me.unit, rootKey: me.root_key, now: now() });
        packet = { alert: alert.alert, opened, problem: '' };
    } catch (problem) {
        packet = { alert: alert.alert, opened: null, problem: problem.message };
    }
    return packet;
}

function packetPart(opened) {
    const show = (base, caption) => h('figure', {}, h('img', { alt: caption,
        src: URL.createObjectURL(new Blob([unbase64(base)], { type: 'image/jpeg' })) }), h('figcaption', {}, caption));
    return [h('p', { className: 'marking' }, opened.marking), h('p', { className: 'lead' }, 'Two officers say same, not identified. A lead, not an identity.'),
        h('div', { className: 'faces' }, show(opened.pictures.face, 'Seen by the camera'), show(opened.pictures.enrolled, 'Enrolled photograph')),
        h('p', {}, `${opened.person.name} · ${opened.person.description}`),
        h('p', {}, `Last seen: ${opened.place.name}. ${Object.entries(opened.crew_fields ?? {}).map(([name, value]) => `${name}: ${String(value).replaceAll('_', ' ')}`).join(' · ')}`)];
}

function crewSteps(alert, opened) {
    const send = (name, type, fields = {}) => act(`/alerts/${alert.alert}/${name}`, type, { alert: alert.alert, ...fields });
    const rows = {
        dispatched: () => [button('Accept', () => send('acceptance', 'acceptance', { answer: 'accepted' }), { className: 'main' }),
            button('Decline', () => send('acceptance', 'acceptance', { answer: 'declined' }))],
        accepted: () => [button('We are on scene', () => send('arrival', 'arrival'), { className: 'main' })],
        on_scene: () => [button('Person stopped', async () => {
            const stop = await send('stop', 'stop');
            sessionStorage.setItem('slip', JSON.stringify({ alert: alert.alert, code: stop.slip, text: stop.slip_text }));
        }, { className: 'main' })],
        stopped: () => stopForm(alert, opened, send),
    };
    return h('div', { className: 'row' }, (rows[alert.state] ?? (() => []))());
}

function stopForm(alert, opened, send) {
    const slip = JSON.parse(sessionStorage.getItem('slip') ?? '{}');
    const cnic = entryField('Number on the card', { inputMode: 'numeric', placeholder: '42101-0000000-1', className: 'ltr' });
    const sample = entryField('Sample (simulated reader)', { className: 'ltr' });
    const caseId = opened?.cases?.[0]?.case ?? '';
    const outcome = choice('Outcome', ['wrong_person', 'right_person_not_wanted', 'identity_not_established', 'right_person_no_action',
        'other_custody', 'custody', 'found_safe', 'contact_declined']);
    const harm = choice('Force or harm', ['none', 'resistance', 'injury', 'firearm', 'death']);
    const means = choice('Identity by', ['none', 'cnic_verified', 'fingerprint', 'document_and_officer']);
    return [h('p', {}, 'Slip for the person: ', h('span', { className: 'code ltr' }, slip.code ?? ''), h('br'), slip.text ?? ''),
        cnic.label, sample.label,
        button('Verify the card', async () => say(`The register answers: ${(await call('POST', `/alerts/${alert.alert}/verification`,
            { cnic: cnic.value, sample: base64(new TextEncoder().encode(sample.value)) })).answer}`)),
        button('Ask the case’s status', async () => say(`The case is: ${(await call('POST', `/alerts/${alert.alert}/case_status`, { case: caseId })).answer}`)),
        outcome.label, harm.label, means.label,
        button('Record the outcome', async () => {
            await send('outcome', 'outcome', { outcome: outcome.value, harm: harm.value, means: means.value, case: caseId, slip: slip.code ?? '' });
            packet = { alert: '', opened: null, problem: '' };
            sessionStorage.removeItem('slip');
        }, { className: 'main' })];
}

async function crewPart(alert) {
    const open = ['dispatched', 'accepted', 'on_scene', 'stopped'].includes(alert.state);
    const { opened, problem } = open ? await openedPacket(alert) : { opened: null, problem: '' };
    return h('section', {}, h('h1', {}, `Alert ${alert.state.replaceAll('_', ' ')}`),
        problem ? h('p', { className: 'lead' }, `Nothing is shown: ${problem}. Call control before you stop anybody.`) : null,
        opened ? packetPart(opened) : null, open && !problem ? crewSteps(alert, opened) : null);
}

async function parts() {
    const { alerts } = await call('GET', '/alerts');
    const has = (role) => me.roles.includes(role);
    const draw = has('crew') ? crewPart : has('dispatcher') ? dispatchPart : has('reviewer') ? reviewPart : progressPart;
    return { alerts, draw };
}

async function refresh(force = false) {
    if (!me?.signing) return;
    const { alerts, draw } = await parts();
    const state = JSON.stringify(alerts.map((one) => [one.alert, one.state, one.answered, one.passage]));
    if (state === shown && !force) return;
    shown = state;
    const drawn = await Promise.all(alerts.map(draw));
    place('main').replaceChildren(presencePart(), ...(drawn.length ? drawn : [h('section', {}, h('p', { className: 'quiet' }, 'Nothing to do. This page wakes up by itself.'))]));
}

function presencePart() {
    const as = ['reviewer', 'dispatcher', 'crew'].find((role) => me.roles.includes(role));
    if (!as) return h('span');
    return h('div', { className: 'row' }, button(`I am here as ${as}`, async () => {
        const { until } = await call('PUT', '/presence', { as });
        say(`Present until ${clock(until)}.`);
    }), button('I leave', () => call('DELETE', '/presence')));
}

async function signIn(file, passphrase) {
    const { signing, device } = await openKeyFile(file, passphrase);
    me = { ...file, signing, device };
    const { challenge } = await call('POST', '/challenges', {});
    const session = await act('/sessions', 'sign_in', { challenge, unit: me.unit ?? '' });
    me.roles = session.roles;
    place('who').textContent = `${me.name} · ${me.roles.join(', ').replaceAll('_', ' ')}`;
    const events = new EventSource('/api/v1/events');
    const wake = () => refresh().catch((problem) => say(problem.message));
    for (const kind of ['alert', 'operation', 'packet', 'message']) events.addEventListener(kind, wake);
    events.onerror = () => say('The connection to the desk is lost; it is tried again. Crews: call control before you stop anybody.');
    events.onopen = () => say('');
    await refresh(true);
}

function signInPart(file) {
    const chosen = { file };
    const passphrase = entryField('Passphrase', { type: 'password', autocomplete: 'off' });
    const picker = h('input', { type: 'file', accept: '.json', onchange: async () => { chosen.file = JSON.parse(await picker.files[0].text()); } });
    return h('section', {}, h('h1', {}, file ? `Sign in as ${file.name}` : 'Sign in'),
        h('p', { className: 'quiet' }, 'Your key stays in this browser. The desk never sees it.'),
        h('form', { className: 'row', onsubmit: (event) => event.preventDefault() },
            file ? null : h('label', { className: 'field' }, 'Key file', picker), passphrase.label,
            button('Sign in', () => signIn(chosen.file, passphrase.value), { className: 'main', type: 'submit' })));
}

const fragment = new URLSearchParams(location.hash.slice(1)).get('key');
history.replaceState(null, '', location.pathname);
const site = await call('GET', '/site').catch(() => ({ kind: 'demo' }));
place('marking').hidden = site.kind !== 'demo';
place('main').replaceChildren(signInPart(fragment ? JSON.parse(new TextDecoder().decode(unbase64(fragment))) : null));
