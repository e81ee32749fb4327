import pg from 'pg';
import { connectionConfig, type DatabaseOptions } from '../database/database.ts';
import { defineQuery, runQuery } from '../database/query.ts';
import { sqlFile } from '../database/sql-file.ts';

const sql = {
  findDatabase: defineQuery('bootstrap/find-database', { params: ['text'] }),
  isSuperuser: defineQuery('bootstrap/is-superuser', { row: { superuser: 'boolean' } }),
};

const scripts = {
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
    filled(scripts.role, names),
    `-- Set its password, which is not shown:  \\password ${pg.escapeIdentifier(names.role)}\n`,
    filled(scripts.database, names),
    `\\connect ${pg.escapeIdentifier(names.database)}\n`,
    filled(scripts.schema, names),
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
    await server.query(filled(scripts.role, names));
    if (password !== undefined) await setPassword(server, names.role, password);
    const { rowCount } = await runQuery(server, sql.findDatabase, [names.database]);
    if (rowCount === 0) await server.query(filled(scripts.database, names));
  });
  await asAdmin({ ...admin, database: names.database }, (database) => database.query(filled(scripts.schema, names)));
}

/** Statements that carry a password are kept out of the server's log where the administrator may decide that. */
async function setPassword(server: pg.Client, role: string, password: string): Promise<void> {
  await server.query('BEGIN');
  const { rows } = await runQuery(server, sql.isSuperuser);
  if (rows[0]?.superuser) await server.query("SET LOCAL log_statement = 'none'");
  await server.query(`ALTER ROLE ${pg.escapeIdentifier(role)} PASSWORD ${pg.escapeLiteral(password)}`);
  await server.query('COMMIT');
}

async function asAdmin(admin: DatabaseOptions, work: (client: pg.Client) => Promise<unknown>): Promise<void> {
  const client = new pg.Client(connectionConfig({ ...admin, applicationName: 'trueconf-calendar bootstrap' }));
  // A connection that ends between two statements fails the next one; without a listener it would end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await work(client);
  } finally {
    await client.end();
  }
}

/** Puts names into a text as psql does with its variables: `:'name'` as a literal, `:name` as an identifier. */
function filled(text: string, names: BootstrapNames): string {
  return text
    .replaceAll(/:'(role|database)'/gu, (_, name: keyof BootstrapNames) => pg.escapeLiteral(names[name]))
    .replaceAll(/:(role|database)\b/gu, (_, name: keyof BootstrapNames) => pg.escapeIdentifier(names[name]));
}
