import { ReplyReader } from '../reply-reader.ts';
import type { XmlElement } from '../xml-element.ts';
import type { CannedAnswer } from './canned-exchange.ts';

/** What one user is answered. */
export interface CannedUser {
  readonly code?: string;
  readonly redirectTarget?: string;
  readonly settings?: Readonly<Record<string, string>>;
}

/** A reply as Exchange writes it: in the default namespace, with types and nils. */
export function userSettingsReply(users: readonly CannedUser[], code = 'NoError'): string {
  return envelopeOf(
    '<GetUserSettingsResponseMessage xmlns="http://schemas.microsoft.com/exchange/2010/Autodiscover">' +
      '<Response xmlns:i="http://www.w3.org/2001/XMLSchema-instance">' +
      `<ErrorCode>${escaped(code)}</ErrorCode><ErrorMessage>About Secret Subject</ErrorMessage>` +
      `<UserResponses>${users.map(userResponse).join('')}</UserResponses></Response></GetUserSettingsResponseMessage>`,
  );
}

/** The answer about everybody whom a request names, in its order. */
export function placesFor(body: string, user: (address: string) => CannedUser): CannedAnswer {
  return { body: userSettingsReply(askedAddresses(body).map(user)) };
}

/** The addresses that a request asks about. */
export function askedAddresses(body: string): string[] {
  const users = readRequest(body).descend('s:Body', 'a:GetUserSettingsRequestMessage', 'a:Request', 'a:Users');
  return users?.children.map((user) => user.childText('a:Mailbox') ?? '') ?? [];
}

export function readRequest(body: string): XmlElement {
  const reader = new ReplyReader();
  reader.write(Buffer.from(body));
  return reader.end();
}

/** An envelope with the header of Autodiscover. */
export function envelopeOf(content: string): string {
  return (
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:w="http://www.w3.org/2005/08/addressing"><s:Header>' +
    '<w:Action s:mustUnderstand="1">http://schemas.microsoft.com/exchange/2010/Autodiscover/Autodiscover/GetUserSettingsResponse</w:Action>' +
    '<h:ServerVersionInfo xmlns:h="http://schemas.microsoft.com/exchange/2010/Autodiscover"><h:MajorVersion>15</h:MajorVersion>' +
    `</h:ServerVersionInfo></s:Header><s:Body>${content}</s:Body></s:Envelope>`
  );
}

function userResponse({ code = 'NoError', redirectTarget, settings = {} }: CannedUser): string {
  const target =
    redirectTarget === undefined
      ? '<RedirectTarget i:nil="true"/>'
      : `<RedirectTarget>${escaped(redirectTarget)}</RedirectTarget>`;
  const told = Object.entries(settings).map(
    ([name, value]) =>
      `<UserSetting i:type="StringSetting"><Name>${name}</Name><Value>${escaped(value)}</Value></UserSetting>`,
  );
  return (
    `<UserResponse><ErrorCode>${escaped(code)}</ErrorCode><ErrorMessage>About Secret Subject</ErrorMessage>${target}` +
    `<UserSettingErrors/><UserSettings>${told.join('')}</UserSettings></UserResponse>`
  );
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
