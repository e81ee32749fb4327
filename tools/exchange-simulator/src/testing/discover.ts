import { type Endpoint, inner, type SoapReply, texts } from './soap-client.ts';

const BASIC = { authorization: `Basic ${btoa('svc:secret')}` };

/** The envelope around the body of an Autodiscover request. */
export function autodiscoverEnvelope(body: string): string {
  return (
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:a="http://schemas.microsoft.com/exchange/2010/Autodiscover">' +
    `<s:Header><a:RequestedServerVersion>Exchange2013_SP1</a:RequestedServerVersion></s:Header><s:Body>${body}</s:Body></s:Envelope>`
  );
}

export function getUserSettings(users: readonly string[], settings: readonly string[]): string {
  const list = users.map((user) => `<a:User><a:Mailbox>${user}</a:Mailbox></a:User>`).join('');
  const names = settings.map((name) => `<a:Setting>${name}</a:Setting>`).join('');
  return `<a:GetUserSettingsRequestMessage><a:Request><a:Users>${list}</a:Users><a:RequestedSettings>${names}</a:RequestedSettings></a:Request></a:GetUserSettingsRequestMessage>`;
}

/** Asks SOAP Autodiscover of a site about users, as `svc` unless other headers are given. */
export function discover(
  site: Endpoint,
  users: readonly string[],
  settings: readonly string[],
  headers: Record<string, string> = BASIC,
): Promise<SoapReply> {
  return postAutodiscover(site, getUserSettings(users, settings), headers);
}

/** Posts the body of an Autodiscover request. */
export async function postAutodiscover(
  site: Endpoint,
  body: string,
  headers: Record<string, string> = BASIC,
): Promise<SoapReply> {
  const response = await fetch(new URL('/autodiscover/autodiscover.svc', site.ewsUrl), {
    method: 'POST',
    headers: { 'content-type': 'text/xml', ...headers },
    body: autodiscoverEnvelope(body),
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** The settings of one UserResponse by name. */
export function settingsOf(response: string): Record<string, string> {
  const names = texts(inner(response, 'UserSettings')[0] ?? '', 'Name');
  const values = texts(response, 'Value');
  return Object.fromEntries(names.map((name, index) => [name, values[index]!]));
}
