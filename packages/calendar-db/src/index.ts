export {
  type CredentialKey,
  type CredentialState,
  countCredentialAcceptance,
  countCredentialRefusal,
  readRefusedCredentials,
} from './credentials.ts';
export { CalendarDatabase, type DatabaseOptions, type Queryable } from './database.ts';
export {
  activateMailbox,
  type ClaimRequest,
  claimDueMailboxes,
  confirmRemoval,
  handBackLease,
  type MailboxLease,
  type MailboxStatus,
  readSyncGroups,
  recordSyncFailure,
  registerMailboxes,
  removeDelistedMailboxes,
  renewLeases,
  type SyncFailure,
  type SyncGroup,
  secondsToNextDue,
} from './mailboxes.ts';
export {
  expectedSchemaVersion,
  knownMigrations,
  type Migration,
  migrate,
  readSchemaStatus,
  type SchemaStatus,
} from './migrate.ts';
export {
  ageOutOccurrences,
  applySyncChunk,
  type CachedOccurrence,
  MOST_ROWS_PER_APPLY,
  readCachedOccurrences,
  type SyncChunk,
  type SyncCompletion,
  type SyncedOccurrence,
} from './sync-results.ts';
export {
  forgetDeadWorkers,
  heartbeatWorker,
  listWorkers,
  parseWorkerRequest,
  type RegisteredWorker,
  readDatabaseClock,
  registerWorker,
  removeWorker,
  requestWorkers,
  WORKER_DEAD_AFTER_MS,
  type WorkerEntry,
  type WorkerRequest,
} from './workers.ts';
