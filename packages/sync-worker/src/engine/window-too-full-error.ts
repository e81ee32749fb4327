import type { CalendarWindow } from 'calendar-model';

/** One hour of a calendar holds more than the server lists at once: no smaller window would help. */
export class WindowTooFullError extends Error {
  readonly code = 'sync-window-too-full';
  readonly mailbox: string;

  constructor(mailbox: string, window: CalendarWindow) {
    super(
      `${mailbox}: over 1000 entries between ${window.from.toISOString()} and ${window.to.toISOString()}: the server ` +
        'lists no more of an hour. Others are missing, and what was deleted stays, until some of them are removed there',
    );
    this.name = new.target.name;
    this.mailbox = mailbox;
  }
}
