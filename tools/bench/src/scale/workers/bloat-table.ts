import { rowOf, type Unit } from '../growth.ts';
import { requireResources } from '../resources.ts';
import type { ScaleOptions } from '../scale-options.ts';
import type { ScaleTable } from '../scale-result.ts';
import { sqlFile } from '../sql-file.ts';
import { type WorkerStack, withWorkerStack } from './worker-stack.ts';

const PREFIX = 'person-';
const PEOPLE = 4;
const PER_MAILBOX = 100;
/** Polls of all mailboxes, one after the other as fast as they go: the worst that autovacuum can meet. */
const ROUNDS = 20;
const AT_ONCE = 100;

interface Bloat {
  readonly mib: number;
  readonly updates: number;
  readonly hot: number;
  readonly dead: number;
  readonly vacuums: number;
}

interface Figures {
  readonly mailbox: { readonly before: Bloat; readonly after: Bloat };
  readonly event: { readonly before: Bloat; readonly after: Bloat };
}

/** What updates leave behind in the tables that are written most, with autovacuum as it is set. */
export async function measureBloatTable(options: ScaleOptions): Promise<ScaleTable> {
  const sizes = options.mailboxes;
  const figures: Figures[] = [];
  for (const size of sizes) {
    await requireResources(`bloat at ${size}`, { memoryMib: 800, diskMib: 400 + size * 0.5 });
    const tell = (text: string) => options.tell(`bloat at ${size}: ${text}`);
    figures.push(await withWorkerStack((workers) => measureAt(workers, size, tell)));
  }
  const row = (what: string, unit: Unit, value: (one: Figures) => number) =>
    rowOf(what, unit, 'any', sizes, figures.map(value));
  const rows = (name: keyof Figures) => [
    row(`${name}: updates`, 'count', (one) => one[name].after.updates - one[name].before.updates),
    row(`${name}: of them within their page`, '%', (one) => {
      const updates = one[name].after.updates - one[name].before.updates;
      return ((one[name].after.hot - one[name].before.hot) / updates) * 100;
    }),
    row(`${name}: size before`, 'MiB', (one) => one[name].before.mib),
    row(`${name}: size after`, 'MiB', (one) => one[name].after.mib),
    row(`${name}: vacuums meanwhile`, 'count', (one) => one[name].after.vacuums - one[name].before.vacuums),
  ];
  return {
    name: 'bloat',
    title: `What ${ROUNDS} polls of each mailbox and a change of one copy in ten leave behind, without a pause between them`,
    of: 'mailboxes',
    sizes,
    rows: [...rows('mailbox'), ...rows('event')],
  };
}

async function measureAt(workers: WorkerStack, size: number, tell: (text: string) => void): Promise<Figures> {
  tell('fills the tables');
  const meetings = Math.floor((size * PER_MAILBOX) / PEOPLE / 10);
  await workers.fill('fill-mailboxes', ['bench', PREFIX, size, 200]);
  await workers.fill('fill-meetings', [PREFIX, size, meetings, PEOPLE, 7]);
  await workers.fill('analyze');
  tell('polls');
  const mailbox = await bloatBy(workers, 'mailbox', async () => {
    for (let round = 0; round < ROUNDS; round++) await forAll(workers, size, 'settle-poll');
  });
  tell('changes');
  const event = await bloatBy(workers, 'event', () => forAll(workers, size, 'change-copies'));
  return { mailbox, event };
}

async function bloatBy(
  workers: WorkerStack,
  table: keyof Figures,
  work: () => Promise<void>,
): Promise<Figures['mailbox']> {
  const before = await read(workers, table);
  await work();
  return { before, after: await read(workers, table) };
}

/** Runs a statement for the mailboxes, some at a time. */
async function forAll({ database }: WorkerStack, size: number, name: string): Promise<void> {
  const { rows } = await database.query<{ first: number }>(
    'SELECT min(mailbox_id)::float8 AS first FROM calendar.mailbox',
  );
  const first = rows[0]!.first;
  for (let from = first; from < first + size; from += AT_ONCE) {
    await database.query(sqlFile(name), [from, from + AT_ONCE - 1]);
  }
}

async function read({ database }: WorkerStack, table: string): Promise<Bloat> {
  await database.query('SELECT pg_stat_clear_snapshot()');
  return (await database.query<Bloat & Record<string, unknown>>(sqlFile('read-bloat'), [table])).rows[0]!;
}
