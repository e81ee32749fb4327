import { z } from 'zod';
import { calendarEvent, fullEvent, maskedEvent } from './calendar-event.ts';

const unixMs = z.int().min(-8.64e15).max(8.64e15).describe('unix time in milliseconds');
const positionText = z.string().min(1).max(100).describe('`epoch:seq`, opaque to clients');
const eventId = z.uuid();
const coverage = {
  coveredFrom: unixMs.nullable().describe('the cache is complete from here; null: not known'),
  coveredTo: unixMs.nullable().describe('… up to here'),
};

/** What clients may call: payload and reply of each method. */
export const clientMethods = {
  auth: {
    summary: 'Signs the connection in, and again before the token expires. Nothing else is answered before it.',
    payload: z.object({
      token: z.string().min(1).max(8192),
      tokenType: z.enum(['JWT', 'product']),
      serverId: z.string().max(255).optional().describe('for `product` only'),
    }),
    reply: z.object({
      userId: z.string().describe('TrueConf ID, `user@server`'),
      connectionId: z.string().describe('names this socket in the gateway’s log'),
      addresses: z.array(z.string()).describe('mailbox addresses whose calendars this connection shows'),
      serverTime: unixMs,
      expiresAt: unixMs.describe('the socket is closed then unless `auth` came again'),
    }),
  },
  getEvents: {
    summary: 'Events that overlap a range, by start. All pages carry the position of the first.',
    payload: z.object({
      from: unixMs,
      to: unixMs.describe('exclusive'),
      pageSize: z.int().min(1).max(5000).optional(),
      pageToken: z.string().min(1).max(500).optional().describe('`nextPageToken` of the page before'),
    }),
    reply: z.object({
      events: z.array(calendarEvent),
      nextPageToken: z.string().optional().describe('absent on the last page'),
      position: positionText,
      ...coverage,
    }),
  },
  getEventById: {
    summary: 'One event; its attendees in pages of 100.',
    payload: z.object({ eventId, attendeesFrom: z.int().min(0).max(1_000_000).optional() }),
    reply: z.object({ event: z.union([fullEvent, maskedEvent]) }),
  },
  subscribeEvents: {
    summary:
      'Tells every further change of a range, after a snapshot or, with the position of the same range, after what changed since. A second call replaces the first.',
    payload: z.object({ from: unixMs.optional(), to: unixMs.optional(), position: positionText.optional() }),
    reply: z.discriminatedUnion('recovered', [
      z.object({
        recovered: z.literal(false).describe('a snapshot: forget every event that it does not name'),
        events: z.array(calendarEvent),
        position: positionText.optional().describe('absent when more parts follow as `updateEvents`'),
        ...coverage,
      }),
      z.object({
        recovered: z.literal(true).describe('what changed since the given position'),
        upserted: z.array(calendarEvent),
        removed: z.array(eventId),
        position: positionText.optional().describe('absent when more parts follow as `updateEvents`'),
      }),
    ]),
  },
  unsubscribeEvents: {
    summary: 'Ends the subscription; the socket stays.',
    payload: z.object({}),
    reply: z.object({ result: z.literal(true) }),
  },
} as const;

/** What the gateway calls: each is acknowledged with a response that has its id. */
export const gatewayPushes = {
  updateEvents: {
    summary: 'Newest states of changed events, and ids of those that left the viewer’s sight or the range.',
    payload: z.object({
      upserted: z.array(calendarEvent),
      removed: z.array(eventId),
      position: positionText.optional().describe('everything up to here has been told; keep it'),
    }),
  },
  resyncEvents: {
    summary: 'The view as a whole may have changed: subscribe again, without position.',
    payload: z.object({ reason: z.string() }),
  },
  closing: {
    summary: 'Comes before a planned close.',
    payload: z.object({ reason: z.string(), reconnect: z.boolean(), retryAfterMs: z.int().min(0) }),
  },
} as const;

export type ClientMethod = keyof typeof clientMethods;
export type GatewayPush = keyof typeof gatewayPushes;
export type MethodPayload<M extends ClientMethod> = z.output<(typeof clientMethods)[M]['payload']>;
export type MethodReply<M extends ClientMethod> = z.output<(typeof clientMethods)[M]['reply']>;
export type PushPayload<P extends GatewayPush> = z.output<(typeof gatewayPushes)[P]['payload']>;

export function isClientMethod(name: string): name is ClientMethod {
  return Object.hasOwn(clientMethods, name);
}

export function isGatewayPush(name: string): name is GatewayPush {
  return Object.hasOwn(gatewayPushes, name);
}
