import type { Attendee, Sensitivity } from 'calendar-model';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ChangeRow, readChanges, readLogHead } from '../changes/change-log.ts';
import { ageOutOccurrences } from '../sync/sync-results.ts';
import {
  createTestDatabase,
  sampleAttendee,
  sampleOccurrence,
  saveToMailbox,
  type TestDatabase,
} from '../testing/index.ts';
import type { EventView } from './event-view.ts';
import { readEventViews } from './event-views.ts';

const PEOPLE = ['anna', 'boris', 'chloe', 'dmitri', 'ann', 'team', 'subteam'];
const EVENTS = [1, 2, 3].map((n) => `00000000-0000-4000-8000-00000000000${n}`);
const AGED_BEFORE = new Date('2030-01-10T00:00:00Z');

type Operation = (db: TestDatabase) => Promise<unknown>;
interface Step {
  /** Told when the property fails. */
  readonly what: string;
  readonly run: Operation;
  readonly [fc.toStringMethod]?: () => string;
}

const person = fc.constantFrom(...PEOPLE);
const mailbox = fc.constantFrom('anna', 'boris', 'chloe', 'ann');
const event = fc.constantFrom(...EVENTS);

const attendees: fc.Arbitrary<Attendee[]> = fc
  .uniqueArray(
    fc.record({
      address: person,
      response: fc.constantFrom<Attendee['response']>('accepted', 'declined', 'notResponded', 'unknown'),
    }),
    { maxLength: 3, selector: (one) => one.address },
  )
  .map((list) => list.map(({ address, response }) => sampleAttendee(address, { response })));

const save: fc.Arbitrary<Step> = fc
  .record({
    box: mailbox,
    eventId: event,
    organizer: fc.option(person, { nil: null }),
    attendees,
    subject: fc.constantFrom('One', 'Two'),
    day: fc.constantFrom('05', '20'),
    hour: fc.constantFrom('08', '09'),
    sensitivity: fc.constantFrom<Sensitivity>('normal', 'normal', 'private'),
    isCancelled: fc.boolean(),
    myResponse: fc.constantFrom<Attendee['response']>('organizer', 'accepted', 'declined'),
    itemId: fc.constantFrom('item1', 'item2'),
    reminderMinutes: fc.constantFrom(5, 10),
    kind: fc.constantFrom<'single' | 'occurrence'>('single', 'occurrence'),
    cached: fc.boolean(),
  })
  .map(({ box, cached, organizer, day, hour, ...given }) => ({
    what: `save ${JSON.stringify({ box, cached, organizer, day, hour, ...given })}`,
    run: (db) => {
      const start = new Date(`2030-01-${day}T${hour}:00:00Z`);
      const occurrence = sampleOccurrence({
        ...given,
        uid: given.eventId,
        organizer: { address: organizer, name: organizer ?? '' },
        start,
        end: new Date(start.getTime() + 1_800_000),
        lastModified: new Date(0),
        viewDigest: '',
      });
      return saveToMailbox(db.database, box, { occurrences: [occurrence], cached });
    },
  }));

const lose: fc.Arbitrary<Step> = fc
  .record({ box: mailbox, eventId: event, cached: fc.boolean() })
  .map(({ box, eventId, cached }) => ({
    what: `lose ${eventId} in ${box} (cached: ${cached})`,
    run: (db) => saveToMailbox(db.database, box, { gone: [eventId], cached }),
  }));

function statement(what: string, text: string, ...values: unknown[]): Step {
  return { what: `${what} ${values.join(' ')}`, run: (db) => db.database.query(text, values) };
}

const directory: fc.Arbitrary<Step> = fc.oneof(
  fc
    .tuple(person, person)
    .filter(([alias, canonical]) => alias !== canonical)
    .map(
      ([alias, canonical]): Step => ({
        what: `learn alias ${alias} of ${canonical}`,
        run: (db) =>
          db.database
            .query(
              `INSERT INTO calendar.person_address (alias, canonical, source) VALUES ($1, $2, 'test')
           ON CONFLICT (alias) DO UPDATE SET canonical = excluded.canonical`,
              [alias, canonical],
            )
            // Two addresses cannot be aliases of each other.
            .catch((error: Error & { code?: string }) => {
              if (error.code !== '23514') throw error;
            }),
      }),
    ),
  person.map((alias) => statement('forget alias', 'DELETE FROM calendar.person_address WHERE alias = $1', alias)),
  fc
    .tuple(fc.constantFrom('team', 'subteam', 'ann'), person)
    .map(([list, member]) =>
      statement(
        'join list',
        'INSERT INTO calendar.group_member (list, member) VALUES ($1, $2) ON CONFLICT DO NOTHING',
        list,
        member,
      ),
    ),
  fc
    .tuple(fc.constantFrom('team', 'subteam', 'ann'), person)
    .map(([list, member]) =>
      statement('leave list', 'DELETE FROM calendar.group_member WHERE list = $1 AND member = $2', list, member),
    ),
);

