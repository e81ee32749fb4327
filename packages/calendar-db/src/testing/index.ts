export { countConnections, whileTablesAreHeld } from './held-tables.ts';
export { multiplyEvent, sampleAttendee, sampleOccurrence, sampleSyncError, saveToMailbox } from './sample-calendar.ts';
export { SwallowingProxy } from './swallowing-proxy.ts';
export { createTestDatabase, type TestDatabase } from './test-database.ts';
