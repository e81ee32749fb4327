import { until } from 'stack-driver';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EngineWorld } from './engine-world.ts';

const ANNA = 'anna@corp.example';
const BORIS = 'boris@corp.example';
const SECRET = {
  ...{
    mailbox: ANNA,
    subject: 'marker-of-the-private-subject',
    sensitivity: 'Private',
    location: 'marker-of-the-place',
  },
  ...{ body: 'marker-of-the-private-body', categories: ['marker-of-the-category'], requiredAttendees: [BORIS] },
};
/** Longer than any preview, with its marker behind the preview's end. */
const LONG_BODY = `${'Agenda item, '.repeat(60)} marker-of-the-long-body`;

let world: EngineWorld;
beforeAll(async () => {
  world = await EngineWorld.start([ANNA, BORIS], { privacy: { storePrivate: true } });
  await world.seed(SECRET, { mailbox: ANNA, subject: 'open', body: LONG_BODY });
  world.work();
  await world.untilCached();
}, 60_000);
afterAll(() => world.end(), 60_000);

/** Every value of every table, as text. */
async function dump(): Promise<string> {
  const { database } = world.db;
  const { rows: tables } = await database.query<{ name: string }>(
    "SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = 'calendar'",
  );
  const parts = tables.map(({ name }) =>
    database.query<{ line: string }>(`SELECT to_jsonb(t)::text AS line FROM calendar.${name} t`),
  );
  return (await Promise.all(parts)).flatMap(({ rows }) => rows.map(({ line }) => line)).join('\n');
}

/** All that the workers show to whoever may look at them. */
async function pages(): Promise<string> {
  const { rows } = await world.db.database.query<{ address: string }>(
    'SELECT ops_address AS address FROM calendar.worker WHERE ops_address IS NOT NULL',
  );
  expect(rows.length).toBeGreaterThan(0);
  const texts = rows.flatMap(({ address }) =>
    ['/metrics', '/ops', '/readyz', '/healthz'].map(async (path) => (await fetch(`http://${address}${path}`)).text()),
  );
  return (await Promise.all(texts)).join('\n');
}

const logs = () => world.workers.map(({ log, stderr }) => JSON.stringify(log.entries) + stderr.join('\n')).join('\n');
const markersIn = (text: string) => [...new Set(text.match(/marker-of-[a-z-]+/g))].sort();

describe('what the database, the logs and the pages for operators hold', () => {
  it('is never more than the beginning of a body, and of a password nothing', async () => {
    expect(await world.subjects(ANNA)).toEqual(['marker-of-the-private-subject', 'open']);
    const held = await dump();
    expect(markersIn(held)).toEqual([
      ...[
        'marker-of-the-category',
        'marker-of-the-place',
        'marker-of-the-private-body',
        'marker-of-the-private-subject',
      ],
    ]);
    expect(held).toContain('Agenda item');
    expect(held).not.toContain(EngineWorld.password);
    for (const operation of ['GetItem', 'FindItem', 'SyncFolderItems']) {
      await world.disturb({
        operation,
        action: { form: 'soapFault', code: 'ErrorConnectionFailed', message: 'marker-of-the-fault' },
      });
      await world.seed({ mailbox: ANNA, subject: `marker-of-${operation.toLowerCase()}` });
      await until(`the fault of ${operation} struck`, async () =>
        (await world.journal()).some((entry) => entry.fault && entry.operation === operation) ? true : undefined,
      );
      await world.calm();
    }
    expect(markersIn(logs())).toEqual([]);
    expect(logs()).not.toMatch(/authorization/i);
    const shown = await pages();
    expect(shown).toContain('calendar_');
    expect(markersIn(shown)).toEqual([]);
  }, 60_000);

  it('is nothing of a private event any more once privacy.storePrivate is off, and nothing of one that comes then', async () => {
    for (const worker of world.workers.splice(0)) await worker.stop();
    world.configure({ privacy: { storePrivate: false } });
    await world.db.database.query('DELETE FROM calendar.change');
    const worker = world.work();
    await worker.log.waitFor('privacy.forgotten');
    await world.db.database.query('UPDATE calendar.mailbox SET next_sync_at = clock_timestamp()');
    await world.seed({ ...SECRET, subject: 'marker-of-another' }, { mailbox: ANNA, subject: 'seen' });
    await until('the next sync is through', async () =>
      (await world.subjects(ANNA)).includes('seen') ? true : undefined,
    );
    const held = await dump();
    expect(markersIn(held).filter((marker) => !/itemid|finditem|syncfolderitems|getitem/.test(marker))).toEqual([]);
    const { rows } = await world.db.database.query(
      `SELECT sensitivity, audience, attendees FROM calendar.event JOIN calendar.mailbox USING (mailbox_id)
       WHERE address = $1 AND sensitivity = 'private'`,
      [ANNA],
    );
    expect(rows).toEqual(
      Array.from({ length: 2 }, () => ({ sensitivity: 'private', audience: [ANNA], attendees: [] })),
    );
    expect(markersIn(logs() + (await pages()))).toEqual([]);
  }, 60_000);

  it('is whole again for its owner once it is switched on', async () => {
    for (const worker of world.workers.splice(0)) await worker.stop();
    world.configure({ privacy: { storePrivate: true } });
    await world.seed({ mailbox: ANNA, subject: 'last' });
    world.work();
    await until('the content is back', async () =>
      (await world.subjects(ANNA)).includes('marker-of-the-private-subject') ? true : undefined,
    );
  }, 60_000);
});
