/** A folder of a mailbox. `name` is its key; for well-known folders it is the distinguished id. */
export interface Folder {
  readonly number: number;
  readonly name: string;
  readonly displayName: string;
  readonly folderClass: string | undefined;
  readonly parent: string | undefined;
  readonly distinguished: boolean;
}

const WELL_KNOWN: readonly [
  name: string,
  displayName: string,
  folderClass: string | undefined,
  parent: string | undefined,
][] = [
  ['root', '', undefined, undefined],
  ['msgfolderroot', 'Top of Information Store', 'IPF.Note', 'root'],
  ['calendar', 'Calendar', 'IPF.Appointment', 'msgfolderroot'],
  ['inbox', 'Inbox', 'IPF.Note', 'msgfolderroot'],
  ['sentitems', 'Sent Items', 'IPF.Note', 'msgfolderroot'],
  ['drafts', 'Drafts', 'IPF.Note', 'msgfolderroot'],
  ['outbox', 'Outbox', 'IPF.Note', 'msgfolderroot'],
  ['deleteditems', 'Deleted Items', 'IPF.Note', 'msgfolderroot'],
];

/** The folders that every new mailbox has. */
export function wellKnownFolders(): Folder[] {
  return WELL_KNOWN.map(([name, displayName, folderClass, parent], index) => ({
    number: index + 1,
    name,
    displayName,
    folderClass,
    parent,
    distinguished: true,
  }));
}

/** Whether a folder holds a calendar and so allows CalendarView. */
export function isCalendarFolder(folder: Folder): boolean {
  return folder.folderClass?.startsWith('IPF.Appointment') === true;
}
