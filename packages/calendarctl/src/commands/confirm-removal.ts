import { confirmRemoval } from 'calendar-db/sync';
import type { CommandContext } from '../command-context.ts';

/** `confirm-removal`: agrees that mailboxes which no config lists any more are removed, however many they are. */
export async function confirmRemovalCommand(context: CommandContext): Promise<void> {
  const removed = await context.withDatabase(confirmRemoval);
  context.answer({ removed }, () =>
    removed.length === 0 ? ['no mailbox waits for removal'] : removed.map((address) => `removal agreed: ${address}`),
  );
}
