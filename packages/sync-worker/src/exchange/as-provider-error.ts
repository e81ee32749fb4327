import { EwsError, type EwsErrorClass, type EwsErrorScope } from 'ews-client';
import { NoAccountLeftError } from '../accounts/no-account-left-error.ts';
import { ServerHeldError } from '../accounts/server-held-error.ts';
import {
  type LostAtProvider,
  ProviderError,
  type ProviderErrorClass,
  type ProviderReach,
} from '../engine/provider-error.ts';

const REACHES: Readonly<Record<EwsErrorScope, ProviderReach>> = {
  host: 'server',
  account: 'account',
  mailbox: 'mailbox',
  item: 'item',
};

/** What Exchange's failure means to the sync engine; what is not about Exchange (an abort, a defect) comes back as it is. */
export function asProviderError(error: unknown): unknown {
  if (error instanceof EwsError) {
    const { message, code, scope, responseCode, httpStatus, operation, backOffMs, cause } = error;
    return new ProviderError(message, {
      ...{ code, operation, cause },
      reach: REACHES[scope],
      errorClass: classOf(error.errorClass),
      detail: responseCode ?? httpStatus?.toString(),
      retryAfterMs: backOffMs,
      lost: lostIn(error),
      unexplained: responseCode === 'ErrorInternalServerError',
    });
  }
  if (error instanceof ServerHeldError) {
    const { message, code, reach, heldMs } = error;
    return new ProviderError(message, { code, reach, errorClass: 'held', retryAfterMs: heldMs });
  }
  if (error instanceof NoAccountLeftError) {
    return new ProviderError(error.message, { code: error.code, reach: 'account', errorClass: 'held' });
  }
  return error;
}

/** Subscriptions are not the engine's business: theirs is a stream that is opened again. */
function classOf(errorClass: EwsErrorClass): ProviderErrorClass {
  return errorClass === 'resubscribe' ? 'transient' : errorClass;
}

function lostIn({ responseCode, operation, errorClass }: EwsError): LostAtProvider | undefined {
  if (responseCode === 'ErrorNonExistentMailbox') return 'mailbox';
  if (responseCode === 'ErrorInvalidSyncStateData') return 'sync-state';
  if (operation !== 'SyncFolderItems') return undefined;
  const isLost = responseCode === 'ErrorSyncFolderNotFound' || responseCode === 'ErrorFolderNotFound';
  // The folder's id means nothing to the server, which may be another one behind the same name.
  return isLost || errorClass === 'item' ? 'folder' : undefined;
}
