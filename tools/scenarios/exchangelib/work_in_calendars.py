"""People at work in their calendars: random creates, moves, edits of series, exceptions, answers and deletions.

Input, one JSON object: {"ewsUrl", "password", "mailboxes": [address], "seed", "changes", "mostSeconds"}.
Prints one line of JSON per change, {"n", "did", "mailbox"}, and {"done": n, "refused": n} at the end. Exchange may
refuse what no longer fits, such as an answer to a meeting that was called off meanwhile; anything else ends the work.
"""

import json
import random
import time
from datetime import timedelta

from company import UTC, open_mailbox, task
from exchangelib import CalendarItem, EWSDate, EWSDateTime, EWSTimeZone
from exchangelib.errors import (
    ErrorCalendarOccurrenceIsDeletedFromRecurrence,
    ErrorItemNotFound,
    ErrorOccurrenceCrossingBoundary,
)
from exchangelib.items import SEND_TO_ALL_AND_SAVE_COPY
from exchangelib.recurrence import (
    AbsoluteMonthlyPattern,
    DailyPattern,
    Recurrence,
    RelativeMonthlyPattern,
    WeeklyPattern,
)

REFUSALS = (ErrorItemNotFound, ErrorOccurrenceCrossingBoundary, ErrorCalendarOccurrenceIsDeletedFromRecurrence)
ZONES = [EWSTimeZone(name) for name in ("Europe/Berlin", "America/New_York", "Asia/Tokyo", "Asia/Kolkata", "UTC")]
WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]
SENT = {"send_meeting_invitations": SEND_TO_ALL_AND_SAVE_COPY}
CANCELLED = {"send_meeting_cancellations": SEND_TO_ALL_AND_SAVE_COPY}


class Company:
    """All mailboxes, and the one source of chance."""

    def __init__(self, work):
        self.chance = random.Random(work["seed"])
        self.accounts = [open_mailbox(work["ewsUrl"], address, work["password"]) for address in work["mailboxes"]]
        self.today = EWSDateTime.now(UTC).date()
        self.made = 0

    def day(self, least, most):
        day = self.today + timedelta(days=self.chance.randint(least, most))
        return EWSDate(day.year, day.month, day.day)

    def slot(self):
        """Start and end of some minutes on some day."""
        day, zone = self.day(-10, 45), self.chance.choice(ZONES)
        start = EWSDateTime(
            day.year, day.month, day.day, self.chance.randint(7, 18), self.chance.choice((0, 15, 30)), tzinfo=zone
        )
        return start, start + timedelta(minutes=self.chance.choice((15, 30, 60, 90)))

    def subject(self, word):
        self.made += 1
        return f"{word} {self.made}"

    def people(self, owner):
        others = [one.primary_smtp_address for one in self.accounts if one is not owner]
        return self.chance.sample(others, self.chance.randint(1, 3))

    def shown(self, account, accepts):
        """Something that the calendar shows, or None."""
        start = EWSDateTime.now(UTC) - timedelta(days=5)
        items = [one for one in account.calendar.view(start=start, end=start + timedelta(days=40)) if accepts(one)]
        items.sort(key=lambda one: (str(one.start), one.subject or ""))
        return self.chance.choice(items) if items else None


def is_own(item):
    return item.my_response_type in ("Organizer", "Unknown", None) and not item.is_cancelled


def create_single(company, account):
    start, end = company.slot()
    CalendarItem(
        account=account,
        folder=account.calendar,
        subject=company.subject("Single"),
        body="Line one.\nLine two, with <brackets> & more.",
        start=start,
        end=end,
        location=company.chance.choice(("Aurora", "Borealis", None)),
        categories=company.chance.choice((None, ["Blue"], ["Green", "Work"])),
        sensitivity=company.chance.choice(("Normal", "Private", "Personal")),
        legacy_free_busy_status=company.chance.choice(("Busy", "OOF", "Free")),
        reminder_minutes_before_start=company.chance.choice((0, 15, 120)),
    ).save()


def create_all_day(company, account):
    day = company.day(-5, 40)
    CalendarItem(
        account=account,
        folder=account.calendar,
        subject=company.subject("Day"),
        start=day,
        end=day + timedelta(days=company.chance.randint(0, 2)),
        is_all_day=True,
    ).save()


