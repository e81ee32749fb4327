export {
  type ConnectionRoom,
  confirmMailbox,
  readConnectionRoom,
  readMailboxCounts,
  readStoppedCredentials,
  readSuspectMailboxes,
  readSyncGroupSizes,
  renewEpoch,
  retrySignIn,
} from './operator-queries.ts';
