import type { SqlDatabase } from 'calendar-db/testing/sql-database';
import type { Fleet } from './fleet.ts';
import type { Catch } from './killer.ts';

const HELD_LEASES = `
  SELECT m.mailbox_id::text, m.lease_owner, m.lease_token::text, w.pid
  FROM calendar.mailbox m JOIN calendar.worker w ON w.worker_id = m.lease_owner
  WHERE m.lease_until > clock_timestamp() ORDER BY random()`;

const STILL_HELD = `
  SELECT FROM calendar.mailbox WHERE mailbox_id = $1 AND lease_owner = $2 AND lease_token = $3`;

interface HeldLease {
  readonly mailbox_id: string;
  readonly lease_owner: string;
  readonly lease_token: string;
  readonly pid: number;
}

/** A sync-worker between the lease of a mailbox and the applied result. */
export async function catchLease(database: SqlDatabase, fleet: Fleet): Promise<Catch | undefined> {
  const { rows } = await database.query<HeldLease & Record<string, unknown>>(HELD_LEASES);
  for (const { mailbox_id, lease_owner, lease_token, pid } of rows) {
    const worker = fleet.byPid(pid);
    if (worker === undefined) continue;
    return {
      worker,
      caught: 'sync',
      inHand: async () => (await database.query(STILL_HELD, [mailbox_id, lease_owner, lease_token])).rowCount === 1,
    };
  }
  return undefined;
}
