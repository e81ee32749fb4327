export {
  type AddressAnswer,
  type AddressMapping,
  type AddressQuestion,
  answerAddresses,
  askForAddresses,
  deferAddressQuestions,
  markAnswersPlanned,
  type QuestionTerms,
  readAddressMap,
  readUnplannedAnswers,
  takeAddressQuestions,
  type UnplannedAnswer,
} from './address-map.ts';
export { type BootstrapNames, bootstrap, bootstrapScript } from './bootstrap.ts';
export { CalendarListener, CHANGE_CHANNEL, type ListenerOptions, type ListenerState } from './calendar-listener.ts';
export {
  type ChangeKind,
  type ChangeRow,
  isRecoverable,
  type LogHead,
  type LogPosition,
  noticeLogRegression,
  pruneChanges,
  readChanges,
  readLogHead,
} from './change-log.ts';
export {
  type ConferenceLogRow,
  listConferenceLog,
  listPlanned,
  listStarts,
  type PlannedConference,
} from './conference-log.ts';
export {
  BEFORE_ALL_EVENTS,
  beginLaunching,
  type ConferencePlan,
  type EventCopy,
  type EventFacts,
  listEventsNaming,
  listPlannableEvents,
  listSoonestEvents,
  planConferences,
  readEventFacts,
} from './conference-plans.ts';
export {
  type ActualConference,
  type ClaimedConference,
  type ConferenceClaim,
  type ConferenceLogEntry,
  type ConferenceOutcome,
  type ConferenceState,
  claimConferences,
  countConferenceHolders,
  countOverdueStarts,
  type Invitee,
  LOCAL_STEPS,
  type LocalStep,
  nextConferenceDue,
  pruneConferences,
  readConferenceSalt,
  renewConferenceClaim,
  SERVER_STEPS,
  type ServerStep,
  type StepRules,
  settleConferences,
} from './conferences.ts';
export {
  beginPass,
  type CompletePass,
  type Consumer,
  countUnreadChanges,
  endPass,
  holdConsumer,
  makeConsumer,
  moveConsumer,
  movePass,
  noteMixedRules,
} from './consumers.ts';
export {
  type CredentialKey,
  type CredentialStanding,
  type CredentialState,
  countCredentialAcceptance,
  countCredentialRefusal,
  giveBackSignInPermits,
  type PermitAnswer,
  type PermitRenewal,
  readRefusedCredentials,
  renewSignInPermits,
  takeSignInPermit,
} from './credentials.ts';
export { CalendarDatabase, type DatabaseOptions, type Queryable } from './database.ts';
export {
  ALL_ROOMS,
  answerDirectory,
  askDirectory,
  askForMailboxes,
  type DirectoryAnswer,
  type DirectoryAnswers,
  type DirectoryFigures,
  type DirectoryKind,
  type DirectoryQuestion,
  type DirectoryTerms,
  deferDirectoryQuestions,
  forgetDirectory,
  nameWaitingCopies,
  readDirectoryAskers,
  readDirectoryFigures,
  readRooms,
  takeDirectoryQuestions,
} from './directory.ts';
export { listEventIds } from './event-ids.ts';
export type { ConferenceView, EventView } from './event-view.ts';
export {
  type EventRange,
  type EventViews,
  listEventViews,
  readEventViews,
  type ViewerEvent,
  type ViewRules,
} from './event-views.ts';
export { ListenConnectionLost } from './listen-session.ts';
export { hasMailbox, readAliases } from './mailbox-owners.ts';
export {
  answerMailboxPlaces,
  deferPlaceQuestions,
  type MailboxPlace,
  type PlacedMailboxes,
  type PlaceQuestion,
  type PlaceTerms,
  readMovedMailboxes,
  takePlaceQuestions,
} from './mailbox-places.ts';
export {
  confirmRemoval,
  type Registration,
  type RegistrationTerms,
  registerMailboxes,
  removeDelistedMailboxes,
} from './mailbox-registration.ts';
export {
  activateMailbox,
  type Claim,
  type ClaimRequest,
  claimDueMailboxes,
  handBackLease,
  type ListedMailbox,
  type MailboxLease,
  type MailboxStatus,
  type ReachableMailboxes,
  readSyncGroups,
  recordSyncFailure,
  renewLeases,
  retryFailedMailboxes,
  type SyncFailure,
  type SyncGroup,
} from './mailboxes.ts';
export {
  expectedSchemaVersion,
  knownMigrations,
  type Migration,
  MigrationEdited,
  MigrationFailed,
  migrate,
  readSchemaStatus,
  type SchemaStatus,
} from './migrate.ts';
export {
  type MailboxCounts,
  readMailboxCounts,
  readStoppedCredentials,
  renewEpoch,
  retrySignIn,
  type StoppedCredential,
} from './operator-queries.ts';
export { type Coverage, canonicalAddresses, readCoverage } from './people.ts';
export { detectPooler, type PoolerFinding } from './pooler.ts';
export {
  type AttemptCount,
  clearSignInAttempts,
  countSignInAttempt,
  forgetExpiredSignIns,
  readRefreshToken,
  revokeRefreshTokens,
  type ServerUser,
  storeRefreshToken,
  takeBackSignInAttempt,
} from './sign-in.ts';
export {
  ageOutOccurrences,
  applySyncChunk,
  type CachedOccurrence,
  dropOccurrencesBeyond,
  forgetPrivateContent,
  type LiveOccurrence,
  liveOccurrences,
  MOST_ROWS_PER_APPLY,
  noteUnreadItems,
  readCachedOccurrences,
  type SyncChunk,
  type SyncCompletion,
  type SyncedOccurrence,
} from './sync-results.ts';
export { readTouchedEvents, readTouchedEventsOf, type TouchedEvents, type WaitingViewer } from './touched-events.ts';
export { checkTriggers, type Drift } from './trigger-drift.ts';
export { hastenPolls, readWatchableMailboxes, type WatchableMailbox, wantSyncs } from './wanted-syncs.ts';
export { notifyWorkers, parseWorkerMessage, WORKER_CHANNEL, type WorkerMessage } from './worker-message.ts';
export {
  forgetDeadWorkers,
  heartbeatWorker,
  listWorkers,
  type RegisteredWorker,
  readDatabaseClock,
  registerWorker,
  removeWorker,
  WORKER_DEAD_AFTER_MS,
  type WorkerEntry,
} from './workers.ts';
