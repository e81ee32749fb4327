import { defineConfig } from 'vitest/config';
import { sourceConditions } from './vitest.config.ts';

export default defineConfig({
  ...sourceConditions,
  test: {
    include: ['packages/*/src/**/*.scenario.test.ts', 'tools/*/src/**/*.scenario.test.ts'],
    fileParallelism: false,
    testTimeout: 240_000,
    hookTimeout: 120_000,
    allowOnly: false,
    retry: 0,
  },
});
