/** When this process was first told of a change that no sync has brought into the cache yet, per mailbox. */
export class ChangeNotices {
  readonly #toldAt = new Map<string, number>();

  note(mailbox: string): void {
    if (!this.#toldAt.has(mailbox)) this.#toldAt.set(mailbox, performance.now());
  }

  /** What a sync that begins now is to bring; undefined when it was not told of anything. `performance.now()` */
  take(mailbox: string): number | undefined {
    const at = this.#toldAt.get(mailbox);
    this.#toldAt.delete(mailbox);
    return at;
  }

  /** That sync failed: the next one is still to bring it. */
  giveBack(mailbox: string, at: number | undefined): void {
    if (at !== undefined) this.#toldAt.set(mailbox, at);
  }

  /** Nobody here will bring it. */
  forget(mailboxes: Iterable<string>): void {
    for (const mailbox of mailboxes) this.#toldAt.delete(mailbox);
  }
}
