const CALENDAR = '<t:DistinguishedFolderId Id="calendar"/>';

function additional(uris: readonly string[], extra = ''): string {
  if (uris.length === 0 && extra === '') return '';
  const fields = uris.map((uri) => `<t:FieldURI FieldURI="${uri}"/>`).join('');
  return `<t:AdditionalProperties>${fields}${extra}</t:AdditionalProperties>`;
}

export function itemShape(base: string, uris: readonly string[] = [], extra = ''): string {
  return `<m:ItemShape><t:BaseShape>${base}</t:BaseShape>${additional(uris, extra)}</m:ItemShape>`;
}

export function getFolder(folder = CALENDAR, base = 'Default'): string {
  return `<m:GetFolder><m:FolderShape><t:BaseShape>${base}</t:BaseShape></m:FolderShape><m:FolderIds>${folder}</m:FolderIds></m:GetFolder>`;
}

export function findFolders(parent: string, base = 'Default'): string {
  return `<m:FindFolder Traversal="Deep"><m:FolderShape><t:BaseShape>${base}</t:BaseShape></m:FolderShape><m:ParentFolderIds><t:DistinguishedFolderId Id="${parent}"/></m:ParentFolderIds></m:FindFolder>`;
}

export function calendarView(
  from: string,
  to: string,
  options: { shape?: string; max?: number; folder?: string } = {},
): string {
  const max = options.max === undefined ? '' : ` MaxEntriesReturned="${options.max}"`;
  return `<m:FindItem Traversal="Shallow">${options.shape ?? itemShape('AllProperties')}<m:CalendarView${max} StartDate="${from}" EndDate="${to}"/><m:ParentFolderIds>${options.folder ?? CALENDAR}</m:ParentFolderIds></m:FindItem>`;
}

export function findItems(options: { shape?: string; page?: string; tail?: string } = {}): string {
  return `<m:FindItem Traversal="Shallow">${options.shape ?? itemShape('AllProperties')}${options.page ?? ''}${options.tail ?? ''}<m:ParentFolderIds>${CALENDAR}</m:ParentFolderIds></m:FindItem>`;
}

export function syncItems(state = '', max = 512, options: { shape?: string; folder?: string } = {}): string {
  return `<m:SyncFolderItems>${options.shape ?? itemShape('IdOnly')}<m:SyncFolderId>${options.folder ?? CALENDAR}</m:SyncFolderId>${state === '' ? '' : `<m:SyncState>${state}</m:SyncState>`}<m:MaxChangesReturned>${max}</m:MaxChangesReturned></m:SyncFolderItems>`;
}

export function getItems(ids: string, shape = itemShape('AllProperties')): string {
  return `<m:GetItem>${shape}<m:ItemIds>${ids}</m:ItemIds></m:GetItem>`;
}

export function itemId(id: string, changeKey?: string): string {
  return `<t:ItemId Id="${id}"${changeKey === undefined ? '' : ` ChangeKey="${changeKey}"`}/>`;
}

export function createItems(items: string, invitations = 'SendToNone', folder = ''): string {
  return `<m:CreateItem SendMeetingInvitations="${invitations}">${folder}<m:Items>${items}</m:Items></m:CreateItem>`;
}

export function answer(
  kind: 'AcceptItem' | 'TentativelyAcceptItem' | 'DeclineItem' | 'CancelCalendarItem',
  id: string,
  disposition = 'SendAndSaveCopy',
): string {
  return `<m:CreateItem MessageDisposition="${disposition}"><m:Items><t:${kind}><t:ReferenceItemId Id="${id}"/></t:${kind}></m:Items></m:CreateItem>`;
}

export function updateItem(id: string, updates: string, sending = 'SendToNone', conflict = 'AutoResolve'): string {
  return `<m:UpdateItem ConflictResolution="${conflict}" SendMeetingInvitationsOrCancellations="${sending}"><m:ItemChanges><t:ItemChange>${id}<t:Updates>${updates}</t:Updates></t:ItemChange></m:ItemChanges></m:UpdateItem>`;
}

/** SetItemField for each `calendar:` or `item:` property of the list. */
export function set(fields: Readonly<Record<string, string>>): string {
  return Object.entries(fields)
    .map(
      ([uri, content]) =>
        `<t:SetItemField><t:FieldURI FieldURI="${uri}"/><t:CalendarItem>${content}</t:CalendarItem></t:SetItemField>`,
    )
    .join('');
}

export function deleteItems(ids: string, type = 'HardDelete', cancellations = 'SendToNone'): string {
  return `<m:DeleteItem DeleteType="${type}" SendMeetingCancellations="${cancellations}"><m:ItemIds>${ids}</m:ItemIds></m:DeleteItem>`;
}

/** A calendar item with the usual fields, in schema order; `before` and `after` stand around Start and End. */
export function calendarItem(
  subject: string,
  start: string,
  end: string,
  options: { before?: string; after?: string } = {},
): string {
  return `<t:CalendarItem><t:Subject>${subject}</t:Subject>${options.before ?? ''}<t:Start>${start}</t:Start><t:End>${end}</t:End>${options.after ?? ''}</t:CalendarItem>`;
}

export function attendees(
  list: 'RequiredAttendees' | 'OptionalAttendees' | 'Resources',
  ...addresses: string[]
): string {
  const entries = addresses.map(
    (address) => `<t:Attendee><t:Mailbox><t:EmailAddress>${address}</t:EmailAddress></t:Mailbox></t:Attendee>`,
  );
  return `<t:${list}>${entries.join('')}</t:${list}>`;
}

export function zone(id: string): string {
  return `<t:StartTimeZone Id="${id}"/><t:EndTimeZone Id="${id}"/>`;
}
