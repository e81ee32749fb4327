export { CalendarDatabase, type DatabaseOptions, type Queryable } from './database.ts';
export {
  expectedSchemaVersion,
  knownMigrations,
  type Migration,
  migrate,
  readSchemaStatus,
  type SchemaStatus,
} from './migrate.ts';
