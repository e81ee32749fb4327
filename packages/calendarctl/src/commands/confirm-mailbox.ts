import { confirmMailbox } from 'calendar-db/operator';
import { canonicalAddress } from 'calendar-model';
import type { CommandContext } from '../command-context.ts';

const ALL = 'all';

/** `confirm-mailbox <address>`: agrees that a suspect mailbox has lost what it no longer shows. @param who an address, or `all` */
export async function confirmMailboxCommand(context: CommandContext, who: string): Promise<void> {
  const address = who === ALL ? null : canonicalAddress(who);
  const confirmed = await context.withDatabase((database) => confirmMailbox(database, address));
  const none = address === null ? 'no mailbox is suspect' : `${address} is not suspect`;
  context.answer({ confirmed }, () =>
    confirmed.length === 0 ? [none] : confirmed.map((mailbox) => `${mailbox} is read again, and believed`),
  );
}
