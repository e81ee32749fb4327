import type { EventFacts, SpeakingCopy } from 'calendar-db/conferences';
import { explainReason, REFUSALS } from 'calendar-model';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answers, START, sampleCopy, sampleFacts, sampleRules, TINY } from '../testing/sample-facts.ts';
import { AddressBook } from './address-book.ts';
import { EventTimesError, EventTooLargeError } from './event-errors.ts';
import { planEvent } from './plan-event.ts';
import type { PlanRules } from './plan-rules.ts';

const HOUR = 3_600_000;
const ANNA = 'anna@corp.example';
const BORIS = 'boris@corp.example';
const CHLOE = 'chloe@corp.example';
const everybody = { [ANNA]: 'anna', [BORIS]: 'boris', [CHLOE]: 'chloe' };

const attendee = (
  address: string,
  given: Partial<SpeakingCopy['attendees'][number]> = {},
): SpeakingCopy['attendees'][number] => ({
  address,
  name: '',
  role: 'required',
  response: 'notResponded',
  ...given,
});

function plan(facts: EventFacts, rules: PlanRules = sampleRules(), known: Record<string, string | null> = everybody) {
  const book = new AddressBook(answers(known));
  const planned = planEvent(facts, book, rules);
  if (planned === null) throw new Error('nothing was planned');
  return { ...planned, questions: book.questions, ids: planned.invitees.map(({ id }) => id) };
}

