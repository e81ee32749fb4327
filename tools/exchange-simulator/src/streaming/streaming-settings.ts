import { z } from 'zod';
import type { PrefixMap } from '../soap/namespaces.ts';

const prefix = z.string().regex(/^([A-Za-z][A-Za-z0-9]*)?$/, 'an XML prefix or the empty string');

/** Part `streaming` of `PATCH /control/settings`. */
export const streamingSettingsSchema = z.strictObject({
  heartbeatMs: z.int().min(10).optional(),
  minuteMs: z.int().min(10).optional(),
  subscriptionIdleMs: z.int().min(0).optional(),
  connectionsPerAccount: z.int().min(0).optional(),
  subscriptionsPerMailbox: z.int().min(1).optional(),
  folderEvents: z.boolean().optional(),
  prefixes: z.strictObject({ s: prefix, m: prefix, t: prefix, e: prefix }).partial().optional(),
  chunkSizes: z.array(z.int().min(1)).max(100).optional(),
  messageText: z.string().nullable().optional(),
});

/** How notifications behave. */
export interface StreamingSettings {
  /** Silence after which an open stream says `OK`. */
  heartbeatMs: number;
  /** How long a minute of `ConnectionTimeout` lasts. */
  minuteMs: number;
  /** Life of a subscription that no stream serves, by the server's clock. */
  subscriptionIdleMs: number;
  /** `HangingConnectionLimit`: open streams per account, or per impersonated mailbox. */
  connectionsPerAccount: number;
  /** `EWSMaxSubscriptions`: subscriptions to one mailbox. */
  subscriptionsPerMailbox: number;
  /** Whether the change of an item also shows as a `ModifiedEvent` of its folder. */
  folderEvents: boolean;
  /** Prefixes of the envelopes of streams. Real servers write theirs without one (docs/reference/exchange.md §6.3). */
  prefixes: PrefixMap;
  /** Sizes in bytes of the pieces in which streams are written, over and over; empty writes whole envelopes. */
  chunkSizes: number[];
  /** `MessageText` of every envelope of a stream, to put characters of several bytes into it. */
  messageText: string | null;
}

/** Values of Exchange 2016; the idle life of a subscription is undocumented. */
export function defaultStreamingSettings(): StreamingSettings {
  return {
    heartbeatMs: 45_000,
    minuteMs: 60_000,
    subscriptionIdleMs: 300_000,
    connectionsPerAccount: 10,
    subscriptionsPerMailbox: 5000,
    folderEvents: true,
    prefixes: { s: '', m: 'm', t: 't', e: 'e' },
    chunkSizes: [],
    messageText: null,
  };
}
