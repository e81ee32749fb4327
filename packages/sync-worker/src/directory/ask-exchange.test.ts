import type { ResolvedName } from 'ews-client';
import { describe, expect, it } from 'vitest';
import { FakeReader } from '../testing/fake-reader.ts';
import { calendarItem, ewsAddress } from '../testing/sample-ews-items.ts';
import { askExchange } from './ask-exchange.ts';
import { namesToAsk } from './names-to-ask.ts';

const BORIS = 'boris@corp.example';
const TEAM = 'team@corp.example';
const LEGACY = '/o=corp/ou=x/cn=boris';

function hit(address: string, addresses: string[] = [], mailboxType = 'Mailbox'): ResolvedName {
  return { ...ewsAddress(address, mailboxType), addresses };
}

function ask(reader: FakeReader, address: string, most = 1000) {
  return askExchange((work) => work(reader, 'anna@corp.example'), address, most);
}

function knowing(entry: string, ...found: ResolvedName[]): FakeReader {
  const reader = new FakeReader();
  reader.names.set(entry, found);
  return reader;
}

describe('askExchange', () => {
  it('learns whom an alias stands for, and what other aliases he has', async () => {
    const reader = knowing(
      'smtp:b@corp.example',
      hit('Boris@corp.example', ['SMTP:Boris@corp.example', 'smtp:bb@corp.example']),
    );
    expect(await ask(reader, 'b@corp.example')).toEqual({
      answer: { address: 'b@corp.example', kind: 'person', person: BORIS, members: [] },
      besides: [BORIS, 'bb@corp.example'].map((address) => ({ address, kind: 'person', person: BORIS, members: [] })),
      questions: [],
    });
  });

  it('learns whose a legacy name is, by the primary address where it is told in the same way', async () => {
    const { answer } = await ask(knowing(LEGACY, hit(BORIS)), LEGACY);
    expect(answer).toEqual({ address: LEGACY, kind: 'person', person: BORIS, members: [] });
    const ex = { ...hit('/o=Corp/cn=b', ['smtp:b@corp.example', 'SMTP:boris@corp.example']), routingType: 'EX' };
    expect((await ask(knowing(LEGACY, ex), LEGACY)).answer.person).toBe(BORIS);
    expect((await ask(knowing(LEGACY), LEGACY)).answer.kind).toBe('unknown');
    expect((await ask(knowing(LEGACY, hit(BORIS), hit(TEAM)), LEGACY)).answer.kind).toBe('ambiguous');
  });

  it.each([
    ['only begins like it', [hit('boris@corp.example.org')], 'unknown'],
    ['begins like it besides the one', [hit('boris@corp.example.org'), hit(BORIS)], 'person'],
    ['has it besides what is told', [hit('b@corp.example', ['SMTP:b@corp.example'])], 'person'],
    ['is one of several', [hit('b@corp.example'), hit('bb@corp.example')], 'ambiguous'],
    ['is told twice', [hit(BORIS), hit(BORIS)], 'ambiguous'],
  ])('is not led astray by a hit that %s', async (_, found, kind) => {
    expect((await ask(knowing(`smtp:${BORIS}`, ...found), BORIS)).answer.kind).toBe(kind);
  });

  it('takes an organizer’s name only for the one person of that name', async () => {
    const named = (name: string, address: string) => ({ ...hit(address), name });
    const name = (...found: ResolvedName[]) =>
      ask(knowing('boris', ...found), 'name:boris').then(({ answer }) => answer);
    expect(await name(named('Boris', BORIS), named('Boris Two', 'two@corp.example'))).toMatchObject({ person: BORIS });
    expect(await name(named('Boris', BORIS), named('BORIS', 'two@corp.example'))).toMatchObject({ kind: 'ambiguous' });
    expect(await name(named('Boris Two', 'two@corp.example'))).toMatchObject({ kind: 'unknown', person: null });
  });

  it('opens a list one level, and leaves lists and legacy names in it to be asked about', async () => {
    const reader = knowing(`smtp:${TEAM}`, hit(TEAM, [], 'PublicDL'));
    const ex = { ...ewsAddress('/o=Corp/cn=Chloe'), routingType: 'EX' };
    const nameless = { ...ewsAddress(''), address: null };
    reader.lists.set(TEAM, [
      ewsAddress(BORIS),
      ewsAddress('Sub@corp.example', 'PublicDL'),
      ex,
      nameless,
      ewsAddress(BORIS),
    ]);
    expect(await ask(reader, TEAM)).toEqual({
      answer: { address: TEAM, kind: 'list', person: TEAM, members: ['/o=corp/cn=chloe', BORIS, 'sub@corp.example'] },
      besides: [],
      questions: ['sub@corp.example', '/o=corp/cn=chloe'],
    });
    expect((await ask(reader, TEAM, 1)).answer.members).toHaveLength(2);
  });

  it('knows a list by another name, one that address books hide, and one that tells no members', async () => {
    const alias = await ask(knowing('smtp:crew@corp.example', hit(TEAM, [], 'PublicDL')), 'crew@corp.example');
    expect(alias).toMatchObject({ answer: { kind: 'list', person: TEAM, members: [] }, questions: [TEAM] });
    const reader = new FakeReader();
    reader.lists.set(TEAM, [ewsAddress(BORIS)]);
    expect((await ask(reader, TEAM)).answer).toMatchObject({ kind: 'list', person: TEAM, members: [BORIS] });
    const hidden = await ask(knowing(`smtp:${TEAM}`, hit(TEAM, [], 'PublicDL')), TEAM);
    expect(hidden.answer).toMatchObject({ kind: 'list', members: [] });
  });

  it('gathers the rooms of all room lists', async () => {
    const reader = new FakeReader();
    reader.rooms.set('floor1@corp.example', [ewsAddress('Blue@corp.example'), ewsAddress('red@corp.example')]);
    reader.rooms.set('floor2@corp.example', [ewsAddress('blue@corp.example')]);
    const { answer } = await ask(reader, 'rooms:');
    expect(answer).toMatchObject({ kind: 'rooms', members: ['blue@corp.example', 'red@corp.example'] });
  });
});

describe('namesToAsk', () => {
  it('names legacy names and lists of anywhere, all of the own domains, and organizers without an address', () => {
    const attendee = (address: string, mailboxType = 'Mailbox') => ({
      ...ewsAddress(address, mailboxType),
      response: 'unknown' as const,
      respondedAt: null,
    });
    const item = calendarItem({
      isOrganizer: false,
      organizerName: 'Dora',
      organizer: null,
      requiredAttendees: [attendee('B@corp.example'), attendee('eva@partner.example'), attendee('/O=Corp/CN=x')],
      optionalAttendees: [attendee('list@partner.example', 'PublicDL')],
      resources: [attendee('no address')],
    });
    const names = namesToAsk(item, new Set(['corp.example']));
    expect(names).toEqual(['b@corp.example', '/o=corp/cn=x', 'list@partner.example', 'name:dora']);
    expect(namesToAsk({ ...item, isOrganizer: true }, new Set())).toEqual(['/o=corp/cn=x', 'list@partner.example']);
  });
});
