import { CalendarDatabase, type DatabaseOptions } from 'calendar-db/database';
import { type LoadedConfig, resolveConfigPath } from 'connector-config';
import { databaseOptions, FatalError, KeyHolder, loadConfigOrFail, missingSchema } from 'worker-kit';
import { COMMAND_CONNECTIONS } from './connection-need.ts';
import { renderTable, type TableRow } from './render-table.ts';

/** Where a command reads from and writes to. */
export interface CommandIo {
  readonly env: NodeJS.ProcessEnv;
  /** One line of the answer. */
  readonly out: (line: string) => void;
  /** One line beside the answer: warnings, mistakes. */
  readonly err: (line: string) => void;
}

/** What every command is given: its answer's form, and the config and database when it asks for them. */
export class CommandContext {
  readonly io: CommandIo;
  readonly #configOption: string | undefined;
  readonly #isJson: boolean;

  constructor(io: CommandIo, options: { readonly config?: string | undefined; readonly json: boolean }) {
    this.io = io;
    this.#configOption = options.config;
    this.#isJson = options.json;
  }

  /** @throws FatalError with a line for each mistake */
  loadConfig(): LoadedConfig {
    return loadConfigOrFail(resolveConfigPath({ config: this.#configOption, env: this.io.env }));
  }

  /** How to reach the database of the config. @throws FatalError when config or key cannot be used */
  databaseOptions(): DatabaseOptions {
    const { config, path } = this.loadConfig();
    const keys = new KeyHolder(path, this.io.env, this.io.err);
    return databaseOptions(config, keys, 'calendarctl', COMMAND_CONNECTIONS);
  }

  /** Runs `work` on the database, once its schema is known to be usable. */
  async withDatabase<Result>(work: (database: CalendarDatabase) => Promise<Result>): Promise<Result> {
    const database = new CalendarDatabase(this.databaseOptions());
    try {
      const missing = await missingSchema(database);
      if (missing !== undefined) throw new FatalError('schema', 'schema-missing', missing);
      return await work(database);
    } finally {
      await database.close();
    }
  }

  /** Writes an answer: `value` as JSON when asked for, else the lines of `text`. */
  answer(value: object, text: () => readonly string[]): void {
    const lines = this.#isJson ? [JSON.stringify(value, null, 2)] : text();
    for (const line of lines) this.io.out(line);
  }

  /** Writes a list: rows as JSON or as a table, which says so when it is empty. */
  table(rows: readonly TableRow[], whenEmpty: string): void {
    this.answer(rows, () => (rows.length === 0 ? [whenEmpty] : renderTable(rows)));
  }
}
