import { z } from 'zod';
import { configKey, vendorKey } from './config-key.ts';
import {
  encryptedPassword,
  filePath,
  hostName,
  mailboxAddress,
  nonEmptyText,
  number,
  port,
  serverUrl,
  textField,
  wholeNumber,
} from './field-types.ts';

const credential = z.object({
  login: vendorKey('live', 'Impersonation account: `user`, `DOMAIN\\user` or `user@domain`.', nonEmptyText),
  password: vendorKey('live', 'Its encrypted password.', encryptedPassword).meta({ 'x-secret': true }),
});

const tls = configKey(
  'live',
  'How the server’s certificate is checked.',
  z
    .object({
      ca: configKey(
        'live',
        'PEM file of the authority that signed it, if the system does not know it.',
        filePath.optional(),
      ),
      pins: configKey(
        'live',
        'The server’s certificate must also be one of these: SHA-256 of the certificate (hex, as `openssl x509 -noout -fingerprint -sha256` prints it) or of its public key (base64, as for `curl --pinnedpubkey`). Empty: any that is trusted.',
        z.array(textField('the SHA-256 of a certificate or of its public key, in hex or base64', isPin)).default([]),
      ),
      minVersion: configKey(
        'live',
        'Lowest version of TLS; below `TLSv1.2` only for a server that knows nothing better.',
        z.enum(['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3']).default('TLSv1.2'),
      ),
    })
    .prefault({}),
);

const oauth = z.object({
  tokenUrl: configKey(
    'live',
    'Address of the token endpoint, e.g. `https://adfs.corp.example/adfs/oauth2/token`.',
    serverUrl,
  ),
  clientId: configKey('live', 'Id of the application that may act for the mailboxes.', nonEmptyText),
  clientSecret: configKey('live', 'Its encrypted secret.', encryptedPassword).meta({ 'x-secret': true }),
  scope: configKey(
    'live',
    'What the token is for, e.g. `https://outlook.office365.com/.default`.',
    textField('a scope such as https://outlook.office365.com/.default', (value) =>
      /^[\x21-\x7e]+( [\x21-\x7e]+)*$/.test(value),
    ),
  ),
  ca: configKey(
    'live',
    'PEM file of the authority that signed the token endpoint’s certificate, if the system does not know it.',
    filePath.optional(),
  ),
});

const kerberos = z.object({
  principal: configKey(
    'live',
    'Account that holds ApplicationImpersonation, `name@REALM`, letter by letter as in the keytab; without a realm the one that `/etc/krb5.conf` names.',
    textField('a principal such as calendar-reader@CORP.EXAMPLE', isPrincipal),
  ),
  keytab: configKey('live', 'File with its keys, which stand in place of a password.', filePath),
  service: configKey(
    'live',
    'Name under which the KDC knows Exchange, `HTTP/host` or `HTTP/host@REALM`; default: `HTTP/` and `host`.',
    textField('the name of a service such as HTTP/mail.corp.example', isServicePrincipal).optional(),
  ),
});

/** `name` or `name/instance`, either with a realm. */
function isPrincipal(value: string): boolean {
  return /^[^\s\p{Cc}@]{1,256}(?:@[^\s\p{Cc}@]{1,256})?$/u.test(value);
}

function isServicePrincipal(value: string): boolean {
  return isPrincipal(value) && /^[^/@]+\/[^/@]+(?:@|$)/.test(value);
}

/** 64 hex or 44 base64 digits, and what `openssl` and `curl` write around them. */
function isPin(value: string): boolean {
  const bare = value.trim().replace(/^sha256(?:[:=]|\/{1,2})/i, '');
  return /^[0-9a-f]{64}$/i.test(bare.replaceAll(':', '')) || /^[A-Za-z0-9+/]{43}=$/.test(bare);
}

