import { X509Certificate } from 'node:crypto';

/** How to reach one Exchange server with one service account. */
export interface EwsClientOptions {
  /** `https://host/EWS/Exchange.asmx`. */
  readonly url: string;
  /** `user`, `DOMAIN\user` or `user@domain`. */
  readonly login: string;
  readonly password: string;
  /** PEM certificates to trust instead of the built-in ones. */
  readonly ca?: string | undefined;
  /** For one call as a whole; default 120000. */
  readonly timeoutMs?: number | undefined;
  /** Sockets to the host; default 4. */
  readonly connections?: number | undefined;
  readonly userAgent?: string | undefined;
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
  readonly login: string;
  readonly password: string;
  readonly ca: string | undefined;
  readonly timeoutMs: number;
  readonly connections: number;
  readonly userAgent: string;
}

const defaultUserAgent = 'TrueConf-Calendar-Connector';

/**
 * Fills in defaults.
 * @throws EwsOptionsError naming the option that cannot work.
 */
export function checkClientOptions(options: EwsClientOptions): CheckedClientOptions {
  return {
    url: checkedUrl(options.url),
    login: checkedLogin(options.login),
    password: checkedPassword(options.password),
    ca: options.ca === undefined ? undefined : checkedCa(options.ca),
    timeoutMs: checkedCount('timeoutMs', options.timeoutMs ?? 120_000, 3_600_000),
    connections: checkedCount('connections', options.connections ?? 4, 256),
    userAgent: checkedUserAgent(options.userAgent ?? defaultUserAgent),
  };
}

function checkedUrl(text: string): URL {
  const url = URL.parse(text);
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new EwsOptionsError('url', 'must be an http or https address such as https://host/EWS/Exchange.asmx');
  }
  if (url.username !== '' || url.password !== '') {
    throw new EwsOptionsError('url', 'must not hold a login: give login and password by themselves');
  }
  return url;
}

function checkedLogin(login: string): string {
  if (login === '') throw new EwsOptionsError('login', 'is empty');
  // RFC 7617 §2: the first colon ends the login.
  if (login.includes(':')) throw new EwsOptionsError('login', 'must not hold a colon');
  if (/\p{Cc}/u.test(login)) throw new EwsOptionsError('login', 'must not hold control characters');
  return login;
}

function checkedPassword(password: string): string {
  if (password === '') throw new EwsOptionsError('password', 'is empty');
  if (/\p{Cc}/u.test(password)) throw new EwsOptionsError('password', 'must not hold control characters');
  return password;
}

function checkedCa(pem: string): string {
  const certificates = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? [];
  if (certificates.length === 0) throw new EwsOptionsError('ca', 'holds no PEM certificate (BEGIN CERTIFICATE)');
  for (const [index, certificate] of certificates.entries()) {
    try {
      new X509Certificate(certificate);
    } catch {
      throw new EwsOptionsError('ca', `cannot be read: its certificate ${index + 1} is damaged`);
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
