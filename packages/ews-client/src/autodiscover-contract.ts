import { SoapWriter } from './soap-writer.ts';

export type AutodiscoverOperation = (typeof operations)[number];

const operations = ['GetUserSettings'] as const;

/** What is asked about each user (docs/reference/exchange.md §6.8, §11.4). */
const settings = ['ExternalEwsUrl', 'InternalEwsUrl', 'GroupingInformation'] as const;

/** `RequestedServerVersion`: the one whose features this client uses, as for EWS (docs/reference/exchange.md §1.2). */
const serverVersion = 'Exchange2013_SP1';
const action = 'http://schemas.microsoft.com/exchange/2010/Autodiscover/Autodiscover/GetUserSettings';
// `soap` declares no namespace of w3.org in the envelope, so each element brings it.
const addressing = { 'xmlns:wsa': 'http://www.w3.org/2005/08/addressing' };

/** The contract of SOAP Autodiscover as far as this client uses it (`contract/autodiscover.wsdl`). It only writes requests. */
export class AutodiscoverContract {
  readonly #writer: SoapWriter<AutodiscoverOperation>;

  private constructor(writer: SoapWriter<AutodiscoverOperation>) {
    this.#writer = writer;
  }

  /** Reads the contract files, once for a client. */
  static async load(): Promise<AutodiscoverContract> {
    return new AutodiscoverContract(await SoapWriter.load('autodiscover.wsdl', operations));
  }

  /**
   * The envelope of a GetUserSettings request.
   * @param to the URL that it is sent to
   * @throws UnwritableValueError for text that cannot be sent unchanged.
   */
  write(addresses: readonly string[], to: string): string {
    const header = {
      'a:RequestedServerVersion': serverVersion,
      'wsa:Action': { attributes: addressing, $value: action },
      'wsa:To': { attributes: addressing, $value: to },
    };
    const request = {
      Users: { User: addresses.map((address) => ({ Mailbox: address })) },
      RequestedSettings: { Setting: settings },
    };
    return this.#writer.write('GetUserSettings', header, { Request: request });
  }
}
