import { resolve } from 'node:path';
import yargs from 'yargs';
import { runBigMeeting } from './big-meeting/run-big-meeting.ts';
import { runLatency } from './latency/run-latency.ts';
import { type BenchResult, report } from './report.ts';
import { runScale, SCALE_TABLES } from './scale/run-scale.ts';
import { parseSizes } from './scale/scale-options.ts';
import { asMarkdown } from './scale/scale-result.ts';
import { runStarts } from './starts/run-starts.ts';
import { runSync } from './sync/run-sync.ts';

const BENCHES: Readonly<Record<string, () => Promise<BenchResult>>> = {
  starts: runStarts,
  latency: runLatency,
  sync: runSync,
};

const SAMPLES = {
  type: 'string',
  requiresArg: true,
  describe: 'Folder for every raw sample, one JSON object a line, unix ms with fractions',
} as const;

// Whatever was started ends with this process.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

await yargs(process.argv.slice(2))
  .scriptName('pnpm bench')
  .usage('$0 <name> [--json]\n\nMeasures the connector from outside; tools/bench/README.md says what and how.')
  .command(
    '$0 <name>',
    'run one bench',
    (command) =>
      command
        .positional('name', { choices: Object.keys(BENCHES), demandOption: true, describe: 'which one' })
        .option('samples', SAMPLES),
    ({ name, json, samples }) => orFail(name, async () => reported(await BENCHES[name]!(), json === true, samples)),
  )
  .command(
    'big-meeting',
    'a weekly meeting of many people: planned, started, changed, cancelled and shown to all of them',
    (command) =>
      command
        .option('people', { type: 'number', default: 1_500, describe: 'Who takes part, each with mailbox and client' })
        .option('samples', SAMPLES),
    ({ json, people, samples }) =>
      orFail('big-meeting', async () => reported(await runBigMeeting({ people, tell }), json === true, samples)),
  )
  .command(
    'scale',
    'how costs grow with mailboxes, events, people of a meeting and conferences',
    (command) =>
      command
        .option('tables', {
          type: 'string',
          requiresArg: true,
          default: SCALE_TABLES.join(','),
          describe: 'Which ones',
        })
        .option('mailboxes', { type: 'string', requiresArg: true, default: '100,1000,10000', describe: 'Sizes' })
        .option('events', { type: 'string', requiresArg: true, default: '10000,100000,1000000', describe: 'Sizes' })
        .option('people', { type: 'string', requiresArg: true, default: '2,20,200,1000', describe: 'Sizes' })
        .option('conferences', { type: 'string', requiresArg: true, default: '1000,10000,100000', describe: 'Sizes' })
        .option('seconds', { type: 'number', default: 60, describe: 'How long workers are watched, each time' })
        .option('changes', { type: 'number', default: 1_000, describe: 'Changed copies a minute' }),
    ({ json, tables, mailboxes, events, people, conferences, seconds, changes }) =>
      orFail('scale', async () => {
        const result = await runScale({
          tables: tableNames(tables),
          mailboxes: parseSizes('mailboxes', mailboxes),
          events: parseSizes('events', events),
          people: parseSizes('people', people),
          conferences: parseSizes('conferences', conferences),
          seconds,
          changes,
          tell,
        });
        const ok = result.problems.length === 0;
        console.log(json ? JSON.stringify({ ok, ...result }) : asMarkdown(result));
        return ok;
      }),
  )
  .option('json', { type: 'boolean', describe: 'Print one line of JSON instead of tables' })
  .strict()
  .parseAsync();

function tell(text: string): void {
  console.error(`${new Date().toISOString().slice(11, 19)} ${text}`);
}

/** Prints a result. @returns whether all is well */
async function reported(result: BenchResult, json: boolean, samples?: string): Promise<boolean> {
  const folder = samples === undefined ? undefined : resolve(process.env.INIT_CWD ?? '.', samples);
  await report(result, { json, samples: folder });
  return result.problems.length === 0;
}

/** Runs a bench and sets the exit code: 0 only when it says that all is well. */
async function orFail(name: string, run: () => Promise<boolean>): Promise<void> {
  try {
    process.exitCode = (await run()) ? 0 : 1;
  } catch (error) {
    console.error(`the bench ${name} could not be run: ${(error as Error).message}`);
    process.exitCode = 1;
  }
}

function tableNames(text: string): string[] {
  const names = text.split(',');
  const unknown = names.find((name) => !SCALE_TABLES.includes(name));
  if (unknown !== undefined) throw new Error(`there is no table ${unknown}; there are ${SCALE_TABLES.join(', ')}`);
  return names;
}
