import { callExchange, escapeXml, type OutlookAccount, unescapeXml } from './soap.ts';

type ExchangeRecurrence =
  | {
      readonly type: 'daily';
      readonly interval: number;
      readonly startDate: string;
      readonly endDate?: string;
      readonly count?: number;
    }
  | {
      readonly type: 'weekly';
      readonly interval: number;
      readonly days: readonly string[];
      readonly startDate: string;
      readonly endDate?: string;
      readonly count?: number;
    };

/** What a person fills in. Times are UTC instants; `zone` is the Windows id of the person's zone. */
export interface EventDraft {
  readonly subject: string;
  readonly start: Date;
  readonly end: Date;
  readonly zone: string;
  readonly allDay?: boolean;
  readonly required?: readonly string[];
  readonly optional?: readonly string[];
  readonly rooms?: readonly string[];
  readonly location?: string;
  readonly body?: string;
  readonly sensitivity?: 'Private' | 'Personal' | 'Confidential';
  readonly freeBusy?: 'Free' | 'Tentative' | 'Busy' | 'OOF';
  readonly categories?: readonly string[];
  readonly recurrence?: ExchangeRecurrence;
}

export interface SavedItem {
  readonly itemId: string;
  readonly changeKey: string;
}

export interface ShownItem extends SavedItem {
  readonly subject: string;
  readonly start: Date;
}

/** Does with one mailbox what a person does with Outlook, over EWS. Every method throws `OutlookError`. */
export class Outlook {
  readonly #account: OutlookAccount;

  constructor(account: OutlookAccount) {
    this.#account = account;
  }

  get mailbox(): string {
    return this.#account.mailbox;
  }

  /** Saves an event and sends invitations when it has attendees. */
  async create(draft: EventDraft): Promise<SavedItem> {
    const send = attendeesOf(draft).length > 0 ? 'SendToAllAndSaveCopy' : 'SendToNone';
    return savedItem(
      await this.#call(
        'CreateItem',
        `<m:CreateItem SendMeetingInvitations="${send}"><m:SavedItemFolderId><t:DistinguishedFolderId Id="calendar"/></m:SavedItemFolderId>` +
          `<m:Items><t:CalendarItem>${itemXml(draft)}</t:CalendarItem></m:Items></m:CreateItem>`,
      ),
    );
  }

  /** Moves an event, or one occurrence, and tells its attendees. */
  async move({ itemId, changeKey }: SavedItem, start: Date, end: Date): Promise<SavedItem> {
    return this.#update(itemId, changeKey, [
      ['calendar:Start', `<t:Start>${start.toISOString()}</t:Start>`],
      ['calendar:End', `<t:End>${end.toISOString()}</t:End>`],
    ]);
  }

  async rename({ itemId, changeKey }: SavedItem, subject: string): Promise<SavedItem> {
    return this.#update(itemId, changeKey, [['item:Subject', `<t:Subject>${escapeXml(subject)}</t:Subject>`]]);
  }

  /** Deletes an event, or one occurrence; its attendees get a cancellation. */
  async cancel({ itemId }: SavedItem): Promise<void> {
    await this.#call(
      'DeleteItem',
      `<m:DeleteItem DeleteType="MoveToDeletedItems" SendMeetingCancellations="SendToAllAndSaveCopy"><m:ItemIds><t:ItemId Id="${escapeXml(itemId)}"/></m:ItemIds></m:DeleteItem>`,
    );
  }

  /** Answers an invitation that is in this mailbox's calendar. */
  async respond({ itemId, changeKey }: SavedItem, answer: 'Accept' | 'TentativelyAccept' | 'Decline'): Promise<void> {
    await this.#call(
      'CreateItem',
      `<m:CreateItem MessageDisposition="SendAndSaveCopy"><m:Items><t:${answer}Item><t:ReferenceItemId Id="${escapeXml(itemId)}" ChangeKey="${escapeXml(changeKey)}"/></t:${answer}Item></m:Items></m:CreateItem>`,
    );
  }

  /** What the calendar shows between two instants, series expanded. */
  view(from: Date, to: Date): Promise<ShownItem[]> {
    return this.#list(
      `<m:CalendarView MaxEntriesReturned="1000" StartDate="${from.toISOString()}" EndDate="${to.toISOString()}"/>`,
    );
  }

  /** The first occurrence or single of that subject between two instants. @throws Error when there is none */
  async find(subject: string, from: Date, to: Date): Promise<ShownItem> {
    return this.#found(subject, await this.view(from, to));
  }

  /** The single or the whole series of that subject. @throws Error when there is none */
  async findSaved(subject: string): Promise<ShownItem> {
    return this.#found(
      subject,
      await this.#list('<m:IndexedPageItemView MaxEntriesReturned="1000" Offset="0" BasePoint="Beginning"/>'),
    );
  }

  #found(subject: string, items: readonly ShownItem[]): ShownItem {
    const found = items.find((item) => item.subject === subject);
    if (found === undefined) throw new Error(`the calendar of ${this.mailbox} does not show what was just saved there`);
    return found;
  }

  async #list(paging: string): Promise<ShownItem[]> {
    const reply = await this.#call(
      'FindItem',
      '<m:FindItem Traversal="Shallow"><m:ItemShape><t:BaseShape>IdOnly</t:BaseShape><t:AdditionalProperties>' +
        '<t:FieldURI FieldURI="item:Subject"/><t:FieldURI FieldURI="calendar:Start"/></t:AdditionalProperties></m:ItemShape>' +
        `${paging}<m:ParentFolderIds><t:DistinguishedFolderId Id="calendar"/></m:ParentFolderIds></m:FindItem>`,
    );
    return [...reply.matchAll(/<(?:\w+:)?CalendarItem>([\s\S]*?)<\/(?:\w+:)?CalendarItem>/gu)].map(([, item = '']) => ({
      ...savedItem(item),
      subject: unescapeXml(/<(?:\w+:)?Subject>([^<]*)</u.exec(item)?.[1] ?? ''),
      start: new Date(/<(?:\w+:)?Start>([^<]*)</u.exec(item)?.[1] ?? 0),
    }));
  }

  #update(itemId: string, changeKey: string, fields: readonly (readonly [string, string])[]): Promise<SavedItem> {
    const changes = fields.map(
      ([uri, xml]) =>
        `<t:SetItemField><t:FieldURI FieldURI="${uri}"/><t:CalendarItem>${xml}</t:CalendarItem></t:SetItemField>`,
    );
    return this.#call(
      'UpdateItem',
      '<m:UpdateItem ConflictResolution="AlwaysOverwrite" SendMeetingInvitationsOrCancellations="SendToAllAndSaveCopy"><m:ItemChanges><t:ItemChange>' +
        `<t:ItemId Id="${escapeXml(itemId)}" ChangeKey="${escapeXml(changeKey)}"/><t:Updates>${changes.join('')}</t:Updates></t:ItemChange></m:ItemChanges></m:UpdateItem>`,
    ).then(savedItem);
  }

  #call(operation: string, body: string): Promise<string> {
    return callExchange(this.#account, operation, body);
  }
}

