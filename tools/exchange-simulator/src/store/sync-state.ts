import { EwsError } from '../ews-error.ts';
import type { Folder } from './folder.ts';
import type { Mailbox } from './mailbox.ts';

/** A position in a folder's history. `listedUpTo` is set while the first listing of the folder is still being paged. */
export interface SyncPosition {
  readonly sequence: number;
  readonly listedUpTo: number | undefined;
}

const MARK = 'SYNC1';

/** The opaque SyncState for a position, bound to one folder of one mailbox. */
export function encodeSyncState(mailbox: Mailbox, folder: Folder, position: SyncPosition): string {
  const fields = [
    MARK,
    mailbox.identity.guid,
    folder.number,
    mailbox.syncGeneration,
    position.sequence,
    position.listedUpTo ?? '',
  ];
  const text = fields.join('|');
  return Buffer.from(`${text}|${checksum(text)}`).toString('base64');
}

/**
 * Reads a SyncState.
 *
 * @throws EwsError `ErrorInvalidSyncStateData` when it is damaged, of another folder, or from before states were lost.
 */
export function decodeSyncState(state: string, mailbox: Mailbox, folder: Folder): SyncPosition {
  const text = Buffer.from(state, 'base64').toString();
  const end = text.lastIndexOf('|');
  const [mark, guid, folderNumber, generation, sequence, listedUpTo] = text.slice(0, end).split('|');
  const valid =
    text.slice(end + 1) === checksum(text.slice(0, end)) &&
    mark === MARK &&
    guid === mailbox.identity.guid &&
    Number(folderNumber) === folder.number &&
    Number(generation) === mailbox.syncGeneration &&
    Number(sequence) <= mailbox.log.head;
  if (!valid)
    throw new EwsError(
      'ErrorInvalidSyncStateData',
      'The synchronization state data is corrupted or otherwise invalid.',
    );
  return { sequence: Number(sequence), listedUpTo: listedUpTo === '' ? undefined : Number(listedUpTo) };
}

function checksum(text: string): string {
  let hash = 2_166_136_261;
  for (let index = 0; index < text.length; index += 1)
    hash = Math.imul(hash ^ text.charCodeAt(index), 16_777_619) >>> 0;
  return hash.toString(16);
}
