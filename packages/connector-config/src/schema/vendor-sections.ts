import { z } from 'zod';
import { vendorKey } from './config-key.ts';
import { isHostName, nonEmptyText, optionalPassword, port, textField, wholeNumber } from './field-types.ts';

export const wsPort = vendorKey(
  'restart',
  'Port of the WebSocket server that clients, TrueConf Server and the web page use.',
  port.default(4315),
);

const databaseHost = textField(
  'a host name, an IP address or the folder of a Postgres socket such as /var/run/postgresql',
  (value) => value.startsWith('/') || isHostName(value),
);

/** Where the calendar database is. An empty password means that Postgres knows the system user or a password file. */
export const dbConnectionConfig = vendorKey(
  'restart',
  'The Postgres server that holds the calendar database.',
  z
    .object({
      host: vendorKey(
        'restart',
        'Host name, IP address, or folder of a Unix socket.',
        databaseHost.default('localhost'),
      ),
      port: vendorKey('restart', 'Port of Postgres.', port.default(5441)),
      user: vendorKey('restart', 'Database role of the workers.', nonEmptyText.default('bridge')),
      password: vendorKey(
        'restart',
        'Encrypted password of the role. Empty: Postgres lets the system user in (peer) or a password file is used.',
        optionalPassword.prefault(''),
      ).meta({ 'x-secret': true }),
      database: vendorKey('restart', 'Name of the database.', nonEmptyText.default('calendar')),
    })
    .prefault({}),
);

export const launchConference = vendorKey(
  'live',
  'Run the TrueConf conference when its event begins. Off: conferences are created and shown, nothing is run or rung.',
  z.boolean().default(true),
);

export const temporalConfParticipantsMode = vendorKey(
  'live',
  'Off: everyone who has not declined is on the conference’s invitation list. On: only its owner is; the others are called when it starts.',
  z.boolean().default(false),
);

/** Months of EWS's longest CalendarView (two years), less one, because the window begins and ends on whole days. */
export const MAX_WINDOW_MONTHS = 23;

export const cache = vendorKey(
  'live',
  'Which events are kept.',
  z
    .object({
      autoSync: vendorKey(
        'live',
        'On: every event of the window. Off: only events created or changed since the mailbox was first synchronized.',
        z.boolean().default(false),
      ),
      backward: vendorKey('live', 'Months kept before today.', wholeNumber(0, 24).default(2)),
      forward: vendorKey('live', 'Months kept after today.', wholeNumber(0, 24).default(3)),
    })
    .prefault({}),
);

const whitelistEntry = textField(
  'a TrueConf Server as its id (server.trueconf.name#vcs), host name or IP address, without scheme and port',
  (value) => isHostName(value.replace(/#vcs$/i, '')),
);

export const productWhitelist = vendorKey(
  'live',
  'Who may use the connector.',
  z
    .object({
      tcs: vendorKey(
        'live',
        'TrueConf Servers that may use the connector: server id (`server.trueconf.name#vcs`), host name or IP address.',
        z.array(whitelistEntry).default([]),
      ),
    })
    .prefault({}),
);
