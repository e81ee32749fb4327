import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readChanges, readLogHead } from '../changes/change-log.ts';
import {
  createTestDatabase,
  sampleAttendee,
  sampleOccurrence,
  saveToMailbox,
  type TestDatabase,
} from '../testing/index.ts';
import { readEventViews } from '../views/event-views.ts';
import {
  answerDirectory,
  askDirectory,
  askForMailboxes,
  type DirectoryAnswer,
  type DirectoryTerms,
  deferDirectoryQuestions,
  forgetDirectory,
  nameWaitingCopies,
  readRooms,
  takeDirectoryQuestions,
} from './directory.ts';
import { canonicalAddresses } from './people.ts';

const PROVIDER = 'exchange.example';
const ANNA = 'anna@corp.example';
const BORIS = 'boris@corp.example';
const CHLOE = 'chloe@corp.example';
const TEAM = 'team@corp.example';
const LEGACY = '/o=corp/ou=admins/cn=recipients/cn=boris';
const TERMS: DirectoryTerms = { answerWithin: 60, person: 1000, list: 100, rooms: 1000, miss: 10 };
const EVENT = '00000000-0000-4000-8000-000000000001';

let db: TestDatabase;
beforeAll(async () => {
  db = await createTestDatabase();
});
afterAll(() => db.drop());
beforeEach(() => db.clear());

const person = (address: string, who = address): DirectoryAnswer => ({
  ...{ address, kind: 'person', person: who, members: [] },
});
const list = (address: string, ...members: string[]): DirectoryAnswer => ({
  ...{ address, kind: 'list', person: address, members },
});
const unknown = (address: string): DirectoryAnswer => ({ address, kind: 'unknown', person: null, members: [] });

async function learn(answers: readonly DirectoryAnswer[], mostMembers = 1000, provider = PROVIDER): Promise<string[]> {
  await askDirectory(
    db.database,
    provider,
    answers.map(({ address }) => address),
  );
  const tooLarge = await answerDirectory(db.database, provider, { answers, questions: [], mostMembers });
  while (await nameWaitingCopies(db.database));
  return tooLarge;
}

/** Anna's meeting, in her own calendar. */
async function meet(...attendees: string[]): Promise<void> {
  const occurrence = sampleOccurrence({
    eventId: EVENT,
    attendees: attendees.map((address) => sampleAttendee(address)),
  });
  await saveToMailbox(db.database, ANNA, { occurrences: [occurrence] });
}

async function event() {
  const { rows } = await db.database.query<{ audience: string[]; people: string[]; organizer: string }>(
    'SELECT audience, attendee_people AS people, organizer_person AS organizer FROM calendar.event',
  );
  return rows[0];
}

async function takeAll(): Promise<string[]> {
  return (await takeDirectoryQuestions(db.database, PROVIDER, 100, TERMS)).map(({ address }) => address).sort();
}

async function age(seconds: number): Promise<void> {
  await db.database.query(
    'UPDATE calendar.directory_entry SET checked_at = checked_at - make_interval(secs => $1::double precision)',
    [seconds],
  );
}

describe('questions for the directory', () => {
  it('are asked once, by one, and again when they were put off or not answered', async () => {
    await saveToMailbox(db.database, ANNA);
    await db.database.query('UPDATE calendar.mailbox SET provider = $1', [PROVIDER]);
    await askForMailboxes(db.database, PROVIDER);
    await askDirectory(db.database, PROVIDER, [TEAM, TEAM, ANNA]);
    await askDirectory(db.database, PROVIDER, [TEAM]);
    expect(await takeAll()).toEqual([ANNA, 'rooms:', TEAM]);
    expect(await takeAll()).toEqual([]);
    await deferDirectoryQuestions(db.database, PROVIDER, [ANNA], 0);
    expect(await takeAll()).toEqual([ANNA]);
  });

  it('come again when answers are outdated: misses soon, lists earlier than people', async () => {
    await meet(BORIS, TEAM, LEGACY);
    await learn([person(BORIS), list(TEAM, CHLOE), unknown(LEGACY)]);
    expect(await takeAll()).toEqual([]);
    await age(11);
    expect(await takeAll()).toEqual([LEGACY]);
    await age(100);
    expect(await takeAll()).toEqual([TEAM]);
    await age(1000);
    expect(await takeAll()).toEqual([BORIS]);
  });

  it('say whether anything names them still, and what is forgotten leaves no alias and no member', async () => {
    await meet(BORIS);
    await learn([person(BORIS), person(LEGACY, BORIS), person('old@corp.example', CHLOE), list(TEAM, BORIS)]);
    await age(2000);
    const taken = await takeDirectoryQuestions(db.database, PROVIDER, 100, TERMS);
    const unnamed = taken.filter(({ named }) => !named).map(({ address }) => address);
    expect(unnamed.sort()).toEqual(['old@corp.example', TEAM]);
    await forgetDirectory(db.database, PROVIDER, unnamed);
    const { rows } = await db.database.query('SELECT alias FROM calendar.person_address');
    expect(rows).toEqual([{ alias: LEGACY }]);
    expect((await db.database.query('SELECT FROM calendar.group_member')).rows).toEqual([]);
  });
});

