export type { CommandIo } from './command-context.ts';
export { runCalendarctl } from './run-calendarctl.ts';
