import type { CalendarDatabase } from 'calendar-db/database';
import { type KnownDetails, type MailboxLease, readKnownDetails, type SyncedOccurrence } from 'calendar-db/sync';
import { isPrivate } from 'calendar-model';

/**
 * Completes occurrences of which only the view is known by the details that the cache holds of an earlier state of the same
 * item or event; of a plain occurrence also by those of its series' other ones, since they share them.
 *
 * @param fromView with `details: 'missing'`; others come back as they are
 * @returns in the same order; `details` is `kept` where something was known
 */
export async function withKnownDetails(
  database: CalendarDatabase,
  { mailboxId }: Pick<MailboxLease, 'mailboxId'>,
  fromView: readonly SyncedOccurrence[],
): Promise<SyncedOccurrence[]> {
  const missing = fromView.filter(({ details }) => details === 'missing');
  if (missing.length === 0) return [...fromView];
  const plain = missing.filter(({ kind }) => kind === 'occurrence');
  const rows = await readKnownDetails(database, mailboxId, {
    itemIds: missing.map(({ itemId }) => itemId),
    eventIds: missing.map(({ eventId }) => eventId),
    seriesUids: [...new Set(plain.flatMap(({ uid }) => uid ?? []))],
  });
  return fromView.map((occurrence) => (occurrence.details === 'missing' ? completed(occurrence, rows) : occurrence));
}

function completed(occurrence: SyncedOccurrence, rows: readonly KnownDetails[]): SyncedOccurrence {
  const same = rows.find(({ itemId }) => itemId === occurrence.itemId);
  const known = same ?? rows.find(({ eventId }) => eventId === occurrence.eventId) ?? sibling(occurrence, rows);
  if (known === undefined) return occurrence;
  const { preview, attendees, joinLinks } = known;
  return {
    ...occurrence,
    // The item had a name before: its details may have said what the view does not.
    ...(same && { eventId: same.duplicateOf ?? same.eventId, uid: same.uid, originalStart: same.originalStart }),
    ...{ preview, attendees, joinLinks, details: 'kept' },
    organizer: { address: known.organizerAddress, name: known.organizerName },
    sensitivity: isPrivate(occurrence.sensitivity) ? occurrence.sensitivity : known.sensitivity,
    seriesId: occurrence.seriesId ?? known.seriesId,
    seriesText: occurrence.seriesText ?? known.seriesText,
  };
}

function sibling({ kind, uid }: SyncedOccurrence, rows: readonly KnownDetails[]): KnownDetails | undefined {
  if (kind !== 'occurrence' || uid === null) return undefined;
  return rows.find((row) => row.kind === 'occurrence' && row.uid === uid);
}
