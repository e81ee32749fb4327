import type { CalendarDatabase } from 'calendar-db/database';
import { askDirectory, askForMailboxes, readRooms } from 'calendar-db/directory';
import { addressDomain } from 'calendar-model';
import type { EwsCalendarItem } from 'ews-client';
import type { ProviderPeople } from '../exchange/provider-directory.ts';
import { namesToAsk } from './names-to-ask.ts';

/** What was asked is remembered in the process so many names long: asking the database again costs only time. */
const MOST_REMEMBERED = 50_000;

/**
 * What one provider's syncs have to do with its directory: whom their calendars name is asked about, and rooms are known.
 * The answers come through the database, whoever gets them; no sync waits for them.
 */
export class PeopleDirectory implements ProviderPeople {
  readonly provider: string;
  readonly #database: CalendarDatabase;
  readonly #asked = new Set<string>();
  #domains: ReadonlySet<string> = new Set();
  #rooms: ReadonlySet<string> = new Set();
  /** Called when questions were left that were not there before. */
  onQuestions: () => void = () => undefined;

  /** @param users canonical addresses of the provider's mailboxes */
  constructor(provider: string, database: CalendarDatabase, users: Iterable<string>) {
    this.provider = provider;
    this.#database = database;
    this.serve(users);
  }

  /** Takes over who the provider's users are. Only addresses in their domains are asked about without other reason. */
  serve(users: Iterable<string>): void {
    this.#domains = new Set([...users].map(addressDomain));
  }

  /** Leaves questions about the people of some items. @throws the database's error */
  async notice(items: readonly EwsCalendarItem[]): Promise<void> {
    const names = new Set(items.flatMap((item) => namesToAsk(item, this.#domains)));
    const fresh = [...names].filter((name) => !this.#asked.has(name));
    if (fresh.length === 0) return;
    const questions = await askDirectory(this.#database, this.provider, fresh);
    if (this.#asked.size > MOST_REMEMBERED) this.#asked.clear();
    for (const name of fresh) this.#asked.add(name);
    if (questions > 0) this.onQuestions();
  }

  isRoom(address: string): boolean {
    return this.#rooms.has(address);
  }

  /** Learns which rooms are known by now. */
  async learnRooms(): Promise<void> {
    this.#rooms = await readRooms(this.#database, this.provider);
  }

  /** Leaves questions about the mailboxes themselves and the rooms, and learns what other workers did of rooms. */
  async refresh(): Promise<void> {
    await askForMailboxes(this.#database, this.provider);
    await this.learnRooms();
    // What was forgotten meanwhile can be asked about again.
    this.#asked.clear();
  }
}
