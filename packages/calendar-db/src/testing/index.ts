export { type EmbeddedServer, startEmbeddedServer } from './embedded-server.ts';
export {
  type MailboxContent,
  sampleAttendee,
  sampleOccurrence,
  sampleSyncError,
  saveToMailbox,
} from './sample-calendar.ts';
export { SwallowingProxy } from './swallowing-proxy.ts';
export { createTestDatabase, type TestDatabase } from './test-database.ts';
export { TransactionPooler } from './transaction-pooler.ts';
