import { createTestDatabase } from 'calendar-db/testing';
import { describe, expect, it } from 'vitest';
import { MeasuredSession } from './measured-session.ts';
import { measureOperations, type OperationTable, operationRows, type SizeFigures } from './operation-table.ts';
import { CONFERENCES } from './tables/conferences.ts';
import { eventsTable } from './tables/events.ts';
import { PEOPLE } from './tables/people.ts';
import { REGISTRY } from './tables/registry.ts';

/** At small sizes one more level of an index, or one more block, is a great part of a figure. */
const SLACK = 0.25;

/**
 * The short form of `pnpm bench scale`: the same operations at small sizes, judged by counts alone, which are the same on any
 * machine and at any load.
 */
describe.each([
  { table: eventsTable(20), sizes: [2_000, 20_000] },
  { table: PEOPLE, sizes: [10, 80] },
  { table: REGISTRY, sizes: [100, 1_000] },
  { table: CONFERENCES, sizes: [400, 4_000] },
])('the cost of operations by $table.of ($table.name)', ({ table, sizes }) => {
  it('grows no faster than it may, by statements, blocks and rows', async () => {
    const figures: SizeFigures[] = [];
    for (const size of sizes) figures.push(await countAt(table, size));
    const beyond = operationRows(figures).filter(
      ({ within, exponent, bound }) => within === false && (exponent ?? 0) > (bound ?? 0) + SLACK,
    );
    expect(beyond.map(({ what, unit, values }) => `${what}: ${values.join(' → ')} ${unit}`)).toEqual([]);
  }, 60_000);
});

async function countAt(table: OperationTable, size: number): Promise<SizeFigures> {
  const db = await createTestDatabase();
  const session = await MeasuredSession.open(db.options, { asLarge: true });
  try {
    return await measureOperations(table, session, size, { withCpu: false, tell: () => undefined });
  } finally {
    await session.close();
    await db.drop();
  }
}
