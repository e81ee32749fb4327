import { CalendarListener } from 'calendar-db/notifications';
import { createTestDatabase, type TestDatabase } from 'calendar-db/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Health } from './health.ts';
import { RunningState } from './running-state.ts';
import { listenProbe } from './standard-checks.ts';
import { CapturedLog } from './testing/captured-log.ts';

describe('the check of listening', () => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await createTestDatabase();
  });
  afterAll(() => db.drop());

  it('has no answer while a listener may still be connecting, and a bad one when it never listens', async () => {
    const log = new CapturedLog().logger();
    const running = new RunningState('check of listening', log);
    const health = new Health();
    const neverStarted = new CalendarListener({ database: db.options });
    const probe = listenProbe(neverStarted, db.options, 'launcher', health, running, log, 20);
    expect(health.report().checks.listen).toMatchObject({ state: 'unready', at: null });
    const ran = probe.run();
    await expect.poll(() => health.report().checks.listen?.at).not.toBeNull();
    expect(health.report().checks.listen).toMatchObject({ state: 'unready', detail: 'no connection listens' });
    await probe.stop();
    await ran;
  });
});
