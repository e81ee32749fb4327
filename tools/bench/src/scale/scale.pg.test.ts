import { createTestDatabase } from 'calendar-db/testing';
import { describe, expect, it } from 'vitest';
import { MeasuredSession } from './measured-session.ts';
import { countOperations, type OperationTable, operationRows, type SizeFigures } from './operation-table.ts';
import { CONFERENCES } from './tables/conferences.ts';
import { eventsTable } from './tables/events.ts';
import { PEOPLE } from './tables/people.ts';
import { REGISTRY } from './tables/registry.ts';

/** At small sizes one more level of an index, or one more block, is a great part of a figure. */
const SLACK = 0.25;
/** Postgres reads a small table from end to end, beside a large one too, so that only what is plainly linear tells something. */
const SLACK_OF_OWN_PLANS = 0.6;

/**
 * The short form of `pnpm bench scale`: the same operations at small sizes, judged by counts alone, which are the same on any
 * machine and at any load. They are counted twice: with the plans that Postgres chooses at these sizes, and with those that
 * large tables get.
 */
describe.each([
  { table: eventsTable(20), sizes: [2_000, 20_000] },
  { table: PEOPLE, sizes: [10, 80] },
  { table: REGISTRY, sizes: [100, 1_000] },
  { table: CONFERENCES, sizes: [400, 4_000] },
])('the cost of operations by $table.of ($table.name)', ({ table, sizes }) => {
  it('grows no faster than it may, by statements, blocks, rows and bytes', async () => {
    const figures = { own: [] as SizeFigures[], large: [] as SizeFigures[] };
    for (const size of sizes) {
      const { own, large } = await countAt(table, size);
      figures.own.push(own);
      figures.large.push(large);
    }
    expect(beyond(figures.large, SLACK)).toEqual([]);
    expect(beyond(figures.own, SLACK_OF_OWN_PLANS)).toEqual([]);
  }, 60_000);
});

async function countAt(table: OperationTable, size: number): Promise<{ own: SizeFigures; large: SizeFigures }> {
  const db = await createTestDatabase();
  const session = await MeasuredSession.open(db.options);
  try {
    const operations = await table.fill(session, size);
    await session.settle();
    const own = await countOperations(operations, session, size);
    await session.planAsLarge();
    return { own, large: await countOperations(operations, session, size) };
  } finally {
    await session.close();
    await db.drop();
  }
}

/** Figures that grow faster than they may, in words. */
function beyond(figures: readonly SizeFigures[], slack: number): string[] {
  return operationRows(figures)
    .filter(({ within, exponent, bound }) => within === false && (exponent ?? 0) > (bound ?? 0) + slack)
    .map(({ what, unit, values }) => `${what}: ${values.join(' → ')} ${unit}`);
}
