import { createTestDatabase, type TestDatabase } from 'calendar-db/testing';
import type { LoadedConfig } from 'connector-config';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FatalError } from './fatal-error.ts';
import { startTestWorker, type TestConfig, type TestWorker, writeTestConfig } from './testing/index.ts';
import type { StartedWorker, WorkerContext } from './worker-definition.ts';

/** What a worker of these tests does where it takes part in a start or a reload. */
interface Parts {
  readonly onStart?: (context: WorkerContext) => Promise<void> | void;
  readonly prepareReload: (next: LoadedConfig, context: WorkerContext) => ReturnType<StartedWorker['prepareReload']>;
}

/** A promise that the test settles. */
function gate(): { readonly passed: Promise<void>; open(): void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { passed: promise, open: resolve };
}

/** The key that these tests change: whether conferences are launched. */
const launches = ({ config }: { readonly config: { readonly launchConference: boolean } }) => config.launchConference;

describe('a reload', () => {
  let db: TestDatabase;
  let config: TestConfig;
  let worker: TestWorker;
  /** What happened, in order. */
  let steps: string[];

  const run = ({ onStart, prepareReload }: Parts) => {
    worker = startTestWorker(
      {
        kind: 'launcher',
        sections: ['launchConference'],
        start: async (context) => {
          await onStart?.(context);
          const loop = context.running.child('part');
          const service = {
            id: 'part',
            run: async () => {
              steps.push('part runs');
              await loop.sleep(Number.POSITIVE_INFINITY);
            },
            stop: () => {
              steps.push('part stops');
              loop.stop();
            },
          };
          return { services: [service], prepareReload: (next) => prepareReload(next, context) };
        },
      },
      config,
    );
  };
  const change = (launchConference: boolean) => {
    config.write({ launchConference });
    return worker.worker.reload();
  };

  beforeAll(async () => {
    db = await createTestDatabase();
  });
  beforeEach(async () => {
    config = await writeTestConfig(db.options, { launchConference: true });
    steps = [];
  });
  afterEach(async () => {
    await worker.stop().catch(() => undefined);
    config.remove();
  });
  afterAll(() => db.drop());

  it('that a part refuses keeps the old config in force and the old parts running', async () => {
    run({
      prepareReload: () => {
        throw new FatalError('config', 'unusable', 'this config cannot be used');
      },
    });
    await worker.log.waitFor('worker.started');
    const before = worker.context.config;
    await change(false);

    expect(await worker.log.waitFor('config.refused')).toMatchObject({ message: 'this config cannot be used' });
    expect(worker.context.config).toBe(before);
    expect(steps).toEqual(['part runs']);
    expect(worker.context.health.report().checks.config).toMatchObject({ state: 'degraded' });
    expect(worker.context.running.shouldRun()).toBe(true);
  });

  it('is prepared under the old config and committed under the new one', async () => {
    run({
      prepareReload: async (next, context) => {
        steps.push(`prepare ${launches(next)} under ${launches(context)}`);
        await Promise.resolve();
        return () => steps.push(`commit under ${launches(context)}`);
      },
    });
    await worker.log.waitFor('worker.started');
    await change(false);
    expect(steps).toEqual(['part runs', 'prepare false under true', 'commit under false']);
  });

  it('waits for the one before it: two in quick succession never overlap', async () => {
    const first = gate();
    run({
      prepareReload: async (next, context) => {
        steps.push(`prepare ${launches(next)} under ${launches(context)}`);
        if (!launches(next)) await first.passed;
        return () => steps.push(`commit ${launches(next)}`);
      },
    });
    await worker.log.waitFor('worker.started');
    const one = change(false);
    await expect.poll(() => steps).toContain('prepare false under true');
    const two = change(true);
    first.open();
    await Promise.all([one, two]);
    expect(steps).toEqual([
      'part runs',
      'prepare false under true',
      'commit false',
      'prepare true under false',
      'commit true',
    ]);
    expect(worker.context.config.launchConference).toBe(true);
  });

  it('during a start waits for the start and is prepared by the parts that it made', async () => {
    const starting = gate();
    run({
      onStart: async (context) => {
        steps.push(`start under ${launches(context)}`);
        await starting.passed;
        steps.push(`started under ${launches(context)}`);
      },
      prepareReload: (next) => {
        steps.push(`prepare ${launches(next)}`);
        return () => steps.push('commit');
      },
    });
    await expect.poll(() => steps).toEqual(['start under true']);
    const reloaded = change(false);
    starting.open();
    await reloaded;
    expect(steps.filter((step) => step !== 'part runs')).toEqual([
      'start under true',
      'started under true',
      'prepare false',
      'commit',
    ]);
    expect(worker.context.config.launchConference).toBe(false);
  });

  it('between two attempts to start counts for the next attempt', async () => {
    const failed = gate();
    run({
      onStart: (context) => {
        steps.push(`start under ${launches(context)}`);
        if (!launches(context)) return;
        failed.open();
        throw new Error('not yet');
      },
      prepareReload: () => () => steps.push('commit'),
    });
    await failed.passed;
    await change(false);
    await worker.log.waitFor('worker.started');
    expect(steps).toContain('start under false');
    expect(steps).not.toContain('commit');
  });

  it('whose commit fails ends the worker and says so', async () => {
    run({
      prepareReload: () => () => {
        throw new Error('half done');
      },
    });
    await worker.log.waitFor('worker.started');
    await change(false);
    const end = await worker.ended.catch((error: unknown) => error);
    expect(end).toMatchObject({ code: 'reload-incomplete', exitCode: 1, cause: { message: 'half done' } });
  });

  it('does not commit once the worker is stopping', async () => {
    const preparing = gate();
    run({
      prepareReload: async () => {
        steps.push('prepare');
        await preparing.passed;
        return () => steps.push('commit');
      },
    });
    await worker.log.waitFor('worker.started');
    const reloaded = change(false);
    await expect.poll(() => steps).toContain('prepare');
    worker.worker.stop();
    preparing.open();
    await reloaded;
    expect(steps).not.toContain('commit');
    expect(worker.context.config.launchConference).toBe(true);
  });
});
