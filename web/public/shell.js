// Keeps the page's own files, so that a unit without a signal still opens the page. Never what the desk answers:
// nothing under /api is even looked at here.
const SHELL = 'mizan-shell';
const core = ['/', '/page.js', '/page.css', '/icon.svg', '/manifest.webmanifest', '/urdu-400.woff2', '/urdu-700.woff2', '/nastaliq-400.woff2'];
// Kept once they were needed: a unit needs none of them.
const files = [...core, '/office.js', '/map.js', '/plot.js', '/refusals.js', '/licences.txt'];

self.addEventListener('install', (event) => {
    event.waitUntil(caches.open(SHELL).then((shell) => shell.addAll(core)).then(() => self.skipWaiting()));
});

self.addEventListener('activate', (event) => {
    event.waitUntil(caches.keys().then((names) => Promise.all(names.filter((name) => name !== SHELL).map((name) => caches.delete(name))))
        .then(() => self.clients.claim()));
});

/** The desk's file where it answers soon, the kept one otherwise: a new version is never held back. */
async function newestOf(request, path) {
    const shell = await caches.open(SHELL);
    const kept = await shell.match(path);
    const late = new AbortController();
    const patience = setTimeout(() => kept && late.abort(), 3000);
    try {
        const reply = await fetch(request, { signal: late.signal });
        clearTimeout(patience); // it answers: a weak signal may take its time over a new file
        if (reply.ok) await shell.put(path, reply.clone());
        return reply;
    } catch (problem) {
        if (kept) return kept;
        throw problem;
    }
}

self.addEventListener('fetch', (event) => {
    const { origin, pathname } = new URL(event.request.url);
    if (origin === self.location.origin && event.request.method === 'GET' && files.includes(pathname)) event.respondWith(newestOf(event.request, pathname));
});
