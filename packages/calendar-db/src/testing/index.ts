export { type EmbeddedServer, startEmbeddedServer } from './embedded-server.ts';
export { createTestDatabase, type TestDatabase } from './test-database.ts';
