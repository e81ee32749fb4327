import type { SqlDatabase } from 'calendar-db/testing/sql-database';
import { until } from 'stack-driver';
import type { Fleet } from './fleet.ts';
import type { Catch } from './killer.ts';
import type { PersonClient } from './person-client.ts';

/** How far the change log goes for each of some people. */
const HEADS = `
  SELECT p.address, max(c.seq)::double precision AS seq
  FROM unnest($1::text[]) AS p (address) JOIN calendar.change c ON c.audience @> ARRAY[p.address]
  GROUP BY p.address`;

/** The gateway, with changes committed that a connected client was not told of yet. */
export async function catchDelivery(
  database: SqlDatabase,
  fleet: Fleet,
  clients: readonly PersonClient[],
): Promise<Catch | undefined> {
  const [worker] = fleet.of('ws-gateway');
  if (worker === undefined || !clients.every((client) => client.isLive)) return undefined;
  const addresses = clients.map(({ address }) => address);
  const { rows } = await database.query<{ address: string; seq: number }>(HEADS, [addresses]);
  for (const client of clients) {
    const head = rows.find(({ address }) => address === client.address)?.seq ?? 0;
    if (head <= client.seq) continue;
    return {
      worker,
      caught: 'delivery',
      inHand: async () => {
        // Everything that was sent has been read when its connection is closed.
        if (!worker.running) await until(`${client.id} has noticed the end`, () => (client.isLive ? undefined : true));
        else await database.query(HEADS, [addresses]);
        return client.seq < head;
      },
    };
  }
  return undefined;
}
