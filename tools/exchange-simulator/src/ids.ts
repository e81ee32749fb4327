import { EwsError } from './ews-error.ts';
import { type CivilDay, formatDay } from './recurrence/civil-day.ts';

/** What an item id stands for. `day` is set for an occurrence of a series. */
export interface ItemReference {
  readonly mailboxGuid: string;
  readonly number: number;
  readonly day: CivilDay | undefined;
}

export interface FolderReference {
  readonly mailboxGuid: string;
  readonly number: number;
}

const GUID_TEXT = 36;
const ITEM_MARK = 0x46;
const FOLDER_MARK = 0x2e;
const NO_DAY = 0;
const HEADER = 3;

/**
 * Item and folder ids: base64 of a short header, the mailbox GUID as text, and numbers, so that they look and behave like
 * Exchange's: opaque, long, bound to one mailbox, and many differing from each other in letter case only.
 */
function encode(mark: number, mailboxGuid: string, number: number, day: number): string {
  const bytes = Buffer.alloc(HEADER + GUID_TEXT + 1 + 8 + 4);
  bytes.set([0x00, 0x03, GUID_TEXT]);
  bytes.write(mailboxGuid, HEADER, 'latin1');
  bytes.writeUInt8(mark, HEADER + GUID_TEXT);
  bytes.writeBigUInt64BE(BigInt(number), HEADER + GUID_TEXT + 1);
  bytes.writeInt32BE(day, HEADER + GUID_TEXT + 9);
  return bytes.toString('base64');
}

function decode(id: string, mark: number): { mailboxGuid: string; number: number; day: number } {
  const bytes = Buffer.from(id, 'base64');
  const wellFormed = bytes.length === HEADER + GUID_TEXT + 13 && bytes.toString('base64') === id && bytes[1] === 0x03;
  if (!wellFormed || bytes[HEADER + GUID_TEXT] !== mark) {
    throw new EwsError('ErrorInvalidIdMalformed', 'Id is malformed.');
  }
  return {
    mailboxGuid: bytes.toString('latin1', HEADER, HEADER + GUID_TEXT),
    number: Number(bytes.readBigUInt64BE(HEADER + GUID_TEXT + 1)),
    day: bytes.readInt32BE(HEADER + GUID_TEXT + 9),
  };
}

/** Id of a single, a master (no `day`) or an occurrence. */
export function encodeItemId(reference: ItemReference): string {
  // Day 0 of an occurrence would read as "no day": days are shifted, which keeps 1970-01-01 usable.
  const day = reference.day === undefined ? NO_DAY : reference.day + 1_000_000;
  return encode(ITEM_MARK, reference.mailboxGuid, reference.number, day);
}

/** @throws EwsError `ErrorInvalidIdMalformed`. */
export function decodeItemId(id: string): ItemReference {
  const { mailboxGuid, number, day } = decode(id, ITEM_MARK);
  return { mailboxGuid, number, day: day === NO_DAY ? undefined : day - 1_000_000 };
}

export function encodeFolderId(reference: FolderReference): string {
  return encode(FOLDER_MARK, reference.mailboxGuid, reference.number, NO_DAY);
}

/** @throws EwsError `ErrorInvalidIdMalformed`. */
export function decodeFolderId(id: string): FolderReference {
  const { mailboxGuid, number } = decode(id, FOLDER_MARK);
  return { mailboxGuid, number };
}

/** A change key: for comparison only. */
export function encodeChangeKey(value: number): string {
  const bytes = Buffer.alloc(22);
  bytes.set([0x0f, 0x00, 0x00, 0x00, 0x16, 0x00, 0x00, 0x00]);
  bytes.writeBigUInt64BE(BigInt(value), 14);
  return bytes.toString('base64');
}

const GLOBAL_OBJECT_ID_PREFIX = Buffer.from('040000008200E00074C5B7101A82E008', 'hex');
const FOREIGN_UID_MARK = Buffer.from('vCal-Uid\u0001\u0000\u0000\u0000', 'latin1');
const DATE_OFFSET = 16;

/**
 * A new GlobalObjectId (docs/reference/exchange.md §7.3) for an item created at `createdAt` (unix ms), around 16 bytes
 * of `data`.
 */
export function newGlobalObjectId(createdAt: number, data: Buffer): Buffer {
  const fixed = Buffer.alloc(40);
  GLOBAL_OBJECT_ID_PREFIX.copy(fixed, 0);
  // FILETIME: 100 ns units since 1601.
  fixed.writeBigUInt64LE((BigInt(Math.floor(createdAt)) + 11_644_473_600_000n) * 10_000n, 20);
  fixed.writeUInt32LE(data.length, 36);
  return Buffer.concat([fixed, data]);
}

/** The GlobalObjectId of an item whose UID came from a client: decoded hex, or wrapped as a foreign UID. */
export function globalObjectIdOfUid(uid: string): Buffer {
  const bytes = /^(?:[0-9A-Fa-f]{2}){40,}$/.test(uid) ? Buffer.from(uid, 'hex') : undefined;
  if (bytes?.subarray(0, 16).equals(GLOBAL_OBJECT_ID_PREFIX) === true) return bytes;
  const data = Buffer.concat([FOREIGN_UID_MARK, Buffer.from(uid, 'utf8'), Buffer.from([0])]);
  const fixed = Buffer.alloc(40);
  GLOBAL_OBJECT_ID_PREFIX.copy(fixed, 0);
  fixed.writeUInt32LE(data.length, 36);
  return Buffer.concat([fixed, data]);
}

/** The UID that shows in iCalendar: hex of the GlobalObjectId, or the foreign UID that it wraps. */
export function uidOfGlobalObjectId(globalObjectId: Buffer): string {
  const data = globalObjectId.subarray(40);
  if (data.subarray(0, FOREIGN_UID_MARK.length).equals(FOREIGN_UID_MARK)) {
    return data.toString('utf8', FOREIGN_UID_MARK.length, data.length - 1);
  }
  return globalObjectId.toString('hex').toUpperCase();
}

/** The GlobalObjectId with the date of one occurrence in it (year, month, day). */
export function globalObjectIdOfOccurrence(globalObjectId: Buffer, day: CivilDay): Buffer {
  const [year, month, date] = formatDay(day).split('-').map(Number);
  const copy = Buffer.from(globalObjectId);
  copy.writeUInt16BE(year!, DATE_OFFSET);
  copy.set([month!, date!], DATE_OFFSET + 2);
  return copy;
}

/** CleanGlobalObjectId: the date bytes are zero, so it is equal for a series and all its parts in every mailbox. */
export function cleanGlobalObjectId(globalObjectId: Buffer): Buffer {
  const copy = Buffer.from(globalObjectId);
  copy.fill(0, DATE_OFFSET, DATE_OFFSET + 4);
  return copy;
}