/** The item's elements in the order that the schema wants. */
function itemXml(draft: EventDraft): string {
  const { subject, sensitivity, body, categories, start, end, allDay, freeBusy, location, zone } = draft;
  return [
    `<t:Subject>${escapeXml(subject)}</t:Subject>`,
    sensitivity && `<t:Sensitivity>${sensitivity}</t:Sensitivity>`,
    body && `<t:Body BodyType="Text">${escapeXml(body)}</t:Body>`,
    categories &&
      `<t:Categories>${categories.map((name) => `<t:String>${escapeXml(name)}</t:String>`).join('')}</t:Categories>`,
    `<t:Start>${start.toISOString()}</t:Start><t:End>${end.toISOString()}</t:End>`,
    allDay && '<t:IsAllDayEvent>true</t:IsAllDayEvent>',
    freeBusy && `<t:LegacyFreeBusyStatus>${freeBusy}</t:LegacyFreeBusyStatus>`,
    location && `<t:Location>${escapeXml(location)}</t:Location>`,
    people('RequiredAttendees', draft.required),
    people('OptionalAttendees', draft.optional),
    people('Resources', draft.rooms),
    draft.recurrence && recurrenceXml(draft.recurrence),
    `<t:StartTimeZone Id="${escapeXml(zone)}"/><t:EndTimeZone Id="${escapeXml(zone)}"/>`,
  ]
    .filter(Boolean)
    .join('');
}

function attendeesOf({ required = [], optional = [], rooms = [] }: EventDraft): string[] {
  return [...required, ...optional, ...rooms];
}

function people(element: string, addresses: readonly string[] = []): string {
  if (addresses.length === 0) return '';
  const attendee = (address: string) =>
    `<t:Attendee><t:Mailbox><t:EmailAddress>${escapeXml(address)}</t:EmailAddress></t:Mailbox></t:Attendee>`;
  return `<t:${element}>${addresses.map(attendee).join('')}</t:${element}>`;
}

function recurrenceXml(recurrence: ExchangeRecurrence): string {
  const { interval, startDate, endDate, count } = recurrence;
  const pattern =
    recurrence.type === 'daily'
      ? `<t:DailyRecurrence><t:Interval>${interval}</t:Interval></t:DailyRecurrence>`
      : `<t:WeeklyRecurrence><t:Interval>${interval}</t:Interval><t:DaysOfWeek>${recurrence.days.join(' ')}</t:DaysOfWeek></t:WeeklyRecurrence>`;
  const start = `<t:StartDate>${startDate}</t:StartDate>`;
  if (endDate)
    return `<t:Recurrence>${pattern}<t:EndDateRecurrence>${start}<t:EndDate>${endDate}</t:EndDate></t:EndDateRecurrence></t:Recurrence>`;
  if (count) {
    return `<t:Recurrence>${pattern}<t:NumberedRecurrence>${start}<t:NumberOfOccurrences>${count}</t:NumberOfOccurrences></t:NumberedRecurrence></t:Recurrence>`;
  }
  return `<t:Recurrence>${pattern}<t:NoEndRecurrence>${start}</t:NoEndRecurrence></t:Recurrence>`;
}

function savedItem(reply: string): SavedItem {
  const tag = /<(?:\w+:)?ItemId\s([^>]*)>/u.exec(reply)?.[1] ?? '';
  const attribute = (name: string) => unescapeXml(new RegExp(`\\b${name}="([^"]*)"`, 'u').exec(tag)?.[1] ?? '');
  return { itemId: attribute('Id'), changeKey: attribute('ChangeKey') };
}
