import { defineConfig } from 'vitest/config';

/** Workspace packages are run from their sources, as `node --conditions=source` does. */
export const sourceConditions = { ssr: { resolve: { conditions: ['source', 'node'] } } };

/** A condition that is waited for has time to come true on a busy machine; a second, the default, is not enough there. */
export const patientPolls = { poll: { timeout: 15_000 } };

/**
 * The key file of who runs the tests is never theirs: `tc_calendar` makes one in the home folder, where workers look when
 * none is beside their config. Nothing can stand below /dev/null. A test that is about that key sets its own.
 */
export const withoutOwnKey = { CALENDAR_KEY_FILE: '', CREDENTIALS_DIRECTORY: '', XDG_CONFIG_HOME: '/dev/null/config' };

export default defineConfig({
  ...sourceConditions,
  test: {
    env: withoutOwnKey,
    expect: patientPolls,
    include: ['packages/*/src/**/*.test.ts', 'tools/*/src/**/*.test.ts', '.ci/*.test.ts'],
    exclude: ['**/*.scenario.test.ts', '**/*.interop.test.ts', '**/node_modules/**', '**/dist/**'],
    globalSetup: ['packages/calendar-db/src/testing/global-setup.ts'],
    setupFiles: ['packages/calendar-db/src/testing/check-rows.ts'],
    // Both cores of a small machine: most of a test's time is waiting.
    maxWorkers: 2,
    testTimeout: 20_000,
    hookTimeout: 30_000,
    allowOnly: false,
    retry: 0,
  },
});
