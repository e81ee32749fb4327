import { z } from 'zod';
import { configKey } from './config-key.ts';
import {
  encryptedPassword,
  filePath,
  isHostName,
  isMailboxAddress,
  mailDomain,
  nonEmptyText,
  number,
  serverUrl,
} from './field-types.ts';

/** Server ids are compared without the `#vcs` mark and without regard to case. */
const serverId = z
  .string()
  .refine((value) => isHostName(value.replace(/#vcs$/i, '')), {
    error: 'a TrueConf Server id such as server.trueconf.name',
  })
  .transform((value) => value.replace(/#vcs$/i, '').toLowerCase());

const trueconfServer = z.object({
  serverId: configKey('live', 'Id of the server, with or without `#vcs`.', serverId),
  url: configKey('live', 'Address of the server, e.g. `https://server.corp.example`.', serverUrl),
  clientId: configKey('live', 'Id of the OAuth2 application made for the connector.', nonEmptyText),
  clientSecret: configKey('live', 'Its encrypted secret.', encryptedPassword).meta({ 'x-secret': true }),
  productSecret: configKey(
    'live',
    'Encrypted secret with which this server itself connects as a product.',
    encryptedPassword.optional(),
  ).meta({ 'x-secret': true }),
  tls: configKey(
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
  ),
  addressDomains: configKey(
    'live',
    'Mail domains whose addresses this server may vouch for; without one nobody can sign in through it.',
    z.array(mailDomain).default([]),
  ),
  users: configKey(
    'live',
    'Mailbox address → TrueConf ID, where the server’s own profiles do not tell.',
    z
      .record(
        z.string().refine(isMailboxAddress, { error: 'a mailbox address such as anna@corp.example as the key' }),
        nonEmptyText.refine((value) => !/\s/.test(value), {
          error: 'a TrueConf ID such as anna or anna@server.trueconf.name',
        }),
      )
      .default({}),
  ),
  requestsPerSecond: configKey(
    'live',
    'Requests per second to this server; default: `conferences.requestsPerSecond`.',
    number(0.1, 1000).optional(),
  ),
});

export const trueconfServers = configKey(
  'live',
  'The TrueConf Servers whose people use the calendar. Each must also be in `productWhitelist.tcs`.',
  z.array(trueconfServer).default([]),
);
