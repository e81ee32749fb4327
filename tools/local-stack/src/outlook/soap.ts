/** Exchange refused what Outlook would have done. */
class OutlookError extends Error {
  readonly code = 'local-stack-exchange-refused';
  readonly responseCode: string;

  constructor(operation: string, mailbox: string, status: number, responseCode: string) {
    super(`${operation} in the mailbox of ${mailbox} was refused: ${responseCode} (HTTP ${status})`);
    this.name = new.target.name;
    this.responseCode = responseCode;
  }
}

export interface OutlookAccount {
  readonly ewsUrl: string;
  readonly login: string;
  readonly password: string;
  /** Impersonated when it is not the login's own. */
  readonly mailbox: string;
  readonly impersonate: boolean;
}

const NAMESPACES =
  'xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" ' +
  'xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types" ' +
  'xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages"';

/** Sends one EWS request (the operation's element as XML) and returns the reply's text. @throws OutlookError */
export async function callExchange(account: OutlookAccount, operation: string, body: string): Promise<string> {
  const { ewsUrl, login, password, mailbox } = account;
  const impersonation = account.impersonate
    ? `<t:ExchangeImpersonation><t:ConnectingSID><t:SmtpAddress>${escapeXml(mailbox)}</t:SmtpAddress></t:ConnectingSID></t:ExchangeImpersonation>`
    : '';
  const response = await fetch(ewsUrl, {
    method: 'POST',
    headers: {
      'content-type': 'text/xml; charset=utf-8',
      authorization: `Basic ${Buffer.from(`${login}:${password}`).toString('base64')}`,
      'x-anchormailbox': mailbox,
    },
    body:
      `<?xml version="1.0" encoding="utf-8"?><s:Envelope ${NAMESPACES}><s:Header>` +
      `<t:RequestServerVersion Version="Exchange2013_SP1"/>${impersonation}</s:Header><s:Body>${body}</s:Body></s:Envelope>`,
  });
  const text = await response.text();
  const refused = /ResponseClass="(?:Error|Warning)"/u.test(text) || !response.ok;
  if (refused) {
    const code = /<(?:\w+:)?ResponseCode[^>]*>(Error\w+)</u.exec(text)?.[1] ?? 'no response code';
    throw new OutlookError(operation, mailbox, response.status, code);
  }
  return text;
}

export function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

export function unescapeXml(text: string): string {
  return text
    .replace(/&#(?:x([0-9a-f]+)|(\d+));/giu, (_, hex, decimal) =>
      String.fromCodePoint(hex ? Number.parseInt(hex, 16) : Number(decimal)),
    )
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll('&amp;', '&');
}
