"""A mailbox that moves to another site, followed through Autodiscover by exchangelib, unpatched.

Usage: exchangelib_sites.py EWS_URL CONTROL_URL
svc may impersonate Anna and Boris. Opens the site "north". Prints one line per chapter and ends with "done"; any difference
ends with a traceback and exit code 1.
"""

import sys
import tempfile

import requests

EWS_URL, CONTROL_URL = sys.argv[1:3]
# exchangelib keeps what it discovered in a file of this folder, which it chooses while it is imported.
FOLDER = tempfile.TemporaryDirectory()
tempfile.tempdir = FOLDER.name

from exchangelib import BASIC, IMPERSONATION, Account, CalendarItem, Configuration, Credentials  # noqa: E402
from exchangelib.autodiscover.cache import autodiscover_cache  # noqa: E402
from exchangelib.autodiscover.protocol import AutodiscoverProtocol  # noqa: E402
from exchangelib.errors import ErrorCrossSiteRequest, ErrorMailboxMoveInProgress  # noqa: E402
from exchangelib.version import EXCHANGE_2016, Version  # noqa: E402

from company import at, chapter  # noqa: E402

CREDENTIALS = Credentials("svc", "secret")
ANNA = "anna@corp.example"


def control(method, path, **body):
    reply = requests.request(method, CONTROL_URL + path, json=body or None, timeout=10)
    reply.raise_for_status()
    return reply.json()


def know_autodiscover(ews_url):
    """The library looks for Autodiscover by the domain's name, in DNS, unless it found it there before."""
    url = ews_url.replace("/EWS/Exchange.asmx", "/autodiscover/autodiscover.svc")
    version = Version(EXCHANGE_2016, "Exchange2016")
    config = Configuration(service_endpoint=url, credentials=CREDENTIALS, auth_type=BASIC, version=version)
    autodiscover_cache[("corp.example", CREDENTIALS)] = AutodiscoverProtocol(config=config)


def discovered(address):
    return Account(
        primary_smtp_address=address, credentials=CREDENTIALS, autodiscover="soap", access_type=IMPERSONATION
    )


def refused(acc, error):
    try:
        list(acc.calendar.all())
        raise AssertionError(f"{error.__name__} did not come")
    except error:
        pass


def main():
    know_autodiscover(EWS_URL)
    chapter("before the move")
    north = control("POST", "/sites", name="north")["ewsUrl"]
    control("PATCH", "/settings", backEnds=[{"name": "EX01"}, {"name": "EX09", "group": "DAG9", "site": "north"}])
    anna = discovered(ANNA)
    assert anna.protocol.service_endpoint == EWS_URL, anna.protocol.service_endpoint
    CalendarItem(
        account=anna, folder=anna.calendar, subject="Comes along", start=at(2027, 6, 2, 9), end=at(2027, 6, 2, 10)
    ).save()

    chapter("during the move")
    control("POST", f"/mailboxes/{ANNA}/move", backEnd="EX09", forMs=3_600_000)
    refused(anna, ErrorMailboxMoveInProgress)
    control("DELETE", "/outages")

    chapter("after the move: refused at the old site, found at the new one, whichever is asked")
    refused(anna, ErrorCrossSiteRequest)
    for asked in (EWS_URL, north):
        know_autodiscover(asked)
        moved = discovered(ANNA)
        assert moved.protocol.service_endpoint == north != EWS_URL, moved.protocol.service_endpoint
        assert "Comes along" in [item.subject for item in moved.calendar.all()]
    boris = discovered("boris@corp.example")
    assert boris.protocol.service_endpoint == EWS_URL, boris.protocol.service_endpoint
    assert boris.calendar.id
    control("PATCH", "/settings", backEnds=[{"name": "EX01"}])
    print("done", flush=True)


main()
