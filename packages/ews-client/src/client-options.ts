import { X509Certificate } from 'node:crypto';
import { type Gssapi, GssapiMissingError, loadGssapi } from 'gssapi';
import { hasLogin, parseHttpUrl } from './http-url.ts';
import type { KerberosNames } from './kerberos/kerberos-failure.ts';
import { readPin, type ServerTrust, type TlsVersion } from './server-trust.ts';
import { openGate, type SignInGate } from './sign-in-gate.ts';

/** `auto` takes what the server offers: Kerberos where there is a keytab, else NTLM, else Basic. */
type EwsAuth = 'auto' | 'basic' | 'ntlm' | 'kerberos' | 'oauth';

/** How to sign in with Kerberos. */
interface EwsKerberosOptions {
  /** `name@REALM`, or `name` in the realm that krb5.conf names. */
  readonly principal: string;
  /** Path of the file with the principal's keys. */
  readonly keytab: string;
  /** Name of the server's service, `HTTP/host` or `HTTP/host@REALM`; default: of the host in `url`. */
  readonly service?: string | undefined;
}

/** Where and for what a bearer token is got (client credentials, RFC 6749 §4.4). */
interface EwsOAuthOptions {
  readonly tokenUrl: string;
  /** `https://outlook.office365.com/.default` or what the server's identity provider calls it. */
  readonly scope: string;
  /** PEM certificates to trust at the token endpoint instead of the built-in ones. */
  readonly ca?: string | undefined;
}

/** How to reach one Exchange server with one service account. */
export interface EwsClientOptions {
  /** `https://host/EWS/Exchange.asmx`. */
  readonly url: string;
  /** How to sign in; default `auto`. */
  readonly auth?: EwsAuth | undefined;
  /** `user`, `DOMAIN\user` or `user@domain`; with `oauth` the client's id. With `kerberos` neither it nor `password` is needed. */
  readonly login?: string | undefined;
  /** With `oauth` the client's secret. */
  readonly password?: string | undefined;
  readonly kerberos?: EwsKerberosOptions | undefined;
  readonly oauth?: EwsOAuthOptions | undefined;
  /** PEM certificates to trust instead of the built-in ones. */
  readonly ca?: string | undefined;
  /** The server's certificate or public key must be one of these, see `readPin`; besides being trusted. */
  readonly pins?: readonly string[] | undefined;
  /** Default TLSv1.2. */
  readonly minTlsVersion?: TlsVersion | undefined;
  /** For one call as a whole; default 120000. */
  readonly timeoutMs?: number | undefined;
  /** Sockets to the host; default 4. */
  readonly connections?: number | undefined;
  readonly userAgent?: string | undefined;
  /** Default: none, the password is sent whenever a call needs it. */
  readonly gate?: SignInGate | undefined;
}

/** An option that cannot work. Never holds its value. */
export class EwsOptionsError extends Error {
  readonly code = 'ews-bad-options';
  readonly option: keyof EwsClientOptions;

  constructor(option: keyof EwsClientOptions, problem: string) {
    super(`EWS client option ${option} ${problem}`);
    this.name = new.target.name;
    this.option = option;
  }
}

export interface CheckedClientOptions {
  readonly url: URL;
  readonly auth: EwsAuth;
  /** Null where Kerberos alone signs in. */
  readonly account: { readonly login: string; readonly password: string } | null;
  readonly kerberos: { readonly names: KerberosNames; readonly gssapi: Gssapi } | null;
  readonly trust: ServerTrust;
  /** Only read for `oauth`. */
  readonly oauth: { readonly url: URL; readonly scope: string; readonly trust: ServerTrust };
  readonly timeoutMs: number;
  readonly connections: number;
  readonly userAgent: string;
  readonly gate: SignInGate;
}

const defaultUserAgent = 'TrueConf-Calendar-Connector';

/**
 * Fills in defaults.
 * @throws EwsOptionsError naming the option that cannot work.
 */
export function checkClientOptions(options: EwsClientOptions): CheckedClientOptions {
  const { auth = 'auto', ca, pins, minTlsVersion, oauth } = options;
  const url = checkedUrl('url', options.url);
  return {
    url,
    auth,
    account: checkedAccount(options, auth),
    kerberos: auth === 'kerberos' || auth === 'auto' ? checkedKerberos(options.kerberos, auth, url) : null,
    trust: {
      ca: ca === undefined ? undefined : checkedCa('ca', ca),
      pins: pins?.map(checkedPin),
      minVersion: minTlsVersion,
    },
    oauth: checkedOAuth(auth === 'oauth' ? oauth : { tokenUrl: options.url, scope: 'none' }),
    timeoutMs: checkedCount('timeoutMs', options.timeoutMs ?? 120_000, 3_600_000),
    connections: checkedCount('connections', options.connections ?? 4, 256),
    userAgent: checkedUserAgent(options.userAgent ?? defaultUserAgent),
    gate: options.gate ?? openGate,
  };
}