describe('an answer of the directory', () => {
  it('makes an attendee out of a legacy name, wherever it stands, and tells it', async () => {
    await meet(LEGACY);
    expect(await event()).toMatchObject({ people: [LEGACY] });
    const { head } = await readLogHead(db.database);
    await learn([person(LEGACY, BORIS)]);
    expect(await event()).toMatchObject({ people: [BORIS], audience: [ANNA, BORIS] });
    const changes = await readChanges(db.database, head);
    expect(changes.map(({ kind }) => kind)).toEqual(['viewer', 'event']);
    for (const { audience } of changes) expect(audience).toContain(BORIS);
  });

  it('shows a legacy name by the address behind it, and never as an address itself', async () => {
    await meet(LEGACY, CHLOE);
    const addresses = async () => {
      const { views } = await readEventViews(db.database, [{ viewer: ANNA, eventId: EVENT }], { participants: false });
      return views[0]?.attendees.map(({ address, name }) => [address, name]);
    };
    expect(await addresses()).toEqual([
      ['', LEGACY],
      [CHLOE, 'chloe'],
    ]);
    await learn([person(LEGACY, BORIS)]);
    expect(await addresses()).toEqual([
      [BORIS, LEGACY],
      [CHLOE, 'chloe'],
    ]);
  });

  it('names an organizer of whom a copy has the display name alone, who is nobody until then', async () => {
    const organizer = { address: 'name:anna adams', name: 'Anna Adams' };
    await saveToMailbox(db.database, BORIS, { occurrences: [sampleOccurrence({ eventId: EVENT, organizer })] });
    const shown = async () => {
      const { views } = await readEventViews(db.database, [{ viewer: BORIS, eventId: EVENT }], { participants: false });
      return views[0]?.organizer;
    };
    expect(await shown()).toEqual({ address: null, name: 'Anna Adams' });
    await learn([person('name:anna adams', ANNA)]);
    expect(await shown()).toEqual({ address: ANNA, name: 'Anna Adams' });
    expect(await event()).toMatchObject({ organizer: ANNA, audience: [ANNA, BORIS] });
  });

  it('that says nothing new takes no lock and makes no change', async () => {
    await meet(TEAM, LEGACY);
    const answers = [list(TEAM, BORIS), person(LEGACY, BORIS)];
    await learn(answers);
    const { head } = await readLogHead(db.database);
    await db.database.transaction(async (other) => {
      await other.query('SELECT calendar.lock_changes()');
      await learn(answers);
    });
    expect(await readChanges(db.database, head)).toEqual([]);
  });

  it('that knows nothing of what was known is believed the second time', async () => {
    await meet(TEAM);
    await learn([list(TEAM, BORIS)]);
    await learn([unknown(TEAM)]);
    expect((await event())?.audience).toEqual([ANNA, BORIS, TEAM]);
    await learn([unknown(TEAM)]);
    expect((await event())?.audience).toEqual([ANNA, TEAM]);
  });

  it('follows an address that becomes another one’s alias, and the way back', async () => {
    await meet('old@corp.example', 'new@corp.example');
    await learn([person('old@corp.example'), person('new@corp.example', 'old@corp.example')]);
    expect((await event())?.people).toEqual(['old@corp.example', 'old@corp.example']);
    await learn([person('old@corp.example', 'new@corp.example')]);
    // The one who is primary now is asked about again.
    expect(await takeAll()).toEqual(['new@corp.example']);
    await learn([person('new@corp.example')]);
    expect((await event())?.people).toEqual(['new@corp.example', 'new@corp.example']);
  });

  it('of one provider does not take away what another one knows', async () => {
    await learn([person(LEGACY, BORIS)], 1000, 'b.example');
    await learn([unknown(LEGACY)], 1000, 'a.example');
    expect((await canonicalAddresses(db.database, [LEGACY])).get(LEGACY)).toBe(BORIS);
  });

  it('tells who joins and who leaves a list, and nobody else', async () => {
    await meet(TEAM);
    await saveToMailbox(db.database, BORIS);
    await learn([list(TEAM, BORIS, 'dora@corp.example')]);
    const { head } = await readLogHead(db.database);
    await learn([list(TEAM, CHLOE, 'dora@corp.example')]);
    const changes = await readChanges(db.database, head);
    const viewers = changes.filter(({ kind }) => kind === 'viewer').flatMap(({ audience }) => audience);
    expect(new Set(viewers)).toEqual(new Set([BORIS, CHLOE, TEAM]));
    expect((await event())?.audience).toEqual([ANNA, CHLOE, 'dora@corp.example', TEAM]);
  });

  it('about rooms is kept apart from lists, and makes resources of those who were taken for people', async () => {
    await meet('blue@corp.example', BORIS);
    const { head } = await readLogHead(db.database);
    await learn([{ address: 'rooms:', kind: 'rooms', person: null, members: ['blue@corp.example'] }]);
    expect(await readRooms(db.database, PROVIDER)).toEqual(new Set(['blue@corp.example']));
    expect((await db.database.query('SELECT FROM calendar.group_member')).rows).toEqual([]);
    const { rows } = await db.database.query(
      "SELECT jsonb_path_query_array(attendees, '$[*].role') AS roles FROM calendar.event",
    );
    expect(rows).toEqual([{ roles: ['resource', 'required'] }]);
    expect((await readChanges(db.database, head)).map(({ kind }) => kind)).toEqual(['event']);
  });
});

