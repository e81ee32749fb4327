import type { GssapiError } from 'gssapi';
import { EwsAuthError, type EwsCallPlace, type EwsError, type EwsErrorDetails } from '../ews-error.ts';
import {
  EwsKerberosClockError,
  EwsKerberosEncryptionError,
  EwsKerberosError,
  EwsKerberosKdcError,
  EwsKerberosKeytabError,
  EwsKerberosServiceError,
  EwsKerberosSetupError,
} from './kerberos-errors.ts';

/** Whom and what a sign-in is about, for messages. */
export interface KerberosNames {
  readonly principal: string;
  readonly keytab: string;
  /** `HTTP/host` or `HTTP/host@REALM`. */
  readonly service: string;
}

type Explain = (failure: GssapiError, names: KerberosNames) => { what: string; remedy: string };
type ErrorClass = new (message: string, place: EwsCallPlace, details: EwsErrorDetails) => EwsError;

interface Meaning {
  readonly symbols: readonly string[];
  readonly isMeant?: (failure: GssapiError) => boolean;
  readonly error: ErrorClass;
  readonly details: EwsErrorDetails;
  readonly explain: Explain;
}

// Other accounts may sign in otherwise, so the host is not to blame for what concerns an account's keys and tickets.
const lasting = { errorClass: 'config', scope: 'account' } as const;
// It is tried again as often as a server that is away.
const passing = { errorClass: 'transient', scope: 'host' } as const;
const refused = { errorClass: 'auth', scope: 'account' } as const;

/** The first one that fits counts. */
const meanings: readonly Meaning[] = [
  {
    // New tickets that are over, or not yet valid, are a clock's doing.
    symbols: ['KRB5KRB_AP_ERR_SKEW', 'KRB5_KDCREP_SKEW', 'KRB5KRB_AP_ERR_TKT_NYV', 'KRB5KRB_AP_ERR_TKT_EXPIRED'],
    error: EwsKerberosClockError,
    details: lasting,
    explain: ({ stage }) => ({
      what: `the clocks of this machine and of ${stage === 'context' ? 'Exchange' : 'the KDC'} differ by more than Kerberos allows`,
      remedy:
        'set the clocks of this machine, of the domain controllers and of Exchange by NTP (5 minutes are allowed by default)',
    }),
  },
  {
    symbols: ['KRB5KDC_ERR_PRINCIPAL_NOT_UNIQUE'],
    error: EwsKerberosServiceError,
    details: lasting,
    explain: (_, { service }) => ({
      what: `the KDC knows the service ${service} twice`,
      remedy: `find the accounts with "setspn -Q ${bare(service)}" and take the SPN from all but the one that Exchange runs as`,
    }),
  },
  {
    symbols: ['KRB5KDC_ERR_S_PRINCIPAL_UNKNOWN'],
    isMeant: ({ stage }) => stage === 'service',
    error: EwsKerberosServiceError,
    details: lasting,
    explain: (_, { service }) => ({
      what: `the KDC does not know the service ${service}`,
      remedy:
        `look for it with "setspn -Q ${bare(service)}" and register the SPN for the account that Exchange runs as ` +
        '(behind a load balancer the ASA account), or set kerberos.service to the name that is registered',
    }),
  },
  {
    // The last one without the KDC's having been asked: no key for what it wants was found.
    symbols: ['KRB5_KT_NOTFOUND', 'KRB5_KT_KVNONOTFOUND', 'KRB5_PREAUTH_FAILED'],
    isMeant: ({ stage, keys }) => stage === 'ticket' && keys.length > 0,
    error: EwsKerberosEncryptionError,
    details: lasting,
    explain: ({ keys }, names) => ({
      what: `the KDC asks for a key of another encryption type than the keytab ${names.keytab} holds for ${names.principal} (${keys.join(', ')})`,
      remedy: makeKeytab,
    }),
  },
  {
    symbols: ['KRB5KDC_ERR_ETYPE_NOSUPP', 'KRB5_PROG_ETYPE_NOSUPP', 'KRB5_CONFIG_ETYPE_NOSUPP'],
    error: EwsKerberosEncryptionError,
    details: lasting,
    explain: ({ stage, keys }, { principal, service, keytab }) =>
      stage === 'ticket'
        ? {
            what: `the KDC permits none of the encryption types of ${principal}${keys.length > 0 ? ` (the keytab ${keytab} holds ${keys.join(', ')})` : ''}`,
            remedy: makeKeytab,
          }
        : {
            what: `the KDC has no encryption type for the service ${service} that this machine permits`,
            remedy:
              'let the account of the SPN use AES (msDS-SupportedEncryptionTypes) and set its password again, and look at ' +
              'permitted_enctypes in krb5.conf',
          },
  },
  {
    symbols: ['ENOENT', 'EACCES', 'KRB5_KT_NOTFOUND', 'KRB5_KT_END', 'KRB5_KEYTAB_BADVNO', 'KRB5_KT_FORMAT'],
    isMeant: ({ stage }) => stage === 'ticket',
    error: EwsKerberosKeytabError,
    details: lasting,
    explain: ({ symbol }, { principal, keytab }) => ({
      what:
        symbol.startsWith('KRB5_KT_') && symbol !== 'KRB5_KT_FORMAT'
          ? `the keytab ${keytab} holds no key for ${principal}`
          : `the keytab ${keytab} cannot be read (${symbol})`,
      remedy: `check its path, owner and mode, and with "klist -k ${keytab}" the names in it: they are compared letter by letter`,
    }),
  },
  {
    symbols: [
      ...['KRB5KDC_ERR_PREAUTH_FAILED', 'KRB5KRB_AP_ERR_BAD_INTEGRITY', 'KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN'],
      ...['KRB5KDC_ERR_CLIENT_REVOKED', 'KRB5KDC_ERR_KEY_EXP', 'KRB5KDC_ERR_NAME_EXP', 'KRB5KDC_ERR_POLICY'],
    ],
    isMeant: ({ stage }) => stage === 'ticket',
    error: EwsAuthError,
    details: refused,
    explain: ({ symbol }, { principal, keytab }) => ({
      what: `the KDC refused ${principal} (${symbol})`,
      remedy: refusals[symbol] ?? newKey(keytab),
    }),
  },
  {
    symbols: ['KRB5_CONFIG_NODEFREALM', 'KRB5_CONFIG_BADFORMAT', 'KRB5_CONFIG_CANTOPEN', 'KRB5_PARSE_MALFORMED'],
    error: EwsKerberosSetupError,
    details: lasting,
    explain: ({ symbol }, { principal, service }) => ({
      what: `Kerberos is not set up on this machine for ${principal} and ${service} (${symbol})`,
      remedy: 'check /etc/krb5.conf (default_realm, or write principal and service with their @REALM)',
    }),
  },
  {
    symbols: ['KRB5_KDC_UNREACH', 'KRB5_REALM_UNKNOWN', 'KRB5_REALM_CANT_RESOLVE', 'KRB5KDC_ERR_SVC_UNAVAILABLE'],
    error: EwsKerberosKdcError,
    details: passing,
    explain: ({ symbol, message }) => ({
      what: `no KDC answers (${symbol}: ${message})`,
      remedy:
        'check port 88 (UDP and TCP) to the domain controllers, DNS (_kerberos._tcp), and [realms] in /etc/krb5.conf',
    }),
  },
];

