import { defineConfig } from 'vitest/config';
import { patientPolls, sourceConditions, withoutOwnKey } from './vitest.config.ts';

export default defineConfig({
  ...sourceConditions,
  test: {
    env: withoutOwnKey,
    expect: patientPolls,
    include: ['packages/*/src/**/*.interop.test.ts', 'tools/*/src/**/*.interop.test.ts'],
    fileParallelism: false,
    testTimeout: 240_000,
    hookTimeout: 120_000,
    allowOnly: false,
    retry: 0,
  },
});
