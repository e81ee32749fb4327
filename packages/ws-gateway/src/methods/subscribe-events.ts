import type { LogPosition } from 'calendar-db/changes';
import { listEventIds } from 'calendar-db/views';
import { formatPosition, type MethodPayload, type MethodReply, parsePosition } from 'gateway-protocol';
import type { Connection } from '../connections/connection.ts';
import type { Subscription } from '../connections/subscription.ts';
import { updatePart } from '../delivery/update-part.ts';
import { eventRange } from './event-range.ts';
import { MethodError } from './method-error.ts';
import type { MethodServices } from './method-services.ts';
import { coverageOf, viewersOf } from './viewers.ts';

/**
 * Subscribes a connection: watches first, so that whatever is committed from then on is marked; finds out what the client
 * does not know yet (everything, or what changed since its position); answers with the first part of it. The rest is owed
 * and follows as pushes, the last of which carries the position. Pushes are held until the subscription is released.
 */
export async function subscribeEvents(
  services: MethodServices,
  connection: Connection,
  payload: MethodPayload<'subscribeEvents'>,
): Promise<MethodReply<'subscribeEvents'>> {
  connection.unsubscribe();
  const asked = payload.position === undefined ? undefined : readPosition(payload.position);
  await services.tail.ready();
  const { viewers, covered } = await settledViewers(services, connection);
  const subscription = connection.subscribe(eventRange(services, payload, covered), performance.now());
  try {
    const missed = asked === undefined ? undefined : await missedSince(services, viewers, asked);
    subscription.owe(missed ?? (await snapshotIds(services, viewers, subscription)));
    const { ids, whole } = subscription.take(services.config().gateway.limits.pageEvents);
    // In the same moment: what is routed from here on is not in what was taken, and is after this position.
    const reached = services.tail.position;
    const [events = new Map()] = await services.reader.read([{ viewers, ids }]);
    const { upserted, removed, left } = updatePart(ids, events, subscription);
    subscription.owe(left);
    const isComplete = whole && left.length === 0 && subscription.resync === undefined;
    const position = isComplete && reached !== undefined ? { position: formatPosition(reached) } : {};
    return missed === undefined
      ? { recovered: false, events: [...upserted], ...position, ...covered }
      : { recovered: true, upserted: [...upserted], removed: [...removed], ...position };
  } catch (error) {
    connection.unsubscribe();
    throw error;
  }
}

/** People and coverage that nothing has changed since they were read, so that all further changes meet the subscription. */
async function settledViewers(services: MethodServices, connection: Connection) {
  for (;;) {
    const viewers = await viewersOf(services, connection);
    const covered = await coverageOf(services, viewers);
    if (connection.viewers === viewers) return { viewers, covered };
  }
}

function readPosition(text: string): LogPosition {
  const position = parsePosition(text);
  if (position === null) throw new MethodError('positionMalformed', '`position` is not one that a gateway gave out');
  return position;
}

/** Ids of what changed since a position; undefined when only a snapshot can tell. */
async function missedSince(
  { tail, resumes }: MethodServices,
  viewers: readonly string[],
  position: LogPosition,
): Promise<ReadonlySet<string> | undefined> {
  if ((await tail.ready()).epoch !== position.epoch) return undefined;
  // Another gateway may have been further than this one is.
  const { epoch, seq } = await tail.reach(position.seq);
  if (epoch !== position.epoch || seq < position.seq) return undefined;
  const missed = await resumes.missed(viewers, position.seq);
  return missed.tooMuch ? undefined : missed.ids;
}

function snapshotIds(
  { database, config }: MethodServices,
  viewers: readonly string[],
  { from, to }: Subscription,
): Promise<string[]> {
  const rules = { participants: config().privacy.viewers === 'participants' };
  return listEventIds(database, viewers, { from: new Date(from), to: new Date(to) }, rules);
}
