import { type RequestBody, SoapWriter } from './soap-writer.ts';

/** Operations that the contract describes. */
export type EwsOperation = (typeof operations)[number];

const operations = [
  'GetFolder',
  'SyncFolderItems',
  'FindItem',
  'GetItem',
  'ResolveNames',
  'ExpandDL',
  'GetRoomLists',
  'GetRooms',
  'Subscribe',
  'Unsubscribe',
  'GetStreamingEvents',
] as const;

/**
 * `RequestServerVersion` (docs/reference/exchange.md §1.2): the one whose features this client uses, then the one for
 * what refuses it.
 */
export const schemaVersions = ['Exchange2013_SP1', 'Exchange2010_SP2'] as const;
export type SchemaVersion = (typeof schemaVersions)[number];

/** The contract of the EWS operations this client uses (`contract/ews.wsdl`). It only writes requests. */
export class RequestContract {
  readonly #writer: SoapWriter<EwsOperation>;

  private constructor(writer: SoapWriter<EwsOperation>) {
    this.#writer = writer;
  }

  /** Reads the contract files, once for a client. */
  static async load(): Promise<RequestContract> {
    return new RequestContract(await SoapWriter.load('ews.wsdl', operations));
  }

  /**
   * The envelope of one request that impersonates `mailbox`, with times in UTC.
   * @param version default: the newest
   * @throws UnwritableValueError for text that cannot be sent unchanged.
   */
  write(
    operation: EwsOperation,
    body: RequestBody,
    mailbox: string,
    version: SchemaVersion = schemaVersions[0],
  ): string {
    const header = {
      't:RequestServerVersion': { attributes: { Version: version } },
      't:ExchangeImpersonation': { 't:ConnectingSID': { 't:SmtpAddress': mailbox } },
      't:TimeZoneContext': { 't:TimeZoneDefinition': { attributes: { Id: 'UTC' } } },
    };
    return this.#writer.write(operation, header, body);
  }
}
