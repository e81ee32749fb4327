/** A config in the form in which the vendor's manual shows one; the password is no value of ours. */
export const VENDOR_SAMPLE = `{
    "wsPort": 4315,
    "dbConnectionConfig": {
        "host": "localhost",
        "port": 5441,
        "user": "bridge",
        "password": "",
        "database": "calendar"
    },
    "launchConference": true,
    "temporalConfParticipantsMode": false,
    "cache": {
        "autoSync": false,
        "backward": 2,
        "forward": 3
    },
    "productWhitelist": {
        "tcs": ["server.trueconf.name#vcs"]
    },
    "calendarProviders": [
        {
            "host": "mail.example.com",
            "path": "/EWS/Exchange.asmx",
            "port": 443,
            "type": "ews",
            "credentials": [
                {
                    "login": "example\\\\impersonation",
                    "password": "dGNfMnDq8m0FzkOpv7aZ1Q=="
                }
            ],
            "users": [ // mailboxes to read
                "user1@example.com",
                "user2@example.com"
            ]
        }
    ]
}
`;

/** An encrypted value of our format; its key is nobody's. */
const ENCRYPTED = Buffer.concat([Buffer.from('tc_\x01'), Buffer.alloc(40, 5)]).toString('base64');

/** A provider that is right; `edits` replace its keys. */
export function provider(edits: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    host: 'mail.corp.example',
    type: 'ews',
    credentials: [{ login: 'CORP\\reader', password: ENCRYPTED }],
    users: ['anna@corp.example', 'boris@corp.example'],
    ...edits,
  };
}

/**
 * The text of a config that is right but for the edits.
 * @param edits path with dots → new value; undefined takes the key away
 */
export function editedConfig(edits: Record<string, unknown>): string {
  const config: Record<string, unknown> = {
    wsPort: 4315,
    dbConnectionConfig: { host: 'localhost', password: '' },
    cache: {},
    productWhitelist: { tcs: ['server.trueconf.name#vcs'] },
    calendarProviders: [provider()],
    trueconfServers: [
      {
        serverId: 'server.trueconf.name',
        url: 'https://tc.corp.example',
        clientId: 'calendar',
        clientSecret: ENCRYPTED,
        addressDomains: ['corp.example', 'b.c'],
      },
    ],
  };
  for (const [path, value] of Object.entries(edits)) {
    const steps = path.split('.');
    const last = steps.pop() ?? '';
    const parent = steps.reduce((node, step) => node[step] as Record<string, unknown>, config);
    parent[last] = value;
  }
  return JSON.stringify(config, null, 2);
}
