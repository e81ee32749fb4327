import { defineConfig } from 'vitest/config';

/** Workspace packages are run from their sources, as `node --conditions=source` does. */
export const sourceConditions = { ssr: { resolve: { conditions: ['source', 'node'] } } };

export default defineConfig({
  ...sourceConditions,
  test: {
    include: ['packages/*/src/**/*.test.ts', 'tools/*/src/**/*.test.ts'],
    exclude: ['**/*.scenario.test.ts', '**/*.interop.test.ts', '**/node_modules/**', '**/dist/**'],
    globalSetup: ['packages/calendar-db/src/testing/global-setup.ts'],
    testTimeout: 20_000,
    hookTimeout: 30_000,
    allowOnly: false,
    retry: 0,
  },
});
