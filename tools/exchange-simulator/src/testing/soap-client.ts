import type { ExchangeSimulator } from '../start-exchange-simulator.ts';

/** A site of a simulator, as whoever asks it knows it. */
export type Endpoint = Pick<ExchangeSimulator, 'ewsUrl'>;

/** One request of a test. */
export interface SoapRequest {
  /** Impersonated address; nobody when null. */
  readonly as?: string | null;
  /** `login:password`; null sends no Authorization header. */
  readonly login?: string | null;
  readonly version?: string;
  readonly timeZone?: string;
  readonly headers?: Record<string, string>;
}

/** A reply as it came. */
export interface SoapReply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** The envelope around a request body with the usual prefixes. */
export function envelope(
  body: string,
  { as = 'anna@corp.example', version = 'Exchange2013_SP1', timeZone }: SoapRequest = {},
): string {
  const impersonation =
    as === null
      ? ''
      : `<t:ExchangeImpersonation><t:ConnectingSID><t:SmtpAddress>${as}</t:SmtpAddress></t:ConnectingSID></t:ExchangeImpersonation>`;
  const context =
    timeZone === undefined ? '' : `<t:TimeZoneContext><t:TimeZoneDefinition Id="${timeZone}"/></t:TimeZoneContext>`;
  return (
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types" xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages">' +
    `<s:Header><t:RequestServerVersion Version="${version}"/>${impersonation}${context}</s:Header><s:Body>${body}</s:Body></s:Envelope>`
  );
}

/** Posts raw text to the EWS URL. */
export async function post(
  simulator: Endpoint,
  text: string | Uint8Array<ArrayBuffer>,
  request: SoapRequest = {},
): Promise<SoapReply> {
  const login = request.login === undefined ? 'svc:secret' : request.login;
  const response = await fetch(simulator.ewsUrl, {
    method: 'POST',
    body: text,
    redirect: 'manual',
    headers: {
      'content-type': 'text/xml; charset=utf-8',
      ...(login === null ? {} : { authorization: `Basic ${Buffer.from(login).toString('base64')}` }),
      ...request.headers,
    },
  });
  return { status: response.status, headers: response.headers, text: await response.text() };
}

/** Posts one operation. */
export async function soap(simulator: Endpoint, body: string, request: SoapRequest = {}): Promise<SoapReply> {
  return post(simulator, envelope(body, request), request);
}

/** Texts of all elements with this local name, whatever their prefix. */
export function texts(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<(?:\\w+:)?${name}(?: [^>]*)?>([^<]*)</`, 'g'))].map((match) => match[1]!);
}

/** Whole inner XML of all elements with this local name (none may be nested in itself). */
export function inner(xml: string, name: string): string[] {
  return [...xml.matchAll(new RegExp(`<(?:\\w+:)?${name}(?: [^>]*)?>([\\s\\S]*?)</(?:\\w+:)?${name}>`, 'g'))].map(
    (match) => match[1]!,
  );
}

/** Values of an attribute of all elements with this local name. */
export function attributes(xml: string, name: string, attribute: string): string[] {
  const tags = [...xml.matchAll(new RegExp(`<(?:\\w+:)?${name}( [^>]*)>`, 'g'))];
  return tags.flatMap(([, list]) => {
    const match = new RegExp(` ${attribute}="([^"]*)"`).exec(list!);
    return match === null ? [] : [match[1]!];
  });
}

/** The response codes of a reply, or the one of a fault. */
export function codes(reply: SoapReply): string[] {
  return texts(reply.text, 'ResponseCode');
}
