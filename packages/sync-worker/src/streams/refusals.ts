/** Which mailboxes of a group are not to be asked for now, because a server refused them before. */
export class Refusals {
  readonly #until = new Map<string, number>();

  has(mailbox: string): boolean {
    const until = this.#until.get(mailbox);
    if (until === undefined) return false;
    if (performance.now() < until) return true;
    this.#until.delete(mailbox);
    return false;
  }

  add(mailbox: string, retryMs: number): void {
    this.#until.set(mailbox, performance.now() + retryMs);
  }

  get size(): number {
    return this.#until.size;
  }
}
