import type { EwsError } from './ews-error.ts';
import { type SchemaVersion, schemaVersions } from './request-contract.ts';

/** The whole server knows no such version. */
const ofServer = new Set(['ErrorIncorrectSchemaVersion', 'ErrorInvalidServerVersion']);
/** This mailbox lives on an older server than the one that answers. */
const ofMailbox = 'ErrorInvalidSchemaVersionForMailboxVersion';

/**
 * Which `RequestServerVersion` a reader uses (docs/reference/exchange.md §10.2): the newest it was made for until that
 * is refused, then the older one, for the mailbox or for the server. One step and no way back: a reader lives no longer
 * than its connection.
 */
export class SchemaVersions {
  readonly #older = new Set<string>();
  #server: SchemaVersion = schemaVersions[0];

  of(mailbox: string): SchemaVersion {
    return this.#older.has(mailbox) ? schemaVersions[1] : this.#server;
  }

  /**
   * Takes the answer to a call that was made with a version.
   * @returns whether it refused the version and there is an older one to try
   */
  stepDown(mailbox: string, used: SchemaVersion, { responseCode = '' }: EwsError): boolean {
    if (used !== schemaVersions[0]) return false;
    if (ofServer.has(responseCode)) this.#server = schemaVersions[1];
    else if (responseCode === ofMailbox) this.#older.add(mailbox);
    else return false;
    return true;
  }
}
