import { defineConfig } from 'vitest/config';
import { patientPolls, sourceConditions } from './vitest.config.ts';

export default defineConfig({
  ...sourceConditions,
  test: {
    expect: patientPolls,
    include: ['tools/scenarios/src/kerberos/*.kerberos.test.ts'],
    globalSetup: ['packages/calendar-db/src/testing/global-setup.ts'],
    setupFiles: ['packages/calendar-db/src/testing/check-rows.ts'],
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    allowOnly: false,
    retry: 0,
  },
});
