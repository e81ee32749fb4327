import { randomUUID } from 'node:crypto';
import type { Recurrence } from '../recurrence/recurrence.ts';
import type { CalendarFolderName, CalendarItem, CalendarProperties, Person } from './calendar-item.ts';
import { ChangeLog } from './change-log.ts';
import { type Folder, wellKnownFolders } from './folder.ts';

/** Where an item lies, or lay. */
export interface ItemPlace {
  readonly number: number;
  readonly folder: CalendarFolderName;
}

/** A change of a mailbox as its subscribers learn of it. What happens to an occurrence is a modification of its master. */
export interface MailboxChange {
  readonly mailbox: Mailbox;
  readonly kind: 'created' | 'modified' | 'deleted' | 'moved' | 'copied';
  /** Unix ms. */
  readonly at: number;
  readonly item: ItemPlace & { readonly changeKey: number };
  /** The place it was moved or copied from. */
  readonly old?: ItemPlace;
}

/** What the mailbox needs from its surroundings. */
export interface MailboxContext {
  now(): number;
  nextChangeKey(): number;
  /** Told of every change once it is complete. */
  changed(change: MailboxChange): void;
  /** False: what happens to single occurrences is kept from the change log. */
  readonly logsOccurrenceChanges: boolean;
}

export interface MailboxIdentity {
  readonly guid: string;
  readonly address: string;
  readonly displayName: string;
  readonly aliases: readonly string[];
  /** User principal name, when it differs from the address. */
  readonly principalName: string;
  readonly legacyDn: string;
  readonly isRoom: boolean;
}

/** The parts of an item that its creator decides. */
export interface NewItem {
  readonly folder: CalendarFolderName;
  readonly uid: string;
  readonly globalObjectId: Buffer;
  readonly properties: CalendarProperties;
  readonly recurrence: Recurrence | undefined;
}

/** One mailbox: its folders, its calendar items and the log of their changes. */
export class Mailbox {
  readonly log = new ChangeLog();
  readonly delegates = new Set<string>();
  /** Name of the server that holds the mailbox; the first of the settings when undefined. */
  backEnd: string | undefined;
  #identity: MailboxIdentity;
  readonly #context: MailboxContext;
  readonly #folders = new Map<string, Folder>();
  readonly #items = new Map<number, CalendarItem>();
  #nextItemNumber = 1;
  /** Bumped when all sync states handed out so far become worthless, as after a move. */
  #syncGeneration = 1;
  #lastChangeAt: number;
  #deletedCount = 0;

  constructor(identity: MailboxIdentity, context: MailboxContext) {
    this.#identity = identity;
    this.#context = context;
    this.#lastChangeAt = context.now();
    for (const folder of wellKnownFolders()) this.#folders.set(folder.name, folder);
  }

  get identity(): MailboxIdentity {
    return this.#identity;
  }

  get person(): Person {
    return {
      name: this.identity.displayName,
      address: this.identity.address,
      routingType: 'SMTP',
      mailboxType: 'Mailbox',
    };
  }

  get syncGeneration(): number {
    return this.#syncGeneration;
  }

  /** Unix ms of the last change of anything in the mailbox. */
  get lastChangeAt(): number {
    return this.#lastChangeAt;
  }

  get deletedCount(): number {
    return this.#deletedCount;
  }

  loseSyncStates(): void {
    this.#syncGeneration += 1;
  }

  /** Gives the mailbox another GUID, so that all ids and sync states of before are unknown, as a move to another forest does. */
  renewIds(): void {
    this.#identity = { ...this.#identity, guid: randomUUID() };
  }

