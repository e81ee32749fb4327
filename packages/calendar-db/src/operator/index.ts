export {
  confirmMailbox,
  readMailboxCounts,
  readStoppedCredentials,
  readSuspectMailboxes,
  renewEpoch,
  retrySignIn,
} from './operator-queries.ts';
