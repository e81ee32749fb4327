/** What a code of a failed response means, and what its receiver should do. */
export interface ErrorCodeMeaning {
  readonly code: number;
  readonly name: string;
  readonly meaning: string;
  readonly whatToDo: string;
}

/**
 * `payload.errorCode` of a failed response. 100–303 are those of the TrueConf Bridge convention, 400 and up are the
 * calendar's own. Not all of the Bridge's are sent by this gateway; clients should know them all the same.
 */
export const errorCodes = [
  {
    code: 100,
    name: 'connectionError',
    meaning: 'The connection failed.',
    whatToDo: 'Connect again after a delay.',
  },
  {
    code: 101,
    name: 'connectionTimeout',
    meaning: 'The connection timed out.',
    whatToDo: 'Connect again after a delay.',
  },
  {
    code: 102,
    name: 'tlsError',
    meaning: 'TLS could not be agreed on.',
    whatToDo: 'Check the certificate and its authority.',
  },
  {
    code: 103,
    name: 'unsupportedProtocol',
    meaning: 'The frame is not of this protocol.',
    whatToDo: 'Send one JSON object of `json.v1` per text frame.',
  },
  { code: 104, name: 'routeNotFound', meaning: 'Nothing is served there.', whatToDo: 'Check the address.' },
  {
    code: 200,
    name: 'notAuthorized',
    meaning: 'The connection is not signed in (yet).',
    whatToDo: 'Send `auth` first.',
  },
  {
    code: 201,
    name: 'invalidCredentials',
    meaning: 'The token is not valid here.',
    whatToDo: 'Get a new token; ask for the password if that fails.',
  },
  {
    code: 202,
    name: 'userDisabled',
    meaning: 'The user may not sign in.',
    whatToDo: 'Ask the administrator of the TrueConf Server.',
  },
  { code: 203, name: 'credentialsExpired', meaning: 'The token has expired.', whatToDo: 'Get a new token, once.' },
  {
    code: 204,
    name: 'unsupportedCredentials',
    meaning: 'This kind of credentials, or this way of sending them, is not accepted.',
    whatToDo: 'Use a `tokenType` that the gateway’s configuration lists, over TLS.',
  },
  {
    code: 300,
    name: 'internalError',
    meaning: 'The gateway failed, or cannot reach its database.',
    whatToDo: 'Try again after a delay.',
  },
  { code: 301, name: 'operationTimeout', meaning: 'It took too long.', whatToDo: 'Try again after a delay.' },
  { code: 302, name: 'accessDenied', meaning: 'Access is denied.', whatToDo: 'Do not repeat the request.' },
  { code: 303, name: 'notEnoughRights', meaning: 'The user’s rights do not suffice.', whatToDo: 'Do not repeat it.' },
  {
    code: 400,
    name: 'eventNotFound',
    meaning: 'There is no such event, or it is not yours to see.',
    whatToDo: 'Drop it from the display.',
  },
  {
    code: 401,
    name: 'addressNotKnown',
    meaning: 'None of the user’s addresses has a calendar here.',
    whatToDo: 'Ask the administrator to list the mailbox, or to map the address to the TrueConf user.',
  },
  {
    code: 402,
    name: 'cacheNotReady',
    meaning: 'The calendar is being read for the first time.',
    whatToDo: 'Try again after a delay.',
  },
  {
    code: 403,
    name: 'badRange',
    meaning: '`from` is not before `to`, or the range is too long.',
    whatToDo: 'Ask for a shorter range.',
  },
  {
    code: 404,
    name: 'positionMalformed',
    meaning: 'The position or page token is not one that a gateway gave out.',
    whatToDo: 'Ask again without it.',
  },
  {
    code: 405,
    name: 'limitExceeded',
    meaning: 'A limit of the gateway was exceeded; the description names it.',
    whatToDo: 'Ask for less, or more slowly.',
  },
  {
    code: 406,
    name: 'unknownMethod',
    meaning: 'There is no such method.',
    whatToDo: 'Check the name and the gateway’s version.',
  },
  {
    code: 407,
    name: 'badPayload',
    meaning: 'The payload does not fit the method; the description names the path.',
    whatToDo: 'Correct the request.',
  },
] as const satisfies readonly ErrorCodeMeaning[];

export type ErrorName = (typeof errorCodes)[number]['name'];
export type ErrorCode = (typeof errorCodes)[number]['code'];

/** The number of a named error. */
export function errorCode(name: ErrorName): ErrorCode {
  const found = errorCodes.find((entry) => entry.name === name);
  if (found === undefined) throw new RangeError(`no error is named ${name}`);
  return found.code;
}

/** What a code means; undefined for codes of another version. */
export function describeErrorCode(code: number): ErrorCodeMeaning | undefined {
  return errorCodes.find((entry) => entry.code === code);
}