describe('planEvent', () => {
  it('wants an own conference for a meeting of a known organizer, with everybody who is known', () => {
    expect(plan(sampleFacts(sampleCopy()))).toMatchObject({
      wanted: 'own',
      reason: null,
      serverId: 'tiny.example',
      ownerId: 'anna',
      topic: 'Planning',
      description: 'Agenda',
      ids: ['anna', 'boris'],
      autoInvite: true,
      runs: true,
      startMs: START,
      createMs: START - 24 * HOUR,
      openMs: START,
      giveUpMs: START + HOUR / 2,
      questions: [],
    });
  });

  it('plans no event whose copies were not read, and none whose times cannot be written', () => {
    expect(() => plan({ ...sampleFacts(), isOversized: true, bytes: 70_000_000 })).toThrow(EventTooLargeError);
    const never = [Date.UTC(10_000, 0), Date.UTC(275_000, 0), 9e15, -9e15, Number.NaN];
    for (const endMs of never) expect(() => plan(sampleFacts(sampleCopy({ endMs })))).toThrow(EventTimesError);
    const late = sampleCopy({ endMs: Date.UTC(9_999, 11, 31, 23, 50) });
    expect(plan(sampleFacts(late))).toMatchObject({ wanted: 'own', endMs: late.endMs });
  });

  it('asks no server about names that only Exchange knows, and makes nobody else the organizer meanwhile', () => {
    const legacy = '/o=corp/ou=x/cn=recipients/cn=chloe';
    const unresolved = sampleCopy({ attendees: [attendee(BORIS), attendee(legacy)] });
    const planned = plan(sampleFacts(unresolved), sampleRules(), { [ANNA]: 'anna', [BORIS]: 'boris' });
    expect(planned).toMatchObject({ wanted: 'own', ids: ['anna', 'boris'], questions: [] });
    for (const organizer of [legacy, 'name:chloe']) {
      expect(plan(sampleFacts(sampleCopy({ organizer, isOrganizerCopy: false })))).toMatchObject({
        ...{ wanted: 'none', reason: 'external-organizer', questions: [] },
      });
    }
  });

  it.each<[string, Partial<SpeakingCopy>, Parameters<typeof sampleRules>[0], string]>([
    ['was deleted by its organizer', { gone: true }, {}, 'event-deleted'],
    ['was cancelled', { isCancelled: true }, {}, 'cancelled'],
    ['lasts all day', { allDay: true }, {}, 'all-day'],
    ['is private and not stored', { sensitivity: 'private' }, { storePrivate: false }, 'private'],
    ['began before the activation', {}, { launchingSinceMs: START + 1 }, 'before-activation'],
    ['leads to another service', { joinLinks: ['https://zoom.us/j/1'] }, {}, 'other-video-service'],
    ['leads to a foreign server', { joinLinks: ['https://other.example/c/1'] }, {}, 'foreign-server'],
    [
      'leads to a server without an entry',
      { joinLinks: ['https://two.example/c/1'] },
      { whitelist: ['tiny.example#vcs', 'two.example#vcs'] },
      'server-not-configured',
    ],
    ['has no server with an entry', {}, { servers: [] }, 'server-not-configured'],
    ['has no server at all', {}, { servers: [], whitelist: [] }, 'no-server'],
    ['is another meeting with a UID that one of its mailbox has', { isDuplicate: true }, {}, 'duplicate-uid'],
    ['has no link where links are asked for', {}, { conferences: { match: 'links' } }, 'no-link'],
    ['is no meeting', { isMeeting: false }, {}, 'not-a-meeting'],
    ['has nobody but its organizer', { attendees: [] }, {}, 'not-a-meeting'],
    [
      'has nobody but a room',
      { attendees: [attendee('room@corp.example', { role: 'resource' })] },
      {},
      'not-a-meeting',
    ],
    ['has too few people', {}, { conferences: { minimumPeople: 3 } }, 'too-few-people'],
    ['was declined by all', { attendees: [attendee(BORIS, { response: 'declined' })] }, {}, 'declined-by-all'],
  ])('wants none for an event that %s', (_, copy, rules, reason) => {
    const planned = plan(sampleFacts(sampleCopy(copy)), sampleRules(rules));
    expect(planned).toMatchObject({ wanted: 'none', reason, runs: false });
    expect(Object.keys(REFUSALS)).toContain(reason);
  });

  it('plans nothing for a meeting without details, and withdraws nothing that was planned for it', () => {
    const facts = sampleFacts(sampleCopy({ details: 'missing', attendees: [] }));
    expect(plan(facts)).toMatchObject({ wanted: 'none', reason: 'details-missing' });
    expect(plan({ ...facts, plannedWish: 'none' })).toMatchObject({ wanted: 'none', reason: 'details-missing' });
    for (const plannedWish of ['own', 'link'] as const) {
      expect(planEvent({ ...facts, plannedWish }, new AddressBook([]), sampleRules())).toBeNull();
    }
    expect(plan(sampleFacts(sampleCopy({ details: 'kept' })))).toMatchObject({ wanted: 'own' });
  });

  it.each([
    ['deleted', { gone: true }, 'event-deleted'],
    ['cancelled', { isCancelled: true }, 'cancelled'],
  ])('withdraws the conference of a meeting without details once it is %s', (_, copy, reason) => {
    const facts = sampleFacts(sampleCopy({ details: 'missing', ...copy }));
    expect(plan({ ...facts, plannedWish: 'own' })).toMatchObject({ wanted: 'none', reason });
  });

  it('plans nothing for what it knows nothing of, and gives up what was planned when every copy is gone', () => {
    expect(planEvent(sampleFacts(), new AddressBook([]), sampleRules())).toBeNull();
    const gone = { ...sampleFacts(), plannedStart: new Date(START), plannedEnd: new Date(START + HOUR) };
    expect(plan(gone)).toMatchObject({ wanted: 'none', reason: 'event-gone', startMs: START });
  });

  describe('the organizer', () => {
    it('is waited for while no server was asked about him', () => {
      const planned = plan(sampleFacts(sampleCopy()), sampleRules(), {});
      expect(planned).toMatchObject({ wanted: 'none', reason: 'mapping-pending' });
      expect(planned.questions.map(({ address }) => address)).toEqual([ANNA, BORIS]);
    });

    it('from outside gets none, unless conferences.externalOrganizers is on', () => {
      const facts = sampleFacts(sampleCopy({ owner: BORIS, isOrganizerCopy: false, organizer: 'eve@out.example' }));
      const known = { 'eve@out.example': null, [BORIS]: 'boris', [ANNA]: null };
      const rules = { users: new Set([BORIS]) };
      expect(plan(facts, sampleRules(rules), known)).toMatchObject({ wanted: 'none', reason: 'external-organizer' });
      const open = sampleRules({ ...rules, conferences: { externalOrganizers: true } });
      expect(plan(facts, open, known)).toMatchObject({ wanted: 'own', ownerId: 'boris', ids: ['boris'] });
    });

    it('of ours without a TrueConf ID is stood in for by the default owner, who is not rung', () => {
      const known = { [ANNA]: null, [BORIS]: 'boris' };
      expect(plan(sampleFacts(sampleCopy()), sampleRules(), known)).toMatchObject({ reason: 'no-owner' });
      const rules = sampleRules({ conferences: { defaultOwner: 'robot@tiny.example' } });
      const planned = plan(sampleFacts(sampleCopy()), rules, known);
      expect(planned).toMatchObject({ wanted: 'own', ownerId: 'robot@tiny.example', ids: ['boris'] });
    });

    it('decides by his server, in the order of the configuration', () => {
      const second = { serverId: 'two.example', host: 'two.example', addressDomains: [], users: { [ANNA]: 'ann' } };
      const rules = sampleRules({ servers: [TINY, second] });
      expect(plan(sampleFacts(sampleCopy()), rules)).toMatchObject({ serverId: 'tiny.example', ownerId: 'anna' });
      const known = { [ANNA]: null, [BORIS]: 'boris' };
      const planned = plan(sampleFacts(sampleCopy()), rules, known);
      expect(planned).toMatchObject({ serverId: 'two.example', ownerId: 'ann', ids: ['ann'] });
      expect(planned.questions).toEqual([{ serverId: 'two.example', address: BORIS }]);
    });

    it('is found by the explicit map under any name of his, without a question', () => {
      const server = { ...TINY, users: { 'anna.b@corp.example': 'ann' } };
      const copy = sampleCopy({
        attendees: [attendee(BORIS), attendee('anna.b@corp.example')],
        attendeePeople: [BORIS, ANNA],
        audience: [ANNA, BORIS],
      });
      expect(plan(sampleFacts(copy), sampleRules({ servers: [server] }), { [BORIS]: null })).toMatchObject({
        ownerId: 'ann',
        questions: [],
      });
    });
  });

  describe('who is invited', () => {
    const meeting = (given: Partial<SpeakingCopy> = {}) =>
      sampleCopy({ attendees: [attendee(BORIS), attendee(CHLOE)], ...given });
    const copyOf = (owner: string, given: Partial<SpeakingCopy>) => meeting({ owner, mailboxId: 2, ...given });

    it('takes nobody for an attendee without an address, and of one listed twice the later response', () => {
      const nameless = { ...attendee(BORIS), address: null, name: 'Пётр' };
      const declinedLater = attendee(BORIS, { response: 'declined', respondedAt: 2 });
      const attendees = [
        attendee(BORIS, { response: 'accepted', respondedAt: 1 }),
        declinedLater,
        attendee(CHLOE),
        nameless,
      ];
      const people = [BORIS, BORIS, CHLOE, ''];
      const audience = [ANNA, BORIS, CHLOE];
      expect(plan(sampleFacts(meeting({ attendees, attendeePeople: people, audience }))).ids).toEqual([
        'anna',
        'chloe',
      ]);
    });

    it('leaves out who declined, by his own copy before the organizer’s', () => {
      const declinedOwn = copyOf(BORIS, { myResponse: 'declined' });
      expect(plan(sampleFacts(meeting(), declinedOwn)).ids).toEqual(['anna', 'chloe']);
      const told = meeting({ attendees: [attendee(BORIS, { response: 'declined' }), attendee(CHLOE)] });
      expect(plan(sampleFacts(told)).ids).toEqual(['anna', 'chloe']);
      expect(plan(sampleFacts(told, copyOf(BORIS, { myResponse: 'accepted' }))).ids).toEqual([
        'anna',
        'boris',
        'chloe',
      ]);
      expect(plan(sampleFacts(told, copyOf(BORIS, { myResponse: 'notResponded' }))).ids).toEqual(['anna', 'chloe']);
    });

    it('counts throwing one’s own copy away as declining', () => {
      expect(plan(sampleFacts(meeting(), copyOf(BORIS, { gone: true }))).ids).toEqual(['anna', 'chloe']);
    });

    it('takes a guest’s deleted copy as that guest’s refusal and nothing more, while no other copy is known', () => {
      const facts = sampleFacts(copyOf(BORIS, { gone: true, myResponse: 'accepted' }));
      expect(plan(facts)).toMatchObject({ wanted: 'own', reason: null, topic: 'Planning', ids: ['anna', 'chloe'] });
    });

    it('plans nothing when every guest threw the own copy away', () => {
      const thrownAway = [copyOf(BORIS, { gone: true }), copyOf(CHLOE, { gone: true, mailboxId: 3 })];
      expect(plan(sampleFacts(...thrownAway))).toMatchObject({ wanted: 'none', reason: 'declined-by-all' });
    });

    describe('beyond the copy that speaks', () => {
      const alone = sampleCopy({ attendees: [attendee(BORIS)] });
      const forwarded = (given: Partial<SpeakingCopy> = {}) =>
        sampleCopy({ owner: CHLOE, mailboxId: 2, myResponse: 'notResponded', attendees: [], ...given });

      it.each(['accepted', 'tentative', 'notResponded'] as const)(
        'invites a person whose own copy came by a forwarded invitation, with the answer %s',
        (myResponse) => {
          expect(plan(sampleFacts(alone, forwarded({ myResponse }))).ids).toEqual(['anna', 'boris', 'chloe']);
        },
      );

      it.each([
        ['declined', { myResponse: 'declined' }],
        ['was deleted', { gone: true, myResponse: 'accepted' }],
        ['was cancelled for him alone', { isCancelled: true, myResponse: 'accepted' }],
        ['he made himself', { myResponse: 'organizer' }],
        ['came by no invitation', { myResponse: 'unknown' }],
        ['is of another organizer', { organizer: 'mallory@out.example', myResponse: 'accepted' }],
      ] as const)('invites nobody for a copy that %s', (_, given) => {
        expect(plan(sampleFacts(alone, forwarded(given))).ids).toEqual(['anna', 'boris']);
      });

      it('invites nobody for a room’s copy', () => {
        const ofRoom = { ...forwarded({ myResponse: 'accepted' }), holder: 'room' as const };
        expect(plan(sampleFacts(alone, ofRoom)).ids).toEqual(['anna', 'boris']);
      });

      it('leaves out a guest who is still named, whose copy was cancelled for him alone', () => {
        const named = sampleCopy({ attendees: [attendee(BORIS), attendee(CHLOE)] });
        expect(plan(sampleFacts(named, forwarded({ isCancelled: true, myResponse: 'accepted' }))).ids).toEqual([
          'anna',
          'boris',
        ]);
      });

      it('counts no answer of a copy of another organizer', () => {
        const named = sampleCopy({ attendees: [attendee(BORIS), attendee(CHLOE)] });
        const forged = forwarded({ organizer: 'mallory@out.example', myResponse: 'declined' });
        expect(plan(sampleFacts(named, forged)).ids).toEqual(['anna', 'boris', 'chloe']);
      });
    });

    it('invites rooms only if they are mapped explicitly', () => {
      const room = 'room@corp.example';
      const copy = sampleCopy({ attendees: [attendee(BORIS), attendee(room, { role: 'resource' })] });
      expect(plan(sampleFacts(copy), sampleRules(), { ...everybody, [room]: 'room' }).ids).toEqual(['anna', 'boris']);
      const servers = [{ ...TINY, users: { [room]: 'room' } }];
      expect(plan(sampleFacts(copy), sampleRules({ servers })).ids).toEqual(['anna', 'boris', 'room']);
    });

    it('invites the members of lists, and asks about those who are not known yet', () => {
      const copy = sampleCopy({
        attendees: [attendee('team@corp.example')],
        audience: [ANNA, BORIS, 'dmitri@corp.example', 'team@corp.example'],
      });
      const planned = plan(sampleFacts(copy), sampleRules(), { ...everybody, 'team@corp.example': null });
      expect(planned.ids).toEqual(['anna', 'boris']);
      expect(planned.questions).toEqual([{ serverId: 'tiny.example', address: 'dmitri@corp.example' }]);
    });

    it('does not ask a server about addresses that it cannot vouch for', () => {
      const servers = [{ ...TINY, addressDomains: ['corp.example'] }];
      const copy = sampleCopy({ attendees: [attendee('eve@out.example')] });
      expect(plan(sampleFacts(copy), sampleRules({ servers })).questions).toEqual([]);
    });
  });

  describe('a link', () => {
    const linked = (given: Partial<SpeakingCopy> = {}) =>
      sampleFacts(sampleCopy({ joinLinks: ['https://zoom.us/j/1', 'https://tiny.example/c/4711'], ...given }));

    it('is used instead of a conference of our own, and run for the organizer', () => {
      expect(plan(linked())).toMatchObject({
        wanted: 'link',
        linkCid: '4711',
        linkUrl: 'https://tiny.example/c/4711',
        ownerId: 'anna',
        runs: true,
        ids: [],
      });
    });

    it('of somebody who is not known is shown only', () => {
      const known = { [ANNA]: null };
      expect(plan(linked(), sampleRules(), known)).toMatchObject({ runs: false, reason: 'link-organizer-unknown' });
      expect(plan(linked(), sampleRules(), {})).toMatchObject({ runs: false, reason: 'link-organizer-pending' });
    });

    it('also counts in an appointment, in the location and as an application link', () => {
      const facts = linked({ isMeeting: false, attendees: [], joinLinks: [], location: 'trueconf:\\c\\4711' });
      expect(plan(facts)).toMatchObject({ wanted: 'link', linkCid: '4711' });
    });
  });

  it('keeps subject and body of a private event to itself', () => {
    const planned = plan(sampleFacts(sampleCopy({ sensitivity: 'confidential', subject: 'Secret' })));
    expect(planned).toMatchObject({ topic: 'Private meeting', description: '' });
  });

  it('says why something wanted is not run', () => {
    const off = plan(sampleFacts(sampleCopy()), sampleRules({ launchConference: false }));
    expect(off).toMatchObject({ wanted: 'own', runs: false, reason: 'launch-off' });
    const dry = plan(sampleFacts(sampleCopy()), sampleRules({ conferences: { dryRun: true } }));
    expect(dry).toMatchObject({ runs: false, reason: 'dry-run', createMs: Number.POSITIVE_INFINITY });
    expect(explainReason('refused:userNotFound')).toContain('refused');
  });

  it('gives all occurrences of a series one conference only if that is wanted', () => {
    const copy = sampleCopy({ kind: 'occurrence', uid: 'series-1' });
    expect(plan(sampleFacts(copy)).seriesKey).toBeNull();
    expect(plan(sampleFacts(copy), sampleRules({ conferences: { perSeries: true } })).seriesKey).toBe('series-1');
  });

  it('always gives TrueConf Server a topic and a time that it takes, and a reason for every no', () => {
    const copies = fc.record({
      subject: fc.string({ unit: 'binary', maxLength: 300 }),
      gone: fc.boolean(),
      allDay: fc.boolean(),
      isMeeting: fc.boolean(),
      isCancelled: fc.boolean(),
      sensitivity: fc.constantFrom('normal', 'personal', 'private', 'confidential'),
      lasts: fc.integer({ min: 0, max: 100 * HOUR }),
      people: fc.subarray([BORIS, CHLOE, 'eve@out.example']),
      known: fc.subarray([ANNA, BORIS, CHLOE]),
      grace: fc.integer({ min: 0, max: 1440 }),
    });
    fc.assert(
      fc.property(copies, ({ lasts, people, known, grace, ...given }) => {
        const attendees = people.map((address) => attendee(address));
        const copy = sampleCopy({ ...given, attendees, endMs: START + lasts } as Partial<SpeakingCopy>);
        const said = Object.fromEntries(known.map((address) => [address, address.replace(/@.*/u, '')]));
        const planned = plan(sampleFacts(copy), sampleRules({ conferences: { grace } }), said);
        expect(planned.wanted === 'none').toBe(planned.reason !== null);
        expect(planned.giveUpMs).toBeGreaterThan(planned.openMs);
        if (planned.wanted !== 'own') return;
        const length = [...(planned.topic ?? '')].length;
        expect(length).toBeGreaterThan(0);
        expect(length).toBeLessThanOrEqual(240);
        expect(planned.topic?.isWellFormed()).toBe(true);
        expect(planned.ids).toEqual([...new Set(planned.ids)].sort());
      }),
    );
  });

  it('plans the same whatever the order of the copies’ attendees', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([ANNA, BORIS, CHLOE], { minLength: 3 }), (order) => {
        const attendees = order.filter((address) => address !== ANNA).map((address) => attendee(address));
        const copy = sampleCopy({ attendees, audience: order });
        expect(plan(sampleFacts(copy)).ids).toEqual(['anna', 'boris', 'chloe']);
      }),
    );
  });
});
