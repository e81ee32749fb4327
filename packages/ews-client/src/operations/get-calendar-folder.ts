import type { EwsCaller } from '../ews-caller.ts';
import { EwsReplyError } from '../ews-error.ts';

export interface CalendarFolder {
  readonly folderId: string;
  /** The server's clock when it answered, in whole seconds; null when it did not tell. */
  readonly serverTime: Date | null;
}

/** GetFolder for the mailbox's default calendar. */
export async function getCalendarFolder(
  caller: EwsCaller,
  mailbox: string,
  signal: AbortSignal | undefined,
): Promise<CalendarFolder> {
  const operation = 'GetFolder';
  let serverTime: Date | null = null;
  const answer = await caller.callForOne({
    operation,
    mailbox,
    body: {
      FolderShape: { BaseShape: 'IdOnly' },
      FolderIds: { DistinguishedFolderId: { attributes: { Id: 'calendar' } } },
    },
    signal,
    onServerTime: (time) => {
      serverTime = time;
    },
  });
  const folderId = answer.descend('m:Folders', 't:CalendarFolder', 't:FolderId')?.attribute('Id');
  if (folderId) return { folderId, serverTime };
  throw new EwsReplyError('the reply names no calendar folder', caller.place(mailbox, operation), {
    errorClass: 'mailbox',
    scope: 'mailbox',
  });
}
