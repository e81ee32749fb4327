const FARTHEST_MINUTES = 14 * 60;

/** `UTC+03:00`, `GMT+0300`, `UTC+3`, `(GMT-03.30)`: also with the other signs and digits that languages write. */
const PREFIXED = /(?:^|[^\p{L}\p{N}])(?:utc|gmt|tuc|ut) ?([+-]) ?(\d{1,2})(?: ?[:.h]? ?(\d{2}))?(?!\d)/u;
/** `+03:00`, `-0300` and nothing else. */
const BARE = /^\(?([+-])(\d{1,2})(?::?(\d{2}))?\)?$/u;
/** `(UTC) Dublin, Lisbon`. */
const NONE = /^\(?(?:utc|gmt|tuc)\)?(?:$|[ :)])/u;

/**
 * The offset from UTC that a zone's name tells, such as `(UTC+03:00) Москва, Санкт-Петербург`, in whichever language the
 * rest is. It is that of standard time.
 *
 * @returns minutes east of UTC, or null when the name tells none
 */
export function offsetInName(name: string): number | null {
  const text = plain(name);
  const [, sign, hours, minutes = '0'] = PREFIXED.exec(text) ?? BARE.exec(text) ?? [];
  if (sign === undefined) return NONE.test(text) ? 0 : null;
  const offset = Number(hours) * 60 + Number(minutes);
  if (offset > FARTHEST_MINUTES || Number(minutes) > 59) return null;
  return sign === '-' && offset !== 0 ? -offset : offset;
}

/** Full-width letters, marks of writing direction and the many minus signs become the usual ones. */
function plain(name: string): string {
  return name
    .normalize('NFKC')
    .replace(/\p{Cf}/gu, '')
    .replace(/[\u2010-\u2015\u2212\ufe63]/gu, '-')
    .replace(/\s+/gu, ' ')
    .trim()
    .toLowerCase();
}
