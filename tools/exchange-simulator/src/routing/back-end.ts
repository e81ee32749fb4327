import type { Mailbox } from '../store/mailbox.ts';

/** A mailbox server. Servers of one group take over for each other; Autodiscover tells the group of a mailbox. */
export interface BackEnd {
  readonly name: string;
  readonly group: string;
  /** The site whose EWS address serves its mailboxes; the first one when it has none. */
  readonly site?: string | undefined;
}

/** The server that holds a mailbox: the one it was assigned to, else the first. */
export function backEndOf(mailbox: Mailbox, { backEnds }: { readonly backEnds: readonly BackEnd[] }): BackEnd {
  return backEnds.find(({ name }) => name === mailbox.backEnd) ?? backEnds[0]!;
}
