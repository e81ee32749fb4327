import { migrate } from 'calendar-db/schema';
import type { CommandContext } from '../command-context.ts';

/** `migrate`: brings the database's schema up to this build. */
export async function migrateCommand(context: CommandContext): Promise<void> {
  const applied = await migrate(context.databaseOptions());
  context.answer(applied, () =>
    applied.length === 0
      ? ['the schema is current']
      : applied.map(({ version, name, breaking }) => `applied ${version} ${name}${breaking ? ' (breaking)' : ''}`),
  );
}
