import { createTestDatabase, type TestDatabase } from 'calendar-db/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { calendarItem, ewsAddress } from '../testing/sample-ews-items.ts';
import { PeopleDirectory } from './people-directory.ts';

const ANNA = 'anna@corp.example';

describe('what syncs ask about people', () => {
  let db: TestDatabase;
  beforeAll(async () => {
    db = await createTestDatabase();
  });
  afterAll(() => db.drop());

  const meetingWith = (...people: string[]) => [
    calendarItem({
      requiredAttendees: people.map((person) => ({
        ...ewsAddress(person),
        response: 'unknown' as const,
        respondedAt: null,
      })),
    }),
  ];

  it('wakes who answers for a new question alone, not for people who are known or asked about already', async () => {
    let woken = 0;
    const people = new PeopleDirectory('exchange', db.database, [ANNA]);
    people.onQuestions = () => woken++;
    await people.notice(meetingWith('boris@corp.example'));
    expect(woken).toBe(1);
    // What a process remembers is forgotten now and then, and another one remembers nothing.
    await people.refresh();
    await people.notice(meetingWith('boris@corp.example'));
    expect(woken).toBe(1);
    await people.notice(meetingWith('boris@corp.example', 'chloe@corp.example'));
    expect(woken).toBe(2);
  });
});
