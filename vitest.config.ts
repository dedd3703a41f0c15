import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{src,properties,bin,golden,implementations,spec}/**/*.test.ts'],
    testTimeout: 60_000,
  },
});
