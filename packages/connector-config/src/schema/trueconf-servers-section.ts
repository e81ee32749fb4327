import { canonicalAddress } from 'calendar-model';
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
  textField,
} from './field-types.ts';

/** Server ids are compared without the `#vcs` mark and without regard to case. */
const serverId = textField('a TrueConf Server id such as server.trueconf.name', (value) =>
  isHostName(value.replace(/#vcs$/i, '')),
).transform((value) => value.replace(/#vcs$/i, '').toLowerCase());

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
    z.array(mailDomain).prefault([]),
  ),
  users: configKey(
    'live',
    'Mailbox address → TrueConf ID, where the server’s own profiles do not tell.',
    z
      .record(
        textField('a mailbox address such as anna@corp.example as the key', isMailboxAddress),
        nonEmptyText.refine((value) => !/\s/.test(value), {
          error: 'a TrueConf ID such as anna or anna@server.trueconf.name',
        }),
      )
      .default({})
      .transform((users) =>
        Object.fromEntries(Object.entries(users).map(([address, id]) => [canonicalAddress(address), id])),
      ),
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
  z.array(trueconfServer).prefault([]),
);
