"""Reads calendars with exchangelib, unpatched, as `pnpm bench sync` asks for on standard input.

Input, one line of JSON: {"ewsUrl", "login", "password", "mailboxes": [address], "from", "to", "settings": "default"|"best"}.
Output, one line of JSON per mailbox: {"mailbox", "startedMs", "endedMs", "occurrences", "attendees", "bodyCharacters"},
times in unix ms; then "done". It ends when its standard input does, so that its cost can be looked at before.

default: what its documentation shows first, one mailbox after the other; only the server's version is given, since the
simulator does not know ConvertId, by which exchangelib finds it out. best: everything known to make it faster: eight
connections as the connector has, eight threads, larger batches.
"""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

from exchangelib import BASIC, IMPERSONATION, Account, Configuration, Credentials, EWSDateTime
from exchangelib.version import EXCHANGE_2016, Version

AT_A_TIME = 8
BATCH = 500

# What the connector stores of an event.
FIELDS = (
    "uid",
    "subject",
    "start",
    "end",
    "is_all_day",
    "_start_timezone",
    "location",
    "text_body",
    "organizer",
    "required_attendees",
    "optional_attendees",
    "resources",
    "my_response_type",
    "legacy_free_busy_status",
    "sensitivity",
    "is_meeting",
    "is_cancelled",
    "categories",
    "reminder_is_set",
    "reminder_minutes_before_start",
    "type",
    "original_start",
    "last_modified_time",
)


def configuration(task):
    return Configuration(
        service_endpoint=task["ewsUrl"],
        credentials=Credentials(task["login"], task["password"]),
        auth_type=BASIC,
        version=Version(EXCHANGE_2016, "Exchange2016"),
        max_connections=AT_A_TIME if task["settings"] == "best" else None,
    )


def read(task, config, mailbox):
    started = time.time()
    account = Account(
        primary_smtp_address=mailbox, config=config, autodiscover=False, access_type=IMPERSONATION
    )
    start, end = (EWSDateTime.from_datetime(datetime.fromisoformat(task[key])) for key in ("from", "to"))
    view = account.calendar.view(start=start, end=end).only(*FIELDS)
    if task["settings"] == "best":
        view.chunk_size = BATCH
        view.page_size = BATCH
    items = list(view)
    result = {
        "mailbox": mailbox,
        "startedMs": started * 1000,
        "endedMs": time.time() * 1000,
        "occurrences": len(items),
        "attendees": sum(
            len(people or ())
            for item in items
            for people in (item.required_attendees, item.optional_attendees, item.resources)
        ),
        "bodyCharacters": sum(len(item.text_body or "") for item in items),
    }
    print(json.dumps(result), flush=True)


def main():
    task = json.loads(sys.stdin.readline())
    config = configuration(task)
    at_a_time = AT_A_TIME if task["settings"] == "best" else 1
    with ThreadPoolExecutor(at_a_time) as threads:
        for _ in threads.map(lambda mailbox: read(task, config, mailbox), task["mailboxes"]):
            pass
    print('"done"', flush=True)
    sys.stdin.read()


main()
