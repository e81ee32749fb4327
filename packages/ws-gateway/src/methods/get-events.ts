import { type EventView, listEventViews } from 'calendar-db/views';
import { type CalendarEvent, formatPosition, type MethodPayload, type MethodReply } from 'gateway-protocol';
import type { Connection } from '../connections/connection.ts';
import { wireEvent } from '../delivery/event-mapping.ts';
import { bestView } from '../delivery/event-reader.ts';
import { MOST_PART_BYTES } from '../delivery/update-part.ts';
import { eventRange } from './event-range.ts';
import type { MethodServices } from './method-services.ts';
import { readPageToken, writePageToken } from './page-token.ts';
import { coverageOf, viewersOf } from './viewers.ts';

/** One page of the events in a range. */
export async function getEvents(
  services: MethodServices,
  connection: Connection,
  payload: MethodPayload<'getEvents'>,
): Promise<MethodReply<'getEvents'>> {
  const { config, database, tail, reader } = services;
  const viewers = await viewersOf(services, connection);
  const covered = await coverageOf(services, viewers);
  const { from, to } = eventRange(services, payload, covered);
  const token = payload.pageToken === undefined ? undefined : readPageToken(payload.pageToken, { from, to });
  const { pageEvents } = config().gateway.limits;
  // Read before the data: whoever continues from it misses nothing.
  const position = token?.position ?? formatPosition(await tail.ready());
  const { version, views, more } = await listEventViews(database, viewers, {
    from: new Date(from),
    to: new Date(to),
    limit: Math.min(payload.pageSize ?? pageEvents, pageEvents),
    after: token === undefined ? null : { start: new Date(token.start), eventId: token.id },
    participants: config().privacy.viewers === 'participants',
  });
  const { events, cut } = fitted(views, (view) => wireEvent(view, { version, userIdOf: reader.userIdOf }));
  const last = events.at(-1);
  const next =
    last !== undefined && (more || cut)
      ? { nextPageToken: writePageToken({ from, to, position, start: last.start, id: last.eventId }) }
      : {};
  return { events, ...next, position, ...covered };
}

/** One event per id, as many as a frame may hold. */
function fitted(views: readonly EventView[], map: (view: EventView) => CalendarEvent) {
  const byId = new Map<string, EventView[]>();
  for (const view of views) byId.set(view.eventId, [...(byId.get(view.eventId) ?? []), view]);
  const events: CalendarEvent[] = [];
  let bytes = 0;
  for (const seen of byId.values()) {
    const view = bestView(seen);
    if (view === undefined) continue;
    const event = map(view);
    bytes += Buffer.byteLength(JSON.stringify(event));
    if (bytes > MOST_PART_BYTES && events.length > 0) return { events, cut: true };
    events.push(event);
  }
  return { events, cut: false };
}
