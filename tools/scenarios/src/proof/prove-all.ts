import { addressOf, compareCache, PEOPLE } from 'stack-driver';
import type { ChangeStream } from '../story/change-stream.ts';
import type { World } from '../story/world.ts';
import { agreed } from './agreed.ts';
import { compareClients } from './compare-clients.ts';
import { proveConferences } from './conference-proof.ts';

/** Every mailbox of the company: its people and the room. */
const EVERYBODY = [...PEOPLE, 'room-aurora'].map(addressOf);

/** Proves that database and clients hold what Exchange holds, field by field, and prints how much that was. */
export async function proveNothingLost(world: World, stream: ChangeStream): Promise<void> {
  const { database, exchange, clients } = world;
  const inDatabase = await agreed('the database agrees with Exchange', () =>
    compareCache(database, exchange, EVERYBODY),
  );
  const atClients = await agreed('every client agrees with Exchange', () => compareClients(clients, exchange));
  console.table({
    'changes saved in Exchange': stream.changes,
    'events compared in the database': inDatabase,
    'events compared at the clients': atClients,
    'connections lost by each client': clients.map(({ losses }) => losses).join(' '),
  });
}

/** Proves that each conference was created and started once, and none early, and prints the counts. */
export async function proveConferencesOnce(world: World, stream: ChangeStream): Promise<void> {
  const { created, started, repeatedCreates, repeatedRuns, lateness } = await agreed(
    'TrueConf Server did what it should',
    async () => {
      const proof = await proveConferences(world.trueconf, stream.meetings);
      return { differing: proof.wrong, compared: proof };
    },
  );
  const at = (share: number) => Math.round(lateness[Math.floor(share * (lateness.length - 1))] ?? Number.NaN);
  console.table({
    'conferences created': created,
    'creates tried again in vain': repeatedCreates,
    'conferences started': started,
    'runs tried again in vain': repeatedRuns,
    'median lateness, ms': at(0.5),
    'worst lateness, ms': at(1),
  });
}
