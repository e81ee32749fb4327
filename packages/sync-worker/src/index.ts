export type { CalendarProvider, WindowPart } from './provider/calendar-provider.ts';
export { type EwsAccounts, EwsProvider } from './provider/ews-provider.ts';
export { type SyncOutcome, type SyncSettings, syncMailbox } from './sync/sync-mailbox.ts';
