export {
  type ConnectionRoom,
  readConnectionRoom,
  readMailboxCounts,
  readStoppedCredentials,
  readSyncGroupSizes,
  renewEpoch,
  retrySignIn,
} from './operator-queries.ts';
