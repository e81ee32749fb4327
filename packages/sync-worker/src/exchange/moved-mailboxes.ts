/** Which mailboxes of one provider are read elsewhere than at its own address, as far as this worker knows. */
export class MovedMailboxes {
  #urls = new Map<string, string>();

  /** Where a mailbox is read; null: at the provider's own address. */
  urlOf(mailbox: string): string | null {
    return this.#urls.get(mailbox) ?? null;
  }

  /** What a lease or an answer says of one. */
  learn(mailbox: string, url: string | null): void {
    if (url === null) this.#urls.delete(mailbox);
    else this.#urls.set(mailbox, url);
  }

  /** All there are. */
  replace(moved: readonly { readonly address: string; readonly ewsUrl: string }[]): void {
    this.#urls = new Map(moved.map(({ address, ewsUrl }) => [address, ewsUrl]));
  }
}
