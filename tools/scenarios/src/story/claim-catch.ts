import type { SqlDatabase } from 'calendar-db/testing/sql-database';
import type { TrueConfControl, TrueConfFault } from 'stack-driver';
import type { Fleet } from './fleet.ts';
import type { Catch } from './killer.ts';

/** Create and run requests that a live launcher has claimed and not yet written the outcome of. */
const OPEN_CLAIMS = `
  SELECT k.event_id, k.owner, k.token::text, k.intent, w.pid
  FROM calendar.conference_claim k JOIN calendar.worker w ON w.worker_id = k.owner
  WHERE w.instance = $1 AND k.intent IN ('create', 'run') AND k.lease_until > clock_timestamp()
  ORDER BY k.requested_at`;

const STILL_OPEN = `
  SELECT FROM calendar.conference_claim
  WHERE event_id = $1 AND owner = $2 AND token = $3 AND intent IS NOT NULL`;

interface OpenClaim {
  readonly event_id: string;
  readonly owner: string;
  readonly token: string;
  readonly intent: string;
  readonly pid: number;
}

/** A launcher between the claim of a create or run and its confirmation. */
export async function catchClaim(database: SqlDatabase, fleet: Fleet, instance: number): Promise<Catch | undefined> {
  const { rows } = await database.query<OpenClaim & Record<string, unknown>>(OPEN_CLAIMS, [instance]);
  for (const { event_id, owner, token, intent, pid } of rows) {
    const worker = fleet.byPid(pid);
    if (worker === undefined) continue;
    return {
      worker,
      caught: intent,
      inHand: async () => (await database.query(STILL_OPEN, [event_id, owner, token])).rowCount === 1,
    };
  }
  return undefined;
}

const SLOW_MS = 250;
const ROUTES = ['create', 'run'] as const;

/** What TrueConf Server does with requests whose sender dies: not yet looked at, done but not answered, or kept for later. */
const TROUBLES: readonly TrueConfFault[] = [
  { kind: 'delay', when: 'before', delayMs: SLOW_MS, times: null },
  { kind: 'delay', when: 'after', delayMs: SLOW_MS, times: null },
  { kind: 'hold', times: 1 },
];

/**
 * Makes TrueConf Server slow in another way for each kill, so that requests die before, after and long before they take
 * effect. What was held for the last kill is let go: it takes effect although its sender is dead.
 */
export async function troubleRequests(trueconf: TrueConfControl, n: number): Promise<void> {
  await trueconf.calm();
  for (const route of ROUTES) await trueconf.disturb({ route, ...TROUBLES[n % TROUBLES.length]! });
}
