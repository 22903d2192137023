// Keeps the page's own files of one build, so that a unit without a signal still opens the page; all that it needs, or none. Never what
// the desk answers: nothing under /api is even looked at here.
const build = self.location.search; // "?build=…": a worker of its own for each (src/main.tsx)
const SHELL = `mizan-shell${build}`;
const core = ['/', '/page.js', '/page.css', '/icon.svg', '/manifest.webmanifest', '/urdu-400.woff2', '/urdu-700.woff2', '/nastaliq-400.woff2'];
// Kept once they were needed: a unit needs none of them.
const files = [...core, '/office.js', '/map.js', '/plot.js', '/refusals.js'];

/** Asked for by its build, which a desk of another one refuses: then nothing is kept. */
async function keepCore() {
    const replies = await Promise.all(core.map((path) => fetch(path + build, { cache: 'no-cache' })));
    if (!replies.every(({ ok }) => ok)) throw new Error('of another build');
    const shell = await caches.open(SHELL);
    await Promise.all(core.map((path, i) => shell.put(path, replies[i])));
}

self.addEventListener('install', (event) => {
    event.waitUntil(keepCore().then(() => self.skipWaiting()));
});

self.addEventListener('activate', (event) => {
    event.waitUntil(caches.keys().then((names) => Promise.all(names.filter((name) => name !== SHELL).map((name) => caches.delete(name))))
        .then(() => self.clients.claim()));
});

const kept = async (path) => (await caches.open(SHELL)).match(path);

/** The desk's page where it answers soon, the kept one otherwise: a new build is never held back, and kept by its own worker only. */
async function newestPage(request) {
    const page = await kept('/');
    const late = new AbortController();
    const patience = setTimeout(() => page && late.abort(), 3000);
    try {
        const reply = await fetch(request, { signal: late.signal });
        clearTimeout(patience); // it answers: a weak signal may take its time over a new page
        return reply;
    } catch (problem) {
        if (page) return page;
        throw problem;
    }
}

/** A file of this build is the same wherever it comes from. */
async function partOf(request, path) {
    const part = await kept(path);
    if (part) return part;
    const reply = await fetch(request);
    if (reply.ok && new URL(request.url).search === build) await (await caches.open(SHELL)).put(path, reply.clone());
    return reply;
}

self.addEventListener('fetch', (event) => {
    const { origin, pathname, search } = new URL(event.request.url);
    if (origin !== self.location.origin || event.request.method !== 'GET' || !files.includes(pathname)) return;
    if (pathname === '/') event.respondWith(newestPage(event.request));
    else if (search === build || !search) event.respondWith(partOf(event.request, pathname));
});
