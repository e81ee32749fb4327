import { type EwsCallPlace, type EwsErrorDetails, EwsHttpError, serviceOf } from './ews-error.ts';
import type { TransportReply } from './transport.ts';

type StatusRule = EwsErrorDetails & { readonly meaning: string };

const rules: Readonly<Record<number, StatusRule>> = {
  400: {
    errorClass: 'config',
    scope: 'host',
    meaning: 'the request was refused before Exchange read it: check proxies',
  },
  403: {
    errorClass: 'mailbox',
    scope: 'mailbox',
    meaning: 'access is forbidden: EWS may be disabled for this mailbox or organization, or this client blocked',
  },
  404: {
    errorClass: 'config',
    scope: 'host',
    meaning: 'nothing answers at this address: check the path of the EWS URL',
  },
  405: { errorClass: 'config', scope: 'host', meaning: 'no EWS at this address: check the path of the EWS URL' },
  407: { errorClass: 'config', scope: 'host', meaning: 'a proxy asks for its own sign-in' },
  408: { errorClass: 'transient', scope: 'mailbox', meaning: 'the server gave up waiting' },
  413: { errorClass: 'size', scope: 'mailbox', meaning: 'the request is too large: ask for less at once' },
  429: { errorClass: 'throttle', scope: 'mailbox', meaning: 'the server asks to slow down: hold further calls' },
  502: { errorClass: 'transient', scope: 'host', meaning: 'a proxy finds no Exchange behind it: try again later' },
  503: { errorClass: 'throttle', scope: 'mailbox', meaning: 'the server is too busy: hold further calls' },
  504: { errorClass: 'transient', scope: 'host', meaning: 'a proxy waited in vain for Exchange: try again later' },
};

const noAutodiscover: StatusRule = {
  errorClass: 'config',
  scope: 'host',
  meaning: 'no Autodiscover at this address: check that the server has /autodiscover/autodiscover.svc',
};
/** What Autodiscover means by the statuses that EWS answers for one mailbox or one path. */
const autodiscoverRules: Readonly<Record<number, StatusRule>> = {
  403: {
    errorClass: 'config',
    scope: 'host',
    meaning: 'access is forbidden: Autodiscover may be closed to this account or this client',
  },
  404: noAutodiscover,
  405: noAutodiscover,
};

/** The error for an answer that is no SOAP reply; null when its body should be read as one. */
export function httpStatusError(reply: TransportReply, place: EwsCallPlace): EwsHttpError | null {
  const { status } = reply;
  const type = single(reply.headers['content-type'])?.toLowerCase() ?? '';
  const looksLikeXml = type === '' || /[/+]xml\b/.test(type);
  if (status >= 300 && status < 400) return redirectError(reply, place);
  if (status >= 200 && status < 300) return looksLikeXml ? null : contentTypeError(type, status, place);
  if (type !== '' && looksLikeXml) return null;
  return statusError(reply, place);
}

/** The error for a bare HTTP status, whatever came with it. */
export function statusError(reply: TransportReply, place: EwsCallPlace): EwsHttpError {
  const { status } = reply;
  const fallback: StatusRule =
    status >= 500
      ? { errorClass: 'transient', scope: 'mailbox', meaning: 'the server failed without saying why: try again later' }
      : { errorClass: 'unknown', scope: 'mailbox', meaning: 'this answer is not known to the connector' };
  const special = serviceOf(place) === 'Autodiscover' ? autodiscoverRules[status] : undefined;
  const { meaning, ...details } = special ?? rules[status] ?? fallback;
  const backOffMs = retryAfterMs(single(reply.headers['retry-after']));
  return new EwsHttpError(`HTTP ${status}: ${meaning}`, place, { ...details, httpStatus: status, backOffMs });
}

function redirectError(reply: TransportReply, place: EwsCallPlace): EwsHttpError {
  const location = single(reply.headers.location) ?? '';
  const httpStatus = reply.status;
  if (/genericerrorpage\.htm/i.test(location)) {
    const message = `HTTP ${httpStatus} to Exchange's error page: the server has an outage, try again later`;
    return new EwsHttpError(message, place, { errorClass: 'transient', scope: 'host', httpStatus });
  }
  const target = targetOf(location, place.host);
  const remedy = `redirects are not followed, put the address of ${serviceOf(place)} itself into the URL`;
  const message = `HTTP ${httpStatus} to ${target}: ${remedy}`;
  return new EwsHttpError(message, place, { errorClass: 'config', scope: 'host', httpStatus });
}

/** Host and path; the query of a redirect may carry tokens. */
function targetOf(location: string, host: string): string {
  const url = URL.parse(location, `https://${host}`);
  return url === null ? 'an unreadable address' : `${url.host}${url.pathname}`.slice(0, 200);
}

function contentTypeError(type: string, httpStatus: number, place: EwsCallPlace): EwsHttpError {
  const told = /^[\w.+-]+\/[\w.+-]+/.exec(type)?.[0] ?? 'something else';
  const message = `the answer is ${told} instead of XML: a login page or a proxy answers, check the URL`;
  return new EwsHttpError(message, place, { errorClass: 'config', scope: 'host', httpStatus });
}

/** `Retry-After` (RFC 9110 §10.2.3): seconds or a date. */
export function retryAfterMs(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (/^\d{1,7}$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}

function single(header: string | string[] | undefined): string | undefined {
  return Array.isArray(header) ? header[0] : header;
}