const mailboxes: fc.Arbitrary<Step> = fc.oneof(
  mailbox.map((box) => statement('remove mailbox', 'DELETE FROM calendar.mailbox WHERE address = $1', box)),
  mailbox.map((box) =>
    statement('uncache mailbox', 'UPDATE calendar.mailbox SET cached_at = NULL WHERE address = $1', box),
  ),
  mailbox.map(
    (box): Step => ({
      what: `age out ${box}`,
      run: async (db) => {
        const { rows } = await db.database.query<{ id: string }>(
          'SELECT mailbox_id AS id FROM calendar.mailbox WHERE address = $1',
          [box],
        );
        if (rows[0]) await ageOutOccurrences(db.database, Number(rows[0].id), AGED_BEFORE);
      },
    }),
  ),
);

const conference: fc.Arbitrary<Step> = fc.oneof(
  fc
    .tuple(event, fc.constantFrom('own', 'none'), fc.constantFrom('ready', 'running'), fc.constantFrom('c1', 'c2'))
    .map(([id, wanted, state, cid]) =>
      statement(
        'conference',
        `INSERT INTO calendar.conference (event_id, wanted, state, cid, runs, starts_at, ends_at, create_at, open_at, give_up_at)
       VALUES ($1, $2, $3, $4, true, '2030-01-20', '2030-01-21', '2030-01-19', '2030-01-20', '2030-01-21')
       ON CONFLICT (event_id) DO UPDATE SET wanted = excluded.wanted, state = excluded.state, cid = excluded.cid`,
        id,
        wanted,
        state,
        cid,
      ),
    ),
  event.map((id) => statement('forget conference', 'DELETE FROM calendar.conference WHERE event_id = $1', id)),
);

const step = fc.oneof(
  { weight: 6, arbitrary: save },
  { weight: 2, arbitrary: lose },
  { weight: 3, arbitrary: directory },
  { weight: 2, arbitrary: mailboxes },
  { weight: 2, arbitrary: conference },
);

/** What everybody sees in both modes: "participants/viewer/event" → the view. */
async function everybodysViews(db: TestDatabase): Promise<Map<string, EventView>> {
  const pairs = PEOPLE.flatMap((viewer) => EVENTS.map((eventId) => ({ viewer, eventId })));
  const seen = new Map<string, EventView>();
  for (const participants of [false, true]) {
    const { views } = await readEventViews(db.database, pairs, { participants });
    for (const view of views) seen.set(`${participants}/${view.viewer}/${view.eventId}`, view);
  }
  return seen;
}

/** Old news are not told; they are when the event was, or is, seen in the window. */
function names(change: ChangeRow, viewer: string, eventId: string, seen: (EventView | undefined)[]): boolean {
  if (!change.audience.includes(viewer)) return false;
  if (change.kind === 'mailbox' || change.kind === 'viewer') return true;
  if (change.kind === 'aged' && seen.some((view) => view && view.end >= AGED_BEFORE)) return false;
  return change.eventId === eventId;
}

function report(key: string, done: string[], before: unknown, after: unknown, changes: ChangeRow[]): string {
  const facts = { before, after, changes };
  return `${key} was not told after:\n${done.join('\n')}\n${JSON.stringify(facts, null, 1)}`;
}

/** Lists of people that are kept though no copy has them, and those of copies that are not kept. */
async function staleLists(db: TestDatabase): Promise<unknown[]> {
  const { rows } = await db.database.query(
    `SELECT * FROM calendar.event_audience a
     FULL JOIN (SELECT DISTINCT event_id, audience_key, audience FROM calendar.event) e USING (event_id, audience_key, audience)
     WHERE num_nulls(a.audience, e.audience) > 0`,
  );
  return rows;
}

describe('the audience of a change', () => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await createTestDatabase();
  });
  afterAll(() => db.drop());

  async function forgetEverything(): Promise<void> {
    await db.database.query(
      `DELETE FROM calendar.conference; DELETE FROM calendar.mailbox; DELETE FROM calendar.group_member; DELETE FROM calendar.person_address`,
    );
  }

  it(
    'holds everybody whose view differs after it, whatever happened, and lists of people are those of the copies',
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 14 }), async (steps) => {
          await forgetEverything();
          let before = await everybodysViews(db);
          let { head } = await readLogHead(db.database);
          const done: string[] = [];
          for (const { what, run } of steps) {
            await run(db);
            done.push(what);
            expect(await staleLists(db), `after ${done.join('; ')}`).toEqual([]);
            const after = await everybodysViews(db);
            const changes = await readChanges(db.database, head);
            for (const key of new Set([...before.keys(), ...after.keys()])) {
              if (JSON.stringify(before.get(key)) === JSON.stringify(after.get(key))) continue;
              const [, viewer = '', eventId = ''] = key.split('/');
              const told = changes.some((change) => names(change, viewer, eventId, [before.get(key), after.get(key)]));
              if (!told) expect.fail(report(key, done, before.get(key), after.get(key), changes));
            }
            before = after;
            head = changes.at(-1)?.seq ?? head;
          }
        }),
        { numRuns: Number(process.env.AUDIENCE_RUNS ?? 25) },
      );
    },
    Number(process.env.AUDIENCE_RUNS ?? 25) * 1000,
  );
});
