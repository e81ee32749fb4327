import { z } from 'zod';

const positive = z.int().min(1);

/** Part `throttling` of `PATCH /control/settings`. */
export const throttlingSettingsSchema = z.strictObject({
  maxConcurrency: positive.nullable().optional(),
  syncConcurrency: positive.nullable().optional(),
  serviceMs: z.int().min(0).max(60_000).optional(),
  refill: z
    .strictObject({
      burstMs: positive.default(300_000),
      rechargeMsPerHour: positive.default(900_000),
      cutoffMs: positive.default(3_000_000),
      requestCostMs: positive.default(100),
      slowDownMs: z.int().min(0).max(60_000).default(500),
    })
    .nullable()
    .optional(),
});

/** A budget of server time that every request uses up and that fills again by and by. */
export interface RefillBudget {
  /** `EWSMaxBurst`: what a full budget holds. */
  readonly burstMs: number;
  /** `EWSRechargeRate`: what comes back in an hour. */
  readonly rechargeMsPerHour: number;
  /** `EWSCutoffBalance`: debt at which requests are refused until it is paid. */
  readonly cutoffMs: number;
  /** What a request costs. */
  readonly requestCostMs: number;
  /** How long a request waits while its budget is in debt. */
  readonly slowDownMs: number;
}

/** What one budget may use. Everything is off by default. */
export interface ThrottlingSettings {
  /** `EWSMaxConcurrency`, 27 by Exchange's default: requests at the same time, streams apart. */
  maxConcurrency: number | null;
  /** `ConcurrentSyncCalls`: SyncFolderItems at the same time. */
  syncConcurrency: number | null;
  /** How long the server works on a request, so that requests can meet. */
  serviceMs: number;
  refill: RefillBudget | null;
}

export function defaultThrottlingSettings(): ThrottlingSettings {
  return { maxConcurrency: null, syncConcurrency: null, serviceMs: 0, refill: null };
}
