import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import type { DatabaseOptions } from '../database/database.ts';
import { createTestDatabase, SwallowingProxy, type TestDatabase } from '../testing/index.ts';
import { CalendarListener } from './calendar-listener.ts';
import { ListenConnectionLostError } from './listen-session.ts';
import type { WorkerMessage } from './worker-message.ts';

/** Short, so that deafness is noticed soon. */
const HEARTBEAT_MS = 800;
const LISTENER = 'listener under test';

describe('the listener', () => {
  let db: TestDatabase;
  let proxy: SwallowingProxy;
  let listener: CalendarListener;
  const heads: number[] = [];
  const messages: WorkerMessage[] = [];
  const errors: Error[] = [];
  let connected = 0;

  beforeAll(async () => {
    db = await createTestDatabase();
  });
  afterAll(() => db.drop());
  beforeEach(async () => {
    proxy = await SwallowingProxy.start(db.options);
    listener = listenerOn({ ...db.options, host: proxy.host, port: proxy.port });
  });
  afterEach(async () => {
    await listener.close();
    await proxy.close();
  });

  function listenerOn(database: DatabaseOptions): CalendarListener {
    for (const list of [heads, messages, errors]) list.length = 0;
    connected = 0;
    const made = new CalendarListener({
      database: { ...database, applicationName: LISTENER },
      heartbeatMs: HEARTBEAT_MS,
      onError: (error) => errors.push(error),
    });
    made.onChange((head) => heads.push(head));
    made.onWorker((message) => messages.push(message));
    made.onConnected(() => {
      connected++;
    });
    return made;
  }

  function notify(channel: string, payload: string): Promise<unknown> {
    return db.database.query('SELECT pg_notify($1, $2)', [channel, payload]);
  }

  async function startAndHear(head: number): Promise<void> {
    await listener.start();
    await expect.poll(() => listener.state).toBe('listening');
    await hears(head);
  }

  async function hears(head: number): Promise<void> {
    await notify('calendar_change', String(head));
    await expect.poll(() => heads, { timeout: 5_000 }).toContain(head);
  }

  it('hears new positions and messages to workers, and nothing else', async () => {
    await startAndHear(1);
    await notify('calendar_change', 'not json');
    await notify('calendar_change', '"7"');
    await notify('calendar_worker', '[]');
    await notify('calendar_worker', '{"reload":"all"}');
    await notify('calendar_worker', '{"registry":"launcher"}');
    await expect.poll(() => messages).toEqual([{ reload: 'all' }, { registry: 'launcher' }]);
    expect(heads).toEqual([1]);
    expect(errors).toEqual([]);
  });

  it('keeps proofs of its registration, its own and those of others, from its handlers', async () => {
    await startAndHear(1);
    const other = new CalendarListener({ database: db.options, heartbeatMs: HEARTBEAT_MS });
    await other.start();
    await expect.poll(() => other.state).toBe('listening');
    const first = listener.provenAt;
    await expect.poll(() => listener.provenAt?.getTime(), { timeout: 5_000 }).toBeGreaterThan(first?.getTime() ?? 0);
    await other.close();
    expect(heads).toEqual([1]);
    expect(messages).toEqual([]);
  });

  it('listens again after its backend was killed, and says so', async () => {
    await startAndHear(1);
    await db.database.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE $1', [
      `${LISTENER}%`,
    ]);
    await expect.poll(() => connected, { timeout: 5_000 }).toBeGreaterThan(1);
    await hears(2);
    expect(errors[0]).toBeInstanceOf(ListenConnectionLostError);
  });

  it('listens again after the connection was reset', async () => {
    await startAndHear(1);
    proxy.cut();
    await expect.poll(() => connected, { timeout: 5_000 }).toBeGreaterThan(1);
    await hears(2);
  });

  it('notices a link that fell silent, which no end ever closes', async () => {
    await startAndHear(1);
    proxy.swallow();
    await expect.poll(() => listener.state, { timeout: 5_000 }).toBe('connecting');
    expect(errors[0]?.message).toContain('notifications do not arrive any more');
    proxy.forward();
    await expect.poll(() => connected, { timeout: 10_000 }).toBeGreaterThan(1);
    await hears(2);
    await expect.poll(() => proxy.connections).toBe(1);
  });

  it('notices that its session lost the registration although the connection answers', async () => {
    await startAndHear(1);
    const provenBefore = Date.now();
    // Simple query `UNLISTEN *`; its answer is CommandComplete (14 bytes) and ReadyForQuery (6 bytes).
    proxy.slipIn(Buffer.from('Q\0\0\0\x0fUNLISTEN *\0', 'latin1'), 20);
    await expect.poll(() => connected, { timeout: 5_000 }).toBeGreaterThan(1);
    await hears(2);
    expect(listener.provenAt?.getTime()).toBeGreaterThanOrEqual(provenBefore);
  });

  it('starts while the database is down and listens as soon as it is there', async () => {
    proxy.refuse();
    await listener.start();
    await expect.poll(() => errors.length).toBeGreaterThan(1);
    expect(listener.state).toBe('connecting');
    expect(listener.provenAt).toBeNull();
    proxy.forward();
    await expect.poll(() => listener.state, { timeout: 10_000 }).toBe('listening');
    await hears(1);
  });

  it('closes during back-off', async () => {
    proxy.refuse();
    await listener.start();
    await expect.poll(() => errors.length).toBeGreaterThan(2);
    await listener.close();
    const told = errors.length;
    expect(listener.state).toBe('closed');
    proxy.forward();
    await listener.start();
    expect(errors.length).toBe(told);
    expect(proxy.connections).toBe(0);
  });

  it('closes while a silent server keeps it waiting, and leaves no connection', async () => {
    proxy.swallow();
    await listener.start();
    await expect.poll(() => proxy.connections).toBe(1);
    await listener.close();
    await expect.poll(() => proxy.connections).toBe(0);
    expect(errors).toEqual([]);
  });

  it('closes on a link that fell silent, and leaves no connection', async () => {
    await startAndHear(1);
    proxy.swallow();
    await listener.close();
    await expect.poll(() => proxy.connections).toBe(0);
  });

  it('survives the failure of a handler', async () => {
    const failing = vi.fn(() => {
      throw new Error('handler failed');
    });
    listener.onChange(failing);
    await startAndHear(1);
    await hears(2);
    expect(failing).toHaveBeenCalledTimes(2);
    expect(errors.map((error) => error.message)).toEqual(['handler failed', 'handler failed']);
  });

  it('says what is wrong when it cannot sign in, and tries on', async () => {
    await listener.close();
    listener = listenerOn({ ...db.options, password: 'wrong' });
    await listener.start();
    await expect.poll(() => errors.length).toBeGreaterThan(1);
    expect(errors[0]?.message).toContain('password authentication failed');
    expect(errors[0]?.message).not.toContain('wrong');
  });
});
