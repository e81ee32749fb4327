import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SQL_FOLDER } from './sql-file.ts';

/**
 * Files that compare with `clock_timestamp()` all the same: rows that are found by their key, where it counts what time it is
 * after the wait for a lock.
 */
const BY_KEY = [
  'functions/conferences/plan_conferences.sql',
  'functions/conferences/set_aside_event.sql',
  'functions/conferences/settle_conferences.sql',
  'functions/credentials/lock_credential.sql',
  'functions/credentials/renew_sign_in_permits.sql',
  'functions/sync/apply_sync.sql',
  'sign-in/count-attempt.sql',
  'sync/claim.sql',
  'sync/count-acceptance.sql',
  'sync/drop-beyond.sql',
  'sync/renew-leases.sql',
  'sync/retry-failed.sql',
];

describe('conditions in SQL', () => {
  it('compare with the time of the statement, by which an index can be searched, but for rows that are found by their key', () => {
    const files = readdirSync(SQL_FOLDER, { recursive: true, encoding: 'utf8' }).filter(
      (file) => file.endsWith('.sql') && !file.startsWith('migrations/'),
    );
    const comparing = files.filter((file) =>
      /(?:(?<!=)[<>]=?|\bBETWEEN|\bAND)\s+(?:clock_timestamp|timeofday|random)\(\)/u.test(
        readFileSync(new URL(file, SQL_FOLDER), 'utf8'),
      ),
    );
    expect(comparing.sort()).toEqual(BY_KEY);
  });
});
