import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ageOutOccurrences } from '../sync/sync-results.ts';
import {
  createTestDatabase,
  sampleAttendee,
  sampleOccurrence,
  saveToMailbox,
  type TestDatabase,
} from '../testing/index.ts';
import { SqlDatabase } from '../testing/sql-database.ts';
import { readEventViews } from '../views/event-views.ts';
import { type ChangeRow, pruneChanges, readChanges, readLogHead } from './change-log.ts';

/** Reads on from the last number it knows as fast as it can, as a gateway does. */
class Tail {
  readonly seen: ChangeRow[] = [];
  readonly #reader: SqlDatabase;
  readonly #running: Promise<void>;
  #last: number;
  #until = Number.POSITIVE_INFINITY;

  constructor(db: TestDatabase, after: number) {
    this.#last = after;
    this.#reader = new SqlDatabase({ ...db.options, poolSize: 1 });
    this.#running = this.#run();
  }

  /** Reads up to a position and ends. */
  async end(head: number): Promise<ChangeRow[]> {
    this.#until = head;
    await this.#running;
    await this.#reader.close();
    return this.seen;
  }

  async #run(): Promise<void> {
    while (this.#last < this.#until) {
      const rows = await readChanges(this.#reader, this.#last, 50);
      this.seen.push(...rows);
      this.#last = rows.at(-1)?.seq ?? this.#last;
    }
  }
}

