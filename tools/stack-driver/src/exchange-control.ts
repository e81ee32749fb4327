import type { FaultRule, JournalEntry, TrueOccurrence } from 'exchange-simulator';
import { callControl } from './control-api.ts';

/** A calendar item as `POST /seed` of the simulator takes it; its README has all fields. */
export type SeedItem = Readonly<Record<string, unknown>> & { readonly mailbox: string };

/** Asks and disturbs the Exchange simulator through its control API. */
export class ExchangeControl {
  readonly #url: string;

  constructor(controlUrl: string) {
    this.#url = controlUrl;
  }

  /** What a mailbox's calendar really holds between two instants. */
  async truth(mailbox: string, from: Date, to: Date): Promise<TrueOccurrence[]> {
    const query = new URLSearchParams({ mailbox, from: from.toISOString(), to: to.toISOString() });
    return (await this.#call('GET', `/truth?${query}`)) as TrueOccurrence[];
  }

  /** Makes mailboxes with a password of their own, empty. */
  async addPeople(people: readonly { readonly address: string; readonly password: string }[]): Promise<void> {
    await this.#call('POST', '/seed', { mailboxes: people });
  }

  /** Puts items straight into calendars. */
  async fill(items: readonly SeedItem[]): Promise<void> {
    await this.#call('POST', '/seed', { items });
  }

  /** Changes a login: its password, or whose mailboxes it may act for. */
  async changeAccount(
    login: string,
    change: { readonly password?: string; readonly impersonates?: 'all' | readonly string[] },
  ): Promise<void> {
    await this.#call('PATCH', `/accounts/${encodeURIComponent(login)}`, change);
  }

  /** Makes every SyncState worthless that was given out so far. */
  async loseSyncStates(): Promise<void> {
    await this.#call('POST', '/sync-states/lose');
  }

  /** Requests in order of arrival, those after an entry when its number is given. */
  async journal(after = 0): Promise<JournalEntry[]> {
    return (await this.#call('GET', `/journal?after=${after}`)) as JournalEntry[];
  }

  async forgetJournal(): Promise<void> {
    await this.#call('DELETE', '/journal');
  }

  async disturb(rule: Partial<FaultRule> & Pick<FaultRule, 'action'>): Promise<void> {
    await this.#call('POST', '/faults', rule);
  }

  async calm(): Promise<void> {
    await this.#call('DELETE', '/faults');
  }

  #call(method: string, path: string, body?: unknown): Promise<unknown> {
    return callControl(this.#url, method, path, body);
  }
}
