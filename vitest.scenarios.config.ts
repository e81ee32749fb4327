import { defineConfig } from 'vitest/config';
import { patientPolls, sourceConditions, withoutOwnKey } from './vitest.config.ts';

export default defineConfig({
  ...sourceConditions,
  test: {
    env: withoutOwnKey,
    expect: patientPolls,
    include: ['packages/*/src/**/*.scenario.test.ts', 'tools/*/src/**/*.scenario.test.ts'],
    globalSetup: ['packages/calendar-db/src/testing/global-setup.ts'],
    setupFiles: ['packages/calendar-db/src/testing/check-rows.ts'],
    fileParallelism: false,
    testTimeout: 240_000,
    hookTimeout: 120_000,
    allowOnly: false,
    retry: 0,
  },
});
