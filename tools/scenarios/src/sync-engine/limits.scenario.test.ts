import { CalendarWriter, PASSWORD, until } from 'stack-driver';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EngineWorld } from './engine-world.ts';

const CROWDED = 'crowded@corp.example';
const OTHERS = ['anna@corp.example', 'boris@corp.example', 'chloe@corp.example'];
const PATIENCE = { patienceMs: 60_000 };
const DAY_MS = 86_400_000;

let world: EngineWorld;
beforeAll(async () => {
  world = await EngineWorld.start([CROWDED, ...OTHERS]);
  world.configure({ sync: { pollSeconds: 0.5, groupSize: 2 } });
});
afterAll(() => world.end(), 60_000);

const linesOf = (event: string, mailbox?: string) =>
  world.workers[0]!.log.entries.filter((entry) => {
    const serious = entry.level === 'warn' || entry.level === 'error' || entry.level === 'info';
    return entry.event === event && serious && (mailbox === undefined || entry.mailbox === mailbox);
  });

async function untilShown(mailbox: string, subject: string): Promise<void> {
  await until(
    `${mailbox} shows ${subject}`,
    async () => ((await world.subjects(mailbox)).includes(subject) ? true : undefined),
    PATIENCE,
  );
}

describe('what Exchange limits', () => {
  it('streams: where none may be opened mailboxes are polled, it is said once, and streams open when they may', async () => {
    await world.control('PATCH', '/settings', { streaming: { connectionsPerAccount: 0 } });
    world.work();
    await world.untilCached();
    await until('a stream was refused', async () => (linesOf('stream.lost').length > 0 ? true : undefined), PATIENCE);
    for (const mailbox of OTHERS) {
      await world.seed({ mailbox, subject: 'told by a poll' });
      await untilShown(mailbox, 'told by a poll');
    }
    expect(linesOf('stream.lost')).toMatchObject([
      { error: { message: expect.stringMatching(/ExceededConnectionCount/) } },
    ]);
    expect(await world.control('GET', '/streams')).toEqual([]);
    await world.control('PATCH', '/settings', { streaming: { connectionsPerAccount: 10 } });
    const streams = async () => ((await world.control('GET', '/streams')) as unknown[]).length;
    await until('every sync group has a stream', async () => ((await streams()) >= 2 ? true : undefined), PATIENCE);
    await world.seed({ mailbox: OTHERS[0]!, subject: 'told by a stream' });
    await untilShown(OTHERS[0]!, 'told by a stream');
  }, 180_000);

  it('1,000 entries in a list: of an hour with more, what is listed is shown, and nothing else suffers', async () => {
    const start = new Date(Math.ceil(Date.now() / DAY_MS) * DAY_MS + 2 * DAY_MS);
    const hour = { start: start.toISOString(), end: new Date(start.getTime() + 1_800_000).toISOString() };
    const later = {
      start: new Date(start.getTime() + DAY_MS).toISOString(),
      end: new Date(start.getTime() + DAY_MS + 60_000).toISOString(),
    };
    const ids = await world.seed(
      ...Array.from({ length: 1_005 }, (_, n) => ({ mailbox: CROWDED, subject: `crowd ${n}`, ...hour })),
      { mailbox: CROWDED, subject: 'before' },
      { mailbox: CROWDED, subject: 'after', ...later },
    );
    await until('it is said', async () => (linesOf('sync.failed', CROWDED).length > 0 ? true : undefined), PATIENCE);
    const subjects = await world.subjects(CROWDED);
    expect(subjects.filter((subject) => subject.startsWith('crowd'))).toHaveLength(1_000);
    expect(subjects).toEqual(expect.arrayContaining(['before', 'after']));
    expect((await world.mailbox(CROWDED)).retrySeconds).toBeGreaterThanOrEqual(300);
    for (const mailbox of OTHERS) {
      await world.seed({ mailbox, subject: 'meanwhile' });
      await untilShown(mailbox, 'meanwhile');
    }
    const again = async () => {
      await world.db.database.query('UPDATE calendar.mailbox SET next_sync_at = clock_timestamp() WHERE address = $1', [
        CROWDED,
      ]);
    };
    const { failures } = await world.mailbox(CROWDED);
    await again();
    await until(
      'it was tried again',
      async () => ((await world.mailbox(CROWDED)).failures > failures ? true : undefined),
      PATIENCE,
    );
    expect(linesOf('sync.failed', CROWDED)).toHaveLength(1);
    await world.control('POST', '/seed', { mailboxes: [{ address: CROWDED, password: PASSWORD }] });
    const writer = new CalendarWriter(world.simulator.ewsUrl, CROWDED);
    for (const itemId of ids.slice(0, 10)) await writer.cancel(itemId);
    await again();
    await until(
      'all is well',
      async () => ((await world.mailbox(CROWDED)).status === 'ok' ? true : undefined),
      PATIENCE,
    );
    expect(await world.subjects(CROWDED)).toHaveLength(997);
  }, 180_000);
});