  folders(): Folder[] {
    return [...this.#folders.values()];
  }

  folder(name: string): Folder | undefined {
    return this.#folders.get(name);
  }

  folderByNumber(number: number): Folder | undefined {
    return this.folders().find((folder) => folder.number === number);
  }

  /** Adds a further calendar below the top of the mailbox, or returns the one that has this key already. */
  addCalendar(name: string): Folder {
    const existing = this.#folders.get(name);
    if (existing !== undefined) return existing;
    const folder: Folder = {
      number: this.#folders.size + 1,
      name,
      displayName: name,
      folderClass: 'IPF.Appointment',
      parent: 'msgfolderroot',
      distinguished: false,
    };
    this.#folders.set(name, folder);
    return folder;
  }

  item(number: number): CalendarItem | undefined {
    return this.#items.get(number);
  }

  /** Items of one folder in order of creation. */
  *itemsIn(folder: CalendarFolderName): Generator<CalendarItem> {
    for (const item of this.#items.values()) {
      if (item.folder === folder) yield item;
    }
  }

  /** All items with this UID outside Deleted Items. */
  itemsByUid(uid: string): CalendarItem[] {
    return [...this.#items.values()].filter((item) => item.uid === uid && item.folder !== 'deleteditems');
  }

  /** All items with this GlobalObjectId, dated or clean as it is, outside Deleted Items. */
  itemsByGlobalObjectId(globalObjectId: Buffer): CalendarItem[] {
    return [...this.#items.values()].filter(
      (item) => item.folder !== 'deleteditems' && item.globalObjectId.equals(globalObjectId),
    );
  }

  create(content: NewItem, by: string): CalendarItem {
    const now = this.#context.now();
    const item: CalendarItem = {
      ...content,
      number: this.#nextItemNumber,
      changeKey: this.#context.nextChangeKey(),
      createdAt: now,
      modifiedAt: now,
      modifiedBy: by,
      exceptions: new Map(),
      deletedDays: new Set(),
    };
    this.#nextItemNumber += 1;
    this.#items.set(item.number, item);
    this.#record('create', item);
    this.#tell('created', item);
    return item;
  }

  /** Marks an item as changed: new change key, modification time and a log entry. */
  touch(item: CalendarItem, by: string): void {
    item.changeKey = this.#context.nextChangeKey();
    item.modifiedAt = this.#context.now();
    item.modifiedBy = by;
    this.#record('update', item);
    this.#tell('modified', item);
  }

  /** Marks a series as changed because one of its occurrences was; by a server that logs such changes. */
  touchForOccurrence(item: CalendarItem, by: string): void {
    if (this.#context.logsOccurrenceChanges) this.touch(item, by);
  }

  /** Logs a change of the read flag alone, which alters nothing that the calendar shows. */
  touchReadFlag(item: CalendarItem): void {
    item.changeKey = this.#context.nextChangeKey();
    this.#record('readFlag', item);
    this.#tell('modified', item);
  }

  /** Removes an item for good. */
  remove(item: CalendarItem): void {
    this.#items.delete(item.number);
    this.#deletedCount += 1;
    this.#record('delete', item);
    this.#tell('deleted', item);
  }

  /** Moves an item; as in Exchange it has another id afterwards. */
  move(item: CalendarItem, folder: CalendarFolderName): CalendarItem {
    this.#items.delete(item.number);
    this.#record('delete', item);
    const moved = this.#put({ ...item, folder });
    this.#tell('moved', moved, item);
    return moved;
  }

  /** Copies an item with all that belongs to it; only its id and change key are new. */
  copy(item: CalendarItem, folder: CalendarFolderName): CalendarItem {
    const copied = this.#put({
      ...item,
      folder,
      exceptions: new Map(
        [...item.exceptions].map(([day, exception]) => [day, { ...exception, overrides: { ...exception.overrides } }]),
      ),
      deletedDays: new Set(item.deletedDays),
    });
    this.#tell('copied', copied, item);
    return copied;
  }

  #put(content: CalendarItem): CalendarItem {
    const item = { ...content, number: this.#nextItemNumber, changeKey: this.#context.nextChangeKey() };
    this.#nextItemNumber += 1;
    this.#items.set(item.number, item);
    this.#record('create', item);
    return item;
  }

  #record(kind: 'create' | 'update' | 'delete' | 'readFlag', item: CalendarItem): void {
    this.#lastChangeAt = this.#context.now();
    this.log.append(kind, item.folder, item.number);
  }

  #tell(kind: MailboxChange['kind'], item: CalendarItem, old?: ItemPlace): void {
    const { number, folder, changeKey } = item;
    this.#context.changed({
      mailbox: this,
      kind,
      at: this.#lastChangeAt,
      item: { number, folder, changeKey },
      ...(old === undefined ? {} : { old: { number: old.number, folder: old.folder } }),
    });
  }
}
