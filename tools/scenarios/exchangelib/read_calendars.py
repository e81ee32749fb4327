"""Reads calendars with a CalendarView and tells them in the words that the connector's database uses.

Input, one JSON object: {"ewsUrl", "password", "calendars": [{"mailbox", "from", "to"}]}, times ISO 8601.
Output, one JSON object: {mailbox: {itemId: event}}, an event with the fields of ShownEvent (tools/stack-driver). What
exchangelib has no field for is left out.
"""

import json
from datetime import datetime, timedelta

from company import UTC, open_mailbox, task
from exchangelib import EWSDateTime

FIELDS = (
    "uid", "subject", "start", "end", "is_all_day", "_start_timezone", "location", "text_body", "organizer",
    "required_attendees", "optional_attendees", "resources", "my_response_type", "legacy_free_busy_status",
    "sensitivity", "is_meeting", "is_cancelled", "categories", "reminder_is_set", "reminder_minutes_before_start",
    "type", "original_start",
)  # fmt: skip

RESPONSES = {
    None: "unknown",
    "Unknown": "unknown",
    "Organizer": "organizer",
    "Tentative": "tentative",
    "Accept": "accepted",
    "Decline": "declined",
    "NoResponseReceived": "notResponded",
}
FREE_BUSY = {
    "Free": "free",
    "Tentative": "tentative",
    "Busy": "busy",
    "OOF": "oof",
    "WorkingElsewhere": "workingElsewhere",
    "NoData": "noData",
}


def instant(value):
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def midnight(day, zone):
    return instant(EWSDateTime(day.year, day.month, day.day, tzinfo=zone))


def times(item):
    """Start and end. exchangelib gives the first and the last day of an all-day event."""
    if not item.is_all_day:
        return {"start": instant(item.start), "end": instant(item.end), "startDate": None, "endDate": None}
    zone, after = item._start_timezone, item.end + timedelta(days=1)
    return {
        "start": midnight(item.start, zone),
        "end": midnight(after, zone),
        "startDate": item.start.isoformat(),
        "endDate": after.isoformat(),
    }


def attendees(item):
    roles = (
        ("required", item.required_attendees),
        ("optional", item.optional_attendees),
        ("resource", item.resources),
    )
    return sorted(
        f"{person.mailbox.email_address.lower()} {role} {RESPONSES[person.response_type]} {person.mailbox.name}"
        for role, people in roles
        for person in people or ()
    )


def event(item):
    return {
        "kind": item.type.lower(),
        "uid": item.uid,
        "originalStart": None if item.type == "Single" else instant(item.original_start),
        "subject": item.subject or "",
        **times(item),
        "allDay": item.is_all_day,
        "timeZone": item._start_timezone.key,
        "location": item.location or "",
        "preview": " ".join((item.text_body or "").split())[:255].rstrip(),
        "organizerAddress": item.organizer.email_address.lower(),
        "organizerName": item.organizer.name,
        "isMeeting": item.is_meeting,
        "attendees": attendees(item),
        "myResponse": RESPONSES[item.my_response_type],
        "freeBusy": FREE_BUSY[item.legacy_free_busy_status],
        "sensitivity": item.sensitivity.lower(),
        "isCancelled": item.is_cancelled,
        "categories": item.categories or [],
        "reminderMinutes": item.reminder_minutes_before_start if item.reminder_is_set else None,
    }


def calendar(work, mailbox, start, end):
    account = open_mailbox(work["ewsUrl"], mailbox, work["password"])
    start, end = (EWSDateTime.from_datetime(datetime.fromisoformat(text)) for text in (start, end))
    items = account.calendar.view(start=start, end=end).only(*FIELDS)
    # A CalendarView also gives what ends exactly where it begins.
    told = {item.id: event(item) for item in items}
    return {item_id: one for item_id, one in told.items() if one["end"] > instant(start) or one["start"] >= instant(start)}


def main():
    work = task()
    print(json.dumps({one["mailbox"]: calendar(work, one["mailbox"], one["from"], one["to"]) for one in work["calendars"]}))


main()
