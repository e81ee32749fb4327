/** Items that one sync may ask for alone, because their batch brought an error in their place. */
const MOST_PER_SYNC = 20;

/** Counts the single questions of one sync: a mailbox full of broken items must not cost a request for each. */
export class SingleQuestions {
  #left = MOST_PER_SYNC;

  /** @returns whether one more may be asked; if so, it counts as asked */
  take(): boolean {
    if (this.#left === 0) return false;
    this.#left--;
    return true;
  }
}
