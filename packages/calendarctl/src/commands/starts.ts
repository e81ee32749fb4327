import { listStarts } from 'calendar-db/conferences';
import { readDatabaseClock } from 'calendar-db/workers';
import type { CommandContext } from '../command-context.ts';

/** `starts`: which conferences were started or missed lately, and how late. */
export async function startsCommand(context: CommandContext, sinceMs: number): Promise<void> {
  const rows = await context.withDatabase(async (database) =>
    listStarts(database, new Date((await readDatabaseClock(database)) - sinceMs)),
  );
  const shown = rows.map(
    ({ at, action, state, dueAt, latenessMs, attempt, serverId, cid, eventId, actor, reason }) => ({
      ...{ at, action, state, due: dueAt, 'late ms': latenessMs, attempt },
      ...{ server: serverId, cid, event: eventId, by: actor, reason },
    }),
  );
  context.table(shown, 'nothing was started');
}
