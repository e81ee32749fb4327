import { renewEpoch } from 'calendar-db/operator';
import type { CommandContext } from '../command-context.ts';

/** `new-epoch`: voids all positions, after a snapshot of the database's machine was brought back. */
export async function newEpochCommand(context: CommandContext): Promise<void> {
  const epoch = await context.withDatabase(renewEpoch);
  context.answer({ epoch }, () => [`the new epoch is ${epoch}; restart the gateways so that all clients read anew`]);
}
