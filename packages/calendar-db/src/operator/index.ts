export { readMailboxCounts, readStoppedCredentials, renewEpoch, retrySignIn } from './operator-queries.ts';
