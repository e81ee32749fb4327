import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { EwsErrorClass } from './ews-error.ts';
import { remedyOf, ruleOf } from './response-codes.ts';

// The table of docs/reference/exchange.md §10.2.
const table: Readonly<Partial<Record<EwsErrorClass, string>>> = {
  throttle: 'ServerBusy TooManyObjectsOpened ExceededConnectionCount',
  size: 'TimeoutExpired ExceededFindCountLimit RequestStreamTooBig BatchProcessingStopped',
  transient:
    'InternalServerTransientError InternalServerError ConnectionFailed MailboxStoreUnavailable MailboxFailover ' +
    'InsufficientResources NotEnoughMemory ADUnavailable ADOperation NoRespondingCASInDestinationSite',
  moving: 'MailboxMoveInProgress CrossSiteRequest ProxyRequestNotAllowed',
  item:
    'ItemNotFound CorruptData ItemCorrupt MimeContentConversionFailed ContentConversionFailed InvalidIdMalformed ' +
    'CalendarOccurrenceIsDeletedFromRecurrence CalendarOccurrenceIndexIsOutOfRecurrenceRange',
  mailbox:
    'NonExistentMailbox ImpersonateUserDenied ImpersonationDenied AccessDenied AccountDisabled MailboxConfiguration FolderNotFound',
  resync: 'InvalidSyncStateData SyncFolderNotFound',
  resubscribe:
    'SubscriptionNotFound InvalidSubscription ExpiredSubscription SubscriptionUnsubscribed ReadEventsFailed MissedNotificationEvents',
  config:
    'InvalidServerVersion SchemaValidation InvalidRequest InvalidPropertyRequest CalendarViewRangeTooBig PasswordExpired ' +
    'InvalidSchemaVersionForMailboxVersion IncorrectSchemaVersion',
};

test.each(Object.entries(table))('class %s', (errorClass, names) => {
  for (const name of names.split(' ')) expect([name, ruleOf(`Error${name}`).errorClass]).toEqual([name, errorClass]);
  expect(remedyOf(errorClass as EwsErrorClass)).not.toBe('');
});

test('a code that no one foresaw is unknown', () => {
  expect(ruleOf('ErrorFromTheFuture').errorClass).toBe('unknown');
  expect(ruleOf('constructor').errorClass).toBe('unknown');
});

const schemaFile = join(
  process.env.EWS_SCHEMA_DIR ?? join(import.meta.dirname, '../../../../shared/ews-schema'),
  'messages.xsd',
);

test.skipIf(!existsSync(schemaFile))(`every code of the table exists (needs ${schemaFile})`, () => {
  const schema = readFileSync(schemaFile, 'utf8');
  const source = readFileSync(join(import.meta.dirname, 'response-codes.ts'), 'utf8');
  const [groups = ''] = source.split('const rules');
  const codes = groups.match(/(?<=')Error\w+(?=')/g) ?? [];
  expect(codes.length).toBeGreaterThan(60);
  expect(codes.filter((code) => !schema.includes(`value="${code}"`))).toEqual([]);
  expect(new Set(codes).size).toBe(codes.length);
});
