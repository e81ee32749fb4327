/** A `t:Period`: one offset from UTC that a zone uses. */
interface EwsZonePeriod {
  readonly id: string;
  readonly name: string;
  /** Minutes east of UTC (the opposite sign of the wire's `Bias`). */
  readonly offsetMinutes: number;
}

export interface EwsZoneTarget {
  readonly kind: 'period' | 'group';
  readonly id: string;
}

/** One transition of a zone. Times of day are minutes after local midnight; months are 1–12. */
export type EwsZoneTransition =
  | { readonly type: 'always'; readonly to: EwsZoneTarget }
  | { readonly type: 'absolute'; readonly to: EwsZoneTarget; readonly wallTime: string }
  | {
      readonly type: 'recurringDay';
      readonly to: EwsZoneTarget;
      readonly timeMinutes: number;
      readonly month: number;
      readonly dayOfWeek: string;
      /** 1–4 counted from the month's start, -1 the last. */
      readonly occurrence: number;
    }
  | {
      readonly type: 'recurringDate';
      readonly to: EwsZoneTarget;
      readonly timeMinutes: number;
      readonly month: number;
      readonly day: number;
    };

/** The rules embedded in a `t:StartTimeZone`. */
export interface EwsZoneRules {
  readonly periods: readonly EwsZonePeriod[];
  readonly groups: readonly { readonly id: string; readonly transitions: readonly EwsZoneTransition[] }[];
  readonly transitions: readonly EwsZoneTransition[];
}

/**
 * A zone as Exchange tells it (`t:TimeZoneDefinitionType`). The id is mostly a Windows one, but custom, empty and
 * localized ones occur: an item is never dropped for it, since its start and end are exact without.
 */
export interface EwsTimeZone {
  readonly id: string | null;
  readonly name: string | null;
  readonly rules: EwsZoneRules | null;
}
