export { AutodiscoverClient } from './autodiscover-client.ts';
export { autodiscoverUrl } from './autodiscover-url.ts';
export type {
  EwsAttendee,
  EwsCalendarItem,
  EwsMailboxAddress,
  EwsModifiedOccurrence,
  EwsViewItem,
} from './calendar-item.ts';
export type { EwsClientOptions } from './client-options.ts';
export { EwsOptionsError, missingForKerberos } from './client-options.ts';
export type { Affinity } from './ews-caller.ts';
export type { EwsCalendarReader } from './ews-client.ts';
export { EwsClient } from './ews-client.ts';
export type { EwsErrorClass, EwsErrorScope } from './ews-error.ts';
export {
  EwsAuthError,
  EwsError,
  EwsHttpError,
  EwsNetworkError,
  EwsReplyError,
  EwsResponseError,
  EwsTimeoutError,
} from './ews-error.ts';
export type { ListExpansion } from './operations/expand-list.ts';
export type { CalendarView, CalendarViewRequest } from './operations/find-calendar-view.ts';
export type { StoredItemsPage, StoredItemsRequest } from './operations/find-stored-items.ts';
export type { CalendarFolder } from './operations/get-calendar-folder.ts';
export type { GetItemsOptions, ItemRequest, ItemResult } from './operations/get-items.ts';
export type { StreamEvent, StreamRequest } from './operations/get-streaming-events.ts';
export type { NameResolution, ResolvedName } from './operations/resolve-names.ts';
export type { Subscription } from './operations/subscribe.ts';
export type { SyncFolderItemsRequest, SyncPage } from './operations/sync-folder-items.ts';
export type { UnreadableItem } from './read-found-items.ts';
export type { FoundPlace, UserPlace } from './read-user-places.ts';
export type {
  EwsRecurrence,
  EwsRecurrencePattern,
  EwsRecurrenceRange,
} from './recurrence.ts';
export type { SignInGate, SignInProof, SignInUse } from './sign-in-gate.ts';
export type {
  EwsTimeZone,
  EwsZoneRules,
  EwsZoneTarget,
  EwsZoneTransition,
} from './time-zone-definition.ts';
