export type {
  EwsAttendee,
  EwsCalendarItem,
  EwsFreeBusy,
  EwsItemKind,
  EwsMailboxAddress,
  EwsModifiedOccurrence,
  EwsResponseState,
  EwsSensitivity,
  EwsViewItem,
} from './calendar-item.ts';
export type {
  CalendarFolder,
  CalendarView,
  CalendarViewRequest,
  EwsCalendarReader,
  EwsClientOptions,
  GetItemsOptions,
  ItemRequest,
  ItemResult,
  SyncChange,
  SyncFolderItemsRequest,
  SyncPage,
  UnreadableItem,
} from './ews-client.ts';
export { EwsClient } from './ews-client.ts';
export type { EwsErrorClass, EwsErrorScope } from './ews-error.ts';
export {
  EwsAuthError,
  EwsAuthUnsupportedError,
  EwsError,
  EwsHttpError,
  EwsNetworkError,
  EwsReplyError,
  EwsRequestError,
  EwsResponseError,
  EwsTimeoutError,
  EwsTlsError,
} from './ews-error.ts';
export type {
  EwsDayOfWeek,
  EwsDayOfWeekIndex,
  EwsRecurrence,
  EwsRecurrencePattern,
  EwsRecurrenceRange,
} from './recurrence.ts';
export type {
  EwsTimeZone,
  EwsZonePeriod,
  EwsZoneRules,
  EwsZoneTarget,
  EwsZoneTransition,
} from './time-zone-definition.ts';
