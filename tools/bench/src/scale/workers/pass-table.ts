import { readFile } from 'node:fs/promises';
import { until } from 'stack-driver';
import { processCost } from '../../sync/process-cost.ts';
import { type Growth, rowOf, type Unit } from '../growth.ts';
import { requireResources } from '../resources.ts';
import type { ScaleOptions } from '../scale-options.ts';
import type { ScaleTable } from '../scale-result.ts';
import { between, type PostgresCost, postgresCost } from './postgres-cost.ts';
import { type WorkerStack, withWorkerStack } from './worker-stack.ts';

const PREFIX = 'person-';
const PEOPLE = 4;
const PER_MAILBOX = 100;

interface Work extends PostgresCost {
  readonly launcherMs: number;
  readonly peakMib: number;
}

interface Figures {
  readonly planned: number;
  readonly pass: Work;
  readonly people: number;
  readonly answers: Work;
}

/** A real launcher that plans all events to come, and then all events anew that answers about addresses touch. */
export async function measurePassTable(options: ScaleOptions): Promise<ScaleTable> {
  const sizes = options.events;
  const figures: Figures[] = [];
  for (const size of sizes) {
    await requireResources(`pass at ${size}`, { memoryMib: 1_500, diskMib: 500 + size * 0.006 });
    const tell = (text: string) => options.tell(`pass at ${size}: ${text}`);
    figures.push(await withWorkerStack((workers) => measureAt(workers, size, tell)));
  }
  const row = (what: string, unit: Unit, growth: Growth, value: (one: Figures) => number) =>
    rowOf(what, unit, growth, sizes, figures.map(value));
  const work = (what: string, of: (one: Figures) => Work) => [
    row(`${what}: Postgres`, 'CPU s', 'events', (one) => of(one).cpuMs / 1_000),
    row(`${what}: launcher`, 'CPU s', 'events', (one) => of(one).launcherMs / 1_000),
    row(what, 'statements', 'events', (one) => of(one).statements),
    row(what, 'blocks', 'events', (one) => of(one).blocks),
    row(`${what}: peak memory of the launcher`, 'MiB', 'events', (one) => of(one).peakMib),
  ];
  return {
    name: 'pass',
    title: `The planner’s full pass and answers about everybody’s address, meetings of ${PEOPLE}, ${PER_MAILBOX} rows a mailbox`,
    of: 'events',
    sizes,
    rows: [
      row('meetings to come', 'count', 'any', ({ planned }) => planned),
      ...work('full pass', ({ pass }) => pass),
      row('people with an answer', 'count', 'any', ({ people }) => people),
      ...work('answers', ({ answers }) => answers),
    ],
  };
}

async function measureAt(workers: WorkerStack, size: number, tell: (text: string) => void): Promise<Figures> {
  const { database } = workers;
  const mailboxes = Math.max(size / PER_MAILBOX, 2 * PEOPLE);
  tell('fills the tables');
  await workers.fill('fill-mailboxes', ['bench', PREFIX, mailboxes, 200]);
  await workers.fill('fill-meetings', [PREFIX, mailboxes, Math.floor(size / PEOPLE), PEOPLE, 7]);
  const config = await workers.config('pass', (draft) => {
    // Everything is planned and nothing is asked of TrueConf Server.
    draft.conferences = { dryRun: true };
  });
  const { trueconfServers } = JSON.parse(await readFile(config, 'utf8')) as { trueconfServers: { serverId: string }[] };
  await workers.fill('fill-address-map', [trueconfServers[0]!.serverId]);
  await workers.fill('analyze');
  tell('full pass');
  const before = await postgresCost(database, workers.postmaster);
  const [launcher] = await workers.start('launcher', config);
  await untilNone(workers, size, 'the pass is over', PASS_OPEN);
  const pass = await workSince(workers, launcher!.pid, before, 0);
  const { rows } = await database.query<{ planned: number }>(
    'SELECT count(*)::int AS planned FROM calendar.conference',
  );
  tell('answers');
  const beforeAnswers = await postgresCost(database, workers.postmaster);
  const { rowCount: people } = await database.query('UPDATE calendar.address_map SET unplanned = true');
  await database.query("SELECT pg_notify('calendar_change', '0')");
  await untilNone(workers, size, 'all answers are planned', ANSWERS_OPEN);
  const answers = await workSince(workers, launcher!.pid, beforeAnswers, pass.launcherMs);
  return { planned: rows[0]!.planned, pass, people: people ?? 0, answers };
}

const PASS_OPEN = `
  SELECT 1 - count(*)::int AS open FROM calendar.consumer
  WHERE name = 'planner' AND full_pass_at IS NOT NULL AND pass_digest IS NULL`;
const ANSWERS_OPEN = 'SELECT count(*)::int AS open FROM calendar.address_map WHERE unplanned';

async function untilNone({ database }: WorkerStack, size: number, what: string, query: string): Promise<void> {
  const isDone = async () => {
    const open = (await database.query<{ open: number }>(query)).rows[0]!.open;
    if (open > 0) throw new Error(`${open} open`);
    return true;
  };
  await until(what, isDone, { patienceMs: 120_000 + size * 2, everyMs: 500 });
}

async function workSince(
  { database, postmaster }: WorkerStack,
  launcher: number,
  before: PostgresCost,
  launcherBefore: number,
): Promise<Work> {
  const { cpuMs, peakMemoryBytes } = await processCost(launcher);
  const cost = between(before, await postgresCost(database, postmaster));
  return { ...cost, launcherMs: cpuMs - launcherBefore, peakMib: peakMemoryBytes / 2 ** 20 };
}
