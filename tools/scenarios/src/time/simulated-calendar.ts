import type { RecurrencePattern } from 'calendar-model';
import { EwsClient } from 'ews-client';
import { type ExchangeSimulator, startExchangeSimulator, type TrueOccurrence } from 'exchange-simulator';
import { type EwsAccounts, EwsProvider } from 'sync-worker';
import type { RandomSeries } from './random-series.ts';

/** The Exchange simulator within this process, and the sync worker's way to read it. */
export class SimulatedCalendar {
  readonly simulator: ExchangeSimulator;
  readonly client: EwsClient;
  #mailboxes = 0;

  private constructor(simulator: ExchangeSimulator) {
    this.simulator = simulator;
    this.client = new EwsClient({ url: simulator.ewsUrl, login: 'svc', password: 'secret', connections: 1 });
  }

  static async start(): Promise<SimulatedCalendar> {
    const calendar = new SimulatedCalendar(await startExchangeSimulator());
    await calendar.control('POST', '/seed', { accounts: [{ login: 'svc', password: 'secret', impersonates: 'all' }] });
    return calendar;
  }

  async close(): Promise<void> {
    await this.client.close();
    await this.simulator.close();
  }

  /** A provider that knows nothing of the server yet. */
  provider(): EwsProvider {
    const accounts: EwsAccounts = {
      call: (_mailbox, _signal, work) => work(this.client),
      close: async () => undefined,
    };
    return new EwsProvider('exchange', accounts, () => true);
  }

  /** A mailbox of its own, with a password. @returns its address */
  async mailbox(): Promise<string> {
    const address = `box${++this.#mailboxes}@corp.example`;
    await this.control('POST', '/seed', { mailboxes: [{ address, password: 'demo' }] });
    return address;
  }

  async put(mailbox: string, items: readonly object[]): Promise<{ itemId: string; uid: string }[]> {
    const { items: put } = await this.control<{ items: { itemId: string; uid: string }[] }>('POST', '/seed', {
      items: items.map((item) => ({ mailbox, ...item })),
    });
    return put;
  }

  truth(mailbox: string, { from, to }: { readonly from: Date; readonly to: Date }): Promise<TrueOccurrence[]> {
    const query = new URLSearchParams({ mailbox, from: from.toISOString(), to: to.toISOString() });
    return this.control('GET', `/truth?${query}`);
  }

  /** @throws Error with the simulator's words when it refuses */
  async control<Result = unknown>(method: string, path: string, body?: unknown): Promise<Result> {
    const content = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = await fetch(this.simulator.controlUrl + path, { method, ...content });
    const text = await response.text();
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
    return JSON.parse(text) as Result;
  }
}

/** A series as the simulator's seed takes it. */
export function seedOf({ recurrence, zone, start, end, allDay, exceptions, deletedDates }: RandomSeries): object {
  const { range } = recurrence;
  const limits = {
    startDate: range.startDate,
    ...(range.type === 'endDate' ? { endDate: range.endDate } : {}),
    ...(range.type === 'numbered' ? { count: range.occurrences } : {}),
  };
  return {
    ...{ subject: 'series', start, end, timeZone: zone, allDay, deletedDates },
    exceptions: exceptions.map((exception) => ({ ...exception, subject: 'moved' })),
    recurrence: { ...seedPattern(recurrence.pattern), ...limits },
  };
}

function seedPattern({ type, ...fields }: RecurrencePattern): object {
  const names = { absoluteMonthly: 'monthly', absoluteYearly: 'yearly' } as const;
  return { pattern: type === 'absoluteMonthly' || type === 'absoluteYearly' ? names[type] : type, ...fields };
}