def create_meeting(company, account):
    start, end = company.slot()
    CalendarItem(
        account=account,
        folder=account.calendar,
        subject=company.subject("Meeting"),
        start=start,
        end=end,
        required_attendees=company.people(account),
        optional_attendees=["guest@partner.example"],
    ).save(**SENT)


def create_series(company, account):
    start, end = company.slot()
    day = start.date()
    pattern = company.chance.choice(
        (
            DailyPattern(interval=company.chance.randint(1, 3)),
            WeeklyPattern(interval=company.chance.randint(1, 2), weekdays=company.chance.sample(WEEKDAYS, 2)),
            AbsoluteMonthlyPattern(interval=1, day_of_month=company.chance.choice((1, 15, 31))),
            RelativeMonthlyPattern(interval=1, weekday=company.chance.choice(WEEKDAYS), week_number="Last"),
        )
    )
    bound = company.chance.choice(({"number": 8}, {"end": day + timedelta(days=60)}, {}))
    CalendarItem(
        account=account,
        folder=account.calendar,
        subject=company.subject("Series"),
        start=start,
        end=end,
        recurrence=Recurrence(pattern=pattern, start=day, **bound),
        required_attendees=company.people(account) if company.chance.random() < 0.6 else None,
    ).save(**SENT)


def moved(item, minutes):
    item.start, item.end = item.start + timedelta(minutes=minutes), item.end + timedelta(minutes=minutes)
    item.save(update_fields=["start", "end"], **SENT)


def move_single(company, account):
    item = company.shown(account, lambda one: one.type == "Single" and is_own(one) and not one.is_all_day)
    return item and moved(item, company.chance.choice((-1440, -30, 45, 2880)))


def change_occurrence(company, account):
    """Makes an exception, or changes one."""
    item = company.shown(account, lambda one: one.type in ("Occurrence", "Exception") and is_own(one))
    if item is None:
        return None
    if company.chance.random() < 0.5:
        return moved(item, company.chance.choice((-30, 15, 30)))
    item.subject, item.location = company.subject("Exception"), "Elsewhere"
    return item.save(update_fields=["subject", "location"], **SENT)


def delete_occurrence(company, account):
    item = company.shown(account, lambda one: one.type in ("Occurrence", "Exception") and is_own(one))
    return item and item.delete(**CANCELLED)


def edit_series(company, account):
    """Changes a whole series: what it is called, or when it is, which forgets its exceptions."""
    item = company.shown(account, lambda one: one.type == "Occurrence" and is_own(one))
    if item is None:
        return None
    master = item.recurring_master()
    master.refresh()
    if company.chance.random() < 0.5:
        master.subject = company.subject("Series")
        return master.save(update_fields=["subject"], **SENT)
    return moved(master, company.chance.choice((-30, 30)))


def respond(company, account):
    item = company.shown(account, lambda one: one.my_response_type == "NoResponseReceived" and not one.is_cancelled)
    if item is None:
        return None
    return company.chance.choice((item.accept, item.tentatively_accept, item.decline))()


def delete(company, account):
    item = company.shown(account, lambda one: one.type == "Single")
    return item and item.delete(**CANCELLED)


def delete_series(company, account):
    item = company.shown(account, lambda one: one.type == "Occurrence" and is_own(one))
    if item is None:
        return None
    master = item.recurring_master()
    master.refresh()
    return master.delete(**CANCELLED)


KINDS = {
    create_single: 3,
    create_all_day: 1,
    create_meeting: 4,
    create_series: 3,
    move_single: 3,
    change_occurrence: 5,
    delete_occurrence: 2,
    edit_series: 2,
    respond: 5,
    delete: 2,
    delete_series: 1,
}


def main():
    work = task()
    company = Company(work)
    over = time.monotonic() + work["mostSeconds"]
    refused = n = 0
    while n < work["changes"] and time.monotonic() < over:
        kind = company.chance.choices(list(KINDS), list(KINDS.values()))[0]
        account = company.chance.choice(company.accounts)
        try:
            kind(company, account)
        except REFUSALS:
            refused += 1
        n += 1
        print(json.dumps({"n": n, "did": kind.__name__, "mailbox": account.primary_smtp_address}), flush=True)
    print(json.dumps({"done": n, "refused": refused}), flush=True)


main()