const limits = configKey(
  'live',
  'How hard this host is worked, shared by all sync-workers.',
  z
    .object({
      connections: configKey(
        'live',
        'Requests at the same time per account. Over Basic, which sends the password with each of them, at most 3, for all workers together: no more could be refused when it turns wrong.',
        wholeNumber(1, 100).default(8),
      ),
      requestsPerSecond: configKey('live', 'Requests per second per account.', number(0.1, 1000).default(20)),
      hostConnections: configKey(
        'live',
        'Requests at the same time to this host, for all accounts and all entries that lead to it.',
        wholeNumber(1, 1000).default(32),
      ),
      streams: configKey(
        'live',
        'Streaming connections at the same time per account; each tells of one sync group of up to `sync.groupSize` mailboxes, the others are polled. Exchange allows 10 by default, Exchange 2013 allows 3.',
        wholeNumber(1, 200).default(8),
      ),
    })
    .prefault({}),
);

const streaming = configKey(
  'live',
  'Whether and how the server tells of changes as they happen (EWS streaming notifications).',
  z
    .object({
      enabled: configKey('live', 'Off: mailboxes are only polled.', z.boolean().default(true)),
      silenceSeconds: configKey(
        'live',
        'A stream without a byte for so long counts as broken; Exchange sends a heartbeat every 45 s or less.',
        number(1, 3_600).default(150),
      ),
      connectionMinutes: configKey(
        'live',
        'How long one streaming connection is asked for; then another one is opened. The first one is shorter by chance, so that streams do not all end together.',
        wholeNumber(1, 30).default(29),
      ),
    })
    .prefault({}),
);

const autodiscover = configKey(
  'live',
  'Asking the server where mailboxes are (SOAP Autodiscover): which of them may share a stream, and where one was moved to.',
  z
    .object({
      enabled: configKey(
        'live',
        'Off: both are found out by trying, and a moved mailbox is not followed.',
        z.boolean().default(true),
      ),
      url: configKey(
        'live',
        'Address of the service; default: `/autodiscover/autodiscover.svc` on the provider’s own host and port.',
        serverUrl.optional(),
      ),
      hosts: configKey(
        'live',
        'Hosts outside of the domain of `host` that a moved mailbox may be read at, with the same accounts.',
        z.array(hostName).default([]),
      ),
    })
    .prefault({}),
);

const provider = z.object({
  host: vendorKey('live', 'Host name of the Exchange server.', hostName),
  path: vendorKey(
    'live',
    'Path of its EWS service.',
    textField('a path that begins with "/", such as /EWS/Exchange.asmx', (value) => /^\/[^\s?#]*$/.test(value)).default(
      '/EWS/Exchange.asmx',
    ),
  ),
  port: vendorKey('live', 'Port of the Exchange server.', port.default(443)),
  type: vendorKey('live', 'Kind of calendar server.', z.enum(['ews'])),
  credentials: vendorKey(
    'live',
    'One or more accounts that hold ApplicationImpersonation; the load is spread over them. Needed unless `auth` is `oauth` or there is `kerberos`.',
    z.array(credential).default([]),
  ),
  users: vendorKey(
    'live',
    'Mailbox addresses whose calendars are synchronized and shown. Only people listed here see anything.',
    z
      .array(mailboxAddress)
      .min(1)
      .transform((users) => [...new Set(users)]),
  ),
  protocol: configKey(
    'live',
    '`http` is accepted only for a host that is this machine itself.',
    z.enum(['https', 'http']).default('https'),
  ),
  auth: configKey(
    'live',
    'How to sign in: `auto` asks the server and takes Kerberos where there is a `kerberos` section, else NTLM (version 2), else Basic; `kerberos` and `oauth` use the sections of that name.',
    z.enum(['auto', 'basic', 'ntlm', 'kerberos', 'oauth']).default('auto'),
  ),
  kerberos: configKey(
    'live',
    'The account that signs in with Kerberos when `auth` is `kerberos`, or `auto` and the server offers Negotiate; with `auto` the first of `credentials` takes its place where the server does not. See docs/kerberos.md.',
    kerberos.optional(),
  ),
  oauth: configKey(
    'live',
    'The application that signs in when `auth` is `oauth`, instead of accounts.',
    oauth.optional(),
  ),
  tls,
  limits,
  streaming,
  autodiscover,
});

export const calendarProviders = vendorKey(
  'live',
  'The Exchange servers and the mailboxes read from them.',
  z.array(provider).min(1),
);
