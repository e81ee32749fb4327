import { calendarWindow } from 'calendar-model';
import { MethodError } from './method-error.ts';
import type { MethodServices } from './method-services.ts';
import type { CoveredSpan } from './viewers.ts';

const LONGEST_MONTH_MS = 31 * 24 * 3_600_000;

export interface EventSpan {
  /** Unix ms. */
  readonly from: number;
  /** Unix ms, exclusive. */
  readonly to: number;
}

/**
 * The range of a request; ends that it leaves out are those of the cache.
 *
 * @throws MethodError badRange
 */
export function eventRange(
  { config, databaseNow }: MethodServices,
  asked: { readonly from?: number | undefined; readonly to?: number | undefined },
  covered: CoveredSpan,
): EventSpan {
  const { rangeMonths } = config().gateway.limits;
  const longest = rangeMonths * LONGEST_MONTH_MS;
  const window = calendarWindow(new Date(databaseNow()), config().cache);
  const from = asked.from ?? covered.coveredFrom ?? window.from.getTime();
  const to = asked.to ?? Math.min(covered.coveredTo ?? window.to.getTime(), from + longest);
  if (from >= to) throw new MethodError('badRange', '`from` has to be before `to`');
  if (to - from > longest) throw new MethodError('badRange', `a range may have ${rangeMonths} months`);
  return { from, to };
}
