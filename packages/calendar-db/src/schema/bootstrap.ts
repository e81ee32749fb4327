import pg from 'pg';
import { CalendarDatabase, type DatabaseOptions } from '../database/database.ts';
import { sqlFile } from '../database/sql-file.ts';

const sql = {
  role: sqlFile('bootstrap/role'),
  database: sqlFile('bootstrap/database'),
  schema: sqlFile('bootstrap/schema'),
};

/** What the connector's own configuration will name. */
interface BootstrapNames {
  readonly role: string;
  readonly database: string;
}

/**
 * The SQL that an administrator of a Postgres that is not ours runs once with psql: role, database, schema. Holds no
 * password: he sets that with `\password`, so that it stands in no history.
 */
export function bootstrapScript(names: BootstrapNames): string {
  return [
    filled(sql.role, names),
    `-- Set its password, which is not shown:  \\password ${pg.escapeIdentifier(names.role)}\n`,
    filled(sql.database, names),
    `\\connect ${pg.escapeIdentifier(names.database)}\n`,
    filled(sql.schema, names),
    '-- Then, signed in as that role:  calendarctl migrate\n',
  ].join('\n');
}

/**
 * Does what the script says as the administrator whom `admin` names, leaving alone what is there already.
 *
 * @param password of the role; unchanged when absent
 * @throws the database's error when the administrator may not do it
 */
export async function bootstrap(admin: DatabaseOptions, names: BootstrapNames, password?: string): Promise<void> {
  await asAdmin(admin, async (server) => {
    await server.query(filled(sql.role, names));
    if (password !== undefined) await setPassword(server, names.role, password);
    const { rowCount } = await server.query('SELECT FROM pg_database WHERE datname = $1', [names.database]);
    if (rowCount === 0) await server.query(filled(sql.database, names));
  });
  await asAdmin({ ...admin, database: names.database }, (database) => database.query(filled(sql.schema, names)));
}

/** Statements that carry a password are kept out of the server's log where the administrator may decide that. */
async function setPassword(server: CalendarDatabase, role: string, password: string): Promise<void> {
  await server.transaction(async (client) => {
    const { rows } = await client.query<{ superuser: boolean }>(
      'SELECT rolsuper AS superuser FROM pg_roles WHERE rolname = current_user',
    );
    if (rows[0]?.superuser) await client.query("SET LOCAL log_statement = 'none'");
    await client.query(`ALTER ROLE ${pg.escapeIdentifier(role)} PASSWORD ${pg.escapeLiteral(password)}`);
  });
}

async function asAdmin(admin: DatabaseOptions, work: (db: CalendarDatabase) => Promise<unknown>): Promise<void> {
  const db = new CalendarDatabase({ ...admin, poolSize: 1, applicationName: 'trueconf-calendar bootstrap' });
  try {
    await work(db);
  } finally {
    await db.close();
  }
}

/** Puts names into a text as psql does with its variables: `:'name'` as a literal, `:name` as an identifier. */
function filled(text: string, names: BootstrapNames): string {
  return text
    .replaceAll(/:'(role|database)'/gu, (_, name: keyof BootstrapNames) => pg.escapeLiteral(names[name]))
    .replaceAll(/:(role|database)\b/gu, (_, name: keyof BootstrapNames) => pg.escapeIdentifier(names[name]));
}
