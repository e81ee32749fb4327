import { randomBytes, randomUUID } from 'node:crypto';
import type { Account } from './account.ts';
import type { DistributionList, ListMembership } from './distribution-list.ts';
import type { MailboxChange } from './mailbox.ts';
import { Mailbox } from './mailbox.ts';

export interface MailboxSeed {
  readonly address: string;
  readonly displayName?: string | undefined;
  readonly aliases?: readonly string[] | undefined;
  readonly principalName?: string | undefined;
  /** A meeting room. */
  readonly room?: boolean | undefined;
}

export interface DistributionListSeed {
  readonly address: string;
  readonly displayName?: string | undefined;
  readonly aliases?: readonly string[] | undefined;
  readonly members: readonly string[];
  readonly membership: ListMembership;
  readonly roomList: boolean;
}

export type ChangeListener = (change: MailboxChange) => void;

/** Everything that the simulated server holds: the directory, the mailboxes, the clock. */
export class Organization {
  readonly #mailboxes = new Map<string, Mailbox>();
  readonly #lists = new Map<string, DistributionList>();
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
    this.#lists.clear();
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
        legacyDn: legacyDnOf(local),
        isRoom: seed.room ?? false,
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

  /** Adds a list, or puts it in the place of the one that has this address. */
  setList({ address, displayName, aliases, members, membership, roomList }: DistributionListSeed): void {
    const local = address.split('@')[0] ?? address;
    this.#lists.set(address.toLowerCase(), {
      address,
      displayName: displayName ?? local,
      aliases: aliases ?? [],
      legacyDn: legacyDnOf(local),
      members,
      membership,
      isRoomList: roomList,
    });
  }

  removeList(address: string): boolean {
    return this.#lists.delete(address.toLowerCase());
  }

  lists(): DistributionList[] {
    return [...this.#lists.values()];
  }

  /** By primary address, alias or legacy distinguished name, without regard to case. */
  listByAnyAddress(address: string): DistributionList | undefined {
    const wanted = address.toLowerCase();
    return (
      this.#lists.get(wanted) ??
      this.lists().find(({ aliases, legacyDn }) => [...aliases, legacyDn].some((name) => name.toLowerCase() === wanted))
    );
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

function legacyDnOf(local: string): string {
  return `/o=Simulated Organization/ou=Exchange Administrative Group (FYDIBOHF23SPDLT)/cn=Recipients/cn=${local}`;
}
