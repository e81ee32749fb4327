import {
  type EwsCallPlace,
  type EwsError,
  EwsNetworkError,
  EwsReplyError,
  EwsTimeoutError,
  EwsTlsError,
} from './ews-error.ts';
import { PinMismatchError } from './server-trust.ts';

const untrusted = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_UNTRUSTED',
  'INVALID_CA',
]);
const timeouts = new Set(['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'ETIMEDOUT']);
const closed = new Set(['UND_ERR_DESTROYED', 'UND_ERR_CLOSED']);
const hostTransient = { errorClass: 'transient', scope: 'host' } as const;
const hostConfig = { errorClass: 'config', scope: 'host' } as const;

/**
 * What a failed socket means. Only the failure's code is kept: the original error may hold bytes of the reply.
 */
export function networkError(failure: unknown, place: EwsCallPlace): EwsError {
  const code = failureCode(failure);
  if (failure instanceof PinMismatchError) {
    const found = failure.found === '' ? 'there is no certificate' : `its SHA-256 is ${failure.found}`;
    const remedy = 'if the administrator renewed it, put that into tls.pins; otherwise somebody stands between';
    return new EwsTlsError(`the server's certificate is none of tls.pins: ${found}; ${remedy}`, place, hostConfig);
  }
  if (/UNSUPPORTED_PROTOCOL|PROTOCOL_VERSION/.test(code)) {
    const remedy = 'renew the server, or, knowing what it means, lower tls.minVersion';
    return new EwsTlsError(`the server speaks no TLS from tls.minVersion on (${code}): ${remedy}`, place, hostConfig);
  }
  if (untrusted.has(code)) {
    const remedy = 'put the certificate (PEM) of the authority that issued it into tls.ca of this provider';
    return new EwsTlsError(`the server's certificate is not trusted (${code}): ${remedy}`, place, hostConfig);
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    const remedy = 'use the host name that the certificate is made for, or renew the certificate';
    return new EwsTlsError(`the server's certificate is for another host name (${code}): ${remedy}`, place, hostConfig);
  }
  if (code.startsWith('CERT_')) {
    const remedy = "check the certificate's dates and this machine's clock; a renewed one may need a new tls.ca";
    return new EwsTlsError(`the server's certificate is not valid (${code}): ${remedy}`, place, hostConfig);
  }
  if (code === 'EPROTO' || code.startsWith('ERR_SSL') || code.startsWith('ERR_TLS')) {
    const remedy = 'check that the URL names an https port; a proxy or an old TLS version may also be the cause';
    return new EwsTlsError(`TLS could not be set up (${code}): ${remedy}`, place, hostConfig);
  }
  if (timeouts.has(code)) {
    return new EwsTimeoutError(`no answer in time (${code}): check network, firewall and server`, place, hostTransient);
  }
  if (closed.has(code)) {
    return new EwsNetworkError(`the client was closed (${code})`, place, hostTransient);
  }
  if (code.startsWith('Z_') || code === 'ERR_BUFFER_TOO_LARGE') {
    return new EwsReplyError(`the reply's gzip packing is broken (${code})`, place, {
      errorClass: 'transient',
      scope: 'mailbox',
    });
  }
  const remedy =
    code === 'ENOTFOUND' || code === 'EAI_AGAIN' ? 'check the host name and DNS' : 'check that the server is up';
  return new EwsNetworkError(`the connection failed (${code}): ${remedy}`, place, hostTransient);
}

function failureCode(failure: unknown): string {
  for (let error = failure, depth = 0; error instanceof Error && depth < 4; error = innerError(error), depth++) {
    const code = 'code' in error ? error.code : undefined;
    if (typeof code === 'string' && /^\w+$/.test(code)) return code;
  }
  return 'no code';
}

function innerError(error: Error): unknown {
  return error instanceof AggregateError ? error.errors[0] : error.cause;
}
