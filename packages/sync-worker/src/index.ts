export type { CalendarProvider } from './provider/calendar-provider.ts';