it('many copies are derived anew a few at a time, each once, whatever is learned meanwhile', async () => {
  const meetings = Array.from({ length: 60 }, () => sampleOccurrence({ attendees: [sampleAttendee(TEAM)] }));
  await saveToMailbox(db.database, ANNA, { occurrences: meetings });
  await askDirectory(db.database, PROVIDER, [TEAM]);
  const answer = (members: string[]) =>
    answerDirectory(db.database, PROVIDER, { answers: [list(TEAM, ...members)], questions: [], mostMembers: 1000 });
  const naming = async (member: string) => {
    const { rows } = await db.database.query('SELECT FROM calendar.event WHERE audience @> ARRAY[$1]', [member]);
    return rows.length;
  };
  await answer([BORIS]);
  expect(await nameWaitingCopies(db.database)).toBe(true);
  expect(await naming(BORIS)).toBe(10);
  await answer([CHLOE]);
  while (await nameWaitingCopies(db.database));
  expect([await naming(BORIS), await naming(CHLOE)]).toEqual([0, 60]);
});

describe('a list with too many members', () => {
  it('stays a list, is told once, and is expanded again when it has shrunk or the limit has grown', async () => {
    await meet(TEAM);
    const many = Array.from({ length: 4 }, (_, n) => `clerk${n}@corp.example`);
    expect(await learn([list(TEAM, ...many)], 3)).toEqual([TEAM]);
    expect((await event())?.audience).toEqual([ANNA, TEAM]);
    expect(await learn([list(TEAM, ...many)], 3)).toEqual([]);
    expect(await learn([list(TEAM, ...many)], 4)).toEqual([]);
    expect((await event())?.audience).toHaveLength(6);
    expect(await learn([list(TEAM, ...many)], 3)).toEqual([TEAM]);
    expect(await learn([list(TEAM, ...many.slice(1))], 3)).toEqual([]);
    expect((await event())?.audience).toHaveLength(5);
  });
});

const DEEPEST = 10;
const names = fc.constantFrom(...Array.from({ length: 16 }, (_, n) => `l${n}`));
const graph = fc.dictionary(
  names,
  fc.uniqueArray(fc.oneof(names, fc.constantFrom('p0', 'p1', 'p2', 'p3', 'p4')), { maxLength: 4 }),
  { minKeys: 1, maxKeys: 16 },
);

/** All that is in a list, found level by level. */
function closure(lists: Record<string, readonly string[]>, from: string): Set<string> {
  const found = new Set([from]);
  let level = [from];
  for (let depth = 0; depth < DEEPEST; depth++) {
    level = [...new Set(level.flatMap((name) => lists[name] ?? []))].filter((name) => !found.has(name));
    for (const name of level) found.add(name);
  }
  return found;
}

describe('lists in lists', () => {
  it('are expanded as far as they go, in whatever order they are learned, capped, and cyclic as they may be', async () => {
    await fc.assert(
      fc.asyncProperty(graph, graph, fc.integer({ min: 1, max: 12 }), async (before, lists, most) => {
        await db.clear();
        await meet('l0');
        for (const given of [before, lists]) {
          for (const [name, members] of Object.entries(given)) await learn([list(name, ...members)], most);
        }
        const known: Record<string, readonly string[]> = { ...before, ...lists };
        const small = Object.entries(known).filter(([name]) => closure(known, name).size - 1 <= most);
        expect(new Set((await event())?.audience)).toEqual(
          new Set([ANNA, ...closure(Object.fromEntries(small), 'l0')]),
        );
      }),
      { numRuns: Number(process.env.LIST_RUNS ?? 15) },
    );
  }, 60_000);

  it('are followed ten levels down', async () => {
    await meet('l0');
    const chain = Array.from({ length: 12 }, (_, n) => list(`l${n}`, `l${n + 1}`));
    await learn(chain);
    expect(new Set((await event())?.audience)).toEqual(
      new Set([ANNA, ...Array.from({ length: 11 }, (_, n) => `l${n}`)]),
    );
  });
});
