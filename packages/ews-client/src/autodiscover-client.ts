import { AutodiscoverContract } from './autodiscover-contract.ts';
import { checkClientOptions, type EwsClientOptions } from './client-options.ts';
import { type EwsCallPlace, EwsRequestError } from './ews-error.ts';
import { readUserPlaces, type UserPlace } from './read-user-places.ts';
import { defaultReplyLimits, type ReplyLimits } from './reply-reader.ts';
import { isMailboxAddress } from './request-checks.ts';
import { SoapCaller, written } from './soap-caller.ts';
import { transportFor } from './transport-for.ts';

/** How to reach Autodiscover of one Exchange server with one service account. */
export interface AutodiscoverClientOptions extends EwsClientOptions {
  /** `https://host/autodiscover/autodiscover.svc`, see `autodiscoverUrl`. */
  readonly url: string;
}

/** Exchange refuses more users in one call. */
const usersPerCall = 90;
/** A reply tells three short settings of each of its users. */
const replyLimits: ReplyLimits = { ...defaultReplyLimits, maxBytes: 4 * 1024 * 1024 };

/** Asks SOAP Autodiscover of one server where mailboxes are. Calls may run in parallel. */
export class AutodiscoverClient {
  readonly #url: URL;
  readonly #soap: SoapCaller;
  #contract: Promise<AutodiscoverContract> | undefined;

  /** Opens nothing yet. @throws EwsOptionsError naming the option that cannot work. */
  constructor(options: AutodiscoverClientOptions) {
    const checked = checkClientOptions(options);
    const { url, timeoutMs, userAgent } = checked;
    this.#url = url;
    this.#soap = new SoapCaller({ transport: transportFor(checked), timeoutMs, userAgent });
  }

  /**
   * Where the mailboxes of some users are (GetUserSettings), in the order of the addresses. More than 90 are asked about
   * in several calls, one after the other, each with the time limit of one call. Redirects are told, never followed.
   * @throws EwsError, with `mailbox` null and scope `host` or `account`, when a call fails as a whole: nothing is then
   * known of any address; the signal's reason when aborted.
   */
  async userSettings(addresses: readonly string[], signal?: AbortSignal): Promise<UserPlace[]> {
    const place: EwsCallPlace = { host: this.#url.host, mailbox: null, operation: 'GetUserSettings' };
    checkAddresses(addresses, place);
    const places: UserPlace[] = [];
    for (let from = 0; from < addresses.length; from += usersPerCall) {
      places.push(...(await this.#ask(addresses.slice(from, from + usersPerCall), place, signal)));
    }
    return places;
  }

  /** Closes the sockets; calls under way are ended. */
  async close(): Promise<void> {
    await this.#soap.close();
  }

  async #ask(addresses: readonly string[], place: EwsCallPlace, signal: AbortSignal | undefined): Promise<UserPlace[]> {
    signal?.throwIfAborted();
    this.#contract ??= AutodiscoverContract.load();
    const contract = await this.#contract;
    const reply = await this.#soap.call({
      body: written(() => contract.write(addresses, this.#url.href), place),
      place,
      signal,
      reading: { limits: replyLimits },
    });
    return readUserPlaces(reply.envelope, addresses.length, reply.place);
  }
}

function checkAddresses(addresses: readonly string[], place: EwsCallPlace): void {
  const wrong = addresses.findIndex((address) => !isMailboxAddress(address));
  if (wrong === -1) return;
  const message = `address ${wrong + 1} of ${addresses.length} is no mailbox address: it must read name@domain`;
  throw new EwsRequestError(message, place, { errorClass: 'config', scope: 'mailbox' });
}
