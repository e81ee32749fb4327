import { notifyWorkers } from 'calendar-db/notifications';
import type { CommandContext } from '../command-context.ts';

/** `reload`: asks running workers to read their config again; each says in its log what it took over. */
export async function reloadCommand(context: CommandContext, who: string): Promise<void> {
  await context.withDatabase((database) => notifyWorkers(database, { reload: who }));
  context.answer({ asked: who }, () => [`asked ${who} to read the config again; what they took over is in their logs`]);
}
