/** Ids taken for one delivery. `whole`: nothing was left behind, so a position may go along. */
export interface TakenEvents {
  readonly ids: readonly string[];
  readonly whole: boolean;
}

/**
 * Ids of events that one subscriber has to be told about, each once: what a snapshot or a resume still owes (`owed`), and
 * what changed since. It is a set and no queue, so that a slow client costs no more than its calendar has events.
 */
export class DirtyEvents {
  readonly #owed = new Set<string>();
  readonly #changed = new Set<string>();

  get size(): number {
    return this.#owed.size + this.#changed.size;
  }

  /** How many changes wait; what a snapshot owes is not counted, since its client asked for it. */
  get changed(): number {
    return this.#changed.size;
  }

  owe(ids: Iterable<string>): void {
    for (const id of ids) {
      this.#owed.add(id);
      this.#changed.delete(id);
    }
  }

  mark(id: string): void {
    if (!this.#owed.has(id)) this.#changed.add(id);
  }

  /** Takes the oldest ids, what is owed first. */
  take(limit: number): TakenEvents {
    const ids: string[] = [];
    for (const set of [this.#owed, this.#changed]) {
      for (const id of set) {
        if (ids.length === limit) break;
        ids.push(id);
        set.delete(id);
      }
    }
    return { ids, whole: this.size === 0 };
  }

  clear(): void {
    this.#owed.clear();
    this.#changed.clear();
  }
}
