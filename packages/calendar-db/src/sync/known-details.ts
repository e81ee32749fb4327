import type { Attendee, OccurrenceKind, Sensitivity } from 'calendar-model';
import { z } from 'zod';
import { json, oneOf } from '../database/column-types.ts';
import { defineQuery, type Queryable } from '../database/query.ts';
import { ATTENDEE, OCCURRENCE_KINDS, SENSITIVITIES } from '../views/event-columns.ts';

const sql = {
  readKnownDetails: defineQuery('sync/read-known-details', {
    params: ['bigint', 'text[]', 'uuid[]', 'text[]'],
    row: {
      eventId: 'uuid',
      duplicateOf: 'uuid?',
      itemId: 'text',
      uid: 'text?',
      kind: oneOf(...OCCURRENCE_KINDS),
      originalStart: 'timestamptz?',
      seriesId: 'text?',
      seriesText: 'text?',
      preview: 'text',
      organizerAddress: 'text?',
      organizerName: 'text',
      attendees: json(z.array(ATTENDEE)),
      joinLinks: 'text[]',
      sensitivity: oneOf(...SENSITIVITIES),
    },
  }),
};

/** What the cache knows of an event beyond what a calendar view tells. */
export interface KnownDetails {
  readonly eventId: string;
  readonly duplicateOf: string | null;
  readonly itemId: string;
  readonly uid: string | null;
  readonly kind: OccurrenceKind;
  readonly originalStart: Date | null;
  readonly seriesId: string | null;
  readonly seriesText: string | null;
  readonly preview: string;
  readonly organizerAddress: string | null;
  readonly organizerName: string;
  readonly attendees: readonly Attendee[];
  readonly joinLinks: readonly string[];
  readonly sensitivity: Sensitivity;
}

/**
 * The details that a mailbox's cache holds of some items and events, tombstones included, and of one plain occurrence of each
 * series that is named by its UID. What is live comes first.
 */
export async function readKnownDetails(
  db: Queryable,
  mailboxId: number,
  wanted: {
    readonly itemIds: readonly string[];
    readonly eventIds: readonly string[];
    readonly seriesUids: readonly string[];
  },
): Promise<KnownDetails[]> {
  const values = [mailboxId, wanted.itemIds, wanted.eventIds, wanted.seriesUids] as const;
  return (await db.query(sql.readKnownDetails, values)).rows;
}
