import { isIP } from 'node:net';
import { z } from 'zod';
import { configKey } from './config-key.ts';
import { addressRange, filePath, textField, wholeNumber } from './field-types.ts';

const limits = z.object({
  frameBytes: configKey(
    'live',
    'Longest frame a client may send, in bytes.',
    wholeNumber(1024, 16_777_216).default(65_536),
  ),
  requestsPerSecond: configKey(
    'live',
    'Requests per second per socket; acknowledgements are not counted.',
    wholeNumber(1, 10_000).default(10),
  ),
  requestBurst: configKey('live', 'Requests a socket may send at once.', wholeNumber(1, 100_000).default(50)),
  socketsPerUser: configKey('live', 'Open sockets per user.', wholeNumber(1, 10_000).default(20)),
  sockets: configKey('live', 'Open sockets of this process.', wholeNumber(1, 1_000_000).default(20_000)),
  failedLoginsPerUser: configKey(
    'live',
    'Wrong passwords per user in 15 minutes, counted for all gateways together. Keep it below the account lock-out.',
    wholeNumber(1, 1000).default(3),
  ),
  failedLoginsPerAddress: configKey(
    'live',
    'Wrong passwords and tokens per IP address in 15 minutes.',
    wholeNumber(1, 100_000).default(100),
  ),
  authSeconds: configKey('live', 'Time from opening a socket to a successful `auth`.', wholeNumber(1, 300).default(10)),
  idleSeconds: configKey('live', 'A socket that is silent for so long is closed.', wholeNumber(10, 3600).default(60)),
  pingSeconds: configKey('live', 'How often a silent client is pinged.', wholeNumber(1, 3600).default(25)),
  rangeMonths: configKey('live', 'Longest range of a request, in months.', wholeNumber(1, 120).default(13)),
  pageEvents: configKey('live', 'Events in one page or push.', wholeNumber(1, 5000).default(500)),
  dirtyEvents: configKey(
    'live',
    'Changed events that may wait for a slow client before it is told to subscribe again.',
    wholeNumber(100, 1_000_000).default(10_000),
  ),
});

export const gateway = configKey(
  'restart',
  'The WebSocket server.',
  z
    .object({
      host: configKey(
        'restart',
        'IP address to listen on; empty: all interfaces.',
        textField(
          'an IP address of this machine, "localhost", or "" for all interfaces',
          (value) => value === '' || value === 'localhost' || isIP(value) !== 0,
        ).default(''),
      ),
      sharePort: configKey(
        'restart',
        'Let several gateway instances listen on the same port.',
        z.boolean().default(false),
      ),
      tls: configKey(
        'restart',
        'Certificate and private key, for TLS without a proxy in front.',
        z
          .object({
            cert: configKey('restart', 'PEM file with the certificate chain.', filePath),
            key: configKey('restart', 'PEM file with the private key.', filePath),
          })
          .optional(),
      ),
      trustedProxies: configKey(
        'live',
        'Proxies whose X-Forwarded-For and X-Forwarded-Proto are believed: IP addresses or ranges.',
        z.array(addressRange).default([]),
      ),
      allowCleartext: configKey(
        'live',
        'Accept passwords over unencrypted connections from other machines.',
        z.boolean().default(false),
      ),
      auth: configKey(
        'live',
        'How clients may sign in: `token` (this gateway’s token endpoint). `oidc` and `product` are known, but not part of this build.',
        z
          .array(z.enum(['token', 'oidc', 'product']))
          .min(1)
          .default(['token']),
      ),
      limits: configKey('live', 'What a client may ask of the gateway.', limits.prefault({})),
      safetyPollMs: configKey(
        'live',
        'How often the tables are read again although nothing was announced, in milliseconds; 0: never.',
        wholeNumber(0, 3_600_000).default(10_000),
      ),
    })
    .prefault({}),
);
