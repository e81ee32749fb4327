import { type CheckedClientOptions, checkClientOptions, type EwsClientOptions } from '../client-options.ts';
import { Deadline } from '../deadline.ts';
import { discardBody } from '../discard-body.ts';
import { type EwsCallPlace, EwsRequestError } from '../ews-error.ts';
import { httpStatusError, statusError } from '../http-status-error.ts';
import { readEnvelope, timeoutError } from '../read-envelope.ts';
import { readFault } from '../response-messages.ts';
import { SoapWriter, UnwritableValueError } from '../soap-writer.ts';
import type { EwsTransport } from '../transport.ts';
import { transportFor } from '../transport-for.ts';
import { readUserPlaces, type UserPlace } from './read-user-places.ts';

const operation = 'GetUserSettings';
/** Exchange takes a hundred by default (`MaxUsersPerGetUserSettingsRequest`); some stay below. */
const usersPerCall = 90;
const action = 'http://schemas.microsoft.com/exchange/2010/Autodiscover/Autodiscover/GetUserSettings';
const addressing = { 'xmlns:wsa': 'http://www.w3.org/2005/08/addressing' };
const settings = ['ExternalEwsUrl', 'InternalEwsUrl', 'GroupingInformation'];

/** The address of SOAP Autodiscover on the host of an EWS address. @param ewsUrl absolute */
export function autodiscoverUrl(ewsUrl: string): string {
  return new URL('/autodiscover/autodiscover.svc', ewsUrl).href;
}

/**
 * Asks SOAP Autodiscover (MS-OXWSADISC, ews.md §11) where mailboxes are. Follows no redirect: whether passwords may be sent
 * where one leads is for the caller to decide.
 */
export class AutodiscoverClient {
  readonly #options: CheckedClientOptions;
  readonly #transport: EwsTransport;
  #writer: Promise<SoapWriter> | undefined;

  /**
   * @param options as for EWS, with `url` such as `https://host/autodiscover/autodiscover.svc`
   * @throws EwsOptionsError naming the option that cannot work
   */
  constructor(options: EwsClientOptions) {
    this.#options = checkClientOptions(options);
    this.#transport = transportFor(this.#options);
  }

  /**
   * Where the mailboxes of some users are, one answer for each address, in their order.
   * @throws EwsError when a call as a whole fails; the signal's reason when aborted
   */
  async userPlaces(addresses: readonly string[], signal?: AbortSignal): Promise<UserPlace[]> {
    const places: UserPlace[] = [];
    for (let from = 0; from < addresses.length; from += usersPerCall) {
      places.push(...(await this.#ask(addresses.slice(from, from + usersPerCall), signal)));
    }
    return places;
  }

  /** Closes all sockets, ending what is under way. */
  async close(): Promise<void> {
    await this.#transport.close();
  }

  async #ask(users: readonly string[], signal: AbortSignal | undefined): Promise<UserPlace[]> {
    signal?.throwIfAborted();
    // No mailbox is to blame for what goes wrong here.
    const place: EwsCallPlace = { host: this.#options.url.host, mailbox: 'of several users', operation };
    this.#writer ??= SoapWriter.load('autodiscover.wsdl', [operation]);
    const body = this.#write(await this.#writer, users, place);
    const deadline = new Deadline(this.#options.timeoutMs, signal);
    try {
      return await this.#exchange(body, users.length, place, deadline.signal);
    } catch (failure) {
      if (deadline.expired) throw timeoutError(this.#options.timeoutMs, place);
      throw failure;
    } finally {
      deadline.end();
    }
  }

  #write(writer: SoapWriter, users: readonly string[], place: EwsCallPlace): string {
    const header = {
      'a:RequestedServerVersion': 'Exchange2013_SP1',
      // `soap` declares the prefixes of its schemas, and no others.
      'wsa:Action': { attributes: addressing, $value: action },
      'wsa:To': { attributes: addressing, $value: this.#options.url.href },
    };
    const request = {
      Users: { User: users.map((address) => ({ Mailbox: address })) },
      RequestedSettings: { Setting: settings },
    };
    try {
      return writer.write(operation, header, { Request: request });
    } catch (failure) {
      if (!(failure instanceof UnwritableValueError)) throw failure;
      const message = `the request cannot be written: ${failure.message}`;
      throw new EwsRequestError(message, place, { errorClass: 'config', scope: 'mailbox' });
    }
  }

  async #exchange(body: string, users: number, place: EwsCallPlace, signal: AbortSignal): Promise<UserPlace[]> {
    const headers = {
      'content-type': 'text/xml; charset=utf-8',
      soapaction: `"${action}"`,
      accept: 'text/xml',
      'accept-encoding': 'gzip',
      'user-agent': this.#options.userAgent,
    };
    const reply = await this.#transport.post({ body, headers, signal, place });
    const problem = httpStatusError(reply, place);
    if (problem !== null) {
      await discardBody(reply.body);
      throw problem;
    }
    const envelope = await readEnvelope(reply, { operation, expected: users }, place);
    const fault = readFault(envelope, place);
    if (fault !== null) throw fault;
    if (reply.status >= 300) throw statusError(reply, place);
    return readUserPlaces(envelope, users, place);
  }
}
