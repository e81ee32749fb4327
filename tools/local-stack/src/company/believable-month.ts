import { localDate, startOfLocalDate } from 'calendar-model';
import type { EventDraft, Outlook } from '../outlook/outlook.ts';
import { addressOf, type Employee, employee, ROOM } from './people.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

/** Something that an employee saves, and what happens to it afterwards. */
interface Plan {
  readonly by: string;
  readonly draft: (at: PlanTime) => EventDraft;
  /** Who answers what. */
  readonly answers?: Readonly<Record<string, 'Accept' | 'TentativelyAccept' | 'Decline'>>;
  /** Called off again after it was sent. */
  readonly cancelled?: boolean;
  /** Occurrences (counted from the first) that are moved by an hour or deleted. */
  readonly moved?: number;
  readonly deleted?: number;
}

/** Makes instants and dates for one planner, relative to today in his own zone. */
interface PlanTime {
  /** `day` days from today at `HH:MM` on the planner's clock. */
  at(day: number, clock: string): Date;
  date(day: number): string;
  /** Days from today to the coming Monday (1) … Friday (5). */
  coming(weekday: number): number;
  readonly zone: string;
}

const PLANS: readonly Plan[] = [
  {
    by: 'anna',
    draft: (t) => ({
      subject: 'Team stand-up',
      ...span(t, -20, '09:30', 15),
      required: others('boris', 'chloe', 'dmitri'),
      body: 'What did you do, what will you do, what is in your way?',
      recurrence: { type: 'daily', interval: 1, startDate: t.date(-20), count: 45 },
    }),
    answers: { boris: 'Accept', chloe: 'TentativelyAccept' },
    deleted: 23,
    moved: 24,
  },
  {
    by: 'boris',
    draft: (t) => ({
      subject: 'Release planning',
      ...span(t, t.coming(2), '16:00', 60),
      required: others('anna', 'elena'),
      optional: others('farid'),
      rooms: [addressOf(ROOM.id)],
      location: ROOM.name,
      recurrence: {
        type: 'weekly',
        interval: 1,
        days: ['Tuesday', 'Thursday'],
        startDate: t.date(t.coming(2)),
        count: 12,
      },
    }),
    answers: { anna: 'Accept', elena: 'Decline' },
  },
  {
    by: 'chloe',
    draft: (t) => ({
      subject: 'Customer call',
      ...span(t, 1, '14:00', 45),
      required: others('anna'),
      body: 'Agenda: https://wiki.corp.example/customer',
    }),
    answers: { anna: 'Accept' },
  },
  {
    by: 'dmitri',
    draft: (t) => ({
      subject: 'Architecture review',
      ...span(t, 2, '11:00', 90),
      required: others('anna', 'boris', 'chloe'),
    }),
    cancelled: true,
  },
  {
    by: 'elena',
    draft: (t) => ({
      subject: 'Handover Tokyo–Berlin',
      ...span(t, 1, '17:00', 30),
      required: others('anna', 'dmitri'),
    }),
    answers: { dmitri: 'Decline' },
  },
  {
    by: 'farid',
    draft: (t) => ({
      subject: 'Webinar with partners',
      ...span(t, 3, '10:00', 60),
      required: others('chloe'),
      body: 'Join: https://corp.zoom.us/j/123456789',
    }),
  },
  {
    by: 'anna',
    draft: (t) => ({ subject: 'Doctor', ...span(t, 2, '08:00', 60), sensitivity: 'Private', freeBusy: 'OOF' }),
  },
  {
    by: 'anna',
    draft: (t) => ({
      subject: 'Salary talk',
      ...span(t, 4, '13:00', 30),
      required: others('boris'),
      sensitivity: 'Private',
    }),
  },
  { by: 'boris', draft: (t) => ({ subject: 'Focus time', ...span(t, 0, '18:30', 90), categories: ['Deep work'] }) },
  { by: 'chloe', draft: (t) => allDay(t, 'Company anniversary', 6, 1) },
  { by: 'elena', draft: (t) => ({ ...allDay(t, 'Holiday', 9, 5), freeBusy: 'OOF' }) },
  { by: 'farid', draft: (t) => allDay(t, 'Conference in Boston', -6, 2) },
  { by: 'dmitri', draft: (t) => ({ subject: 'Dentist', ...span(t, 5, '09:00', 45), freeBusy: 'OOF' }) },
  {
    by: 'chloe',
    draft: (t) => ({
      subject: 'One-to-one',
      ...span(t, t.coming(5), '15:00', 30),
      required: others('dmitri'),
      recurrence: {
        type: 'weekly',
        interval: 2,
        days: ['Friday'],
        startDate: t.date(t.coming(5)),
        endDate: t.date(70),
      },
    }),
    answers: { dmitri: 'Accept' },
  },
];

