import { optionalText } from './element-fields.ts';
import { type EwsCallPlace, type EwsErrorClass, EwsReplyError } from './ews-error.ts';
import { hasLogin, parseHttpUrl } from './http-url.ts';
import { isMailboxAddress } from './request-checks.ts';
import { plainCode, ruleOf } from './response-codes.ts';
import { codedError, notTheAnswer, readAnswer } from './response-messages.ts';
import type { XmlElement } from './xml-element.ts';

/** Where Autodiscover knows a user's mailbox. What is missing or unusable is null. */
export interface FoundPlace {
  readonly found: true;
  /** The external URL, else the internal one. Any host, https or http: whether it may have a login is for the caller to say. */
  readonly ewsUrl: string | null;
  readonly externalEwsUrl: string | null;
  readonly internalEwsUrl: string | null;
  /** Equal for mailboxes that one stream may serve, where the URL is equal too (docs/reference/exchange.md §6.8). */
  readonly grouping: string | null;
}

/** What to ask instead. It was not followed: nothing says yet that it may be trusted with a login. */
type RedirectedPlace =
  | { readonly found: false; readonly reason: 'redirectAddress'; readonly address: string }
  | { readonly found: false; readonly reason: 'redirectUrl'; readonly url: string };

/** Nothing is known of this user: `InvalidUser`, `InvalidDomain`, `ServerBusy`, or a redirect to nowhere. */
interface FailedPlace {
  readonly found: false;
  readonly reason: 'failed';
  readonly code: string;
  readonly errorClass: EwsErrorClass;
}

/** What Autodiscover answers about one user. */
export type UserPlace = FoundPlace | RedirectedPlace | FailedPlace;

const longestUrl = 2048;
const longestGrouping = 256;

/**
 * Reads a GetUserSettings reply.
 * @param expected about how many users it must be
 * @returns one place for each of them, in their order
 * @throws EwsResponseError for a SOAP fault and when the request is refused as a whole, EwsReplyError when this is no
 * answer or one about fewer or more users.
 */
export function readUserPlaces(envelope: XmlElement, expected: number, place: EwsCallPlace): UserPlace[] {
  const response = readAnswer(envelope, 'a:GetUserSettingsResponseMessage', place).child('a:Response');
  const code = response?.childText('a:ErrorCode') || 'NoError';
  if (code !== 'NoError') throw codedError(code, undefined, place);
  const users = response?.child('a:UserResponses')?.children.filter(({ name }) => name === 'a:UserResponse') ?? [];
  if (users.length > expected) throw notTheAnswer(`the reply is about ${users.length} users of ${expected}`, place);
  if (users.length < expected) {
    // A busy server leaves users out, and an answer does not say whose it is.
    const message = `the reply is about ${users.length} users of ${expected}: the server is too busy, hold further calls`;
    throw new EwsReplyError(message, place, { errorClass: 'throttle', scope: 'host' });
  }
  return users.map(readUser);
}

function readUser(user: XmlElement): UserPlace {
  const code = optionalText(user, 'a:ErrorCode') ?? 'NoError';
  if (code === 'NoError') return readPlace(user);
  const target = optionalText(user, 'a:RedirectTarget') ?? '';
  if (code === 'RedirectAddress' && isMailboxAddress(target)) {
    return { found: false, reason: 'redirectAddress', address: target };
  }
  const url = code === 'RedirectUrl' ? usableUrl(target) : null;
  if (url !== null) return { found: false, reason: 'redirectUrl', url };
  return { found: false, reason: 'failed', code: plainCode(code), errorClass: ruleOf(code).errorClass };
}

function readPlace(user: XmlElement): FoundPlace {
  const settings = user.child('a:UserSettings')?.children ?? [];
  const told = (name: string) => settings.find((one) => one.childText('a:Name') === name)?.childText('a:Value') ?? '';
  const externalEwsUrl = usableUrl(told('ExternalEwsUrl'));
  const internalEwsUrl = usableUrl(told('InternalEwsUrl'));
  const grouping = told('GroupingInformation');
  return {
    found: true,
    ewsUrl: externalEwsUrl ?? internalEwsUrl,
    externalEwsUrl,
    internalEwsUrl,
    grouping: grouping !== '' && grouping.length <= longestGrouping ? grouping : null,
  };
}

/** An address that a client can be made for, in the one form that equal ones share; else null. */
function usableUrl(text: string): string | null {
  const url = text.length <= longestUrl ? parseHttpUrl(text) : null;
  return url === null || hasLogin(url) ? null : url.href;
}
