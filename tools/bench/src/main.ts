import { resolve } from 'node:path';
import yargs from 'yargs';
import { runLatency } from './latency/run-latency.ts';
import { type BenchResult, report } from './report.ts';
import { runStarts } from './starts/run-starts.ts';
import { runSync } from './sync/run-sync.ts';

const BENCHES: Readonly<Record<string, () => Promise<BenchResult>>> = {
  starts: runStarts,
  latency: runLatency,
  sync: runSync,
};

const options = await yargs(process.argv.slice(2))
  .scriptName('pnpm bench')
  .usage(
    '$0 <name> [--json] [--samples DIR]\n\nMeasures the connector from outside; tools/bench/README.md says what and how.',
  )
  .command('$0 <name>', 'run one bench', (command) =>
    command.positional('name', { choices: Object.keys(BENCHES), demandOption: true, describe: 'which one' }),
  )
  .option('json', { type: 'boolean', describe: 'Print one line of JSON instead of tables' })
  .option('samples', {
    type: 'string',
    requiresArg: true,
    describe: 'Folder for every raw sample, one JSON object a line, unix ms with fractions',
  })
  .strict()
  .parseAsync();

// Whatever was started ends with this process.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const folder = options.samples === undefined ? undefined : resolve(process.env.INIT_CWD ?? '.', options.samples);
try {
  const result = await BENCHES[String(options.name)]!();
  await report(result, { json: options.json === true, samples: folder });
  process.exitCode = result.problems.length === 0 ? 0 : 1;
} catch (error) {
  console.error(`the bench ${options.name} could not be run: ${(error as Error).message}`);
  process.exitCode = 1;
}
