import type { Described, WindowPart } from '../engine/calendar-provider.ts';

/** All entries of some parts of a window with their details, part after part. */
export async function describeParts(parts: readonly WindowPart[], signal: AbortSignal): Promise<Described> {
  const described: Described[] = [];
  for (const { entries, describe } of parts) {
    described.push(
      await describe(
        entries.map(({ itemId }) => itemId),
        signal,
      ),
    );
  }
  return {
    occurrences: described.flatMap(({ occurrences }) => occurrences),
    skipped: described.flatMap(({ skipped }) => skipped),
    fromView: described.flatMap(({ fromView }) => fromView),
  };
}
