import type { LogFields, Logger, LogLevel } from './log.ts';

/** One line of a log. */
export interface TroubleLine {
  readonly level: LogLevel;
  /** A stable code such as `provider.down`. */
  readonly event: string;
  readonly message: string;
  readonly fields?: LogFields;
}

export interface TroubleLogOptions {
  /** A trouble that goes on unchanged is written again this often, milliseconds. Default: never. */
  readonly repeatAfterMs?: number;
  /** Whether lines between the first and the last one are written at debug. Default: yes. */
  readonly writesBetween?: boolean;
  /** A member that was not heard of for so long no longer counts, milliseconds. Default: it counts for ever. */
  readonly forgetAfterMs?: number;
  /** Milliseconds of a clock that never goes back. */
  readonly now?: () => number;
}

/** What a line about an end can say. */
export interface EndedTrouble {
  /** How many members' trouble ends: all that had it at any time when it is over, else 1. */
  readonly members: number;
  /** The most serious level at which the trouble was written. */
  readonly level: LogLevel;
}

interface Trouble<Member> {
  /** Members that have it, with the time at which each was last said to have it. */
  readonly members: Map<Member, number>;
  /** Members that have had it at any time. */
  readonly everHad: Set<Member>;
  level: LogLevel;
  writtenAt: number;
}

const SERIOUSNESS: readonly LogLevel[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];

/**
 * Writes one line when a trouble begins and one when it ends, however often it is met meanwhile and however many members
 * (mailboxes, groups, servers) have it. Lines in between are written at debug. A member has one trouble at a time: when its
 * cause changes, the new trouble takes the place of the old one, which ends without a line.
 */
export class TroubleLog<Member = string> {
  readonly #log: Logger;
  readonly #repeatAfterMs: number;
  readonly #writesBetween: boolean;
  readonly #forgetAfterMs: number;
  readonly #now: () => number;
  readonly #troubles = new Map<string, Trouble<Member>>();

  constructor(log: Logger, options: TroubleLogOptions = {}) {
    const { repeatAfterMs = Number.POSITIVE_INFINITY, forgetAfterMs = Number.POSITIVE_INFINITY } = options;
    this.#log = log;
    this.#repeatAfterMs = repeatAfterMs;
    this.#writesBetween = options.writesBetween ?? true;
    this.#forgetAfterMs = forgetAfterMs;
    this.#now = options.now ?? (() => performance.now());
  }

  /**
   * A member has a trouble. The line is written at its level when the trouble begins, when it becomes more serious than it
   * was, and when it is to be repeated; otherwise at debug.
   *
   * @param cause names the trouble: members with the same cause have the same trouble
   */
  begin(member: Member, cause: string, line: TroubleLine): void {
    const now = this.#now();
    this.#forget(now);
    if (this.#causeOf(member) !== cause) this.drop(member);
    const trouble = this.#troubles.get(cause);
    if (trouble === undefined) {
      const begun = {
        members: new Map([[member, now]]),
        everHad: new Set([member]),
        level: line.level,
        writtenAt: now,
      };
      this.#troubles.set(cause, begun);
      this.#write(line);
      return;
    }
    trouble.members.set(member, now);
    trouble.everHad.add(member);
    const rise = SERIOUSNESS.indexOf(line.level) - SERIOUSNESS.indexOf(trouble.level);
    const isWritten = rise > 0 || (rise === 0 && now - trouble.writtenAt >= this.#repeatAfterMs);
    if (isWritten) {
      trouble.level = line.level;
      trouble.writtenAt = now;
    }
    if (isWritten) this.#write(line);
    else this.#writeBetween(line);
  }

  /**
   * A member no longer has its trouble. The line is written when that ends the trouble, and at debug while other members
   * have it; nothing is written when the member had none.
   *
   * @param line makes the line; null: nothing is written
   * @returns `none`: the member had no trouble; `others`: other members still have it; `ended`: it is over
   */
  end(member: Member, line: (ended: EndedTrouble) => TroubleLine | null): 'none' | 'others' | 'ended' {
    const cause = this.#causeOf(member);
    const trouble = cause === undefined ? undefined : this.#troubles.get(cause);
    if (cause === undefined || trouble === undefined) return 'none';
    trouble.members.delete(member);
    const isOver = trouble.members.size === 0;
    if (isOver) this.#troubles.delete(cause);
    const made = line({ members: isOver ? trouble.everHad.size : 1, level: trouble.level });
    if (made !== null && isOver) this.#write(made);
    else if (made !== null) this.#writeBetween(made);
    return isOver ? 'ended' : 'others';
  }

  /** A member no longer counts: it left, or something else looks after it. Writes nothing. */
  drop(member: Member): void {
    const cause = this.#causeOf(member);
    if (cause === undefined) return;
    const members = this.#troubles.get(cause)?.members;
    members?.delete(member);
    if (members?.size === 0) this.#troubles.delete(cause);
  }

  #causeOf(member: Member): string | undefined {
    for (const [cause, { members }] of this.#troubles) if (members.has(member)) return cause;
    return undefined;
  }

  #forget(now: number): void {
    for (const { members } of [...this.#troubles.values()]) {
      for (const [member, at] of members) if (now - at > this.#forgetAfterMs) this.drop(member);
    }
  }

  #write({ level, event, message, fields }: TroubleLine): void {
    this.#log.log(level, event, message, fields);
  }

  #writeBetween({ level, event, message, fields }: TroubleLine): void {
    if (this.#writesBetween) this.#log.log(level === 'trace' ? 'trace' : 'debug', event, message, fields);
  }
}
