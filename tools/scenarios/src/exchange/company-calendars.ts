import type { SeedItem } from 'stack-driver';

const DAY_MS = 86_400_000;
const ZONES = ['Europe/Berlin', 'America/New_York', 'Asia/Tokyo', 'Asia/Kolkata', 'Pacific/Auckland', 'UTC'] as const;

/**
 * What the calendars of a company hold before a story begins: singles, an all-day event, a private one, series of three
 * kinds of which one began long ago, and meetings with the next two people, all near `today` and in different zones.
 *
 * @param today a date, `YYYY-MM-DD`
 */
export function companyCalendars(addresses: readonly string[], today: string): SeedItem[] {
  return addresses.flatMap((mailbox, index) => {
    const day = (offset: number) => new Date(Date.parse(today) + offset * DAY_MS).toISOString().slice(0, 10);
    const zone = ZONES[index % ZONES.length]!;
    const next = (step: number) => addresses[(index + step) % addresses.length]!;
    const at = (offset: number, hour: number, minutes: number) => {
      const time = (minute: number) =>
        `${day(offset)}T${String(hour + Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}:00`;
      return { mailbox, timeZone: zone, start: time(0), end: time(minutes) };
    };
    return [
      { ...at(1, 9, 30), subject: 'Focus', categories: ['Blue', 'Work'], location: 'Desk', body: 'No calls, please.' },
      { ...at(2, 14, 60), subject: 'Doctor', sensitivity: 'Private', freeBusy: 'OOF', reminderMinutes: 60 },
      { ...at(-20, 11, 45), subject: 'Past', freeBusy: 'Free', reminderMinutes: null },
      { ...at(40, 16, 90), subject: 'Later', freeBusy: 'WorkingElsewhere', sensitivity: 'Personal' },
      {
        mailbox,
        timeZone: zone,
        subject: 'Off',
        allDay: true,
        start: `${day(5)}T00:00:00`,
        end: `${day(7)}T00:00:00`,
        freeBusy: 'OOF',
      },
      {
        ...at(3, 10, 30),
        subject: `Review ${index}`,
        send: true,
        requiredAttendees: [next(1), 'guest@partner.example'],
        optionalAttendees: [next(2)],
        location: 'Aurora',
        body: 'Agenda: figures, then questions.',
      },
      {
        ...at(-14, 9, 15),
        subject: `Stand-up ${index}`,
        send: true,
        requiredAttendees: [next(1), next(2)],
        recurrence: {
          pattern: 'weekly',
          daysOfWeek: ['Monday', 'Wednesday', 'Friday'],
          startDate: day(-14),
          count: 18,
        },
      },
      {
        ...at(-700, 13, 60),
        subject: 'Lunch club',
        recurrence: { pattern: 'weekly', interval: 2, daysOfWeek: ['Thursday'], startDate: day(-700) },
      },
      {
        ...at(-60, 17, 30),
        subject: 'Accounts',
        recurrence: { pattern: 'monthly', dayOfMonth: 31, startDate: day(-60), endDate: day(200) },
      },
    ];
  });
}
