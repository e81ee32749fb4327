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

  async calm(): Promise<void> {
    await this.#call('DELETE', '/faults');
  }

  #call(method: string, path: string, body?: unknown): Promise<unknown> {
    return callControl(this.#url, method, path, body);
  }
}
