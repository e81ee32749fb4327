export { type Coverage, readCoverage } from './coverage.ts';
export { listEventIds } from './event-ids.ts';
export type { ConferenceView, EventView } from './event-view.ts';
export { listEventViews, readEventViews, type ViewerEvent, type ViewRules } from './event-views.ts';
