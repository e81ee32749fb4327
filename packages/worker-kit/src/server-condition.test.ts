import { beforeEach, describe, expect, it } from 'vitest';
import { type GuardOptions, ServerCondition, type ServerFailure, type ServerPatience } from './server-condition.ts';
import { CapturedLog } from './testing/index.ts';

const PATIENCE: ServerPatience = { downAfter: 2, downAfterLasting: 1, firstHoldMs: 20, longestHoldMs: 100 };

class FailedError extends Error {
  readonly failure: ServerFailure;
  constructor(failure: Partial<ServerFailure> = {}) {
    super('no answer');
    this.failure = { message: 'no answer', isLasting: false, isSilence: false, askedHoldMs: 0, ...failure };
  }
}

let log: CapturedLog;
let changes: boolean[];
beforeEach(() => {
  log = new CapturedLog();
  changes = [];
});

const condition = (patience: Partial<ServerPatience> = {}) =>
  new ServerCondition({
    log: log.logger(),
    patience: { ...PATIENCE, ...patience },
    judge: (error) => (error instanceof FailedError ? error.failure : 'nothing'),
    downLine: ({ message }) => ({ level: 'warn', event: 'server.down', message }),
    backLine: (seconds) => ({ level: 'info', event: 'server.back', message: `back after ${seconds} s` }),
    onChange: (isDown) => changes.push(isDown),
  });
const unhurried: GuardOptions = {
  signal: new AbortController().signal,
  held: (heldMs) => new Error(`held for ${heldMs} ms`),
};
const failing = (failure?: Partial<ServerFailure>) => () => Promise.reject(new FailedError(failure));
const untilAskable = (server: ServerCondition) => expect.poll(() => server.heldMs).toBe(0);

/** A server that counts as down and may be asked again. */
async function askable(): Promise<ServerCondition> {
  const server = condition();
  for (let n = 0; n < 2; n++) await server.observe(failing()).catch(() => undefined);
  await untilAskable(server);
  return server;
}

describe('ServerCondition', () => {
  it('ends the wait for another call when the waiting caller gives up, and lets the others wait on', async () => {
    const server = await askable();
    const { promise, resolve } = Promise.withResolvers<string>();
    const probe = server.guard(unhurried, () => promise);
    const aborter = new AbortController();
    const impatient = server.guard({ ...unhurried, signal: aborter.signal }, async () => 'made');
    const patient = server.guard(unhurried, async () => 'made');
    aborter.abort(new Error('given up'));
    await expect(impatient).rejects.toThrow('given up');
    resolve('probed');
    expect(await Promise.all([probe, patient])).toEqual(['probed', 'made']);
  });

  it('lets the next caller find out when the one who tried gives up', async () => {
    const server = await askable();
    const aborted = Promise.withResolvers<string>();
    const probe = server.guard(unhurried, () => aborted.promise);
    const next = server.guard(unhurried, async () => 'made');
    aborted.reject(new DOMException('given up', 'AbortError'));
    await expect(probe).rejects.toThrow('given up');
    expect(await next).toBe('made');
    expect(changes).toEqual([true, false]);
  });

  it('makes no call for a caller who has given up already', async () => {
    const server = await askable();
    const { promise, resolve } = Promise.withResolvers<void>();
    const probe = server.guard(unhurried, () => promise);
    const gone = server.guard({ ...unhurried, signal: AbortSignal.abort(new Error('gone')) }, async () => 'made');
    await expect(gone).rejects.toThrow('gone');
    resolve();
    await probe;
  });

  it('allows no call while it is held, one while it is down, and all that are wanted afterwards', async () => {
    const server = condition({ firstHoldMs: 1_000 });
    expect(server.allow(5)).toBe(5);
    for (let n = 0; n < 2; n++) await server.observe(failing()).catch(() => undefined);
    expect(server.allow(5)).toBe(0);
    await expect.poll(() => server.allow(5), { timeout: 5_000 }).toBe(1);
    await server.observe(async () => 'ok');
    expect(server.allow(5)).toBe(5);
    expect(log.events()).toEqual(['server.down', 'server.back']);
    expect(changes).toEqual([true, false]);
  });

  it('keeps a pause that a server asks for before it counts as down only where that is wanted', async () => {
    const [obedient, stubborn] = [condition({ keepsFirstAskedHold: true, longestAskedHoldMs: 5_000 }), condition()];
    for (const server of [obedient, stubborn]) server.learn(new FailedError({ askedHoldMs: 60_000 }));
    expect([obedient.down, stubborn.down]).toEqual([null, null]);
    expect(obedient.heldMs).toBeGreaterThan(4_000);
    expect(obedient.heldMs).toBeLessThanOrEqual(5_000);
    expect(stubborn.heldMs).toBe(0);
  });

  it('counts failures of one subject once', () => {
    const server = condition();
    for (let n = 0; n < 5; n++) server.learn(new FailedError({ countsOncePer: 'anna' }));
    expect(server.down).toBeNull();
    server.learn(new FailedError({ countsOncePer: 'boris' }));
    expect(server.down).toBe('no answer');
  });
});
