import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EwsClient } from 'ews-client';

/** The rules that a custom zone embeds: biases and yearly changes (`month weekday occurrence timeOfDay`). */
interface GoldenRules {
  readonly standard: string;
  readonly daylight: string;
  readonly toDaylight: string;
  readonly toStandard: string;
}

/** An item as a row of the golden table writes it down: the texts are what goes over the wire. */
interface GoldenItem {
  readonly id: string;
  readonly uid: string;
  readonly start: string;
  readonly end: string;
  /** A Windows id, or everything that a zone may tell. */
  readonly zone?: string | { readonly id: string; readonly name?: string; readonly rules?: GoldenRules };
  readonly type?: string;
  readonly allDay?: boolean;
  readonly cancelled?: boolean;
  readonly recurrenceId?: string;
  readonly modifiedAt?: string;
  /** GlobalObjectId in hex. */
  readonly goid?: string;
  /** Content of `t:Recurrence`. */
  readonly recurrence?: string;
  /** Id, original start, start, end. */
  readonly modified?: readonly (readonly [string, string, string, string])[];
  readonly deleted?: readonly string[];
  /** The whole `t:CalendarItem` as it goes over the wire; the rest is not used then but for its id. */
  readonly xml?: string;
}

/** What a server holds: an expanding one shows `view`, one that does not expand stores `folder`. */
export interface GoldenCalendar {
  readonly view?: readonly GoldenItem[];
  readonly folder?: readonly GoldenItem[];
  /** The master of all occurrences of `view`. */
  readonly master?: GoldenItem;
  /** Exceptions that have an item of their own beside `folder`. */
  readonly items?: readonly GoldenItem[];
}

/** An EWS server that holds what one row of the golden table says. */
export class GoldenExchange {
  calendar: GoldenCalendar = {};
  readonly client: EwsClient;
  readonly #server: Server;

  private constructor(server: Server) {
    this.#server = server;
    const { port } = server.address() as AddressInfo;
    this.client = new EwsClient({ url: `http://127.0.0.1:${port}/`, login: 'svc', password: 'secret', auth: 'basic' });
  }