/** @throws EwsOptionsError unless `text` is an http or https address without a login. */
export function checkedUrl(option: 'url' | 'oauth', text: string): URL {
  const url = parseHttpUrl(text);
  if (url === null) {
    const example = option === 'url' ? 'https://host/EWS/Exchange.asmx' : 'https://host/adfs/oauth2/token';
    throw new EwsOptionsError(option, `must be an http or https address such as ${example}`);
  }
  if (hasLogin(url)) {
    throw new EwsOptionsError(option, 'must not hold a login: give login and password by themselves');
  }
  return url;
}

/** What is missing on this machine for Kerberos, and what to do about it; null when nothing is. */
export function missingForKerberos(): string | null {
  try {
    loadGssapi();
    return null;
  } catch (failure) {
    if (failure instanceof GssapiMissingError) return failure.message;
    throw failure;
  }
}

function checkedKerberos(
  kerberos: EwsKerberosOptions | undefined,
  auth: EwsAuth,
  url: URL,
): CheckedClientOptions['kerberos'] {
  if (kerberos === undefined) {
    if (auth === 'kerberos') throw new EwsOptionsError('kerberos', 'is missing: auth is "kerberos"');
    return null;
  }
  const { principal, keytab, service = `HTTP/${url.hostname}` } = kerberos;
  if (!isPrincipal(principal)) throw new EwsOptionsError('kerberos', 'names no principal such as name@REALM');
  if (!isKeytabPath(keytab)) throw new EwsOptionsError('kerberos', 'names no keytab');
  if (!isServicePrincipal(service)) throw new EwsOptionsError('kerberos', 'names no service such as HTTP/host');
  const missing = missingForKerberos();
  if (missing !== null) throw new EwsOptionsError('kerberos', `cannot be used: ${missing}`);
  return { names: { principal, keytab, service }, gssapi: loadGssapi() };
}

/** `name`, `name/instance`, either with `@REALM`. */
function isPrincipal(text: string): boolean {
  return /^[^\s\p{Cc}@]{1,256}(?:@[^\s\p{Cc}@]{1,256})?$/u.test(text);
}

function isServicePrincipal(text: string): boolean {
  return isPrincipal(text) && /^[^/@]+\/[^/@]+(?:@|$)/.test(text);
}

function isKeytabPath(text: string): boolean {
  return text !== '' && text.length <= 1000 && !/\p{Cc}/u.test(text);
}

function checkedAccount(
  { login, password, kerberos }: EwsClientOptions,
  auth: EwsAuth,
): CheckedClientOptions['account'] {
  const isWithout = login === undefined && password === undefined;
  if (auth === 'kerberos' || (auth === 'auto' && kerberos !== undefined && isWithout)) return null;
  return { login: checkedLogin(login ?? '', auth), password: checkedPassword(password ?? '') };
}

function checkedLogin(login: string, auth: EwsAuth): string {
  if (login === '') throw new EwsOptionsError('login', 'is empty');
  // RFC 7617 §2: the first colon ends the login.
  if (login.includes(':') && auth !== 'oauth') throw new EwsOptionsError('login', 'must not hold a colon');
  if (/\p{Cc}/u.test(login)) throw new EwsOptionsError('login', 'must not hold control characters');
  return login;
}

function checkedPassword(password: string): string {
  if (password === '') throw new EwsOptionsError('password', 'is empty');
  if (/\p{Cc}/u.test(password)) throw new EwsOptionsError('password', 'must not hold control characters');
  return password;
}

function checkedOAuth(oauth: EwsOAuthOptions | undefined): CheckedClientOptions['oauth'] {
  if (oauth === undefined) throw new EwsOptionsError('oauth', 'is missing: auth is "oauth"');
  if (!/^[\x21-\x7e]+(?: [\x21-\x7e]+)*$/.test(oauth.scope)) throw new EwsOptionsError('oauth', 'names no scope');
  const ca = oauth.ca === undefined ? undefined : checkedCa('oauth', oauth.ca);
  return { url: checkedUrl('oauth', oauth.tokenUrl), scope: oauth.scope, trust: { ca } };
}

function checkedPin(text: string): Buffer {
  const pin = readPin(text);
  if (pin !== null) return pin;
  throw new EwsOptionsError('pins', 'must be SHA-256 in hex or base64, of the certificate or of its public key');
}

function checkedCa(option: 'ca' | 'oauth', pem: string): string {
  const certificates = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  if (certificates.length === 0) throw new EwsOptionsError(option, 'holds no PEM certificate (BEGIN CERTIFICATE)');
  for (const [index, certificate] of certificates.entries()) {
    try {
      new X509Certificate(certificate);
    } catch {
      throw new EwsOptionsError(option, `cannot be read: its certificate ${index + 1} is damaged`);
    }
  }
  return pem;
}

function checkedCount(option: 'timeoutMs' | 'connections', value: number, most: number): number {
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new EwsOptionsError(option, `must be a whole number from 1 to ${most}`);
}

function checkedUserAgent(value: string): string {
  if (/^[\x20-\x7e]{1,200}$/.test(value)) return value;
  throw new EwsOptionsError('userAgent', 'must be 1 to 200 printable ASCII characters');
}
