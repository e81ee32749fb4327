import { configJsonSchema, type SchemaNode } from './config-json-schema.ts';
import { describeWanted } from './describe-problem.ts';

/** A config as the vendor's manual shows one, with the keys that most installations add. */
export const SAMPLE_CONFIG = `{
  "wsPort": 4315,
  "dbConnectionConfig": { "host": "localhost", "port": 5441, "user": "bridge", "password": "", "database": "calendar" },
  "launchConference": true,
  "temporalConfParticipantsMode": false,
  "cache": { "autoSync": false, "backward": 2, "forward": 3 }, // months around today
  "productWhitelist": { "tcs": ["server.trueconf.name#vcs"] },
  "calendarProviders": [
    {
      "host": "mail.corp.example",
      "path": "/EWS/Exchange.asmx",
      "port": 443,
      "type": "ews",
      "credentials": [{ "login": "CORP\\\\calendar-reader", "password": "dGNf…" }],
      "users": ["anna@corp.example", "boris@corp.example"],
    },
  ],
  // beyond the vendor's keys:
  "trueconfServers": [
    {
      "serverId": "server.trueconf.name",
      "url": "https://server.corp.example",
      "clientId": "calendar",
      "clientSecret": "dGNf…",
      "addressDomains": ["corp.example"],
    },
  ],
}`;

const INTRODUCTION = `# Configuration

<!-- Generated from the schema by \`pnpm --filter connector-config run docs\`; a test compares it. Do not edit. -->

All workers read one \`config.json\`: the file named by \`--config\`, else by the environment variable \`CALENDAR_CONFIG\`,
else \`/opt/trueconf/calendar/etc/calendar/config.json\` (Windows: \`C:\\Program Files\\TrueConf\\Calendar\\config.json\`).
Comments and trailing commas are allowed. A config written for the vendor's connector works as it is, except that its
encrypted passwords have to be made anew. An editor completes and checks the file with
[config.schema.json](config.schema.json).

\`\`\`jsonc
${SAMPLE_CONFIG}
\`\`\`

## Passwords

A password never stands in the config in plain text. \`tc_calendar --hash_pass\` asks for it, twice and without showing it,
and prints the text to put there:

\`\`\`sh
pnpm --silent --filter hash-cli run tc_calendar --hash_pass --config /path/to/config.json
\`\`\`

Several at once come from a file or a pipe, one per line: \`… --hash_pass --config /path/to/config.json < passwords.txt\`.
The vendor's form \`… --hash_pass p1 p2\` works too, but the shell's history keeps those passwords, and anybody on the
machine can read them in the process list: the command wipes its own entry, pnpm's and the shell's stay until it ends. A
password that begins with a dash is written \`--hash_pass=-secret\` there. All forms print one line per password, in order.
A password has 1 to 4096 bytes of UTF-8, is kept exactly, and may hold anything but NUL.

The key is a file of its own: the one named by \`CALENDAR_KEY_FILE\`, else the systemd credential \`calendar-key\`, else
\`secret.key\` beside the config, else (outside an installed tree) \`trueconf-calendar/secret.key\` in the user's
configuration folder. It holds one line of base64 text for 32 random bytes. Only \`tc_calendar\` and the installation create
it; workers just read it. Back it up: without it every password has to be entered again. While a config holds values of a
key that is gone, no new key is made; restore the file, or empty those passwords first.

## Mistakes

A worker does not start on a wrong config. Each mistake is one line with file and line, path, what was found and what is
wanted; all of them are listed at once. Unknown keys are warnings and name the nearest known key.

## Keys

*Change*: \`reload\` takes effect on SIGHUP or \`calendarctl reload\`, \`restart\` when the worker starts again. Keys marked ●
are the vendor's. Paths of files are relative to the config's folder. \`[]\` stands for each entry of a list.

| Key | | Value | Default | Change | Meaning |
|---|---|---|---|---|---|
`;

/** The text of `docs/configuration.md`. */
export function renderConfigurationDocs(): string {
  const root = configJsonSchema();
  return `${INTRODUCTION}${rows(root, '').join('\n')}\n`;
}

/** The text of `docs/config.schema.json`, in the repository's format: short lists on one line. */
export function renderConfigSchema(): string {
  const json = JSON.stringify(configJsonSchema(), null, 2);
  const compact = json.replace(/^(.*)\[\n([^[\]{}]*?)\n\s*\]/gm, (whole, start: string, items: string) => {
    const line = `${start}[${items
      .split('\n')
      .map((item) => item.trim())
      .join(' ')}]`;
    return line.length <= 119 ? line : whole;
  });
  return `${compact}\n`;
}

function rows(node: SchemaNode, prefix: string): string[] {
  return Object.entries(node.properties ?? {}).flatMap(([key, child]) => {
    const path = prefix === '' ? key : `${prefix}.${key}`;
    const required = node.required?.includes(key) ?? false;
    const nested = child.items?.properties ? rows(child.items, `${path}[]`) : rows(child, path);
    return [row(path, child, required), ...nested];
  });
}

function row(path: string, node: SchemaNode, required: boolean): string {
  const cells = [
    `\`${path}\``,
    node['x-vendor'] ? '●' : '',
    describeValue(node),
    describeDefault(node, required),
    node['x-reload'] === 'live' ? 'reload' : 'restart',
    node.description ?? '',
  ];
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}

function describeValue(node: SchemaNode): string {
  if (node.properties) return 'object';
  if (node.additionalProperties) return 'table';
  if (node.type !== 'array') return describeWanted(node);
  return node.items?.properties ? 'list of objects' : `list: ${describeWanted(node.items)}`;
}

function describeDefault(node: SchemaNode, required: boolean): string {
  if (required) return '**required**';
  if (node.properties) return '';
  if (node.default === undefined) return 'none';
  return `\`${JSON.stringify(node.default)}\``;
}
