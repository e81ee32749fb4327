"""Signing in to mailboxes with exchangelib, unpatched, and reading from standard input what to do."""

import json
import sys

from exchangelib import BASIC, DELEGATE, Account, Configuration, Credentials, EWSTimeZone
from exchangelib.version import EXCHANGE_2016, Version

UTC = EWSTimeZone("UTC")


def task():
    """The one JSON object on standard input."""
    return json.load(sys.stdin)


def open_mailbox(ews_url, address, password):
    """The mailbox of somebody who signs in with a password of their own."""
    config = Configuration(
        service_endpoint=ews_url,
        credentials=Credentials(address, password),
        auth_type=BASIC,
        version=Version(EXCHANGE_2016, "Exchange2016"),
    )
    return Account(
        primary_smtp_address=address, config=config, autodiscover=False, access_type=DELEGATE, default_timezone=UTC
    )
