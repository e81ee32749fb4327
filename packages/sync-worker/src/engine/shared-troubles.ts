/** A mailbox that was not heard of for so long has another owner by now, or is not listed any more. */
const FORGOTTEN_MS = 1_800_000;
/** A trouble that lasts is told again so often. */
const TOLD_AGAIN_MS = 600_000;

interface Trouble {
  /** Mailboxes that have it, and when each was seen to have it last. */
  readonly failing: Map<number, number>;
  /** Mailboxes that had it at any time. */
  readonly everFailed: Set<number>;
  /** When it was told as one that lasts; null before that. */
  toldAt: number | null;
}

/** What is to be said of a failure. `first`: of the trouble; `lasting`: it goes on; `known`: it was said already. */
export type News = 'first' | 'lasting' | 'known';

/**
 * Troubles that several mailboxes have for the same cause, such as a mailbox server that is gone: people read of each when
 * it begins, when it lasts and when it is over, and not once per mailbox.
 */
export class SharedTroubles {
  readonly #troubles = new Map<string, Trouble>();
  readonly #now: () => number;

  /** @param now milliseconds of a clock that never goes back */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** @param cause what makes failures the same @param repeated whether the mailbox had failed before */
  failed(mailboxId: number, cause: string, repeated: boolean): News {
    this.#forget();
    const now = this.#now();
    this.#leave(mailboxId, cause);
    const trouble = this.#troubles.get(cause);
    if (trouble === undefined) {
      const begun = {
        failing: new Map([[mailboxId, now]]),
        everFailed: new Set([mailboxId]),
        toldAt: repeated ? now : null,
      };
      this.#troubles.set(cause, begun);
      return repeated ? 'lasting' : 'first';
    }
    trouble.failing.set(mailboxId, now);
    trouble.everFailed.add(mailboxId);
    if (!repeated || (trouble.toldAt !== null && now - trouble.toldAt < TOLD_AGAIN_MS)) return 'known';
    trouble.toldAt = now;
    return 'lasting';
  }

  /** @returns how many mailboxes had the trouble that is over with this one; 0 while others have it; null if it had none */
  recovered(mailboxId: number): number | null {
    return this.#leave(mailboxId, null);
  }

  /** Takes a mailbox out of every trouble but one. */
  #leave(mailboxId: number, except: string | null): number | null {
    let had: number | null = null;
    for (const [cause, { failing, everFailed }] of this.#troubles) {
      if (cause === except || !failing.delete(mailboxId)) continue;
      had = failing.size > 0 ? 0 : everFailed.size;
      if (failing.size === 0) this.#troubles.delete(cause);
    }
    return had;
  }

  #forget(): void {
    const before = this.#now() - FORGOTTEN_MS;
    for (const [cause, { failing }] of this.#troubles) {
      for (const [mailboxId, at] of failing) if (at < before) failing.delete(mailboxId);
      if (failing.size === 0) this.#troubles.delete(cause);
    }
  }
}