describe('the order of changes', () => {
  let db: TestDatabase;
  /** Enough connections for all writers at once. */
  let writers: SqlDatabase;
  let mailboxId: number;

  beforeAll(async () => {
    db = await createTestDatabase();
    writers = new SqlDatabase({ ...db.options, poolSize: 12 });
    mailboxId = await saveToMailbox(db.database, 'anna@corp.example');
  });
  afterAll(async () => {
    await writers.close();
    await db.drop();
  });

  function save(subject = 'Planning'): Promise<string> {
    const occurrence = sampleOccurrence({ subject });
    return saveToMailbox(writers, 'anna@corp.example', { occurrences: [occurrence] }).then(() => occurrence.eventId);
  }

  it('is the order of commits: who comes second waits, and nothing comes after a later number', async () => {
    const { head } = await readLogHead(db.database);
    const eventId = await save();
    let second: Promise<string> | undefined;
    await writers.transaction(async (client) => {
      await client.query("UPDATE calendar.event SET subject = 'first' WHERE event_id = $1", [eventId]);
      second = save('second');
      await expect
        .poll(
          async () =>
            (await db.database.query("SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")).rowCount,
        )
        .toBe(1);
      expect((await readChanges(db.database, head)).map((change) => change.eventId)).toEqual([eventId]);
    });
    const secondId = await second;
    const changes = await readChanges(db.database, head);
    expect(changes.map((change) => change.eventId)).toEqual([eventId, eventId, secondId]);
    expect(changes.map((change) => change.seq)).toEqual(changes.map((change) => change.seq).sort((a, b) => a - b));
  });

  it('misses nothing for a reader while many write, stall and roll back', async () => {
    const { head } = await readLogHead(db.database);
    const tail = new Tail(db, head);
    const committed: string[] = [];
    async function write(writer: number): Promise<void> {
      for (let round = 0; round < 15; round++) {
        const ids: string[] = [];
        const outcome = writers.transaction(async (client) => {
          for (let statement = 0; statement <= round % 3; statement++) {
            const id = randomUUID();
            ids.push(id);
            await client.query(
              `INSERT INTO calendar.event (event_id, mailbox_id, item_id, kind, subject, start_at, end_at, all_day, time_zone,
                 location, preview, organizer_name, attendees, my_response, free_busy, sensitivity, is_private, is_meeting, is_cancelled,
                 categories, join_links, last_modified, view_digest, digest, is_organizer_copy, is_room_copy, attendee_people, audience)
               VALUES ($1, $2, 'i', 'single', '', now(), now(), false, 'UTC', '', '', '', '[]', 'unknown', 'busy', 'normal',
                 false, false, false, '{}', '{}', now(), '', '', false, false, '{}', '{anna@corp.example}')`,
              [id, mailboxId],
            );
            await sleep((writer * 7 + round * 3) % 5);
          }
          if ((writer + round) % 4 === 0) throw new Error('rolled back on purpose');
        });
        await outcome.then(
          () => committed.push(...ids),
          (error: Error) => expect(error.message).toBe('rolled back on purpose'),
        );
      }
    }
    await Promise.all(Array.from({ length: 10 }, (_, writer) => write(writer)));
    const seen = await tail.end((await readLogHead(db.database)).head);
    expect(seen).toEqual(await readChanges(db.database, head));
    expect(new Set(seen.map((change) => change.eventId))).toEqual(new Set(committed));
    expect(seen.length).toBe(committed.length);
  });

  it('never lets sync, planner, runner, directory and clean-up block each other for good', async () => {
    const { head } = await readLogHead(db.database);
    const tail = new Tail(db, head);
    const people = ['anna', 'boris', 'chloe'].map((name) => `${name}@corp.example`);
    const ids = Array.from({ length: 6 }, () => randomUUID());
    const rounds = Array.from({ length: 12 }, (_, round) => round);
    const oldStart = new Date(Date.now() - 100 * 24 * 3_600_000);
    await db.database.query("INSERT INTO calendar.consumer (name, epoch, seq) VALUES ('planner', '', 0)");

    const sync = people.map((owner) => async (round: number) => {
      const occurrences = ids.map((eventId) =>
        sampleOccurrence({
          eventId,
          subject: `${owner} ${round}`,
          attendees: people.map((one) => sampleAttendee(one)),
        }),
      );
      const old = sampleOccurrence({ start: oldStart });
      await saveToMailbox(writers, owner, {
        occurrences: [...occurrences, old],
        gone: round % 3 === 0 ? [old.eventId] : [],
      });
    });
    const planner = async (round: number) =>
      writers.transaction(async (client) => {
        const turn = await client.query("SELECT FROM calendar.consumer WHERE name = 'planner' FOR UPDATE SKIP LOCKED");
        if (turn.rowCount === 0) return;
        await client.query(
          `INSERT INTO calendar.conference (event_id, wanted, reason, runs, starts_at, ends_at, create_at, open_at, give_up_at)
           SELECT id, 'own', $2, true, now(), now(), now(), now(), now() FROM unnest($1::uuid[]) id
           ON CONFLICT (event_id) DO UPDATE SET reason = excluded.reason, wanted_version = conference.wanted_version + 1`,
          [round % 2 === 0 ? ids : [...ids].reverse(), String(round)],
        );
        await client.query(
          'INSERT INTO calendar.conference_claim (event_id) SELECT unnest($1::uuid[]) ON CONFLICT DO NOTHING',
          [ids],
        );
        await client.query("UPDATE calendar.consumer SET seq = seq + 1 WHERE name = 'planner'");
      });
    const runner = async (round: number) => {
      await writers.query('UPDATE calendar.conference_claim SET token = token + 1 WHERE event_id = $1', [
        ids[round % ids.length],
      ]);
      await writers.transaction(async (client) => {
        await client.query('UPDATE calendar.conference SET state = $2 WHERE event_id = $1', [
          ids[round % ids.length],
          round % 2 ? 'ready' : 'running',
        ]);
        await client.query('UPDATE calendar.conference_claim SET attempts = attempts + 1 WHERE event_id = $1', [
          ids[round % ids.length],
        ]);
      });
    };
    const directory = async () => {
      await writers.query(
        "INSERT INTO calendar.person_address (alias, canonical, source) VALUES ('b@corp.example', $1, 'test')",
        [people[1]],
      );
      await writers.query("DELETE FROM calendar.person_address WHERE alias = 'b@corp.example'");
    };
    const leases = async () => {
      await writers.query(
        'UPDATE calendar.mailbox SET lease_until = lease_until WHERE mailbox_id IN (SELECT mailbox_id FROM calendar.mailbox ORDER BY mailbox_id FOR UPDATE)',
      );
    };
    const cleanUp = async () => {
      await ageOutOccurrences(writers, mailboxId, new Date(Date.now() - 50 * 24 * 3_600_000));
      await saveToMailbox(writers, 'temporary@corp.example', { occurrences: [sampleOccurrence()] });
      await writers.query("DELETE FROM calendar.mailbox WHERE address = 'temporary@corp.example'");
      await pruneChanges(writers, 1);
    };

    const workers = [...sync, planner, runner, planner, runner, directory, leases, cleanUp];
    await Promise.all(
      workers.map(async (work) => {
        for (const round of rounds) await work(round);
      }),
    );
    const seen = await tail.end((await readLogHead(db.database)).head);
    expect(seen).toEqual(await readChanges(db.database, head, 100_000));
  });

  it('is not stopped by a process that froze while it held the lock', async () => {
    const eventId = await save('before');
    const { host, port, user, password, database } = db.options;
    const script = fileURLToPath(new URL('../testing/lock-holder.ts', import.meta.url));
    const holder = spawn(
      process.execPath,
      ['--conditions=source', script, JSON.stringify({ host, port, user, password, database }), eventId],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    const exited = once(holder, 'exit');
    try {
      const lines = createInterface(holder.stdout);
      expect(await once(lines, 'line')).toEqual(['holding']);
      holder.kill('SIGSTOP');
      const next = await save('after the frozen one');
      const pairs = [eventId, next].map((id) => ({ viewer: 'anna@corp.example', eventId: id }));
      const { views } = await readEventViews(db.database, pairs, { participants: false });
      expect(views.map((view) => view.subject).sort()).toEqual(['after the frozen one', 'before']);
      const lost = once(lines, 'line');
      holder.kill('SIGCONT');
      expect(String(await lost)).toContain('lost');
    } finally {
      holder.kill('SIGKILL');
      await exited;
    }
  });

  it('bounds every session of ours, whatever the server allows', async () => {
    const { rows } = await db.database.query<{ name: string; setting: string }>(
      `SELECT name, setting FROM pg_settings WHERE name IN ('statement_timeout', 'lock_timeout', 'idle_in_transaction_session_timeout')`,
    );
    for (const { name, setting } of rows) expect(Number(setting), name).toBeGreaterThan(0);
    expect(rows).toHaveLength(3);
  });

  it('commits durably even where the server does not ask for it', async () => {
    const settings = await writers.transaction(async (client) => {
      await client.query("SET LOCAL synchronous_commit = 'off'");
      await client.query('SELECT calendar.lock_changes()');
      return client.query<{ setting: string }>("SELECT current_setting('synchronous_commit') AS setting");
    });
    expect(settings.rows[0]?.setting).toBe('on');
  });
});
