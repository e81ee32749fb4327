import type { MethodPayload, MethodReply } from 'gateway-protocol';
import type { Connection } from '../connections/connection.ts';
import { MethodError } from './method-error.ts';
import type { MethodServices } from './method-services.ts';
import { coverageOf, viewersOf } from './viewers.ts';

/** One event with a page of its attendees. */
export async function getEventById(
  services: MethodServices,
  connection: Connection,
  { eventId, attendeesFrom = 0 }: MethodPayload<'getEventById'>,
): Promise<MethodReply<'getEventById'>> {
  const viewers = await viewersOf(services, connection);
  await coverageOf(services, viewers);
  const id = eventId.toLowerCase();
  const [found] = await services.reader.read([{ viewers, ids: [id] }], attendeesFrom);
  const event = found?.get(id);
  if (event === undefined) throw new MethodError('eventNotFound', 'there is no such event, or it is not yours to see');
  return { event };
}
