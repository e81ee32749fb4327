import { ALL_ROOMS, type DirectoryAnswer } from 'calendar-db/directory';
import {
  canonicalAddress,
  displayNameKey,
  displayNameOf,
  isLegacyName,
  isSmtpAddress,
  writtenAddress,
} from 'calendar-model';
import type { EwsCalendarReader, EwsMailboxAddress, NameResolution, ResolvedName } from 'ews-client';

/** What came of a question. */
export interface Asked {
  readonly answer: DirectoryAnswer;
  /** What Exchange told of others besides: aliases. */
  readonly besides: readonly DirectoryAnswer[];
  /** What is to be asked in turn. */
  readonly questions: readonly string[];
}

/** Makes a call in the name of some mailbox. */
export type Call = <Result>(work: (reader: EwsCalendarReader, mailbox: string) => Promise<Result>) => Promise<Result>;

/**
 * Asks Exchange's directory one question: who is behind an SMTP address, a legacy name or a display name, what is in a
 * list (one level), or which rooms there are.
 *
 * @param mostMembers of a list; of a longer one only one member more is told
 * @throws what the call throws, when Exchange did not answer
 */
export async function askExchange(call: Call, address: string, mostMembers: number): Promise<Asked> {
  if (address === ALL_ROOMS) return askForRooms(call);
  const name = displayNameOf(address);
  const entry = name ?? (isLegacyName(address) ? address : `smtp:${address}`);
  const resolution = await call((reader, mailbox) => reader.resolveNames(mailbox, entry));
  const found = name === null ? byAddress(resolution, address) : byName(resolution, address);
  if (found === 'ambiguous') return alone({ address, kind: 'ambiguous', person: null, members: [] });
  const person = found === null ? null : primaryAddress(found);
  if (found === null || person === null) {
    // Lists that are hidden from address books resolve to nobody, and expand.
    return isSmtpAddress(address) ? expand(call, address, mostMembers, false) : alone(nobody(address));
  }
  if (found.mailboxType !== 'PublicDL') {
    return { ...alone({ address, kind: 'person', person, members: [] }), besides: aliases(found, address, person) };
  }
  if (person === address) return expand(call, address, mostMembers, true);
  return { ...alone({ address, kind: 'list', person, members: [] }), questions: [person] };
}

function alone(answer: DirectoryAnswer): Asked {
  return { answer, besides: [], questions: [] };
}

function nobody(address: string): DirectoryAnswer {
  return { address, kind: 'unknown', person: null, members: [] };
}

async function expand(call: Call, address: string, mostMembers: number, isList: boolean): Promise<Asked> {
  const { members: told } = await call((reader, mailbox) => reader.expandList(mailbox, address));
  const known = told.flatMap((member) => memberOf(member) ?? []);
  if (!isList && known.length === 0) return alone(nobody(address));
  const members = [...new Map(known.map((member) => [member.address, member])).values()].slice(0, mostMembers + 1);
  const questions = members.filter(({ isToBeAsked }) => isToBeAsked).map((member) => member.address);
  return {
    answer: { address, kind: 'list', person: address, members: members.map((member) => member.address).sort() },
    besides: [],
    questions,
  };
}

/** Members are told by their primary addresses: who is behind them need be asked only of lists and legacy names. */
function memberOf({
  address: given,
  mailboxType,
}: EwsMailboxAddress): { address: string; isToBeAsked: boolean } | null {
  const address = writtenAddress(given ?? '');
  return address === null ? null : { address, isToBeAsked: isLegacyName(address) || mailboxType === 'PublicDL' };
}

/** Exchange compares beginnings, so a hit may be somebody whose address only begins like the one asked for. */
function byAddress({ found }: NameResolution, address: string): ResolvedName | 'ambiguous' | null {
  const [first, ...others] = found;
  if (first === undefined) return null;
  if (isLegacyName(address)) return others.length > 0 ? 'ambiguous' : first;
  const exact = found.filter((one) => smtpAddresses(one).includes(address));
  if (exact.length > 0) return exact.length > 1 ? 'ambiguous' : (exact[0] ?? null);
  // Exchange tells three addresses at most: a single hit may well have the wanted one besides them.
  if (others.length > 0) return 'ambiguous';
  return smtpAddresses(first).some((told) => told.startsWith(address)) ? null : first;
}

/** Only the one person of exactly this name: an organizer must not be guessed. */
function byName({ found, complete }: NameResolution, key: string): ResolvedName | 'ambiguous' | null {
  const named = found.filter(
    ({ name, mailboxType }) => displayNameKey(name ?? '') === key && mailboxType !== 'PublicDL',
  );
  if (named.length > 1 || !complete) return 'ambiguous';
  return named[0] ?? null;
}

function smtpAddresses({ address, routingType, addresses }: ResolvedName): string[] {
  const own = address === null || routingType?.toUpperCase() === 'EX' ? [] : [address];
  const others = addresses.filter((entry) => /^smtp:/iu.test(entry));
  return [...own, ...others].map(canonicalAddress).filter(isSmtpAddress);
}

function primaryAddress(found: ResolvedName): string | null {
  const primary = found.addresses.filter((entry) => entry.startsWith('SMTP:'));
  return smtpAddresses({ ...found, addresses: primary })[0] ?? null;
}

function aliases(found: ResolvedName, asked: string, person: string): DirectoryAnswer[] {
  const others = new Set(smtpAddresses(found));
  others.delete(asked);
  return [...others].map((address): DirectoryAnswer => ({ address, kind: 'person', person, members: [] }));
}

async function askForRooms(call: Call): Promise<Asked> {
  const lists = await call((reader, mailbox) => reader.getRoomLists(mailbox));
  const rooms = new Set<string>();
  for (const { address: list } of lists) {
    if (list === null) continue;
    for (const { address } of await call((reader, mailbox) => reader.getRooms(mailbox, list))) {
      const room = canonicalAddress(address ?? '');
      if (isSmtpAddress(room)) rooms.add(room);
    }
  }
  return alone({ address: ALL_ROOMS, kind: 'rooms', person: null, members: [...rooms].sort() });
}
