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

  /** Makes mailboxes with a password of their own, empty; those without a `backEnd` live on the first server. */
  async addPeople(
    people: readonly { readonly address: string; readonly password: string; readonly backEnd?: string }[],
  ): Promise<void> {
    await this.#call('POST', '/seed', { mailboxes: people });
  }

  /** Puts items straight into calendars. */
  async fill(items: readonly SeedItem[]): Promise<void> {
    await this.#call('POST', '/seed', { items });
  }

  /** Deletes everything in a mailbox's calendar, as a mailbox has it that was made anew. */
  async empty(mailbox: string): Promise<void> {
    await this.#call('POST', `/mailboxes/${encodeURIComponent(mailbox)}/empty`);
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

  /** What may be set of the server as a whole, such as its mailbox servers. */
  async set(settings: Readonly<Record<string, unknown>>): Promise<void> {
    await this.#call('PATCH', '/settings', settings);
  }

  /** Cuts every connection, refuses new ones for so long, and forgets all subscriptions. */
  async restart(downMs: number): Promise<void> {
    await this.#call('POST', '/restart', { downMs });
  }

  /** Answers every request with HTTP 503 for so long, before any login. */
  async goOut(forMs: number): Promise<void> {
    await this.#call('POST', '/outages', { forMs });
  }

  /** How many streams are open. */
  async streams(): Promise<number> {
    return ((await this.#call('GET', '/streams')) as unknown[]).length;
  }

  /** Opens one more EWS address of the organization, for mailbox servers that are in this site. @returns its EWS URL */
  async openSite(name: string): Promise<string> {
    return ((await this.#call('POST', '/sites', { name })) as { ewsUrl: string }).ewsUrl;
  }

  async loseBackEnd(name: string): Promise<void> {
    await this.#call('POST', `/back-ends/${name}/lose`, {});
  }

  async regainBackEnd(name: string): Promise<void> {
    await this.#call('POST', `/back-ends/${name}/regain`);
  }

  /** Moves a mailbox to another server: it cannot be read meanwhile, and its SyncStates are worth nothing afterwards. */
  async moveMailbox(address: string, backEnd: string, forMs: number): Promise<void> {
    const move = { backEnd, forMs, syncStates: 'refuse' };
    await this.#call('POST', `/mailboxes/${encodeURIComponent(address)}/move`, move);
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

  /** What has been subscribed to, and whether a stream tells of it at this moment. */
  async subscriptions(): Promise<{ mailbox: string; streaming: boolean }[]> {
    return (await this.#call('GET', '/subscriptions')) as { mailbox: string; streaming: boolean }[];
  }

  /** Lets streams give a sign of life so often, milliseconds. */
  async beatEvery(heartbeatMs: number): Promise<void> {
    await this.#call('PATCH', '/settings', { streaming: { heartbeatMs } });
  }

  /** Cuts all streams, or ends them in the way that is named. @returns how many there were */
  async dropStreams(how: 'cut' | 'closed' | 'end' = 'cut'): Promise<number> {
    return ((await this.#call('POST', '/streams/drop', { how })) as { streams: number }).streams;
  }

  /** Lets all streams fall silent in the middle of an envelope while their sockets stay open. */
  async silenceStreams(): Promise<void> {
    await this.#call('POST', '/streams/silence', { midEnvelope: true });
  }

  /** Forgets all subscriptions, as a restart does. */
  async loseSubscriptions(): Promise<void> {
    await this.#call('POST', '/subscriptions/lose', {});
  }

  async calm(): Promise<void> {
    await this.#call('DELETE', '/faults');
  }

  #call(method: string, path: string, body?: unknown): Promise<unknown> {
    return callControl(this.#url, method, path, body);
  }
}
