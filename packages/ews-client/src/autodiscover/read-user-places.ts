import { type EwsCallPlace, EwsReplyError, EwsResponseError } from '../ews-error.ts';
import type { XmlElement } from '../xml-element.ts';

/** What Autodiscover tells of one user. */
export type UserPlace =
  | {
      readonly kind: 'place';
      /** Addresses of EWS for this mailbox, from outside and from inside; null when not told, or no http address. */
      readonly externalEwsUrl: string | null;
      readonly internalEwsUrl: string | null;
      /** Mailboxes with the same text and the same address may share a stream (ews.md §6); null when not told. */
      readonly grouping: string | null;
    }
  | {
      /** Another place knows: under another address of the user, or at another address of Autodiscover. */
      readonly kind: 'redirect';
      readonly to: 'address' | 'url';
      readonly target: string;
    }
  | {
      readonly kind: 'unknown';
      /** Such as `InvalidUser`. */
      readonly code: string;
    };

const longestText = 2_000;
/** Codes of a whole answer (MS-OXWSADISC §2.2.5.1) that pass by themselves. */
const passing: Readonly<Record<string, 'throttle' | 'transient'>> = {
  ServerBusy: 'throttle',
  InternalServerError: 'transient',
};

/**
 * The answers of a GetUserSettings reply, one for each user in the order of the request.
 * @throws EwsResponseError for an answer that is an error as a whole, EwsReplyError for anything but `users` answers
 */
export function readUserPlaces(envelope: XmlElement, users: number, place: EwsCallPlace): UserPlace[] {
  const message = envelope.descend('s:Body', 'a:GetUserSettingsResponseMessage');
  const response = message?.child('a:Response');
  if (response === undefined) throw noAnswer('the reply is no GetUserSettingsResponseMessage', place);
  const code = codeOf(response);
  if (code !== 'NoError') {
    const errorClass = passing[code] ?? 'config';
    const text = `Autodiscover answers ${code}`;
    throw new EwsResponseError(text, place, { errorClass, scope: 'mailbox', responseCode: code });
  }
  const answers = (response.child('a:UserResponses')?.children ?? []).filter(({ name }) => name === 'a:UserResponse');
  if (answers.length === users) return answers.map(readUser);
  throw noAnswer(`the reply holds ${answers.length} answers to ${users} questions`, place);
}

function readUser(answer: XmlElement): UserPlace {
  const code = codeOf(answer);
  const target = textOf(answer.child('a:RedirectTarget'));
  if (code === 'RedirectAddress' && target !== null) return { kind: 'redirect', to: 'address', target };
  if (code === 'RedirectUrl' && target !== null) return { kind: 'redirect', to: 'url', target };
  if (code !== 'NoError') return { kind: 'unknown', code };
  const values = new Map<string, string | null>();
  for (const setting of answer.child('a:UserSettings')?.children ?? []) {
    const name = setting.childText('a:Name');
    if (name !== undefined && !values.has(name)) values.set(name, textOf(setting.child('a:Value')));
  }
  return {
    kind: 'place',
    externalEwsUrl: httpUrl(values.get('ExternalEwsUrl')),
    internalEwsUrl: httpUrl(values.get('InternalEwsUrl')),
    grouping: values.get('GroupingInformation') ?? null,
  };
}

/** A code is a plain word; anything else is not repeated in messages. */
function codeOf(element: XmlElement): string {
  const code = element.childText('a:ErrorCode') ?? '';
  return /^\w{1,64}$/.test(code) ? code : 'unreadable';
}

/** Null for what is empty or longer than any sensible value. */
function textOf(element: XmlElement | undefined): string | null {
  const text = element?.text.trim() ?? '';
  return text === '' || text.length > longestText ? null : text;
}

function httpUrl(text: string | null | undefined): string | null {
  const url = URL.parse(text ?? '');
  const isHttp = url !== null && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '';
  return isHttp ? url.href : null;
}

function noAnswer(message: string, place: EwsCallPlace): EwsReplyError {
  return new EwsReplyError(`${message}: is this the address of Autodiscover?`, place, {
    errorClass: 'config',
    scope: 'mailbox',
  });
}
