import { describe, expect, it } from 'vitest';
import { connectionNeed } from './connection-need.ts';

type Config = Parameters<typeof connectionNeed>[1];

const room = { mostConnections: 100, reserved: 3, roleLimit: null, databaseLimit: null, openNow: 12 };
const byDefault: Config = { database: { ssl: false } };

const workers = (counts: Record<string, number>) =>
  Object.entries(counts).flatMap(([kind, count]) => Array.from({ length: count }, () => ({ kind })));

describe('connectionNeed', () => {
  it('adds up what workers of each kind may open, their listening connections and calendarctl', () => {
    const need = connectionNeed(workers({ 'sync-worker': 2, 'ws-gateway': 3, launcher: 1 }), byDefault, room);
    expect(need).toEqual({
      kinds: [
        { kind: 'sync-worker', workers: 2, each: 7, connections: 14 },
        { kind: 'ws-gateway', workers: 3, each: 6, connections: 18 },
        { kind: 'launcher', workers: 1, each: 5, connections: 5 },
      ],
      ...{ needed: 39, allowed: 97, warning: null },
    });
  });

  it('warns of what Postgres does not allow, and says what to set', () => {
    const { needed, warning } = connectionNeed(
      workers({ 'sync-worker': 10, 'ws-gateway': 10, launcher: 4 }),
      byDefault,
      room,
    );
    expect(needed).toBe(152);
    expect(warning).toBe(
      'the 24 registered workers and calendarctl may open 152 connections to Postgres at a time, which allows them 97: a ' +
        'worker that gets none is unready. Set max_connections, now 100 of which 3 are reserved, to at least 165 in ' +
        'postgresql.conf and restart Postgres, run fewer workers, or lower database.poolSize',
    );
  });

  it('goes by the config where that sets the pool', () => {
    const config: Config = { database: { ssl: false, poolSize: 20 } };
    expect(connectionNeed(workers({ 'sync-worker': 4, launcher: 1 }), config, room)).toMatchObject({
      needed: 5 * 21 + 2,
      warning: expect.stringContaining('lower database.poolSize'),
    });
  });

  it('knows the limits of the role and of the database', () => {
    const few = workers({ 'sync-worker': 2 });
    expect(connectionNeed(few, byDefault, { ...room, roleLimit: 10 })).toMatchObject({
      allowed: 10,
      warning: expect.stringContaining('ALTER ROLE'),
    });
    expect(connectionNeed(few, byDefault, { ...room, roleLimit: 90, databaseLimit: 15 })).toMatchObject({
      allowed: 15,
      warning: expect.stringContaining('ALTER DATABASE'),
    });
    expect(connectionNeed(few, byDefault, { ...room, roleLimit: 16 }).warning).toBeNull();
  });

  it('counts only listening connections behind a pooler, which limits the others itself', () => {
    const config: Config = { database: { ssl: false, listen: { host: 'db.corp.example', port: 5432 } } };
    const many = workers({ 'sync-worker': 30, 'ws-gateway': 30 });
    expect(connectionNeed(many, config, room)).toMatchObject({ needed: 60, warning: null });
  });
});
