import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { DatabaseOptions } from '../database/database.ts';
import { createTestDatabase, SwallowingProxy, type TestDatabase } from '../testing/index.ts';
import { TransactionPooler } from '../testing/transaction-pooler.ts';
import { CalendarListener } from './calendar-listener.ts';
import { detectPooler } from './pooler.ts';

describe('a connection pooler', () => {
  let db: TestDatabase;
  const closing: { close(): Promise<void> }[] = [];

  beforeAll(async () => {
    db = await createTestDatabase();
  });
  afterAll(() => db.drop());
  afterEach(async () => {
    for (const one of closing.splice(0)) await one.close();
  });

  async function poolerWith(sessions: number): Promise<DatabaseOptions> {
    const pooler = await TransactionPooler.start(db.options, sessions);
    closing.push(pooler);
    return { ...db.options, host: '127.0.0.1', port: pooler.port };
  }

  it('is not seen where there is none, nor behind a plain forwarder', async () => {
    expect(await detectPooler(db.options)).toEqual({ kind: 'none', problem: null });
    const proxy = await SwallowingProxy.start(db.options);
    closing.push(proxy);
    expect(await detectPooler({ ...db.options, host: proxy.host, port: proxy.port })).toMatchObject({ kind: 'none' });
  });

  it('is named when it hands sessions around', async () => {
    const finding = await detectPooler(await poolerWith(2));
    expect(finding.kind).toBe('transaction');
    expect(finding.problem).toContain('transaction mode');
  });

  it('never passes for a place to listen when it hands sessions around', async () => {
    const errors: Error[] = [];
    const database = await poolerWith(2);
    const listener = new CalendarListener({ database, heartbeatMs: 2_000, onError: (error) => errors.push(error) });
    closing.unshift(listener);
    await listener.start();
    await expect.poll(() => errors[0]?.message, { timeout: 10_000 }).toContain('transaction mode');
    expect(listener.provenAt).toBeNull();
  });
});
