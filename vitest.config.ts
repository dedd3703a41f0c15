import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{src,properties,bin,golden,site}/**/*.test.ts'],
    // A sequential test draws until it knows: on a busy machine that takes its time.
    testTimeout: 600_000,
    // What the tests compare is plain text, wherever they run.
    env: { FORCE_COLOR: '' },
    coverage: {
      include: ['src/**/*.ts', 'properties/**/*.ts'],
      exclude: ['**/testing/**', '**/testing.ts', '**/*.test.ts'],
      reporter: ['text-summary', 'text'],
      thresholds: {
        lines: 90,
        branches: 90,
        functions: 90,
        statements: 90,
        'src/reference/**': { lines: 100, branches: 100, functions: 100, statements: 100 },
      },
    },
  },
});
