export {
  type CredentialKey,
  type CredentialStanding,
  countCredentialAcceptance,
  countCredentialRefusal,
  giveBackSignInPermits,
  MOST_REFUSALS,
  readRefusedCredentials,
  renewSignInPermits,
  takeSignInPermit,
} from './credentials.ts';
export { type KnownDetails, readKnownDetails } from './known-details.ts';
export {
  answerMailboxPlaces,
  deferPlaceQuestions,
  type MailboxPlace,
  type PlacedMailboxes,
  type PlaceQuestion,
  readMovedMailboxes,
  takePlaceQuestions,
} from './mailbox-places.ts';
export {
  confirmRemoval,
  refreshStatistics,
  registerMailboxes,
  removeDelistedMailboxes,
} from './mailbox-registration.ts';
export {
  activateMailbox,
  claimDueMailboxes,
  handBackLease,
  type ListedMailbox,
  type MailboxLease,
  type ReachableMailboxes,
  readSyncGroups,
  recordSyncFailure,
  renewLeases,
  retryFailedMailboxes,
  type Suspicion,
  type SyncError,
  type SyncFailure,
  type SyncGroup,
} from './mailboxes.ts';
export {
  ageOutOccurrences,
  applySyncChunk,
  type CachedOccurrence,
  dropOccurrencesBeyond,
  forgetPrivateContent,
  type LiveOccurrence,
  liveOccurrences,
  MOST_ROWS_PER_APPLY,
  readCachedOccurrences,
  type SyncCompletion,
  type SyncedOccurrence,
} from './sync-results.ts';
export { hastenPolls, readWatchableMailboxes, wantSyncs } from './wanted-syncs.ts';
