/** One stream that a group may have. */
export interface StreamLoan {
  /** Counts streams over all accounts: tells which account is to serve it. */
  readonly place: number;
  /** Whether it may go on. @param accounts that can be used now */
  holds(accounts: number): boolean;
  giveBack(): void;
}

/**
 * Which sync groups of a provider have a stream, when there are more than its accounts may open. Every worker comes to the
 * same answer alone: the first groups have one each, whoever owns them, so that none is left unused while a group is
 * polled. What is over is divided among the workers, for groups whose mailboxes need more than one.
 */
export class StreamAllotment {
  readonly #firsts = new Set<string>();
  readonly #extras: StreamLoan[] = [];
  #perAccount = 0;
  #groups: readonly string[] = [];
  #workers = 1;
  #rank = 0;

  /** @param perAccount streams that one account may have, of all workers together */
  share(perAccount: number, place: { workers: number; rank: number; groups: readonly string[] }): void {
    this.#perAccount = perAccount;
    this.#workers = place.workers;
    this.#rank = place.rank;
    this.#groups = place.groups;
  }

  lend(group: string, accounts: number): StreamLoan | null {
    const place = this.#groups.indexOf(group);
    const loan = this.#firsts.has(group) ? this.#extra(place) : this.#first(group, place);
    if (!loan.holds(accounts)) {
      loan.giveBack();
      return null;
    }
    return loan;
  }

  #first(group: string, place: number): StreamLoan {
    this.#firsts.add(group);
    return {
      place,
      holds: (accounts) => {
        const now = this.#groups.indexOf(group);
        return now >= 0 && now < accounts * this.#perAccount;
      },
      giveBack: () => this.#firsts.delete(group),
    };
  }

  #extra(place: number): StreamLoan {
    const loan: StreamLoan = {
      place: place + this.#extras.length + 1,
      holds: (accounts) => this.#extras.indexOf(loan) < this.#extrasFor(accounts),
      giveBack: () => {
        this.#extras.splice(this.#extras.indexOf(loan), 1);
      },
    };
    this.#extras.push(loan);
    return loan;
  }

  /** This worker's part of the streams that no group needs as its first. */
  #extrasFor(accounts: number): number {
    const over = Math.max(0, accounts * this.#perAccount - this.#groups.length);
    return Math.floor(over / this.#workers) + (this.#rank < over % this.#workers ? 1 : 0);
  }
}
