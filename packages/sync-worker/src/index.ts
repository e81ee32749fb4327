export type { CalendarProvider } from './engine/calendar-provider.ts';
export { type SyncOutcome, type SyncSettings, syncMailbox } from './engine/sync-mailbox.ts';
export { type EwsAccounts, EwsProvider } from './exchange/ews-provider.ts';
