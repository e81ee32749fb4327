import { z } from 'zod';
import { MOST_MAILBOXES_PER_STREAM } from '../stream-limits.ts';
import { configKey } from './config-key.ts';
import { filePath, hostName, nonEmptyText, number, port, wholeNumber } from './field-types.ts';

export const privacy = configKey(
  'restart',
  'Who sees what.',
  z
    .object({
      viewers: configKey(
        'restart',
        '`users`: only people whose mailbox is listed. `participants`: also people who take part in an event of such a mailbox.',
        z.enum(['users', 'participants']).default('users'),
      ),
      storePrivate: configKey(
        'restart',
        'Keep what private events are about, for their owner. Off: only their times, and no conference for them.',
        z.boolean().default(true),
      ),
      privateTopic: configKey(
        'live',
        'Topic of a private event’s conference.',
        nonEmptyText.max(240).default('Private meeting'),
      ),
    })
    .prefault({}),
);

const databaseSsl = z
  .union([z.boolean(), z.enum(['require', 'verify-full'])])
  .default(false)
  .transform((value) => (value === true ? 'verify-full' : value));

export const database = configKey(
  'restart',
  'How the calendar database is reached, beside `dbConnectionConfig`.',
  z
    .object({
      ssl: configKey(
        'restart',
        '`true` or `verify-full`: TLS with a checked certificate. `require`: TLS, certificate not checked. `false`: no TLS.',
        databaseSsl,
      ),
      ca: configKey(
        'restart',
        'PEM file of the authority that signed the database’s certificate.',
        filePath.optional(),
      ),
      listen: configKey(
        'restart',
        'Direct address for LISTEN, where `dbConnectionConfig` leads to a connection pooler.',
        z
          .object({
            host: configKey('restart', 'Host name or IP address.', hostName),
            port: configKey('restart', 'Port.', port),
          })
          .optional(),
      ),
      poolSize: configKey(
        'restart',
        'Connections that a worker opens at most, without the listening one. Default by kind: sync-worker 6, ws-gateway 5, launcher 4. Those that are not used close.',
        wholeNumber(2, 200).optional(),
      ),
    })
    .prefault({}),
);

export const log = configKey(
  'live',
  'What the workers log.',
  z
    .object({
      level: configKey(
        'live',
        'Least serious level that is written.',
        z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).default('info'),
      ),
      format: configKey(
        'restart',
        '`auto`: for people on a terminal, JSON elsewhere.',
        z.enum(['auto', 'json', 'pretty']).default('auto'),
      ),
    })
    .prefault({}),
);

/** Below 32768, where the system takes ports for outgoing connections; the instance number is added. */
const opsPort = wholeNumber(1024, 32_000);

export const ops = configKey(
  'restart',
  'Health, metrics and state of each worker.',
  z
    .object({
      host: configKey('restart', 'IP address to listen on.', hostName.default('127.0.0.1')),
      ports: configKey(
        'restart',
        'Port of each kind’s first instance; the others follow.',
        z
          .object({
            syncWorker: configKey('restart', 'First sync-worker.', opsPort.default(4320)),
            wsGateway: configKey('restart', 'First ws-gateway.', opsPort.default(4340)),
            launcher: configKey('restart', 'First launcher.', opsPort.default(4360)),
          })
          .prefault({}),
      ),
    })
    .prefault({}),
);

export const sync = configKey(
  'live',
  'How mailboxes are kept up to date.',
  z
    .object({
      pollSeconds: configKey(
        'live',
        'How often a mailbox is asked for changes. One pause may be up to a tenth shorter or longer, so that polls spread over the interval.',
        number(0.1, 86_400).default(60),
      ),
      streamedPollSeconds: configKey(
        'live',
        'The same while a stream tells of its changes: only a safety net then.',
        number(0.1, 86_400).default(1800),
      ),
      repairDays: configKey(
        'live',
        'How often the whole window of a mailbox is compared with its server, in days: finds what the server changed without saying so.',
        wholeNumber(1, 365).default(7),
      ),
      concurrency: configKey(
        'live',
        'Mailboxes that one worker synchronizes at the same time.',
        wholeNumber(1, 500).default(16),
      ),
      groupSize: configKey(
        'restart',
        'Mailboxes in a sync group, the unit that one worker owns and one stream tells of. Exchange takes up to 200 in a stream.',
        wholeNumber(1, MOST_MAILBOXES_PER_STREAM).default(MOST_MAILBOXES_PER_STREAM),
      ),
      listMembers: configKey(
        'live',
        'Members up to which a distribution list is resolved into people, those of the lists in it included; a larger one stays a list.',
        wholeNumber(1, 20_000).default(1000),
      ),
    })
    .prefault({}),
);
