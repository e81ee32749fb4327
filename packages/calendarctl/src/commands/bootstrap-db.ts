import { bootstrapScript } from 'calendar-db/schema';
import type { CommandContext } from '../command-context.ts';

/** `bootstrap-db`: prints what an administrator of Postgres runs once with psql for the config's role and database. */
export async function bootstrapDbCommand(context: CommandContext): Promise<void> {
  const { user: role, database } = context.loadConfig().config.dbConnectionConfig;
  const script = bootstrapScript({ role, database });
  context.answer({ script }, () => script.trimEnd().split('\n'));
}