  static async start(): Promise<GoldenExchange> {
    const server = createServer(async (request, response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk as Buffer);
      response.setHeader('content-type', 'text/xml; charset=utf-8');
      response.end(envelope(exchange.#answer(Buffer.concat(chunks).toString('utf8'))));
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const exchange = new GoldenExchange(server);
    return exchange;
  }

  async close(): Promise<void> {
    await this.client.close();
    this.#server.close();
  }

  #answer(request: string): string {
    const { view, folder = [] } = this.calendar;
    if (/<m:GetItem[ >]/u.test(request)) {
      const references = request.matchAll(/<t:(ItemId|RecurringMasterItemId) (?:Id|OccurrenceId)="([^"]*)"/gu);
      return response('GetItem', [...references].map(([, kind, id]) => this.#item(kind ?? '', id ?? '')).join(''));
    }
    const [, from, to] = /CalendarView [^>]*StartDate="([^"]*)" EndDate="([^"]*)"/u.exec(request) ?? [];
    const stored =
      from === undefined || to === undefined ? folder : folder.filter((row) => row.start < to && row.end >= from);
    const shown = (view ?? stored).map((item) => itemXml(item, false)).join('');
    const root = `<m:RootFolder TotalItemsInView="1" IncludesLastItemInRange="true"><t:Items>${shown}</t:Items></m:RootFolder>`;
    return response('FindItem', message('FindItem', root));
  }

  #item(kind: string, id: string): string {
    const { view = [], folder = [], master, items = [] } = this.calendar;
    const found = kind === 'ItemId' ? [...view, ...folder, ...items].find((item) => item.id === id) : master;
    if (found !== undefined) return message('GetItem', `<m:Items>${itemXml(found, true)}</m:Items>`);
    return '<m:GetItemResponseMessage ResponseClass="Error"><m:ResponseCode>ErrorItemNotFound</m:ResponseCode></m:GetItemResponseMessage>';
  }
}

function envelope(content: string): string {
  const types = 'http://schemas.microsoft.com/exchange/services/2006/types';
  const messages = 'http://schemas.microsoft.com/exchange/services/2006/messages';
  return `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:t="${types}" xmlns:m="${messages}"><s:Body>${content}</s:Body></s:Envelope>`;
}

function response(operation: string, messages: string): string {
  return `<m:${operation}Response><m:ResponseMessages>${messages}</m:ResponseMessages></m:${operation}Response>`;
}

function message(operation: string, content: string): string {
  return `<m:${operation}ResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode>${content}</m:${operation}ResponseMessage>`;
}

function itemXml(item: GoldenItem, whole: boolean): string {
  if (item.xml !== undefined) return item.xml;
  const { id, uid, start, end, type = 'Single', modifiedAt = '2026-01-01T00:00:00Z' } = item;
  return [
    `<t:CalendarItem><t:ItemId Id="${id}" ChangeKey="key"/><t:Subject>Golden</t:Subject>`,
    item.goid === undefined ? '' : globalObjectId(item.goid),
    `<t:LastModifiedTime>${modifiedAt}</t:LastModifiedTime><t:UID>${uid}</t:UID>`,
    item.recurrenceId === undefined ? '' : `<t:RecurrenceId>${item.recurrenceId}</t:RecurrenceId>`,
    `<t:Start>${start}</t:Start><t:End>${end}</t:End><t:IsAllDayEvent>${item.allDay ?? false}</t:IsAllDayEvent>`,
    `<t:IsCancelled>${item.cancelled ?? false}</t:IsCancelled><t:CalendarItemType>${type}</t:CalendarItemType>`,
    whole ? seriesXml(item) : '',
    item.zone === undefined ? '' : zoneXml(item.zone),
    '</t:CalendarItem>',
  ].join('');
}

function globalObjectId(hex: string): string {
  const value = Buffer.from(hex, 'hex').toString('base64');
  return `<t:ExtendedProperty><t:ExtendedFieldURI DistinguishedPropertySetId="Meeting" PropertyId="3" PropertyType="Binary"/><t:Value>${value}</t:Value></t:ExtendedProperty>`;
}

function seriesXml({ recurrence, modified = [], deleted = [] }: GoldenItem): string {
  const exceptions = modified.map(
    ([id, original, start, end]) =>
      `<t:Occurrence><t:ItemId Id="${id}"/><t:Start>${start}</t:Start><t:End>${end}</t:End><t:OriginalStart>${original}</t:OriginalStart></t:Occurrence>`,
  );
  const gone = deleted.map((start) => `<t:DeletedOccurrence><t:Start>${start}</t:Start></t:DeletedOccurrence>`);
  return [
    recurrence === undefined ? '' : `<t:Recurrence>${recurrence}</t:Recurrence>`,
    exceptions.length === 0 ? '' : `<t:ModifiedOccurrences>${exceptions.join('')}</t:ModifiedOccurrences>`,
    gone.length === 0 ? '' : `<t:DeletedOccurrences>${gone.join('')}</t:DeletedOccurrences>`,
  ].join('');
}

function zoneXml(zone: NonNullable<GoldenItem['zone']>): string {
  const { id, name, rules } = typeof zone === 'string' ? { id: zone } : zone;
  const named = name === undefined ? '' : ` Name="${name.replaceAll('&', '&amp;')}"`;
  const content = rules === undefined ? '' : rulesXml(rules);
  return `<t:StartTimeZone Id="${id.replaceAll('&', '&amp;')}"${named}>${content}</t:StartTimeZone>`;
}

function rulesXml({ standard, daylight, toDaylight, toStandard }: GoldenRules): string {
  const change = (rule: string, period: string) => {
    const [month, day, occurrence, time] = rule.split(' ');
    return `<t:RecurringDayTransition><t:To Kind="Period">${period}</t:To><t:TimeOffset>${time}</t:TimeOffset><t:Month>${month}</t:Month><t:DayOfWeek>${day}</t:DayOfWeek><t:Occurrence>${occurrence}</t:Occurrence></t:RecurringDayTransition>`;
  };
  return [
    `<t:Periods><t:Period Bias="${standard}" Name="Standard" Id="std"/><t:Period Bias="${daylight}" Name="Daylight" Id="dlt"/></t:Periods>`,
    `<t:TransitionsGroups><t:TransitionsGroup Id="0">${change(toDaylight, 'dlt')}${change(toStandard, 'std')}</t:TransitionsGroup></t:TransitionsGroups>`,
    '<t:Transitions><t:Transition><t:To Kind="Group">0</t:To></t:Transition></t:Transitions>',
  ].join('');
}
