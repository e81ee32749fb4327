"""Every recurrence pattern through exchangelib, unpatched, against the simulator: created, changed, with occurrences
changed, moved and deleted, and answered by an attendee.

Usage: exchangelib_series.py EWS_URL
Anna has a mailbox with password "demo", Boris one that svc impersonates. Prints one line per chapter and ends with
"done"; any difference ends with a traceback and exit code 1.
"""

import sys
from datetime import timedelta

from exchangelib import DELEGATE, IMPERSONATION, CalendarItem, EWSDate
from exchangelib.items import SEND_TO_ALL_AND_SAVE_COPY, SEND_TO_NONE
from exchangelib.recurrence import (
    AbsoluteMonthlyPattern,
    AbsoluteYearlyPattern,
    DailyPattern,
    Recurrence,
    RelativeMonthlyPattern,
    RelativeYearlyPattern,
    WeeklyPattern,
)

from company import BERLIN, account, at, by_uid, chapter, view

EWS_URL = sys.argv[1]

# Pattern, range, and the dates that a calendar on the wall gives for it.
SERIES = [
    (
        DailyPattern(interval=3),
        dict(start=EWSDate(2027, 3, 26), number=3),
        ["2027-03-26", "2027-03-29", "2027-04-01"],
    ),
    (
        WeeklyPattern(interval=2, weekdays=["Monday", "Thursday"], first_day_of_week="Monday"),
        dict(start=EWSDate(2027, 3, 1), end=EWSDate(2027, 4, 1)),
        ["2027-03-01", "2027-03-04", "2027-03-15", "2027-03-18", "2027-03-29", "2027-04-01"],
    ),
    (
        AbsoluteMonthlyPattern(interval=1, day_of_month=31),
        dict(start=EWSDate(2027, 1, 31), number=4),
        ["2027-01-31", "2027-02-28", "2027-03-31", "2027-04-30"],
    ),
    (
        RelativeMonthlyPattern(interval=1, weekday="Weekday", week_number="Last"),
        dict(start=EWSDate(2027, 1, 29), number=3),
        ["2027-01-29", "2027-02-26", "2027-03-31"],
    ),
    (
        AbsoluteYearlyPattern(day_of_month=29, month="February"),
        dict(start=EWSDate(2027, 2, 28), number=3),
        ["2027-02-28", "2028-02-29", "2029-02-28"],
    ),
    (
        RelativeYearlyPattern(weekday="Thursday", week_number="Fourth", month="November"),
        dict(start=EWSDate(2027, 11, 25), number=3),
        ["2027-11-25", "2028-11-23", "2029-11-22"],
    ),
]


def occurrences(acc):
    """The whole of the years in question; one view reaches two years."""
    found = [item for year in range(2027, 2031) for item in view(acc, at(year, 1, 1), at(year + 1, 1, 1))]
    return [(item.start.astimezone(BERLIN).strftime("%Y-%m-%d %H:%M"), item.subject) for item in found]


def every_day(dates, hour="09:00", subject="Series"):
    return [(f"{date} {hour}", subject) for date in dates]


