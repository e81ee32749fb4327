import { migrate } from 'calendar-db/schema';
import type { CommandContext } from '../command-context.ts';

const FUNCTIONS = {
  current: 'the schema is current',
  replaced: 'applied the functions of this build',
  newer: 'the schema is that of a newer build; nothing was done',
};

/** `migrate`: brings the database's schema up to this build. */
export async function migrateCommand(context: CommandContext): Promise<void> {
  const outcome = await migrate(context.databaseOptions());
  context.answer(outcome, () => [
    ...outcome.migrations.map(
      ({ version, name, breaking }) => `applied ${version} ${name}${breaking ? ' (breaking)' : ''}`,
    ),
    FUNCTIONS[outcome.functions],
  ]);
}