const makeKeytab =
  'make the keytab again with AES keys ("ktpass /crypto AES256-SHA1", or msktutil), and let the account use AES ' +
  '(msDS-SupportedEncryptionTypes)';

const newKey = (keytab: string) =>
  `the keys of the keytab ${keytab} are not those of the account: its password was changed since, or the keytab was made with another salt; make it again`;

const refusals: Readonly<Record<string, string>> = {
  KRB5KDC_ERR_C_PRINCIPAL_UNKNOWN: 'check kerberos.principal: no account has that name in the realm',
  KRB5KDC_ERR_CLIENT_REVOKED: 'check that the account is neither disabled, locked nor expired',
  KRB5KDC_ERR_KEY_EXP:
    'its password has expired: let the password of this account never expire, and make the keytab again',
  KRB5KDC_ERR_NAME_EXP: 'the account has expired',
  KRB5KDC_ERR_POLICY: 'look for restrictions of where and when the account may sign in',
};

/** The error for a failed call of the Kerberos library: what happened, with whom, and what to do. */
export function kerberosError(failure: GssapiError, names: KerberosNames, place: EwsCallPlace): EwsError {
  const meaning = meanings.find(
    ({ symbols, isMeant }) => symbols.includes(failure.symbol) && (isMeant === undefined || isMeant(failure)),
  );
  if (meaning === undefined) {
    const symbol = failure.symbol === '' ? '' : ` (${failure.symbol})`;
    const message = `Kerberos failed for ${names.principal} and ${names.service}${symbol}: ${failure.message}`;
    return new EwsKerberosError(message, place, lasting);
  }
  const { what, remedy } = meaning.explain(failure, names);
  return new meaning.error(`${what}: ${remedy}`, place, meaning.details);
}

function bare(service: string): string {
  return service.split('@')[0] ?? service;
}
