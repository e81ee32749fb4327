import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const NAMESPACES =
  'xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types" ' +
  'xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages"';
/** As long as Exchange's own. */
const ID_PADDING = 'A'.repeat(120);

/**
 * Speaks just enough EWS to be read as one calendar that is crowded with occurrences of daily series, one every so many
 * minutes for ever: none of them is kept, so that there may be any number. Answers hold at most 1000 entries.
 */
export class CrowdedCalendar {
  readonly #everyMs: number;
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  /** Occurrences before this are gone. */
  from = 0;
  requests = 0;

  constructor(everyMinutes: number) {
    this.#everyMs = everyMinutes * MINUTE_MS;
  }

  /** @returns its EWS address */
  async listen(): Promise<string> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/EWS/Exchange.asmx`;
  }

  async close(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = '';
    for await (const chunk of request) body += String(chunk);
    this.requests++;
    const operation = /<soap:Body[^>]*>\s*<(?:\w+:)?(\w+)/.exec(body)?.[1] ?? '';
    const messages = this.#answer(operation, body).map(
      (content) =>
        `<m:${operation}ResponseMessage ResponseClass="Success"><m:ResponseCode>NoError</m:ResponseCode>${content}</m:${operation}ResponseMessage>`,
    );
    response.writeHead(200, { 'content-type': 'text/xml; charset=utf-8' });
    response.end(
      `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body ${NAMESPACES}><m:${operation}Response>` +
        `<m:ResponseMessages>${messages.join('')}</m:ResponseMessages></m:${operation}Response></s:Body></s:Envelope>`,
    );
  }

  #answer(operation: string, body: string): string[] {
    switch (operation) {
      case 'GetFolder':
        return ['<m:Folders><t:CalendarFolder><t:FolderId Id="calendar"/></t:CalendarFolder></m:Folders>'];
      case 'SyncFolderItems': {
        const change = `<t:Update><t:CalendarItem><t:ItemId Id="master"/></t:CalendarItem></t:Update>`;
        return [
          `<m:SyncState>${this.requests}</m:SyncState><m:IncludesLastItemInRange>true</m:IncludesLastItemInRange><m:Changes>${change}</m:Changes>`,
        ];
      }
      case 'FindItem':
        return [this.#view(instant(body, 'StartDate'), instant(body, 'EndDate'))];
      default:
        return [...body.matchAll(/OccurrenceId="[^"]*-(\d+)"/g)].map(([, at]) => this.#master(Number(at)));
    }
  }

  #view(from: number, to: number): string {
    const first = Math.ceil(Math.max(from, this.from) / this.#everyMs);
    const last = Math.ceil(to / this.#everyMs) - 1;
    const isWhole = last - first < 1000;
    const items: string[] = [];
    for (let n = first; n <= Math.min(last, first + 999); n++) items.push(this.#occurrence(n));
    return `<m:RootFolder TotalItemsInView="${items.length}" IncludesLastItemInRange="${isWhole}"><t:Items>${items.join('')}</t:Items></m:RootFolder>`;
  }

  #occurrence(n: number): string {
    const start = new Date(n * this.#everyMs).toISOString();
    return (
      `<t:CalendarItem><t:ItemId Id="${ID_PADDING}-${n}" ChangeKey="k"/><t:Subject>Occurrence ${n}</t:Subject>` +
      '<t:Sensitivity>Normal</t:Sensitivity><t:LastModifiedTime>2026-01-01T00:00:00Z</t:LastModifiedTime>' +
      `<t:UID>series ${this.#seriesOf(n)}</t:UID><t:RecurrenceId>${start}</t:RecurrenceId>` +
      `<t:Start>${start}</t:Start><t:End>${start}</t:End><t:CalendarItemType>Occurrence</t:CalendarItemType></t:CalendarItem>`
    );
  }

  /** Those at the same time of day. */
  #seriesOf(n: number): number {
    return n % (DAY_MS / this.#everyMs);
  }

  #master(n: number): string {
    const people = Array.from(
      { length: 20 },
      (_, p) =>
        `<t:Attendee><t:Mailbox><t:Name>Person ${p}</t:Name><t:EmailAddress>person${p}@corp.example</t:EmailAddress></t:Mailbox></t:Attendee>`,
    ).join('');
    return (
      `<m:Items><t:CalendarItem><t:ItemId Id="${ID_PADDING}-master-${this.#seriesOf(n)}"/><t:Body BodyType="Text">${'Agenda. '.repeat(2_000)}</t:Body>` +
      '<t:Start>2026-01-01T00:00:00Z</t:Start><t:End>2026-01-01T00:00:00Z</t:End><t:CalendarItemType>RecurringMaster</t:CalendarItemType>' +
      `<t:RequiredAttendees>${people}</t:RequiredAttendees></t:CalendarItem></m:Items>`
    );
  }
}

function instant(body: string, name: string): number {
  return Date.parse(new RegExp(`${name}="([^"]+)"`).exec(body)?.[1] ?? '');
}
