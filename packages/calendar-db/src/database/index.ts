export { CalendarDatabase, type DatabaseOptions } from './database.ts';
export type { Query, Queryable } from './query.ts';
