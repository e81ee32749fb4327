import type { EwsMailboxAddress } from '../calendar-item.ts';
import type { EwsCaller } from '../ews-caller.ts';
import { readMailboxAddress } from '../read-mailbox-address.ts';

export interface ListExpansion {
  /**
   * False: Exchange says that it cannot list the members (a dynamic list). True with no members stands for an empty list,
   * for one whose membership is hidden, and for an address that is no list: EWS does not tell them apart.
   */
  readonly expandable: boolean;
  /** One level: lists among them have `mailboxType` `PublicDL`. Some may lack an address. */
  readonly members: readonly EwsMailboxAddress[];
  /** False: there are more than these. */
  readonly complete: boolean;
}

const notExpandable = new Set([
  'ErrorNameResolutionNoResults',
  'ErrorNameResolutionNoMailbox',
  'ErrorInvalidItemForOperationExpandDL',
]);

/** ExpandDL: the direct members of one list. */
export async function expandList(
  caller: EwsCaller,
  mailbox: string,
  address: string,
  signal: AbortSignal | undefined,
): Promise<ListExpansion> {
  const [answer] = await caller.call({
    operation: 'ExpandDL',
    mailbox,
    body: { Mailbox: { EmailAddress: address } },
    signal,
  });
  if (answer === undefined) throw new Error('a checked reply holds one answer');
  if (!answer.ok) {
    if (!notExpandable.has(answer.error.responseCode ?? '')) throw answer.error;
    return { expandable: false, members: [], complete: true };
  }
  const expansion = answer.element.child('m:DLExpansion');
  const told = expansion?.children.filter(({ name }) => name === 't:Mailbox') ?? [];
  return {
    expandable: true,
    members: told.map(readMailboxAddress),
    complete: expansion?.attribute('IncludesLastItemInRange') !== 'false',
  };
}
