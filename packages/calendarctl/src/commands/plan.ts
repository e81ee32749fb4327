import { listPlanned } from 'calendar-db/conferences';
import { readDatabaseClock } from 'calendar-db/workers';
import { explainReason } from 'calendar-model';
import type { CommandContext } from '../command-context.ts';

/** `plan`: what begins soon, what will be done about it, or why nothing will be. */
export async function planCommand(context: CommandContext, nextMs: number): Promise<void> {
  const rows = await context.withDatabase(async (database) =>
    listPlanned(database, new Date((await readDatabaseClock(database)) + nextMs)),
  );
  const shown = rows.map(
    ({ startsAt, endsAt, wanted, reason, state, failure, runs, serverId, ownerId, cid, invitees, eventId }) => {
      const why = failure ?? reason;
      return {
        ...{ starts: startsAt, ends: endsAt, wanted, runs, state, server: serverId, owner: ownerId, cid },
        ...{ invitees: invitees.length, event: eventId, why },
        explanation: why === null ? null : explainReason(why),
      };
    },
  );
  context.table(shown, 'nothing is planned');
}
