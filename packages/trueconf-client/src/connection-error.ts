import { type RequestSent, TrueConfError } from './trueconf-error.ts';

const tlsCode =
  /^(?:ERR_TLS_|ERR_SSL_|ERR_OSSL_|CERT_|CRL_|EPROTO$|SELF_SIGNED_|DEPTH_ZERO_|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE)/;
const unreachableCodes: Record<string, string> = {
  ECONNREFUSED: 'the connection was refused',
  ENOTFOUND: 'the host name is not known',
  EAI_AGAIN: 'the name service does not answer',
  EHOSTUNREACH: 'the host cannot be reached',
  ENETUNREACH: 'the network cannot be reached',
  UND_ERR_CONNECT_TIMEOUT: 'the connection took too long',
};

/** Classifies what Node or undici says about a connection. @param where start of the message. */
export function connectionError(where: string, error: unknown, sent: RequestSent): TrueConfError {
  const code = errorCode(error);
  const cause = error;
  if (tlsCode.test(code)) {
    const advice = 'check the address, the certificate and tls.ca of this server';
    return new TrueConfError(`${where}: TLS failed (${code}); ${advice}`, {
      code: 'trueconf-tls',
      errorClass: 'config',
      sent,
      cause,
    });
  }
  if (code === 'UND_ERR_DESTROYED' || code === 'UND_ERR_CLOSED') {
    return new TrueConfError(`${where}: the client is closed`, {
      code: 'trueconf-closed',
      errorClass: 'transient',
      sent,
    });
  }
  const unreachable = unreachableCodes[code];
  if (unreachable !== undefined && sent === 'no') {
    return new TrueConfError(`${where}: ${unreachable} (${code})`, {
      code: 'trueconf-unreachable',
      errorClass: 'transient',
      sent,
      cause,
    });
  }
  const what = sent === 'no' ? 'could not connect' : 'the connection broke before the answer was complete';
  return new TrueConfError(`${where}: ${what}${code && ` (${code})`}`, {
    code: 'trueconf-socket',
    errorClass: 'transient',
    sent,
    cause,
  });
}

function errorCode(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : '';
}
