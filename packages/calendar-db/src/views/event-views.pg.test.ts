import { randomUUID } from 'node:crypto';
import type { Attendee, AttendeeResponse } from 'calendar-model';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { canonicalAddresses } from '../directory/people.ts';
import type { SyncedOccurrence } from '../sync/sync-results.ts';
import {
  createTestDatabase,
  sampleAttendee,
  sampleOccurrence,
  saveToMailbox,
  type TestDatabase,
} from '../testing/index.ts';
import { readCoverage } from './coverage.ts';
import type { EventView } from './event-view.ts';
import { listEventViews, readEventViews } from './event-views.ts';

const [anna, boris, chloe, dmitri] = ['anna', 'boris', 'chloe', 'dmitri'].map((name) => `${name}@corp.example`) as [
  string,
  string,
  string,
  string,
];

describe('event views', () => {
  let db: TestDatabase;
  let eventId: string;

  beforeAll(async () => {
    db = await createTestDatabase();
  });
  afterAll(() => db.drop());
  beforeEach(async () => {
    await db.clear();
    eventId = randomUUID();
  });

  async function viewOf(viewer: string, participants = true): Promise<EventView | undefined> {
    return (await readEventViews(db.database, [{ viewer, eventId }], { participants })).views[0];
  }

  /** Anna's meeting with Boris and Chloe, as it stands in somebody's mailbox. */
  function meeting(given: Partial<SyncedOccurrence> = {}, responses: AttendeeResponse[] = []): SyncedOccurrence {
    return sampleOccurrence({
      eventId,
      attendees: [boris, chloe].map((one, place) => sampleAttendee(one, { response: responses[place] ?? 'unknown' })),
      ...given,
    });
  }

  function learnAlias(alias: string, canonical: string): Promise<unknown> {
    return db.database.query("INSERT INTO calendar.person_address (alias, canonical, source) VALUES ($1, $2, 'test')", [
      alias,
      canonical,
    ]);
  }

  function responsesIn(view: EventView | undefined): Record<string, string> {
    return Object.fromEntries((view?.attendees ?? []).map(({ address, response }) => [address, response]));
  }

  describe('of many at once', () => {
    const guests = Array.from({ length: 12 }, (_, place) => `guest-${place}@corp.example`);
    const invited = (given: Partial<SyncedOccurrence> = {}, responses: AttendeeResponse = 'unknown') =>
      meeting({ attendees: guests.map((guest) => sampleAttendee(guest, { response: responses })), ...given });

    /** All guests have a copy; that of the last one names a guest more, and that of the first one is private. */
    async function inviteAll(): Promise<string[]> {
      await saveToMailbox(db.database, anna, { occurrences: [invited({}, 'accepted')] });
      for (const guest of guests) {
        const isLast = guest === guests.at(-1);
        const attendees = [...invited().attendees, ...(isLast ? [sampleAttendee(dmitri)] : [])];
        const sensitivity = guest === guests[0] ? 'private' : 'normal';
        await saveToMailbox(db.database, guest, {
          occurrences: [invited({ attendees, sensitivity, myResponse: isLast ? 'declined' : 'tentative' })],
        });
      }
      return [anna, ...guests, dmitri];
    }

    it('show each of them what that one sees alone', async () => {
      const viewers = await inviteAll();
      const pairs = viewers.map((viewer) => ({ viewer, eventId }));
      const { views } = await readEventViews(db.database, pairs, { participants: true });
      const together = viewers.map((viewer) => views.find((view) => view.viewer === viewer));
      expect(together).toEqual(await Promise.all(viewers.map((viewer) => viewOf(viewer))));
      expect(responsesIn(together[1])[guests[0]!]).toBe('tentative');
      expect(responsesIn(together[2])[guests[0]!]).toBe('accepted');
      expect(together.at(-2)?.attendees).toHaveLength(guests.length + 1);
    });

    it('bring a list that many copies have once', async () => {
      const viewers = await inviteAll();
      const ids = viewers.map(() => eventId);
      const { rows } = await db.database.query<{ viewer: string; attendees: unknown }>(
        'SELECT viewer, attendees FROM calendar.view_events($1::text[], $2::uuid[], false)',
        [viewers, ids],
      );
      expect(rows).toHaveLength(1 + guests.length);
      // The organizer's, the last guest's, and the one that all other guests have.
      expect(rows.filter(({ attendees }) => attendees !== null)).toHaveLength(3);
    });
  });

  describe('of somebody whose mailbox is cached', () => {
    it('show the copy in it, and no other', async () => {
      await saveToMailbox(db.database, anna, { occurrences: [meeting({ subject: 'as Anna sees it' })] });
      await saveToMailbox(db.database, boris, { occurrences: [meeting({ subject: 'as Boris sees it' })] });
      await saveToMailbox(db.database, chloe);
      expect(await viewOf(boris)).toMatchObject({ subject: 'as Boris sees it', own: true, isOrganizer: false });
      expect(await viewOf(anna)).toMatchObject({ subject: 'as Anna sees it', own: true, isOrganizer: true });
      expect(await viewOf(chloe)).toBeUndefined();
      await saveToMailbox(db.database, boris, { gone: [eventId] });
      expect(await viewOf(boris)).toBeUndefined();
      expect(await viewOf(anna)).toBeDefined();
    });

    it('know what others answered from the organizer alone', async () => {
      const mine = meeting({ myResponse: 'tentative' }, ['declined', 'declined']);
      await saveToMailbox(db.database, boris, { occurrences: [mine] });
      expect(responsesIn(await viewOf(boris))).toEqual({ [boris]: 'tentative', [chloe]: 'unknown' });
      await saveToMailbox(db.database, anna, { occurrences: [meeting({}, ['accepted', 'accepted'])] });
      expect(responsesIn(await viewOf(boris))).toEqual({ [boris]: 'tentative', [chloe]: 'accepted' });
      expect((await viewOf(boris))?.myResponse).toBe('tentative');
      expect(responsesIn(await viewOf(anna))).toEqual({ [boris]: 'accepted', [chloe]: 'accepted' });
      await saveToMailbox(db.database, anna, { gone: [eventId] });
      expect(responsesIn(await viewOf(boris))).toEqual({ [boris]: 'tentative', [chloe]: 'unknown' });
    });

    it('find an answer under another address of the same person', async () => {
      await db.database.query(
        "INSERT INTO calendar.person_address (alias, canonical, source) VALUES ($1, $2, 'test')",
        ['c@corp.example', chloe],
      );
      await saveToMailbox(db.database, anna, { occurrences: [meeting({}, ['notResponded', 'accepted'])] });
      const attendees = [sampleAttendee(boris), sampleAttendee('c@corp.example')];
      await saveToMailbox(db.database, boris, { occurrences: [meeting({ attendees, myResponse: 'accepted' })] });
      expect(responsesIn(await viewOf(boris))).toEqual({ [boris]: 'accepted', 'c@corp.example': 'accepted' });
    });

    it('believe neither an organizer of another meeting under the same UID nor a private copy', async () => {
      const stranger = meeting({ organizer: { address: dmitri, name: '' } }, ['accepted', 'declined']);
      await saveToMailbox(db.database, dmitri, { occurrences: [stranger] });
      await saveToMailbox(db.database, boris, { occurrences: [meeting({ myResponse: 'accepted' })] });
      expect(responsesIn(await viewOf(boris))).toEqual({ [boris]: 'accepted', [chloe]: 'unknown' });
      await saveToMailbox(db.database, anna, {
        occurrences: [meeting({ sensitivity: 'private' }, ['accepted', 'declined'])],
      });
      expect(responsesIn(await viewOf(boris))).toEqual({ [boris]: 'accepted', [chloe]: 'unknown' });
    });

    it('give nobody the answers to another organizer, whoever else is asked about', async () => {
      const stranger = { address: dmitri, name: '' };
      await saveToMailbox(db.database, dmitri, {
        occurrences: [meeting({ organizer: stranger }, ['accepted', 'declined'])],
      });
      await saveToMailbox(db.database, boris, { occurrences: [meeting({ myResponse: 'accepted' })] });
      await saveToMailbox(db.database, chloe, {
        occurrences: [meeting({ organizer: stranger, myResponse: 'declined' })],
      });
      const pairs = [chloe, boris].map((viewer) => ({ viewer, eventId }));
      const { views } = await readEventViews(db.database, pairs, { participants: false });
      const byViewer = new Map(views.map((view) => [view.viewer, responsesIn(view)]));
      expect(byViewer.get(chloe)).toEqual({ [boris]: 'accepted', [chloe]: 'declined' });
      expect(byViewer.get(boris)).toEqual({ [boris]: 'accepted', [chloe]: 'unknown' });
    });

    it('leave the organizer out of the attendees, also where an alias of his is listed', async () => {
      const attendees = [sampleAttendee(anna), sampleAttendee('/o=corp/cn=anna'), sampleAttendee(boris)];
      await learnAlias('/o=corp/cn=anna', anna);
      await saveToMailbox(db.database, boris, { occurrences: [meeting({ attendees, myResponse: 'accepted' })] });
      expect(responsesIn(await viewOf(boris))).toEqual({ [boris]: 'accepted' });
    });

    it('show one person once who is listed under two addresses, with the later response', async () => {
      const attendees: Attendee[] = [
        { address: '/o=corp/cn=chloe', name: '', role: 'required', response: 'accepted', respondedAt: 1_000 },
        { address: chloe, name: 'Chloe', role: 'optional', response: 'declined', respondedAt: 2_000 },
      ];
      await learnAlias('/o=corp/cn=chloe', chloe);
      await saveToMailbox(db.database, anna, { occurrences: [meeting({ attendees })] });
      expect((await viewOf(anna))?.attendees).toEqual([
        { address: chloe, name: 'Chloe', role: 'required', response: 'declined' },
      ]);
    });

    it('show attendees without an address by name, each of them', async () => {
      const attendees = ['Пётр', 'Olga'].map(
        (name): Attendee => ({ address: null, name, role: 'required', response: 'tentative' }),
      );
      await saveToMailbox(db.database, anna, { occurrences: [meeting({ attendees })] });
      expect((await viewOf(anna))?.attendees).toEqual(attendees.map((one) => ({ ...one, address: '' })));
      await saveToMailbox(db.database, boris, { occurrences: [meeting({ attendees })] });
      expect((await viewOf(boris))?.attendees.map(({ name }) => name)).toEqual(['Пётр', 'Olga']);
    });
  });

  describe('of somebody whose mailbox is not cached', () => {
    it('exist only where participants may look', async () => {
      await saveToMailbox(db.database, anna, { occurrences: [meeting({}, ['accepted'])] });
      expect(await viewOf(boris, false)).toBeUndefined();
      expect(await viewOf(boris)).toMatchObject({
        own: false,
        masked: false,
        subject: 'Planning',
        myResponse: 'accepted',
      });
      expect(await viewOf(dmitri)).toBeUndefined();
    });

    it('show nothing that is personal to the owner of the copy', async () => {
      const personal = {
        categories: ['Red'],
        reminderMinutes: 5,
        owaUrl: 'https://mail/1',
        myResponse: 'organizer' as const,
      };
      await saveToMailbox(db.database, anna, { occurrences: [meeting(personal)] });
      expect(await viewOf(boris)).toMatchObject({
        categories: [],
        reminderMinutes: null,
        owaUrl: null,
        myResponse: 'unknown',
      });
      expect(await viewOf(anna)).toMatchObject(personal);
    });

    it('show no more of a private event than when it is', async () => {
      const secret = meeting({
        sensitivity: 'confidential',
        joinLinks: ['https://video/1'],
        kind: 'occurrence',
        seriesText: 'daily',
      });
      await saveToMailbox(db.database, anna, { occurrences: [secret] });
      await db.database.query(
        `INSERT INTO calendar.conference (event_id, wanted, runs, starts_at, ends_at, create_at, open_at, give_up_at)
         VALUES ($1, 'own', true, now(), now(), now(), now(), now())`,
        [eventId],
      );
      expect(await viewOf(boris)).toEqual({
        ...{
          viewer: boris,
          eventId,
          own: false,
          masked: true,
          subject: '',
          location: '',
          preview: '',
          timeZone: 'UTC',
        },
        ...{ start: secret.start, end: secret.end, allDay: false, startDate: null, endDate: null },
        ...{ organizer: { address: null, name: '' }, isOrganizer: false, attendees: [], myResponse: 'unknown' },
        ...{ freeBusy: 'busy', sensitivity: 'confidential', seriesId: null, seriesText: null, isMeeting: false },
        ...{ isCancelled: false, categories: [], reminderMinutes: null, joinLinks: [], owaUrl: null },
        ...{ previousStart: null, changedFields: [], conference: null },
      });
      expect(await viewOf(anna)).toMatchObject({
        masked: false,
        subject: 'Planning',
        seriesText: 'daily',
        conference: { wanted: 'own', state: 'planned', startsAt: expect.any(Date) },
      });
    });

    it('follow the organizer: what he deleted is over whatever stale copies say', async () => {
      await saveToMailbox(db.database, chloe, { occurrences: [meeting({ subject: 'stale' })] });
      expect(await viewOf(boris)).toMatchObject({ subject: 'stale' });
      await saveToMailbox(db.database, anna, {
        occurrences: [meeting({ subject: 'true', attendees: [sampleAttendee(boris)] })],
      });
      expect(await viewOf(boris)).toMatchObject({ subject: 'true' });
      await saveToMailbox(db.database, anna, { gone: [eventId] });
      expect(await viewOf(boris)).toBeUndefined();
      await saveToMailbox(db.database, anna, { occurrences: [meeting({ attendees: [sampleAttendee(dmitri)] })] });
      expect(await viewOf(boris)).toBeUndefined();
      expect(await viewOf(dmitri)).toBeDefined();
    });

    it('reach members of a list, and of lists within', async () => {
      await db.database.query(
        "INSERT INTO calendar.group_member (list, member) VALUES ('all@corp.example', 'team@corp.example'), ('team@corp.example', $1)",
        [dmitri],
      );
      await saveToMailbox(db.database, anna, {
        occurrences: [meeting({ attendees: [sampleAttendee('all@corp.example')] })],
      });
      expect(await viewOf(dmitri)).toBeDefined();
      await db.database.query("DELETE FROM calendar.group_member WHERE list = 'all@corp.example'");
      expect(await viewOf(dmitri)).toBeUndefined();
    });
  });

  it('carry local dates of all-day events whatever zone anybody lives in', async () => {
    const allDay = { allDay: true, startDate: '2030-03-31', endDate: '2030-04-01', timeZone: 'Pacific/Apia' };
    const times = { start: new Date('2030-03-30T10:00:00Z'), end: new Date('2030-03-31T10:00:00Z') };
    await saveToMailbox(db.database, anna, { occurrences: [meeting({ ...allDay, ...times })] });
    expect(await viewOf(anna)).toMatchObject({ ...allDay, ...times });
  });

  it('name a series the same in every mailbox', async () => {
    const occurrence = { kind: 'occurrence' as const, uid: 'series-1' };
    await saveToMailbox(db.database, anna, {
      occurrences: [
        meeting({ ...occurrence, seriesId: 'in anna' }),
        sampleOccurrence({ ...occurrence, seriesId: 'in anna' }),
      ],
    });
    await saveToMailbox(db.database, boris, { occurrences: [meeting({ ...occurrence, seriesId: 'in boris' })] });
    const ids = await Promise.all([viewOf(anna), viewOf(boris)]);
    expect(ids[0]?.seriesId).toMatch(/^[0-9a-f-]{36}$/u);
    expect(ids[1]?.seriesId).toBe(ids[0]?.seriesId);
  });

  it('tell what changed last, until something else that people are told changes', async () => {
    const before = meeting({ itemId: 'i' });
    const moved = {
      ...before,
      start: new Date(before.start.getTime() + 3_600_000),
      end: new Date(before.end.getTime() + 3_600_000),
    };
    const save = (occurrence: SyncedOccurrence) => saveToMailbox(db.database, anna, { occurrences: [occurrence] });
    await save(before);
    expect(await viewOf(anna)).toMatchObject({ previousStart: null, changedFields: [] });
    await save(moved);
    expect(await viewOf(anna)).toMatchObject({ previousStart: before.start, changedFields: ['start', 'end'] });
    await save({
      ...moved,
      attendees: [sampleAttendee(boris, { response: 'accepted' }), sampleAttendee(chloe)],
      reminderMinutes: 1,
    });
    expect(await viewOf(anna)).toMatchObject({ previousStart: before.start, changedFields: ['start', 'end'] });
    await save({ ...moved, location: 'Room 2' });
    expect(await viewOf(anna)).toMatchObject({ previousStart: before.start, changedFields: ['location'] });
    await saveToMailbox(db.database, anna, { gone: [eventId] });
    await save(before);
    expect(await viewOf(anna)).toMatchObject({ previousStart: null, changedFields: [] });
  });

  it('are listed by start in pages that never part the viewers of one event', async () => {
    const from = new Date('2030-01-01T00:00:00Z');
    const hour = (hours: number) => new Date(from.getTime() + hours * 3_600_000);
    const attendees = [sampleAttendee(boris)];
    const events = [
      sampleOccurrence({ subject: 'ended when the range begins', start: hour(-1), end: hour(0), attendees }),
      sampleOccurrence({ subject: 'goes on when it begins', start: hour(-1), end: hour(1), attendees }),
      sampleOccurrence({ subject: 'a mark at its very begin', start: hour(0), end: hour(0), attendees }),
      ...Array.from({ length: 4 }, () =>
        sampleOccurrence({ subject: 'same hour', start: hour(2), end: hour(3), attendees }),
      ),
      sampleOccurrence({ subject: 'begins when it ends', start: hour(5), end: hour(6), attendees }),
    ];
    await saveToMailbox(db.database, anna, { occurrences: events });
    const viewers = [anna, boris, chloe];
    const range = { from, to: hour(5), limit: 3, participants: true };
    const listed: EventView[] = [];
    let pages = 0;
    for (let after: { start: Date; eventId: string } | null = null, more = true; more; pages++) {
      const page = await listEventViews(db.database, viewers, { ...range, after });
      listed.push(...page.views);
      after = page.views.at(-1) ?? null;
      more = page.more;
    }
    expect(pages).toBeGreaterThan(2);
    expect(listed.map((view) => view.subject)).toEqual([
      ...Array(2).fill('goes on when it begins'),
      ...Array(2).fill('a mark at its very begin'),
      ...Array(8).fill('same hour'),
    ]);
    const pairs = listed.map(({ viewer, eventId: id }) => ({ viewer, eventId: id }));
    const read = await readEventViews(db.database, pairs, { participants: true });
    const key = (view: EventView) => `${view.eventId}${view.viewer}`;
    expect([...listed].sort((a, b) => key(a).localeCompare(key(b)))).toEqual(
      read.views.sort((a, b) => key(a).localeCompare(key(b))),
    );
  });

  it('say of which moment they are, also when there is nothing to see', async () => {
    await saveToMailbox(db.database, anna, { occurrences: [meeting()] });
    const { version } = await readEventViews(db.database, [{ viewer: dmitri, eventId }], { participants: true });
    expect(version).toBeGreaterThan(0);
    const range = { from: new Date(0), to: new Date(1), limit: 1, after: null, participants: true };
    expect(await listEventViews(db.database, [anna], range)).toEqual({ version, views: [], more: false });
  });

  it('come with what the cache covers and the people behind addresses', async () => {
    await saveToMailbox(db.database, anna);
    await saveToMailbox(db.database, boris, { cached: false });
    await db.database.query(
      "INSERT INTO calendar.person_address (alias, canonical, source) VALUES ('a@corp.example', 'b@corp.example', 'test')",
    );
    await db.database.query(
      "INSERT INTO calendar.person_address (alias, canonical, source) VALUES ('b@corp.example', $1, 'test')",
      [anna],
    );
    expect(await canonicalAddresses(db.database, ['a@corp.example', chloe])).toEqual(
      new Map([
        ['a@corp.example', anna],
        [chloe, chloe],
      ]),
    );
    const coverage = await readCoverage(db.database, [anna, boris]);
    expect(coverage).toContainEqual({
      viewer: anna,
      cached: true,
      coveredFrom: expect.any(Date),
      coveredTo: expect.any(Date),
    });
    expect(coverage).toContainEqual({ viewer: boris, cached: false, coveredFrom: null, coveredTo: null });
  });
});
