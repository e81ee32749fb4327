import type { FaultRule, TrueOccurrence } from 'exchange-simulator';
import { callControl } from './control-api.ts';

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

  /** Cuts all streams, or ends them in the way that is named. */
  async dropStreams(how: 'cut' | 'closed' | 'end' = 'cut'): Promise<void> {
    await this.#call('POST', '/streams/drop', { how });
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
