import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { ConfigError, type ProviderConfig, type SecretKey } from 'connector-config';
import { type EwsClientOptions, missingForKerberos } from 'ews-client';
import { FatalError } from 'worker-kit';

type Password = ProviderConfig['credentials'][number]['password'];
type Kerberos = NonNullable<ProviderConfig['kerberos']>;

/** What one account of a provider signs in with. */
export interface ProviderSignIn {
  readonly login: string;
  /** Changes with the password, or with the keys of the keytab. */
  readonly fingerprint: string;
  /** What a client of this address is to sign in with. */
  optionsFor(url: string): Pick<EwsClientOptions, 'auth' | 'login' | 'password' | 'kerberos'>;
}

/**
 * What signs in: the accounts, the application, or the principal of a keytab. With `auto` the keytab's account comes in the
 * place of the first of the accounts, which is used where the server offers no Kerberos.
 *
 * @param missing what this machine lacks for Kerberos
 * @throws FatalError when a password cannot be decrypted, or a keytab cannot be read
 */
export function signInsOf(config: ProviderConfig, key: SecretKey, missing = missingForKerberos): ProviderSignIn[] {
  const { auth, credentials, oauth } = config;
  const kerberos = kerberosInUse(config, missing);
  if (auth === 'oauth' && oauth !== undefined) {
    return [signIn(config, key, { login: oauth.clientId, password: oauth.clientSecret })];
  }
  if (kerberos === null) return credentials.map((account) => signIn(config, key, account));
  const [first, ...others] = auth === 'kerberos' ? [] : credentials;
  return [signIn(config, key, first, kerberos), ...others.map((account) => signIn(config, key, account))];
}

/** Why `auto` goes on without the keytab that is configured, in a sentence; null when it does not. */
export function kerberosLeftOut(
  { auth, kerberos, credentials }: ProviderConfig,
  missing = missingForKerberos,
): string | null {
  return auth === 'auto' && kerberos !== undefined && credentials.length > 0 ? missing() : null;
}

function kerberosInUse(config: ProviderConfig, missing: () => string | null): Kerberos | null {
  const { auth, kerberos } = config;
  if ((auth !== 'kerberos' && auth !== 'auto') || kerberos === undefined) return null;
  return kerberosLeftOut(config, missing) === null ? kerberos : null;
}

function signIn(
  { auth, host }: ProviderConfig,
  key: SecretKey,
  account: { login: string; password: Password } | undefined,
  kerberos?: Kerberos,
): ProviderSignIn {
  const password = account && reveal(account.password, key);
  const own = account && { login: account.login, password };
  if (kerberos === undefined) {
    return {
      login: account?.login ?? '',
      fingerprint: fingerprint([password ?? ''], key),
      optionsFor: () => ({ auth, ...own }),
    };
  }
  const { principal, keytab, service } = kerberos;
  return {
    login: principal,
    fingerprint: fingerprint([readKeytab(keytab), password ?? ''], key),
    optionsFor: (url) => ({
      ...{ auth, ...own },
      // A mailbox that has moved is read at another host, which has a name of its own.
      kerberos: { principal, keytab, service: isHost(url, host) ? service : undefined },
    }),
  };
}

function isHost(url: string, host: string): boolean {
  return new URL(url).hostname === new URL(`https://${host.includes(':') ? `[${host}]` : host}`).hostname;
}

/** Keyed, so that nobody guesses a password from the table of credentials. */
function fingerprint(secrets: readonly (string | Buffer)[], key: SecretKey): string {
  const hmac = createHmac('sha256', key.derive('credential-fingerprint'));
  for (const secret of secrets) hmac.update(secret);
  return hmac.digest('base64url');
}

function reveal(password: Password, key: SecretKey): string {
  try {
    return password.reveal(key);
  } catch (error) {
    if (error instanceof ConfigError) throw new FatalError('key', error.code, error.message, { cause: error });
    throw error;
  }
}

function readKeytab(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    const { code = 'unknown error' } = error as NodeJS.ErrnoException;
    const line = `calendarProviders, kerberos.keytab: the file ${path} cannot be read by this user (${code}); check its path, owner and mode`;
    throw new FatalError('config', 'provider-keytab-unreadable', line, { cause: error });
  }
}
