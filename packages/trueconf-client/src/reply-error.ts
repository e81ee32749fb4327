import { z } from 'zod';
import type { HttpReply } from './http-exchange.ts';
import { TrueConfError, type TrueConfErrorFields } from './trueconf-error.ts';

type Classified = Pick<TrueConfErrorFields, 'code' | 'errorClass' | 'sent'> & { advice: string };

/** The API's nested error, the token endpoint's flat one, and plain OAuth (RFC 6749 section 5.2). */
const errorBody = z.union([
  z
    .object({ error: z.object({ errors: z.array(z.object({ reason: z.unknown() })).nullish() }) })
    .transform(({ error }) => ({ reason: error.errors?.[0]?.reason })),
  z.object({ reason: z.string() }).transform(({ reason }) => ({ reason })),
  z.object({ error: z.string() }).transform(({ error }) => ({ reason: error })),
]);

/**
 * The `reason` of an error answer of TrueConf Server; null when it names none, undefined when the answer is not in
 * the server's shape at all, so that something else on the way wrote it.
 */
export function replyReason(reply: HttpReply): string | null | undefined {
  const parsed = errorBody.safeParse(parseJson(reply.text));
  if (!parsed.success) return undefined;
  const { reason } = parsed.data;
  return typeof reason === 'string' && /^[\w.-]{1,64}$/.test(reason) ? reason : null;
}

/** The error that an answer outside 200..299 stands for. @param where start of the message. */
export function replyError(where: string, reply: HttpReply): TrueConfError {
  const reason = replyReason(reply);
  const { advice, ...fields } = classify(reply.status, reason);
  const named = reason ? ` ${reason}` : '';
  return new TrueConfError(`${where}: HTTP ${reply.status}${named}; ${advice}`, {
    ...fields,
    httpStatus: reply.status,
    reason: reason ?? undefined,
    retryAfterMs: parseRetryAfter(reply.retryAfter),
  });
}

/** For an answer that says success and cannot be read: its effect is unknown. */
export function unexpectedReply(where: string, reply: HttpReply, what: string): TrueConfError {
  return new TrueConfError(`${where}: HTTP ${reply.status} with ${what}; check proxies and the server's version`, {
    code: 'trueconf-unexpected-reply',
    errorClass: 'transient',
    sent: 'maybe',
    httpStatus: reply.status,
  });
}

/** undefined for what is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function classify(status: number, reason: string | null | undefined): Classified {
  if (status >= 500) {
    return {
      code: 'trueconf-server-error',
      errorClass: 'transient',
      sent: 'maybe',
      advice: 'the server or a proxy failed',
    };
  }
  if (status === 429) {
    return { code: 'trueconf-throttled', errorClass: 'transient', sent: 'yes', advice: 'too many requests' };
  }
  if (status < 400) {
    const advice = 'the address redirects; configure the final one';
    return { code: 'trueconf-redirected', errorClass: 'config', sent: 'yes', advice };
  }
  if (status === 401 || reason === 'accessTokenInvalid') {
    return { code: 'trueconf-unauthorized', errorClass: 'auth', sent: 'yes', advice: 'the token is not accepted' };
  }
  if (reason === undefined || status === 408) {
    const advice = 'the answer is not from TrueConf Server; check proxies';
    return { code: 'trueconf-unexpected-reply', errorClass: 'transient', sent: 'maybe', advice };
  }
  return classifyRefusal(status, reason);
}

function classifyRefusal(status: number, reason: string | null): Classified {
  if (reason === 'insecureConnection') {
    const advice = 'use https, or let the proxy send X-Forwarded-SSL: on';
    return { code: 'trueconf-insecure-connection', errorClass: 'config', sent: 'yes', advice };
  }
  if (reason === 'routeNotFound') {
    const advice = 'this server does not know the call; TrueConf Server 5.5 or newer is needed';
    return { code: 'trueconf-unexpected-reply', errorClass: 'config', sent: 'yes', advice };
  }
  if (reason === 'uniqueValueAlreadyInUse' || status === 409) {
    return { code: 'trueconf-conflict', errorClass: 'conflict', sent: 'yes', advice: 'the id is taken' };
  }
  if (status === 404) {
    return { code: 'trueconf-not-found', errorClass: 'notFound', sent: 'yes', advice: 'there is no such object' };
  }
  if (status === 403) {
    const advice = "check the OAuth application's scopes and the owner's rights";
    return { code: 'trueconf-forbidden', errorClass: 'permanent', sent: 'yes', advice };
  }
  return { code: 'trueconf-refused', errorClass: 'permanent', sent: 'yes', advice: 'the server refused the request' };
}

/** RFC 9110 section 10.2.3: seconds or an HTTP date; capped at an hour. */
function parseRetryAfter(header: string | null): number | undefined {
  if (header === null) return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), 3_600_000) : undefined;
}
