import { defineConfig } from 'vite';

// Names without hashes: the desk serves a fixed list of files, each with its own etag (src/http/route.c).
export default defineConfig({
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
                assetFileNames: ({ names: [name = ''] }) => (name.endsWith('.css') ? 'page.css' : name.replace(/^.*-(\d+)-normal/, 'urdu-$1')),
            },
        },
    },
});
