import { type AllDayDates, allDayDates, fixedOffsetZone, ianaZone } from 'calendar-model';
import type { EwsTimeZone } from 'ews-client';
import { datesNearOffset, datesOfMidnights } from './midnights.ts';
import { offsetInName } from './offset-in-name.ts';
import { type FirstOccurrence, guessedZone, zoneByFirstDate } from './zone-guess.ts';
import { zoneOfDisplayName } from './zone-of-display-name.ts';
import { RuledZone } from './zone-of-rules.ts';
import { offsetsOf } from './zone-offsets.ts';
import { ZonesInUse } from './zones-in-use.ts';

/** More custom zones than this no company has; what is beyond is worked out again. */
const MOST_KEPT = 500;
const MOST_NAMES = 5000;
const MOST_UNKNOWN = 1000;
const LONGEST_REPORTED = 100;
/** How much old zone data is off: all-day events of such servers begin and end so close to midnight. */
const MOST_WRONG_MINUTES = 60;

/** What of an item helps to find its zone. */
export interface ZonedItem {
  readonly start: Date;
  readonly isAllDay: boolean;
  /** Canonical address of the mailbox that holds it. */
  readonly mailbox?: string;
  /** Of the series that it belongs to, where the rule is known. */
  readonly first?: FirstOccurrence | null;
}

/** Finds the IANA zones of items and the clocks that they were planned by, and keeps what took long to find. */
export class ExchangeZones {
  readonly #ruled = new Map<string, RuledZone | null>();
  readonly #texts = new WeakMap<EwsTimeZone, string>();
  readonly #named = new Map<string, string | null>();
  readonly #inUse = new ZonesInUse();
  readonly #unknown = new Set<string>();
  readonly #onUnknown: (name: string) => void;

  /** @param onUnknown is called once for each name that tells nothing, with at most its first 100 characters */
  constructor(onUnknown: (name: string) => void = () => undefined) {
    this.#onUnknown = onUnknown;
  }

  /** Counts in which zones the items of a mailbox were planned: what is known of most helps with the others. */
  learn(mailbox: string, items: Iterable<{ readonly start: Date; readonly startZone: EwsTimeZone | null }>): void {
    for (const { start, startZone } of items) {
      const zone = startZone && this.#known(startZone, start);
      if (zone) this.#inUse.count(mailbox, zone);
    }
  }

