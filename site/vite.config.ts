import { defineConfig } from 'vite';
import { pageNames } from './build/page.ts';
import { readableAsFile, specification } from './build/plugin.ts';

const here = import.meta.dirname;

/** The playable specification: a static site that works from any path of any host. */
export default defineConfig({
  root: here,
  base: './',
  plugins: [specification(), readableAsFile()],
  build: {
    target: 'es2023',
    outDir: 'dist',
    // The worker's properties and the recorded vectors are large, and loaded when a property first runs.
    chunkSizeWarningLimit: 1000,
    // On a busy machine every build is told to be slow, which says nothing of it.
    rolldownOptions: {
      checks: { bundlerTimings: false },
      input: [...pageNames.keys()].map((page) => `${here}/${page}.html`),
    },
  },
  worker: { format: 'es' },
});
