import type pg from 'pg';

/** What Postgres says of a query without running it. */
export interface QueryDescription {
  /** OIDs of the types of `$1`, `$2` …. */
  readonly params: readonly number[];
  /** Columns of its rows with the OIDs of their types; none for a query that returns no rows. */
  readonly columns: readonly { readonly name: string; readonly type: number }[];
}

interface Field {
  readonly name: string;
  readonly dataTypeID: number;
}

/** How node-postgres runs what is submitted to it, as far as a description needs it. */
interface Connection extends pg.Connection {
  once(event: 'parameterDescription', heard: (message: { readonly dataTypeIDs: readonly number[] }) => void): this;
}

/**
 * Asks Postgres to parse and describe a query, as a client does that prepares it.
 *
 * @throws the database's error when the text is no query that it accepts
 */
export function describeQuery(client: pg.Client, text: string): Promise<QueryDescription> {
  return new Promise((resolve, reject) => {
    client.query(new Description(text, resolve, reject));
  });
}

/** node-postgres hands the connection to such an object and passes on what the server answers. */
class Description implements pg.Submittable {
  readonly #text: string;
  readonly #resolve: (description: QueryDescription) => void;
  readonly #reject: (error: Error) => void;
  #params: readonly number[] = [];
  #fields: readonly Field[] = [];

  constructor(text: string, resolve: (description: QueryDescription) => void, reject: (error: Error) => void) {
    this.#text = text;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  submit(connection: Connection): void {
    connection.once('parameterDescription', ({ dataTypeIDs }) => {
      this.#params = dataTypeIDs;
    });
    connection.parse({ name: '', text: this.#text, types: [] }, true);
    connection.describe({ type: 'S', name: '' }, true);
    connection.sync();
  }

  handleRowDescription({ fields }: { readonly fields: readonly Field[] }): void {
    this.#fields = fields;
  }

  handleReadyForQuery(): void {
    const columns = this.#fields.map(({ name, dataTypeID }) => ({ name, type: dataTypeID }));
    this.#resolve({ params: this.#params, columns });
  }

  handleError(error: Error): void {
    this.#reject(error);
  }
}
