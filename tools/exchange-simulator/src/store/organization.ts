import { randomBytes, randomUUID } from 'node:crypto';
import type { Account } from './account.ts';
import { Mailbox } from './mailbox.ts';
import type { MailboxChange } from './mailbox-change.ts';

export interface MailboxSeed {
  readonly address: string;
  readonly displayName?: string | undefined;
  readonly aliases?: readonly string[] | undefined;
  readonly principalName?: string | undefined;
}

export type ChangeListener = (change: MailboxChange) => void;

/** Everything that the simulated server holds: the directory, the mailboxes, the clock. */
export class Organization {
  readonly #mailboxes = new Map<string, Mailbox>();
  readonly #accounts = new Map<string, Account>();
  readonly #listeners: ChangeListener[] = [];
  /** False: a server that keeps changes of single occurrences from the change log. */
  logsOccurrenceChanges = true;
  #clockOffsetMs = 0;
  #lastChangeKey = 0;

  /** The server's clock, unix ms. */
  now(): number {
    return Date.now() + this.#clockOffsetMs;
  }

  get clockOffsetMs(): number {
    return this.#clockOffsetMs;
  }

  set clockOffsetMs(offset: number) {
    this.#clockOffsetMs = offset;
  }

  nextChangeKey(): number {
    this.#lastChangeKey += 1;
    return this.#lastChangeKey;
  }

  /** Calls `listener` after each change of any mailbox, for as long as the organization exists. */
  onChange(listener: ChangeListener): void {
    this.#listeners.push(listener);
  }

  changed(change: MailboxChange): void {
    for (const listener of this.#listeners) listener(change);
  }

  newGlobalObjectData(): Buffer {
    return randomBytes(16);
  }

  /** Forgets everything but the clock. */
  clear(): void {
    this.#mailboxes.clear();
    this.#accounts.clear();
  }

  /** Adds a mailbox, or returns the one that already has this address. */
  addMailbox(seed: MailboxSeed): Mailbox {
    const address = seed.address;
    const existing = this.#mailboxes.get(address.toLowerCase());
    if (existing !== undefined) return existing;
    const local = address.split('@')[0] ?? address;
    const mailbox = new Mailbox(
      {
        guid: randomUUID(),
        address,
        displayName: seed.displayName ?? local,
        aliases: seed.aliases ?? [],
        principalName: seed.principalName ?? address,
        legacyDn: `/o=Simulated Organization/ou=Exchange Administrative Group (FYDIBOHF23SPDLT)/cn=Recipients/cn=${local}`,
      },
      this,
    );
    this.#mailboxes.set(address.toLowerCase(), mailbox);
    return mailbox;
  }

  removeMailbox(address: string): boolean {
    return this.#mailboxes.delete(address.toLowerCase());
  }

  mailboxes(): Mailbox[] {
    return [...this.#mailboxes.values()];
  }

  /** By primary address only. */
  mailboxByPrimaryAddress(address: string): Mailbox | undefined {
    return this.#mailboxes.get(address.toLowerCase());
  }

  /** By primary address, alias, principal name or legacy distinguished name, without regard to case. */
  mailboxByAnyAddress(address: string): Mailbox | undefined {
    const wanted = address.toLowerCase();
    return (
      this.#mailboxes.get(wanted) ??
      this.mailboxes().find(({ identity }) =>
        [...identity.aliases, identity.principalName, identity.legacyDn].some((name) => name.toLowerCase() === wanted),
      )
    );
  }

  mailboxByGuid(guid: string): Mailbox | undefined {
    return this.mailboxes().find((mailbox) => mailbox.identity.guid === guid);
  }

  setAccount(account: Account): void {
    this.#accounts.set(account.name.toLowerCase(), account);
  }

  removeAccount(name: string): boolean {
    return this.#accounts.delete(name.toLowerCase());
  }

  account(name: string): Account | undefined {
    return this.#accounts.get(name.toLowerCase());
  }

  accounts(): Account[] {
    return [...this.#accounts.values()];
  }
}
