export { CalendarDatabase, type DatabaseOptions, type Queryable } from './database.ts';
