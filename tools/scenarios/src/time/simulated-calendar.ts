import type { RecurrencePattern } from 'calendar-model';
import { EwsClient } from 'ews-client';
import { type ExchangeSimulator, startExchangeSimulator, type TrueOccurrence } from 'exchange-simulator';
import { type EwsAccounts, EwsProvider } from 'sync-worker';
import type { RandomSeries } from './random-series.ts';

const ENVELOPE =
  '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types" xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages">';
const REFUSALS = new Set(['ErrorOccurrenceCrossingBoundary', 'ErrorItemNotFound']);

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

  /** Changes an item, or an occurrence by its own id, over EWS, as its owner. */
  async change(mailbox: string, itemId: string, fields: Readonly<Record<string, string>>): Promise<void> {
    const updates = Object.entries(fields).map(([uri, value]) => {
      const name = uri.replace(/^.*:/u, '');
      return `<t:SetItemField><t:FieldURI FieldURI="${uri}"/><t:CalendarItem><t:${name}>${value}</t:${name}></t:CalendarItem></t:SetItemField>`;
    });
    await this.#write(
      mailbox,
      `<m:UpdateItem ConflictResolution="AlwaysOverwrite" SendMeetingInvitationsOrCancellations="SendToNone"><m:ItemChanges><t:ItemChange><t:ItemId Id="${itemId}"/><t:Updates>${updates.join('')}</t:Updates></t:ItemChange></m:ItemChanges></m:UpdateItem>`,
    );
  }

  async remove(mailbox: string, itemId: string): Promise<void> {
    await this.#write(
      mailbox,
      `<m:DeleteItem DeleteType="HardDelete" SendMeetingCancellations="SendToNone"><m:ItemIds><t:ItemId Id="${itemId}"/></m:ItemIds></m:DeleteItem>`,
    );
  }

  /** What Exchange refuses, such as an occurrence past its neighbour, is left as it was. */
  async #write(mailbox: string, body: string): Promise<void> {
    const response = await fetch(this.simulator.ewsUrl, {
      method: 'POST',
      headers: { 'content-type': 'text/xml; charset=utf-8', authorization: `Basic ${btoa(`${mailbox}:demo`)}` },
      body: `${ENVELOPE}<s:Header><t:RequestServerVersion Version="Exchange2013_SP1"/></s:Header><s:Body>${body}</s:Body></s:Envelope>`,
    });
    const reply = await response.text();
    const [, code = reply] = /<(?:\w+:)?ResponseCode[^>]*>(\w+)</u.exec(reply) ?? [];
    if (code !== 'NoError' && !REFUSALS.has(code)) throw new Error(`${mailbox}: ${code}`);
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
