import { resolve } from 'node:path';
import yargs from 'yargs';
import { planMeetingSoon } from './company/believable-month.ts';
import { startLiveFeed } from './live-feed.ts';
import { Reporter } from './parts/reporter.ts';
import { reportEnd } from './parts/worker-processes.ts';
import { runAgainstRealServers } from './real-servers.ts';
import { runSmoke } from './smoke/run-smoke.ts';
import { untilAllCached } from './smoke/until-all-cached.ts';
import { SIGN_IN_HINT, type Stack, startStack } from './stack.ts';
import { untilAskedToStop } from './until-asked-to-stop.ts';

const REPOSITORY = resolve(import.meta.dirname, '../../..');
/** How long until the meeting begins that shows a first start. */
const SOON_MS = 45_000;

// Flags have no default: yargs takes one for a given flag when it looks for conflicts.
const options = await yargs(process.argv.slice(2))
  .scriptName('pnpm start')
  .usage(
    '$0 [--smoke | --json | --config FILE]\n\nRuns the whole connector on this machine: database, workers, and simulators in place of the servers.',
  )
  .option('smoke', {
    type: 'boolean',
    describe: 'Prove one event’s whole way, print one line of JSON and end',
  })
  .option('json', {
    type: 'boolean',
    describe: 'Print one ready line with all addresses, and nothing else',
  })
  .option('config', {
    type: 'string',
    requiresArg: true,
    describe: 'Run the workers against the real servers that this config.json names',
  })
  .option('reset', { type: 'boolean', default: false, describe: 'Forget the data of earlier runs' })
  .option('data', {
    type: 'string',
    requiresArg: true,
    default: `${REPOSITORY}/.local/stack`,
    describe: 'Folder for database, key and logs',
  })
  .option('poll-seconds', { type: 'number', default: 1, describe: 'How often each mailbox is asked for changes' })
  .option('safety-poll-ms', {
    type: 'number',
    default: 10_000,
    describe: 'How often the workers re-read the database unasked; 0: never',
  })
  .option('without-workers', {
    type: 'boolean',
    describe: 'Start all but the workers, for a program that runs them itself (with --json)',
  })
  .option('measurable', {
    type: 'boolean',
    describe:
      'Let Postgres count statements, and its role fill tables without triggers, for measurements (with --json)',
  })
  .conflicts('smoke', ['json', 'config'])
  .implies('without-workers', 'json')
  .implies('measurable', 'json')
  .strict()
  .parseAsync();

const reporter = new Reporter(options.json === true || options.smoke === true);
process.exitCode = await run();
// Listened to for the end of the process that started this one, it would keep this one alive.
process.stdin.destroy();

async function run(): Promise<number> {
  if (options.smoke) return runSmoke(REPOSITORY);
  try {
    if (options.config !== undefined)
      return await runAgainstRealServers(resolve(process.env.INIT_CWD ?? '.', options.config), options.data, reporter);
    return await runSimulated();
  } catch (error) {
    reporter.problem(`the local stack did not start: ${(error as Error).message}`);
    return 1;
  }
}

async function runSimulated(): Promise<number> {
  const stop = untilAskedToStop();
  reporter.line('Calendar Connector for TrueConf, all on this machine:');
  const stack = await startStack(
    {
      folder: resolve(options.data),
      reset: options.reset,
      seed: true,
      pollSeconds: options.pollSeconds,
      safetyPollMs: options.safetyPollMs,
      withoutWorkers: options.withoutWorkers === true,
      measurable: options.measurable === true,
    },
    reporter,
  );
  if (!options.withoutWorkers) {
    const { events, mailboxes } = await untilAllCached(stack.admin);
    reporter.stage('first sync', `${events} events of ${mailboxes} mailboxes are cached`);
  }
  tellAddresses(stack);
  const endFeed = options.json
    ? () => undefined
    : startLiveFeed(stack.addresses.gateway, stack.addresses.journal, reporter);
  if (!options.json) await planMeetingSoon((id) => stack.outlook(id), new Date(Date.now() + SOON_MS));
  for (const child of stack.workers.values()) reportEnd(child, reporter);
  await stop;
  reporter.line('\nDraining …');
  endFeed();
  await stack.stop();
  reporter.line('All stopped.');
  return 0;
}

function tellAddresses({ addresses }: Stack): void {
  reporter.ready({ ready: true, pid: process.pid, ...addresses });
  reporter.line();
  reporter.line(`  clients      ${addresses.gateway}`);
  reporter.line(`  tokens       ${addresses.token}`);
  reporter.line(`               ${SIGN_IN_HINT}`);
  reporter.line(`  Exchange     ${addresses.ews}   control ${addresses.exchangeControl}`);
  reporter.line(`  TrueConf     ${addresses.trueconf}   control ${addresses.trueconfControl}`);
  reporter.line(
    `  health       ${Object.values(addresses.ops)
      .map((ops) => `${ops}/readyz`)
      .join('  ')}`,
  );
  reporter.line(`  logs         ${addresses.logs}`);
  reporter.line();
  reporter.line('A meeting begins within a minute. Ctrl-C ends everything.');
  reporter.line();
}