def one_series(anna, pattern, boundary, dates):
    chapter(type(pattern).__name__)
    year, month, day = (int(part) for part in dates[0].split("-"))
    master = CalendarItem(
        account=anna,
        folder=anna.calendar,
        subject="Series",
        start=at(year, month, day, 9),
        end=at(year, month, day, 9, 30),
        recurrence=Recurrence(pattern=pattern, **boundary),
    )
    master.save(send_meeting_invitations=SEND_TO_NONE)
    assert occurrences(anna) == every_day(dates), occurrences(anna)
    read = anna.calendar.get(id=master.id)
    assert read.type == "RecurringMaster" and read.recurrence.pattern == pattern, read.recurrence
    assert read.recurrence.boundary == Recurrence(pattern=pattern, **boundary).boundary, read.recurrence

    first = master.occurrence(index=1)
    first.refresh()
    first.start, first.end = first.start + timedelta(hours=2), first.end + timedelta(hours=2)
    first.save(update_fields=["start", "end"])
    second = master.occurrence(index=2)
    second.refresh()
    second.subject = "Other"
    second.save(update_fields=["subject"])
    last = master.occurrence(index=len(dates))
    last.refresh()
    last.delete()
    expected = every_day(dates[:-1])
    expected[0] = (f"{dates[0]} 11:00", "Series")
    expected[1] = (expected[1][0], "Other")
    assert occurrences(anna) == expected, occurrences(anna)
    read = anna.calendar.get(id=master.id)
    assert len(read.modified_occurrences) == 2 and len(read.deleted_occurrences) == 1

    read.location = "Room 4"
    read.save(update_fields=["location"])
    assert occurrences(anna) == expected, "a change of something else leaves the exceptions alone"
    read.start, read.end = read.start + timedelta(hours=1), read.end + timedelta(hours=1)
    read.save(update_fields=["start", "end"])
    assert occurrences(anna) == every_day(dates, "10:00"), occurrences(anna)
    read = anna.calendar.get(id=master.id)
    read.recurrence = Recurrence(pattern=DailyPattern(interval=1), start=EWSDate(year, month, day), number=2)
    read.save(update_fields=["recurrence"])
    assert len(occurrences(anna)) == 2, occurrences(anna)
    read.delete()
    assert occurrences(anna) == []


def responses(anna, boris):
    chapter("responses to a series and to its occurrences")
    master = CalendarItem(
        account=anna,
        folder=anna.calendar,
        subject="Course",
        start=at(2027, 5, 3, 9),
        end=at(2027, 5, 3, 10),
        required_attendees=["boris@corp.example"],
        recurrence=Recurrence(pattern=DailyPattern(interval=1), start=EWSDate(2027, 5, 3), number=3),
    )
    master.save(send_meeting_invitations=SEND_TO_ALL_AND_SAVE_COPY)
    uid = anna.calendar.get(id=master.id).uid
    (copy,) = by_uid(boris, uid)
    assert copy.type == "RecurringMaster" and copy.my_response_type == "NoResponseReceived"
    copy.accept()
    assert answers(anna, master) == ["Accept", "Accept", "Accept"], answers(anna, master)

    second, third = view(boris, at(2027, 5, 4), at(2027, 5, 6))
    second.tentatively_accept()
    third.decline()
    assert answers(anna, master) == ["Accept", "Tentative", "Decline"], answers(anna, master)
    mine = [(item.start.day, item.my_response_type) for item in view(boris, at(2027, 5, 1), at(2027, 6, 1))]
    assert mine == [(3, "Accept"), (4, "Tentative")], mine

    moved = master.occurrence(index=2)
    moved.refresh()
    moved.start, moved.end = at(2027, 5, 4, 15), at(2027, 5, 4, 16)
    moved.save(update_fields=["start", "end"], send_meeting_invitations=SEND_TO_ALL_AND_SAVE_COPY)
    asked = view(boris, at(2027, 5, 4), at(2027, 5, 5))
    assert [(item.start, item.my_response_type) for item in asked] == [(at(2027, 5, 4, 15), "NoResponseReceived")]
    asked[0].accept()
    assert answers(anna, master)[:2] == ["Accept", "Accept"], answers(anna, master)
    anna.calendar.get(id=master.id).cancel()
    assert [item.is_cancelled for item in view(boris, at(2027, 5, 1), at(2027, 6, 1))] == [True, True]
    for item in by_uid(boris, uid):
        item.delete(send_meeting_cancellations=SEND_TO_NONE)


def answers(anna, master):
    """Boris's answer to each occurrence as the organizer sees it."""
    states = []
    for index in (1, 2, 3):
        occurrence = master.occurrence(index=index)
        occurrence.refresh()
        states.append(occurrence.required_attendees[0].response_type)
    return states


def main():
    anna = account(EWS_URL, "anna@corp.example", "anna@corp.example", "demo", DELEGATE)
    boris = account(EWS_URL, "boris@corp.example", "svc", "secret", IMPERSONATION)
    for pattern, boundary, dates in SERIES:
        one_series(anna, pattern, boundary, dates)
    responses(anna, boris)
    print("done", flush=True)


main()
