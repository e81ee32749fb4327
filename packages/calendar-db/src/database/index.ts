export { CalendarDatabase, type DatabaseOptions } from './database.ts';
export type { Query, Queryable } from './query.ts';
export { isFailureOfData } from './statement-failure.ts';
export { withStatementTimeout } from './statement-timeout.ts';
