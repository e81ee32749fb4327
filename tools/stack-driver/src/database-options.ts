import type { DatabaseOptions } from 'calendar-db/database';

/** The database that the stack's ready line names, as the calendar database is opened. */
export function databaseOptions(url: string, applicationName: string): DatabaseOptions {
  const { hostname, port, username, password, pathname } = new URL(url);
  return {
    host: hostname,
    port: Number(port),
    user: username,
    password,
    database: pathname.slice(1),
    applicationName,
  };
}
