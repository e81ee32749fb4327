import { setTimeout as pause } from 'node:timers/promises';
import { encryptPassword, SERVICE_LOGIN, type SeedItem, until } from 'stack-driver';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { BACK_ENDS, backEndOf, ExchangeWorld } from './exchange/exchange-world.ts';
import { type ToldBy, wrongInLog } from './exchange/worker-logs.ts';

const MAILBOXES = 20;
/** A minute of 503, scaled down: long enough for pauses to grow several times over, and all mailboxes to fall due. */
const OUTAGE_MS = 12_000;
const RESTART_MS = 5_000;
const MOVE_MS = 4_000;

/** Health changes with a trouble and says so once. */
const DEGRADED: ToldBy = { event: 'worker.degraded', optional: true };

/** Streams that cannot be opened again at once: each reason is told once, of the first group; a restart has two of them. */
const STREAM_LOST: ToldBy = { event: 'stream.lost', most: 2, optional: true };

/** So does a worker that was started again. */
const STARTED: ToldBy = { event: 'worker.unready', optional: true };

describe('troubles with Exchange, under two sync-workers, while people work in their calendars', () => {
  let world: ExchangeWorld;
  let failed = false;

  beforeAll(async () => {
    world = await ExchangeWorld.start({ mailboxes: MAILBOXES, syncWorkers: 2 });
  }, 300_000);

  afterEach(({ task }) => {
    if (task.result?.state === 'fail') failed = true;
  });

  afterAll(() => world?.end({ keepLogs: failed }));

  it('restarts: workers wait for it, and listen to it again', async () => {
    const { exchange, changes } = world;
    await until('streams are open', () => listening(1), { patienceMs: 60_000 });
    await changes.make(5);
    await exchange.restart(RESTART_MS);
    await work(RESTART_MS);
    await until('Exchange answers again', answers);
    await changes.make(5);
    await until('streams are open again', () => listening(1), { patienceMs: 60_000 });
    await equalAndTold({ event: 'provider.down' }, STREAM_LOST, DEGRADED);
  });

  it('drops every stream, again and again: latency is lost, and no change', async () => {
    const { exchange, changes } = world;
    for (let n = 0; n < 3; n++) {
      await until('streams are open', () => listening(1), { patienceMs: 60_000 });
      await changes.make(3);
      expect(await exchange.dropStreams()).toBeGreaterThan(0);
      await changes.make(3);
    }
    await equalAndTold(DEGRADED);
  });

  it('answers 503 for a while: the server is told of, not its mailboxes', async () => {
    const { exchange, changes } = world;
    await changes.make(5);
    await exchange.goOut(OUTAGE_MS);
    await work(OUTAGE_MS);
    await until('Exchange answers again', answers);
    await changes.make(5);
    await equalAndTold({ event: 'provider.down' }, STREAM_LOST, DEGRADED);
  });

  it('loses all sync states: calendars are read anew, and nothing disappears meanwhile', async () => {
    const { exchange, changes } = world;
    await changes.make(5);
    await exchange.loseSyncStates();
    await changes.make(10);
    await equalAndTold({ event: 'mailbox.read-anew' });
  });

  it('revokes impersonation for one user and gives it back: only that mailbox waits', async () => {
    const { exchange, changes, addresses, database } = world;
    const [denied, ...others] = addresses as [string, ...string[]];
    await exchange.changeAccount(SERVICE_LOGIN, { impersonates: others });
    await world.mailboxesWhere('the mailbox is given up', "status = 'denied'", 1);
    await changes.make(20);
    await exchange.changeAccount(SERVICE_LOGIN, { impersonates: 'all' });
    // It would be tried again within the hour; that hour is cut short here.
    await database.query('UPDATE calendar.mailbox SET next_sync_at = clock_timestamp() WHERE address = $1', [denied]);
    await equalAndTold({ event: 'sync.failed', most: 2 }, DEGRADED);
  });

  it('changes the service password: the old one is tried three times in all, and a reload with the new one heals', async () => {
    const { exchange, changes, database, workers, stack } = world;
    const [before] = (await exchange.journal()).slice(-1);
    // In the middle of as much work as there can be: all mailboxes are due.
    await database.query('UPDATE calendar.mailbox SET next_sync_at = clock_timestamp()');
    await exchange.changeAccount(SERVICE_LOGIN, { password: 'changed-service' });
    await until('every worker has stopped using the account', allStopped, { patienceMs: 60_000, everyMs: 200 });
    const [restarted] = workers;
    await restarted!.kill();
    restarted!.restart();
    await restarted!.ready();
    await changes.make(10);
    await until('the worker that came anew has heard of it', allStopped, { patienceMs: 60_000, everyMs: 200 });
    // A question without any password, which sign-in methods there are, is no attempt.
    const refused = (await exchange.journal(before?.sequence)).filter(
      ({ status, authForm }) => status === 401 && authForm !== 'none',
    );
    expect(refused.length, 'attempts with the old password, by all workers together').toBeLessThanOrEqual(3);
    expect(refused.length).toBeGreaterThan(0);
    const password = await encryptPassword(stack.addresses.config, 'changed-service');
    await world.reload((config) => {
      config.calendarProviders[0]!.credentials[0]!.password = password;
    });
    // The worker that came anew says it as well: it was two processes.
    await equalAndTold({ event: 'credential.stopped' }, { ...DEGRADED, most: 2 }, STARTED);
  });

  it('loses a mailbox server and regains it: the mailboxes on it wait, the others go on', async () => {
    const { exchange, changes, addresses } = world;
    const lost = addresses.filter((address) => backEndOf(address) === 'EX02');
    await exchange.loseBackEnd('EX02');
    await world.mailboxesWhere('its mailboxes fail', 'failures >= 2', lost.length);
    await work(0);
    await exchange.regainBackEnd('EX02');
    await changes.make(10);
    await equalAndTold({ event: 'sync.failed', most: 1 }, DEGRADED);
  });

  it('moves a mailbox to another server, which then knows none of its sync states', async () => {
    const { exchange, changes, addresses, database } = world;
    const [moved] = addresses as [string, ...string[]];
    await exchange.moveMailbox(moved, 'EX02', MOVE_MS);
    await world.mailboxesWhere('the move is noticed', `address = '${moved}' AND error_class = 'moving'`, 1);
    await work(MOVE_MS);
    await changes.make(20);
    // A mailbox that moves is left alone for minutes; these are cut short here.
    await database.query('UPDATE calendar.mailbox SET next_sync_at = clock_timestamp() WHERE address = $1', [moved]);
    await equalAndTold({ event: 'sync.failed', most: 1, optional: true }, DEGRADED);
  });

  it('has old zone data: all-day events keep their dates, and series their days', async () => {
    const { exchange, addresses, changes } = world;
    const day = (n: number) => new Date(Date.now() + n * 86_400_000).toISOString().slice(0, 10);
    const old = { timeZone: 'Russian Standard Time', oldZoneOffset: '+04:00' };
    const recurrence = { pattern: 'daily', interval: 1, startDate: day(2), count: 5 } as const;
    await exchange.fill(
      addresses.flatMap((mailbox) => [
        { ...old, mailbox, subject: 'Day off', start: `${day(3)}T00:00:00`, end: `${day(5)}T00:00:00`, allDay: true },
        { ...old, mailbox, subject: 'Night shift', start: `${day(2)}T00:30:00`, end: `${day(2)}T01:30:00`, recurrence },
        {
          ...old,
          mailbox,
          subject: 'On call',
          start: `${day(2)}T00:00:00`,
          end: `${day(3)}T00:00:00`,
          allDay: true,
          recurrence,
        },
      ]),
    );
    await changes.make(5);
    await equalAndTold();
  });

  it('fails at one item for good and at another once: both are shown, and whole as soon as they can be read', async () => {
    const { exchange, changes, addresses } = world;
    const [broken, once] = addresses.slice(4, 6) as [string, string];
    const refuse = (mailbox: string, code: string, times: number | null) =>
      exchange.disturb({
        operation: 'GetItem',
        mailbox,
        times,
        action: { form: 'responseMessage', code, emptySyncState: true },
      });
    await refuse(broken, 'ErrorRecurrenceHasNoOccurrence', null);
    await refuse(once, 'ErrorItemNotFound', 1);
    await exchange.fill([seriesOf(broken), seriesOf(once)]);
    await eventsWhere('the one that failed once is whole', 'Series', once, "details = 'read'", 5);
    await eventsWhere('the other one is shown by the view', 'Series', broken, "details = 'missing'", 5);
    await changes.make(5);
    await exchange.calm();
    await eventsWhere('that one is whole too', 'Series', broken, "details = 'read'", 5);
    await equalAndTold({ event: 'mailbox.items-skipped', most: 4 }, DEGRADED);
  });

  it('empties a mailbox: nothing goes until three views agree that it is so', async () => {
    const { exchange, database, addresses } = world;
    const emptied = addresses[6]!;
    const live = async () => {
      const { rows } = await database.query<{ n: number }>(
        'SELECT count(*)::int AS n FROM calendar.event JOIN calendar.mailbox USING (mailbox_id) WHERE address = $1 AND gone_at IS NULL',
        [emptied],
      );
      return rows[0]!.n;
    };
    const before = await live();
    await exchange.empty(emptied);
    for (const views of [1, 2]) {
      await world.mailboxesWhere(
        `view ${views} is not believed`,
        `address = '${emptied}' AND status = 'suspect' AND suspect_views = ${views}`,
        1,
      );
      expect(await live()).toBe(before);
      if (views === 1) await world.workers[0]!.kill();
      if (views === 1) world.workers[0]!.restart();
      // A quarter of an hour passes, as the database tells it.
      await database.query(
        `UPDATE calendar.mailbox SET suspect_since = suspect_since - interval '15 minutes',
           reread_at = reread_at - interval '15 minutes', next_sync_at = clock_timestamp() WHERE address = $1`,
        [emptied],
      );
    }
    await equalAndTold({ event: 'mailbox.suspect', most: 2 }, { ...DEGRADED, most: 2 }, STARTED);
    expect(await live()).toBe(0);
  });

  // The last one: the people of the other site cannot be written to through the first from then on.
  it('moves a mailbox to another site, which has an EWS address of its own: it is followed there', async () => {
    const { exchange, addresses, database } = world;
    const moved = addresses[2]!;
    const north = await exchange.openSite('north');
    await exchange.set({
      backEnds: [...BACK_ENDS.map((name) => ({ name })), { name: 'EX09', group: 'DAG9', site: 'north' }],
    });
    await exchange.moveMailbox(moved, 'EX09', MOVE_MS);
    await world.mailboxesWhere('the move is noticed', `address = '${moved}' AND error_class = 'moving'`, 1);
    await work(MOVE_MS);
    await database.query('UPDATE calendar.mailbox SET next_sync_at = clock_timestamp() WHERE address = $1', [moved]);
    await world.mailboxesWhere('its new address is known', `address = '${moved}' AND ews_url = '${north}'`, 1);
    await work(0);
    await equalAndTold({ event: 'mailbox.moved' }, { event: 'sync.failed', most: 1, optional: true }, DEGRADED);
  });

  /** A daily series of five from tomorrow on. */
  function seriesOf(mailbox: string): SeedItem {
    const day = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
    const hour = { start: `${day}T07:00:00`, end: `${day}T07:30:00`, timeZone: 'UTC' };
    return { mailbox, subject: 'Series', ...hour, recurrence: { pattern: 'daily', startDate: day, count: 5 } };
  }

  /** Waits until so many live events of a subject in a mailbox fulfil a condition in SQL. @throws NotInTimeError */
  async function eventsWhere(
    what: string,
    subject: string,
    mailbox: string,
    condition: string,
    count: number,
  ): Promise<void> {
    await until(
      what,
      async () => {
        const { rows } = await world.database.query<{ n: number }>(
          `SELECT count(*)::int AS n FROM calendar.event JOIN calendar.mailbox USING (mailbox_id)
           WHERE address = $1 AND subject = $2 AND gone_at IS NULL AND ${condition}`,
          [mailbox, subject],
        );
        if (rows[0]!.n === count) return true;
        throw new Error(`${rows[0]!.n} of ${count}`);
      },
      { patienceMs: 60_000, everyMs: 200 },
    );
  }

  /** People go on while nobody can reach Exchange: what the server itself brings about, such as mail that comes in. */
  async function work(forMs: number): Promise<void> {
    const day = new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, 10);
    const items = world.addresses.map((mailbox) => ({
      mailbox,
      subject: `Came in meanwhile ${world.changes.saved}`,
      start: `${day}T12:00:00Z`,
      end: `${day}T12:30:00Z`,
    }));
    await world.exchange.fill(items);
    await pause(forMs);
  }

  /** Exchange answers, though it be by asking for a login. @throws while it cannot be reached */
  async function answers(): Promise<true | undefined> {
    const { status } = await fetch(world.stack.addresses.ews);
    return status === 503 ? undefined : true;
  }

  async function listening(least: number): Promise<true | undefined> {
    return (await world.exchange.streams()) >= least ? true : undefined;
  }

  async function allStopped(): Promise<true | undefined> {
    for (const worker of world.workers) {
      const { sync } = (await worker.facts()) as {
        sync?: { providers: { accounts: { stopped: boolean }[] }[] };
      };
      if (sync?.providers.some(({ accounts }) => accounts.some(({ stopped }) => !stopped)) !== false) return undefined;
    }
    return true;
  }

  /** The end of every story: the database holds what Exchange holds, and the workers said what was the matter, once. */
  async function equalAndTold(...expected: ToldBy[]): Promise<void> {
    const compared = await world.agrees();
    const lines = await world.logs.news();
    console.log(`${compared} events compared, ${world.changes.saved} changes so far, log lines: ${lines.length}`);
    expect(wrongInLog(lines, expected)).toEqual([]);
  }
});
