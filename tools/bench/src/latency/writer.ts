/** The process that changes things: the connector's calendar, the floor's item, the bare notification, in turn. */
import { SqlDatabase } from 'calendar-db/testing/sql-database';
import pg from 'pg';
import { databaseOptions } from 'stack-driver';
import { makeFloor } from './floor-schema.ts';
import { type Copy, changeTitle, makeMeetings } from './meetings.ts';
import { now, type Stamp, titleOf, VARIANTS, type Variant, type WriterTask } from './messages.ts';

/** As long as an event on the wire. */
const BARE_TEXT = 'x'.repeat(900);

process.once('disconnect', () => process.exit());
process.once('message', async (task: WriterTask) => {
  const { databaseUrl, people, changes, warmUp } = task;
  const database = new SqlDatabase({ ...databaseOptions(databaseUrl, 'bench writer'), poolSize: 1 });
  const plain = new pg.Client({ connectionString: databaseUrl });
  await plain.connect();
  await makeFloor(databaseUrl, people, changes + warmUp);
  const copies = await makeMeetings(database, people, changes + warmUp);
  await database.query('ANALYZE calendar.event');
  process.once('message', async () => {
    const stamps = await changeInTurn(task, writers(database, plain, copies, people));
    await Promise.all([database.close(), plain.end()]);
    process.send?.(stamps, () => process.disconnect());
  });
  process.send?.('prepared');
});

type Write = (change: number) => Promise<unknown>;

function writers(
  database: SqlDatabase,
  plain: pg.Client,
  copies: readonly Copy[],
  people: readonly string[],
): Record<Variant, Write> {
  return {
    product: (change) => changeTitle(database, copies[change]!, titleOf(change)),
    floor: (change) => plain.query('SELECT floor.change_item($1, $2)', [change, titleOf(change)]),
    bare: (change) => {
      const message = JSON.stringify({ title: titleOf(change), body: { text: BARE_TEXT } });
      return plain.query("SELECT pg_notify('bare_change', $1)", [`${people[change % people.length]} ${message}`]);
    },
  };
}

/** The variants take turns, so that whatever else the machine does meets all of them. */
async function changeInTurn(
  { changes, warmUp, everyMs }: WriterTask,
  write: Readonly<Record<Variant, Write>>,
): Promise<Stamp[]> {
  const stamps: Stamp[] = [];
  const began = now();
  for (let change = 0; change < changes + warmUp; change++) {
    for (const [turn, variant] of VARIANTS.entries()) {
      const due = began + (change + turn / VARIANTS.length) * everyMs;
      const ahead = due - now();
      if (ahead > 0) await new Promise((resolve) => setTimeout(resolve, ahead));
      await write[variant](change);
      // The statement commits by itself: its answer is the commit's.
      stamps.push({ variant, change, atMs: now() });
    }
  }
  return stamps.filter(({ change }) => change >= warmUp);
}
