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
    })
    .prefault({}),
);

const limits = configKey(
  'live',
  'How hard this host is worked, shared by all sync-workers.',
  z
    .object({
      connections: configKey('live', 'Requests at the same time per account.', wholeNumber(1, 100).default(8)),
      requestsPerSecond: configKey('live', 'Requests per second per account.', number(0.1, 1000).default(20)),
      hostConnections: configKey(
        'live',
        'Requests at the same time to this host, for all accounts and all entries that lead to it.',
        wholeNumber(1, 1000).default(32),
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
    'One or more accounts that hold ApplicationImpersonation; the load is spread over them.',
    z.array(credential).min(1),
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
    'How the accounts sign in; `auto` takes what the server offers. `ntlm` and `oauth` are known, but not part of this build.',
    z.enum(['auto', 'basic', 'ntlm', 'oauth']).default('auto'),
  ),
  tls,
  limits,
});

export const calendarProviders = vendorKey(
  'live',
  'The Exchange servers and the mailboxes read from them.',
  z.array(provider).min(1),
);
