import type { Consumer } from 'calendar-db/changes';

/** Why a full pass begins, in words for administrators. */
export const PASS_REASONS = {
  'changes-lost': 'plans all events to come: the changes since the last planned one are not in the log',
  started: 'plans all events to come: this launcher has just started',
  reloaded: 'plans all events to come: the configuration was changed',
  daily: 'plans all events to come, as every day',
  abandoned: 'plans all events to come: no launcher goes on with the pass under way, which is by other rules',
} as const;

export type PassReason = keyof typeof PASS_REASONS;

const DAY_MS = 24 * 3_600_000;
/** A pass as young as this, by the same rules, need not be repeated by a launcher that just started. */
const FRESH_PASS_MS = 60_000;
/** A page takes at most half of this, or its transaction is over. */
const ABANDONED_MS = 60_000;

/** What a launcher knows besides the consumer's row. */
export interface PassQuestion {
  /** Whether all changes since the consumer's position are in the log. */
  readonly isRecoverable: boolean;
  /** Of the launcher's rules. */
  readonly digest: string;
  /** What makes this launcher compare its rules with those of the last pass; null: nothing, it has done so. */
  readonly occasion: 'started' | 'reloaded' | null;
}

/**
 * Whether a full pass by the launcher's own rules is to begin now, in place of one under way. Only its own start and its
 * own reload make a launcher compare rules: two launchers with different ones would else replace each other's pass forever.
 * @returns why it begins; null when it does not
 */
export function passReason(consumer: Consumer, question: PassQuestion): PassReason | null {
  const { isRecoverable, digest, occasion } = question;
  if (!isRecoverable) return 'changes-lost';
  if (consumer.passDigest === null) return idleReason(consumer, digest, occasion);
  // A pass by the same rules is shared, unless other rules were used behind it.
  const isShared = consumer.passDigest === digest;
  if (occasion !== null) return isShared && !consumer.mixedRules ? null : occasion;
  return !isShared && (consumer.passIdleMs ?? 0) > ABANDONED_MS ? 'abandoned' : null;
}

/** No pass is under way. */
function idleReason(
  { configDigest, fullPassAgeMs, mixedRules }: Consumer,
  digest: string,
  occasion: PassQuestion['occasion'],
): PassReason | null {
  if (fullPassAgeMs === null || fullPassAgeMs > DAY_MS) return 'daily';
  if (occasion === null) return null;
  const isByTheseRules = configDigest === digest && !mixedRules;
  const isYoung = occasion === 'reloaded' || fullPassAgeMs < FRESH_PASS_MS;
  return isByTheseRules && isYoung ? null : occasion;
}