/**
 * Fills the company's calendars as its people would with Outlook: everything is saved, answered, moved and called off
 * over EWS.
 *
 * @param outlookOf Outlook of an employee
 * @returns how many events and series were saved
 */
export async function seedBelievableMonth(outlookOf: (id: string) => Outlook, now: Date): Promise<number> {
  for (const plan of PLANS) await carryOut(plan, outlookOf, planTime(employee(plan.by), now));
  return PLANS.length;
}

/** A meeting that begins soon, so that whoever just started the stack sees a conference start. */
export async function planMeetingSoon(outlookOf: (id: string) => Outlook, start: Date): Promise<void> {
  await outlookOf('anna').create({
    subject: 'Welcome to the calendar connector',
    start,
    end: new Date(start.getTime() + 30 * MINUTE_MS),
    zone: employee('anna').zone,
    required: others('boris', 'chloe'),
    optional: others('dmitri'),
  });
}

async function carryOut(plan: Plan, outlookOf: (id: string) => Outlook, time: PlanTime): Promise<void> {
  const planner = outlookOf(plan.by);
  const draft = plan.draft(time);
  const saved = await planner.create(draft);
  const until = new Date(draft.start.getTime() + 60 * DAY_MS);
  for (const [id, answer] of Object.entries(plan.answers ?? {})) {
    const outlook = outlookOf(id);
    await outlook.respond(await outlook.findSaved(draft.subject), answer);
  }
  if (plan.cancelled) await planner.cancel(saved);
  const occurrences =
    plan.moved === undefined
      ? []
      : (await planner.view(draft.start, until)).filter(({ subject }) => subject === draft.subject);
  const length = draft.end.getTime() - draft.start.getTime();
  const moved = occurrences[plan.moved ?? -1];
  if (moved) await planner.move(moved, later(moved.start, 60), later(moved.start, 60 + length / MINUTE_MS));
  const deleted = occurrences[plan.deleted ?? -1];
  if (deleted) await planner.cancel(deleted);
}

function planTime({ zone, iana }: Employee, now: Date): PlanTime {
  const date = (day: number) => localDate(new Date(now.getTime() + day * DAY_MS), iana);
  return {
    zone,
    date,
    at: (day, clock) => {
      const [hours = 0, minutes = 0] = clock.split(':').map(Number);
      return later(startOfLocalDate(date(day), iana), hours * 60 + minutes);
    },
    coming: (weekday) => {
      const today = new Date(`${date(0)}T00:00:00Z`).getUTCDay();
      return ((weekday - today + 6) % 7) + 1;
    },
  };
}

function span(time: PlanTime, day: number, clock: string, minutes: number): Pick<EventDraft, 'start' | 'end' | 'zone'> {
  const start = time.at(day, clock);
  return { start, end: later(start, minutes), zone: time.zone };
}

function allDay(time: PlanTime, subject: string, day: number, days: number): EventDraft {
  return { subject, start: time.at(day, '00:00'), end: time.at(day + days, '00:00'), zone: time.zone, allDay: true };
}

function others(...ids: string[]): string[] {
  return ids.map(addressOf);
}

function later(instant: Date, minutes: number): Date {
  return new Date(instant.getTime() + minutes * MINUTE_MS);
}
