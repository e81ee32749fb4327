/** What a WebSocket close code means, and what a client should do about it. */
export interface CloseCodeMeaning {
  readonly code: number;
  readonly name: string;
  readonly meaning: string;
  /** `newToken`: reconnect, with a token fetched anew. */
  readonly reconnect: 'yes' | 'newToken' | 'no';
  /** Shortest wait before connecting again, in milliseconds. */
  readonly minDelayMs: number;
  readonly whatToDo: string;
}

/** Every code with which the gateway closes a socket. 4401 and up are the calendar's own (RFC 6455 §7.4.2). */
export const closeCodes = [
  {
    code: 1000,
    name: 'normal',
    meaning: 'Closed as the client asked.',
    reconnect: 'yes',
    minDelayMs: 0,
    whatToDo: 'Connect again when needed.',
  },
  {
    code: 1001,
    name: 'goingAway',
    meaning: 'The gateway is being stopped.',
    reconnect: 'yes',
    minDelayMs: 0,
    whatToDo: 'Connect again after `retryAfterMs` of the `closing` push.',
  },
  {
    code: 1003,
    name: 'binaryFrame',
    meaning: 'A binary frame was received.',
    reconnect: 'yes',
    minDelayMs: 5_000,
    whatToDo: 'Send text frames only; this is a fault of the client.',
  },
  {
    code: 1006,
    name: 'abnormal',
    meaning: 'The connection broke; seen by clients only, nobody sends it.',
    reconnect: 'yes',
    minDelayMs: 0,
    whatToDo: 'Connect again after a delay.',
  },
  {
    code: 1007,
    name: 'notText',
    meaning: 'A frame was no UTF-8 text or no JSON.',
    reconnect: 'yes',
    minDelayMs: 5_000,
    whatToDo: 'Send one JSON object per frame; this is a fault of the client.',
  },
  {
    code: 1008,
    name: 'badEnvelope',
    meaning: 'A frame had no usable `type` and `id`, so that no response could be given.',
    reconnect: 'yes',
    minDelayMs: 5_000,
    whatToDo: 'Correct the envelope; this is a fault of the client.',
  },
  {
    code: 1009,
    name: 'frameTooLarge',
    meaning: 'A frame was larger than the gateway takes.',
    reconnect: 'yes',
    minDelayMs: 5_000,
    whatToDo: 'Send smaller requests.',
  },
  {
    code: 1011,
    name: 'internalError',
    meaning: 'The gateway could not go on with this socket.',
    reconnect: 'yes',
    minDelayMs: 1_000,
    whatToDo: 'Connect again after a delay.',
  },
  {
    code: 4401,
    name: 'notAuthorized',
    meaning: 'The token is invalid, revoked or has expired, or signing in failed.',
    reconnect: 'newToken',
    minDelayMs: 0,
    whatToDo: 'Get a new token, then connect again; stop after three refusals in a row.',
  },
  {
    code: 4403,
    name: 'notWhitelisted',
    meaning: 'The TrueConf Server that the user belongs to may not use this connector.',
    reconnect: 'no',
    minDelayMs: 0,
    whatToDo: 'Ask the administrator to add the server to `productWhitelist.tcs`.',
  },
  {
    code: 4408,
    name: 'authTimeout',
    meaning: 'No successful `auth` came in time after opening.',
    reconnect: 'yes',
    minDelayMs: 0,
    whatToDo: 'Have the token ready before connecting.',
  },
  {
    code: 4409,
    name: 'tooSlow',
    meaning: 'Pushes were not acknowledged in time, or the socket could not take them.',
    reconnect: 'yes',
    minDelayMs: 0,
    whatToDo: 'Connect again; subscribing with the last position brings what was missed.',
  },
  {
    code: 4413,
    name: 'tooManySockets',
    meaning: 'The user, or the gateway, has too many open sockets.',
    reconnect: 'yes',
    minDelayMs: 30_000,
    whatToDo: 'Close sockets that are not needed; connect again after a delay.',
  },
  {
    code: 4429,
    name: 'tooManyRequests',
    meaning: 'The client went on with requests after many were refused.',
    reconnect: 'yes',
    minDelayMs: 10_000,
    whatToDo: 'Connect again after the delay and ask more slowly.',
  },
] as const satisfies readonly CloseCodeMeaning[];

export type CloseName = (typeof closeCodes)[number]['name'];
export type CloseCode = (typeof closeCodes)[number]['code'];

/** The number of a named close code. */
export function closeCode(name: CloseName): CloseCode {
  const found = closeCodes.find((entry) => entry.name === name);
  if (found === undefined) throw new RangeError(`no close code is named ${name}`);
  return found.code;
}

/** What a client does about a close code; a code that is not in the table is treated as a broken connection. */
export function describeCloseCode(code: number): CloseCodeMeaning {
  return closeCodes.find((entry) => entry.code === code) ?? { ...abnormal, code };
}

const abnormal: CloseCodeMeaning = closeCodes.find((entry) => entry.name === 'abnormal') ?? closeCodes[0];
