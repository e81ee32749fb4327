import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import type { Figures } from './figures.ts';
import type { Machine } from './machine.ts';

/** What a bench found. */
export interface BenchResult {
  readonly bench: string;
  readonly machine: Machine;
  /** How it was measured, in figures that change its meaning. */
  readonly setting: Readonly<Record<string, string | number>>;
  /** Milliseconds, by variant. */
  readonly figures: Readonly<Record<string, Figures>>;
  /** Single figures beside them. */
  readonly facts: Readonly<Record<string, number>>;
  /** What makes the figures worthless, such as lost samples; none when all is well. */
  readonly problems: readonly string[];
  /** Raw samples by file name, without extension. */
  readonly samples: Readonly<Record<string, readonly object[]>>;
}

/** Prints a result for people, or as one line of JSON, and writes its raw samples when there is a folder for them. */
export async function report(
  result: BenchResult,
  { json, samples: folder }: { readonly json: boolean; readonly samples: string | undefined },
): Promise<void> {
  const { samples, ...told } = result;
  if (folder !== undefined) await writeSamples(folder, samples);
  if (json) {
    console.log(JSON.stringify({ ok: result.problems.length === 0, ...told }));
    return;
  }
  const { machine } = result;
  console.log(
    `${result.bench}: ${machine.cores} × ${machine.cpu}, ${machine.memoryGiB} GiB, Node ${machine.node}, load ${machine.loadBefore} before and ${machine.loadAfter} after`,
  );
  console.table(result.setting);
  console.table(result.figures);
  console.table(result.facts);
  for (const problem of result.problems) console.error(`problem: ${problem}`);
  if (folder !== undefined) console.log(`samples: ${folder}`);
}

async function writeSamples(folder: string, samples: BenchResult['samples']): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const [name, lines] of Object.entries(samples)) {
    const file = createWriteStream(join(folder, `${name}.jsonl`));
    for (const line of lines) file.write(`${JSON.stringify(line)}\n`);
    file.end();
    await finished(file);
  }
}
