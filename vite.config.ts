import { defineConfig } from 'vite'

/** Builds the feed page into dist/web, where `serve` finds it. */
export default defineConfig({
  root: 'serving/web',
  publicDir: 'public',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: '../../dist/web',
    emptyOutDir: true,
    target: 'es2022',
    // The page's policy allows nothing inline, data: pictures apart.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
})
