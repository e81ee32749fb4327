import { createHash } from 'node:crypto';
import { localDate } from './local-date.ts';
import type { OccurrenceKind } from './occurrence.ts';

/** First 16 bytes of every GlobalObjectId that Exchange made itself ([MS-OXOCAL] 2.2.1.27), in hex. */
const GLOBAL_OBJECT_ID = '040000008200E00074C5B7101A82E008';
/** `vCal-Uid` and a version word: what follows is the UID that a foreign calendar had given. */
const FOREIGN_UID = '7643616C2D55696401000000';
/** Offset in hex digits of a GlobalObjectId's date (4 bytes), and of its data (after 40 bytes). */
const DATE_AT = 32;
const DATE_END = 40;
const DATA_AT = 80;

/** Namespace of our version 5 UUIDs (RFC 9562 §5.5); changing it renames every event. */
const EVENT_NAMESPACE = Buffer.from('6e1c9f5a34d94c0fb1b7a0c9d1d25f0e', 'hex');

export interface EventIdentityInput {
  /** iCalendar UID as Exchange gives it, or null when the item has none. */
  readonly uid: string | null;
  /**
   * GlobalObjectId in hex, where it is known: a foreign calendar's UID is the same for all occurrences, so an invitation
   * to one of them tells its date only here.
   */
  readonly globalObjectId?: string | null;
  readonly itemId: string;
  readonly kind: OccurrenceKind;
  /** Where the series' pattern had put the occurrence; needed for everything but singles. */
  readonly originalStart: Date | null;
  /** IANA zone of the series. */
  readonly seriesZone: string;
}

/**
 * The UID without what differs between mailboxes: the date that Exchange writes into the id of a lone invited
 * occurrence becomes zero, and the UID of a foreign calendar is unwrapped from its GlobalObjectId.
 */
export function cleanUid(uid: string): string {
  const hex = globalObjectId(uid);
  if (hex === null) return uid;
  if (hex.startsWith(FOREIGN_UID, DATA_AT)) {
    const text = Buffer.from(hex.slice(DATA_AT + FOREIGN_UID.length), 'hex')
      .toString('utf8')
      .replace(/\0+$/u, '');
    if (text !== '') return text;
  }
  return `${hex.slice(0, DATE_AT)}00000000${hex.slice(DATE_END)}`;
}

/**
 * The date (`YYYY-MM-DD`) in the GlobalObjectId of an invitation to one occurrence of a series, or null.
 */
export function orphanDate(uid: string): string | null {
  const hex = globalObjectId(uid);
  if (hex === null) return null;
  const date = Buffer.from(hex.slice(DATE_AT, DATE_END), 'hex');
  const [year, month, day] = [date.readUInt16BE(0), date.readUInt8(2), date.readUInt8(3)];
  const text = `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
  return year > 0 && isDate(text) ? text : null;
}

/**
 * The id of an event: the same in every mailbox that holds the occurrence, kept when a single is moved or a series
 * changes its hour. Version 5 UUID of the clean UID and a key: empty for a single, else the local date of the
 * original start in the series' zone (Exchange keeps at most one occurrence of a series per day).
 *
 * @throws RangeError when an occurrence or exception comes without its original start
 */
export function eventId(input: EventIdentityInput): string {
  return uuidV5(`${input.uid ? cleanUid(input.uid) : `item:${input.itemId}`}\n${occurrenceKey(input)}`);
}

/**
 * The id of an event whose own id belongs to another meeting with the same UID and key in the same mailbox.
 * @param id what `eventId` makes of UID and key
 * @param itemId the server's id of the item, which tells the two apart
 */
export function duplicateEventId(id: string, itemId: string): string {
  return uuidV5(`${id}\n${itemId}`);
}

function occurrenceKey({ uid, globalObjectId, kind, originalStart, seriesZone }: EventIdentityInput): string {
  if (kind === 'single') return orphanDate(uid ?? '') ?? orphanDate(globalObjectId ?? '') ?? '';
  if (originalStart === null) throw new RangeError(`an ${kind} of a series needs its original start to be named`);
  return localDate(originalStart, seriesZone);
}

/** The UID in upper case if it is a GlobalObjectId, else null. */
function globalObjectId(uid: string): string | null {
  const hex = uid.toUpperCase();
  return hex.startsWith(GLOBAL_OBJECT_ID) && hex.length >= DATA_AT && /^[0-9A-F]+$/u.test(hex) ? hex : null;
}

/** Whether a text of the form `YYYY-MM-DD` names a day that the calendar has. */
function isDate(text: string): boolean {
  const time = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

function uuidV5(name: string): string {
  const hash = createHash('sha1').update(EVENT_NAMESPACE).update(name, 'utf8').digest().subarray(0, 16);
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x50, 6);
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8);
  return hash.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/u, '$1-$2-$3-$4-$5');
}
