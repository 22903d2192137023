import fs from 'node:fs';
import path from 'node:path';
import { defineConfig, type Plugin } from 'vite';

/** Whose work the page is made of, with the words that have to go with it. */
const packages = ['preact', 'leaflet', 'uplot', 'lean-qr', '@fontsource/noto-naskh-arabic', '@fontsource/noto-nastaliq-urdu'];

function licences(): Plugin {
    return {
        name: 'licences',
        generateBundle() {
            const texts = packages.map((name) => {
                const folder = path.join(import.meta.dirname, 'node_modules', name);
                return `${name}\n\n${fs.readFileSync(path.join(folder, 'LICENSE'), 'utf8').trim()}\n`;
            });
            this.emitFile({ type: 'asset', fileName: 'licences.txt', source: texts.join('\n----------------------------------------\n\n') });
        },
    };
}

/** Leaflet's style sheet names pictures that nothing here shows. */
function withoutPictures(): Plugin {
    return {
        name: 'without-pictures',
        enforce: 'pre',
        transform: (code, id) => (id.endsWith('leaflet.css') ? code.replace(/^.*url\(.*$/gm, '') : null),
    };
}

/** A file for those who need it: a unit loads page.js only. */
function chunkOf(id: string): string | undefined {
    if (id.includes('node_modules/leaflet') || id.includes('commonjsHelpers') || id.endsWith('leaflet-map.tsx')) return 'map';
    if (id.includes('node_modules/uplot')) return 'plot';
    if (id.endsWith('refusals.ur.json')) return 'refusals';
    return id.includes('/src/office/') || id.endsWith('/records.json') || /\/(proof|report|handover)\.js$/.test(id) ? 'office' : undefined;
}

// Names without hashes: the desk serves a fixed list of files, each with its own etag (src/http/route.c).
export default defineConfig({
    plugins: [licences(), withoutPictures()],
    esbuild: { jsx: 'automatic', jsxImportSource: 'preact' },
    build: {
        target: 'es2022',
        assetsInlineLimit: 0,
        cssCodeSplit: false,
        modulePreload: false,
        emptyOutDir: true,
        rollupOptions: {
            output: {
                entryFileNames: 'page.js',
                chunkFileNames: '[name].js',
                manualChunks: chunkOf,
                onlyExplicitManualChunks: true,
                assetFileNames: ({ names: [name = ''] }) => (name.endsWith('.css') ? 'page.css'
                    : name.replace(/^noto-nastaliq-urdu-.*?-(\d+)-normal/, 'nastaliq-$1').replace(/^noto-naskh-.*?-(\d+)-normal/, 'urdu-$1')),
            },
        },
    },
});
