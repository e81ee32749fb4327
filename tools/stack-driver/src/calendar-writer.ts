import { PASSWORD } from './company.ts';

/** Exchange did not do what the story needs. */
class WriteRefusedError extends Error {
  readonly code = 'stack-driver-write-refused';

  constructor(operation: string, mailbox: string, reply: string) {
    const reason = /<(?:\w+:)?ResponseCode[^>]*>(\w+)</u.exec(reply)?.[1] ?? reply.slice(0, 200);
    super(`${operation} for ${mailbox} was refused: ${reason}`);
    this.name = new.target.name;
  }
}

export interface MeetingDraft {
  readonly subject: string;
  readonly start: Date;
  readonly end: Date;
  readonly attendees: readonly string[];
  /** Occurrences of a weekly series that begins with these times; without it the meeting is a single one. */
  readonly weeks?: number;
}

export type Answer = 'Accept' | 'TentativelyAccept' | 'Decline';

const ENVELOPE =
  '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/" xmlns:t="http://schemas.microsoft.com/exchange/services/2006/types" xmlns:m="http://schemas.microsoft.com/exchange/services/2006/messages">';

/** Plans meetings over EWS as one person of the company. Subjects and locations are plain words, so nothing is escaped. */
export class CalendarWriter {
  readonly address: string;
  readonly #ewsUrl: string;

  /** @param address of somebody whose login it is, with the company's password */
  constructor(ewsUrl: string, address: string) {
    this.#ewsUrl = ewsUrl;
    this.address = address;
  }

  /** Saves a meeting and invites. @returns its item id */
  async create({ subject, start, end, attendees, weeks }: MeetingDraft): Promise<string> {
    const invited = attendees.map(
      (address) => `<t:Attendee><t:Mailbox><t:EmailAddress>${address}</t:EmailAddress></t:Mailbox></t:Attendee>`,
    );
    const item = `<t:CalendarItem><t:Subject>${subject}</t:Subject><t:Start>${start.toISOString()}</t:Start><t:End>${end.toISOString()}</t:End><t:RequiredAttendees>${invited.join('')}</t:RequiredAttendees>${weeks === undefined ? '' : weekly(start, weeks)}</t:CalendarItem>`;
    const reply = await this.#call(
      'CreateItem',
      `<m:CreateItem SendMeetingInvitations="SendToAllAndSaveCopy"><m:Items>${item}</m:Items></m:CreateItem>`,
    );
    const id = /<(?:\w+:)?ItemId\s[^>]*\bId="([^"]+)"/u.exec(reply)?.[1];
    if (id === undefined) throw new WriteRefusedError('CreateItem', this.address, reply);
    return id;
  }

  move(itemId: string, start: Date, end: Date): Promise<string> {
    return this.#update(itemId, { 'calendar:Start': start.toISOString(), 'calendar:End': end.toISOString() });
  }

  relocate(itemId: string, location: string): Promise<string> {
    return this.#update(itemId, { 'calendar:Location': location });
  }

  rename(itemId: string, subject: string): Promise<string> {
    return this.#update(itemId, { 'item:Subject': subject });
  }

  /** Deletes a meeting and tells everybody. */
  cancel(itemId: string): Promise<string> {
    return this.#call(
      'DeleteItem',
      `<m:DeleteItem DeleteType="MoveToDeletedItems" SendMeetingCancellations="SendToAllAndSaveCopy"><m:ItemIds><t:ItemId Id="${itemId}"/></m:ItemIds></m:DeleteItem>`,
    );
  }

  /** Answers an invitation in this person's own calendar. */
  respond(itemId: string, answer: Answer): Promise<string> {
    return this.#call(
      'CreateItem',
      `<m:CreateItem MessageDisposition="SendAndSaveCopy"><m:Items><t:${answer}Item><t:ReferenceItemId Id="${itemId}"/></t:${answer}Item></m:Items></m:CreateItem>`,
    );
  }

  /** @param fields values by their field URI, such as `calendar:Location` */
  #update(itemId: string, fields: Readonly<Record<string, string>>): Promise<string> {
    const updates = Object.entries(fields).map(([uri, value]) => {
      const name = uri.slice(uri.indexOf(':') + 1);
      return `<t:SetItemField><t:FieldURI FieldURI="${uri}"/><t:CalendarItem><t:${name}>${value}</t:${name}></t:CalendarItem></t:SetItemField>`;
    });
    return this.#call(
      'UpdateItem',
      `<m:UpdateItem ConflictResolution="AlwaysOverwrite" SendMeetingInvitationsOrCancellations="SendToAllAndSaveCopy"><m:ItemChanges><t:ItemChange><t:ItemId Id="${itemId}"/><t:Updates>${updates.join('')}</t:Updates></t:ItemChange></m:ItemChanges></m:UpdateItem>`,
    );
  }

  async #call(operation: string, body: string): Promise<string> {
    const response = await fetch(this.#ewsUrl, {
      method: 'POST',
      headers: {
        'content-type': 'text/xml; charset=utf-8',
        authorization: `Basic ${Buffer.from(`${this.address}:${PASSWORD}`).toString('base64')}`,
      },
      body: `${ENVELOPE}<s:Header><t:RequestServerVersion Version="Exchange2013_SP1"/></s:Header><s:Body>${body}</s:Body></s:Envelope>`,
    });
    const reply = await response.text();
    if (!response.ok || /ResponseClass="(?:Error|Warning)"/u.test(reply))
      throw new WriteRefusedError(operation, this.address, reply);
    return reply;
  }
}

const WEEKDAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];

/** A series in UTC on the weekday of its first occurrence. */
function weekly(first: Date, occurrences: number): string {
  const pattern = `<t:WeeklyRecurrence><t:Interval>1</t:Interval><t:DaysOfWeek>${WEEKDAYS[first.getUTCDay()]}</t:DaysOfWeek></t:WeeklyRecurrence>`;
  const range = `<t:NumberedRecurrence><t:StartDate>${first.toISOString().slice(0, 10)}</t:StartDate><t:NumberOfOccurrences>${occurrences}</t:NumberOfOccurrences></t:NumberedRecurrence>`;
  return `<t:Recurrence>${pattern}${range}</t:Recurrence>`;
}
