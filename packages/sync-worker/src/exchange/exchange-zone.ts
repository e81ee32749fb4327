import { fixedOffsetZone, ianaZone } from 'calendar-model';
import type { EwsTimeZone, EwsZoneRules } from 'ews-client';
import { zoneOfDisplayName } from './zone-of-display-name.ts';
import { type RuledZone, zoneOfRules } from './zone-of-rules.ts';

const MINUTES_PER_DAY = 1440;
/**
 * Midnights up to here after UTC's are taken for those of the west (Hawaii at 10:00), later ones for those of the east:
 * New Zealand in summer, Samoa and Tonga at 11:00, not American Samoa and Niue. Nobody can tell them apart without a zone.
 */
const LATEST_MIDNIGHT_OF_THE_WEST = 10 * 60;

/** More custom zones than this no company has; what is beyond is worked out again. */
const MOST_KEPT = 500;

/** Finds the IANA zones of items, and keeps what took long to find. */
export class ExchangeZones {
  readonly #found = new Map<string, RuledZone>();

  /**
   * The IANA zone in which an item was planned: by its id, then its name (foreign calendars write IANA names there),
   * then by the rules that come with it, then by the cities of a display name, then by what the instants tell
   * (docs/reference/exchange.md §9.3). An item never fails for its zone, since start and end are exact without it.
   */
  of(zone: EwsTimeZone | null, item: { readonly start: Date; readonly isAllDay: boolean }): string {
    const named = (zone?.id && ianaZone(zone.id)) || (zone?.name && ianaZone(zone.name));
    if (named) return named;
    const ruled = zone?.rules && this.#ruled(zone.rules, item.start);
    if (ruled) return ruled;
    const shown = (zone?.id && zoneOfDisplayName(zone.id)) || (zone?.name && zoneOfDisplayName(zone.name));
    if (shown) return shown;
    // An all-day event begins at its creator's midnight (docs/reference/exchange.md §9.5), which tells the offset.
    return item.isAllDay ? fixedOffsetZone(offsetOfMidnight(item.start)) : 'UTC';
  }

  #ruled(rules: EwsZoneRules, instant: Date): string | null {
    const key = `${instant.getUTCFullYear()} ${JSON.stringify(rules)}`;
    const known = this.#found.get(key);
    if (known !== undefined) return known(instant);
    if (this.#found.size >= MOST_KEPT) this.#found.clear();
    const zone = zoneOfRules(rules, instant.getUTCFullYear());
    this.#found.set(key, zone);
    return zone(instant);
  }
}

/** Minutes east of UTC of the place where it is midnight at `instant`, from -10:00 to +13:59. */
function offsetOfMidnight(instant: Date): number {
  const sinceUtcMidnight = instant.getUTCHours() * 60 + instant.getUTCMinutes();
  return sinceUtcMidnight <= LATEST_MIDNIGHT_OF_THE_WEST ? -sinceUtcMidnight : MINUTES_PER_DAY - sinceUtcMidnight;
}
