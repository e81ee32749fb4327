import type { JournalEntry, SimulatedUser, TrueConference } from 'trueconf-simulator';
import { callControl } from './control-api.ts';

/** A fault as the TrueConf simulator's README describes it. */
export interface TrueConfFault {
  readonly route?: string;
  readonly kind?: 'delay' | 'hold' | 'cut' | 'status';
  readonly when?: 'before' | 'after';
  readonly delayMs?: number;
  readonly times?: number | null;
}

/** Asks and disturbs the TrueConf simulator through its control API. */
export class TrueConfControl {
  readonly #url: string;

  constructor(controlUrl: string) {
    this.#url = controlUrl;
  }

  async conferences(): Promise<TrueConference[]> {
    return ((await this.#call('GET', '/conferences')) as { conferences: TrueConference[] }).conferences;
  }

  /** Every request that came in, in order of arrival. */
  async journal(): Promise<JournalEntry[]> {
    const entries: JournalEntry[] = [];
    for (;;) {
      const after = entries.at(-1)?.seq ?? 0;
      const { entries: page } = (await this.#call('GET', `/journal?after=${after}`)) as { entries: JournalEntry[] };
      if (page.length === 0) return entries;
      entries.push(...page);
    }
  }

  async addUsers(users: readonly SimulatedUser[]): Promise<void> {
    await this.#call('POST', '/users', users);
  }

  async disturb(fault: TrueConfFault): Promise<void> {
    await this.#call('POST', '/faults', fault);
  }

  /** Removes all faults; what they held goes on. */
  async calm(): Promise<void> {
    await this.#call('DELETE', '/faults');
  }

  async setOnline(online: boolean): Promise<void> {
    await this.#call('POST', online ? '/online' : '/offline');
  }

  #call(method: string, path: string, body?: unknown): Promise<unknown> {
    return callControl(this.#url, method, path, body);
  }
}