  /**
   * The IANA zone in which an item was planned: by its id, then its name (foreign calendars write IANA names there),
   * then by the rules that come with it, then by the cities of a display name, then the zone most used in the mailbox
   * with the offset that name, midnight or rule of the series tell, then that offset (docs/reference/exchange.md §9.3).
   * An item never fails for its zone, since start and end are exact without it.
   */
  of(zone: EwsTimeZone | null, item: ZonedItem): string {
    const known = zone && this.#known(zone, item.start);
    if (known) return known;
    const offset = zone && offsetOf(zone);
    if (zone !== null && offset === null) this.#report(zone);
    return guessedZone({ ...item, offset, usual: item.mailbox === undefined ? [] : this.#inUse.of(item.mailbox) });
  }

  /**
   * The zone whose clocks an item was planned by at its start: the rules that came with it, which may be older than
   * IANA's, go before its name. Of a zone that is only guessed it is one that does not depend on what else the mailbox
   * holds, so that dates taken by it name events (docs/reference/exchange.md §9.3).
   */
  clockOf(zone: EwsTimeZone | null, item: ZonedItem): string {
    const { start, first = null } = item;
    const known = zone && this.#known(zone, start);
    if (known) return this.#ruledClock(zone, known, start);
    if (first !== null) return zoneByFirstDate(first) ?? 'UTC';
    const offset = zone && offsetOf(zone);
    return guessedZone({ ...item, offset, usual: [] });
  }

  /**
   * The zone of a series' clocks at any instant, for its expansion.
   *
   * @param series its first occurrence
   */
  clockOfSeries(zone: EwsTimeZone | null, series: ZonedItem): (instant: Date) => string {
    if (zone !== null && this.#known(zone, series.start) !== null)
      return (start) => this.clockOf(zone, { ...series, start });
    const guessed = this.of(zone, series);
    return () => guessed;
  }

  /**
   * The dates of an all-day event: midnight to midnight by the rules that came with it, else by its zone, else by each
   * end's own midnight near the zone's offset. Where none of them fits, the start is rounded down and the end up in the
   * zone (docs/reference/exchange.md §9.5).
   */
  allDayDates(zone: EwsTimeZone | null, item: ZonedItem & { readonly end: Date }): AllDayDates {
    const { start, end } = item;
    const name = this.of(zone, item);
    const offset = offsetsOf(name);
    const isKnown = zone !== null && this.#known(zone, start) !== null;
    const clock = zone && this.#rules(zone)?.clock;
    const ruled = clock && datesOfMidnights(start, end, (at) => clock.offsetAt(at));
    const within = isKnown ? MOST_WRONG_MINUTES : Number.POSITIVE_INFINITY;
    return (
      ruled ??
      datesOfMidnights(start, end, offset) ??
      datesNearOffset(start, end, offset(start.getTime()), within) ??
      allDayDates(start, end, name)
    );
  }

  /** The zone of a definition that says which it is, by whatever means but its mere offset. */
  #known(zone: EwsTimeZone, instant: Date): string | null {
    const { id, name } = zone;
    const byId = id === null ? null : this.#iana(id);
    if (byId !== null) return byId;
    const byName = name === null ? null : this.#iana(name);
    const ruled = this.#rules(zone);
    if (byName !== null && (!ruled || agrees(ruled, byName, instant))) return byName;
    return ruled?.zoneAt(instant) ?? this.#shown(zone);
  }

  #ruledClock(zone: EwsTimeZone, known: string, instant: Date): string {
    const ruled = this.#rules(zone);
    if (!ruled || agrees(ruled, known, instant)) return known;
    return fixedOffsetZone(ruled.clock.offsetAt(instant.getTime()));
  }

  #rules(zone: EwsTimeZone): RuledZone | null {
    const { rules } = zone;
    if (rules === null) return null;
    return kept(this.#ruled, this.#textOf(zone), MOST_KEPT, () => {
      const shown = this.#shown(zone);
      return RuledZone.of(rules, shown === null ? [] : [shown]);
    });
  }

  /** Writing rules down takes long, and many occurrences have the same ones. */
  #textOf(zone: EwsTimeZone): string {
    const text = this.#texts.get(zone) ?? JSON.stringify(zone);
    this.#texts.set(zone, text);
    return text;
  }

  #iana(name: string): string | null {
    return kept(this.#named, name, MOST_NAMES, () => ianaZone(name));
  }

  #shown({ id, name }: EwsTimeZone): string | null {
    return kept(this.#named, `shown ${id} ${name}`, MOST_NAMES, () => {
      const byId = id === null ? null : zoneOfDisplayName(id);
      return byId ?? (name === null ? null : zoneOfDisplayName(name));
    });
  }

  #report({ id, name }: EwsTimeZone): void {
    const reported = (id ?? name ?? '').slice(0, LONGEST_REPORTED);
    if (reported === '' || this.#unknown.has(reported) || this.#unknown.size >= MOST_UNKNOWN) return;
    this.#unknown.add(reported);
    this.#onUnknown(reported);
  }
}

/** The offset that a name tells where it tells nothing else; null for none. */
function offsetOf({ id, name }: EwsTimeZone): number | null {
  return offsetInName(id ?? '') ?? offsetInName(name ?? '');
}

function agrees({ clock }: RuledZone, zone: string, instant: Date): boolean {
  return offsetsOf(zone)(instant.getTime()) === clock.offsetAt(instant.getTime());
}

function kept<Value>(values: Map<string, Value>, key: string, most: number, make: () => Value): Value {
  const known = values.get(key);
  if (known !== undefined) return known;
  if (values.size >= most) values.clear();
  const value = make();
  values.set(key, value);
  return value;
}
