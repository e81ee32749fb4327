import { EwsAuthError, EwsHttpError, EwsNetworkError, EwsTimeoutError } from 'ews-client';
import { describe, expect, it } from 'vitest';
import { NoAccountLeftError } from '../accounts/no-account-left-error.ts';
import { ServerHeldError } from '../accounts/server-held-error.ts';
import { errorCode } from '../engine/failure-policy.ts';
import { ewsError } from '../testing/sample-ews-items.ts';
import { asProviderError } from './as-provider-error.ts';

const MAILBOX = 'anna@corp.example';
const place = { host: 'exchange.example', mailbox: MAILBOX, operation: 'FindItem' };

describe('asProviderError', () => {
  it.each([
    ['an item', ewsError('ErrorItemNotFound', 'item', { scope: 'item' }), { reach: 'item', errorClass: 'item' }],
    ['a mailbox', ewsError('ErrorAccessDenied', 'mailbox'), { reach: 'mailbox', errorClass: 'mailbox' }],
    [
      'an account',
      ewsError('ErrorExceededConnectionCount', 'throttle', { scope: 'account', backOffMs: 4_000 }),
      { reach: 'account', errorClass: 'throttle', retryAfterMs: 4_000 },
    ],
    [
      'a refused sign-in',
      new EwsAuthError('401', place, { errorClass: 'auth', scope: 'account', httpStatus: 401 }),
      { reach: 'account', errorClass: 'auth', code: 'ews-auth-refused', detail: '401' },
    ],
    [
      'a server',
      new EwsNetworkError('x', place, { errorClass: 'transient', scope: 'host' }),
      { reach: 'server', errorClass: 'transient', code: 'ews-network' },
    ],
    [
      'a server that is left alone',
      new ServerHeldError('p', MAILBOX, 7_500),
      { reach: 'server', errorClass: 'held', retryAfterMs: 7_500, code: 'sync-server-held' },
    ],
    [
      'a mailbox that is left alone',
      new ServerHeldError('it', MAILBOX, 500, 'mailbox'),
      { reach: 'mailbox', errorClass: 'held', retryAfterMs: 500 },
    ],
    [
      'accounts that are all stopped',
      new NoAccountLeftError('p', MAILBOX),
      { reach: 'account', errorClass: 'held', retryAfterMs: undefined, code: 'sync-no-account-left' },
    ],
  ])('tells that a failure reaches %s', (_, error, expected) => {
    expect(asProviderError(error)).toMatchObject({ ...expected, message: error.message });
  });

  it.each([
    ['ErrorNonExistentMailbox', 'mailbox', 'FindItem', 'mailbox'],
    ['ErrorInvalidSyncStateData', 'resync', 'SyncFolderItems', 'sync-state'],
    ['ErrorSyncFolderNotFound', 'resync', 'SyncFolderItems', 'folder'],
    ['ErrorFolderNotFound', 'mailbox', 'SyncFolderItems', 'folder'],
    ['ErrorInvalidIdMalformed', 'item', 'SyncFolderItems', 'folder'],
    ['ErrorInvalidIdMalformed', 'item', 'GetItem', undefined],
    ['ErrorImpersonateUserDenied', 'mailbox', 'FindItem', undefined],
    ['ErrorCrossSiteRequest', 'moving', 'FindItem', undefined],
  ] as const)('tells of %s (%s) in %s what is lost: %s', (code, errorClass, operation, lost) => {
    expect(asProviderError(ewsError(code, errorClass, { operation }))).toMatchObject({ lost });
  });

  it('knows the failure that Exchange does not explain', () => {
    expect(asProviderError(ewsError('ErrorInternalServerError', 'transient'))).toMatchObject({ unexplained: true });
    expect(asProviderError(ewsError('ErrorConnectionFailed', 'transient'))).toMatchObject({ unexplained: false });
  });

  it('keeps the codes by which operators and mailboxes know a failure', () => {
    const code = (error: Error) => errorCode(asProviderError(error));
    expect(code(ewsError('ErrorNonExistentMailbox', 'mailbox'))).toBe(
      'mailbox: ews-response ErrorNonExistentMailbox FindItem',
    );
    const unavailable = { errorClass: 'transient', scope: 'mailbox', httpStatus: 503 } as const;
    expect(code(new EwsHttpError('503', place, unavailable))).toBe('transient: ews-http 503 FindItem');
    expect(code(new EwsTimeoutError('x', place, { errorClass: 'transient', scope: 'mailbox' }))).toBe(
      'transient: ews-timeout FindItem',
    );
    expect(code(new ServerHeldError('p', MAILBOX, 1))).toBe('sync-server-held');
    expect(code(new NoAccountLeftError('p', MAILBOX))).toBe('sync-no-account-left');
  });

  it('leaves alone what is not about Exchange', () => {
    const abort = new DOMException('aborted', 'AbortError');
    expect(asProviderError(abort)).toBe(abort);
  });
});
