"""What the stories share: accounts of the simulated company, times in Berlin, and a calendar read back."""

from exchangelib import BASIC, Account, Configuration, Credentials, EWSDateTime, EWSTimeZone
from exchangelib.version import EXCHANGE_2016, Version

BERLIN = EWSTimeZone("Europe/Berlin")


def account(ews_url, address, username, password, access_type):
    config = Configuration(
        service_endpoint=ews_url,
        credentials=Credentials(username, password),
        auth_type=BASIC,
        version=Version(EXCHANGE_2016, "Exchange2016"),
        max_connections=4,
    )
    return Account(
        primary_smtp_address=address,
        config=config,
        autodiscover=False,
        access_type=access_type,
        default_timezone=BERLIN,
    )


def at(year, month, day, hour=0, minute=0, tz=BERLIN):
    return EWSDateTime(year, month, day, hour, minute, tzinfo=tz)


def chapter(name):
    print(name, flush=True)


def view(acc, start, end):
    return sorted(acc.calendar.view(start=start, end=end), key=lambda item: str(item.start))


def by_uid(acc, uid):
    return [item for item in acc.calendar.all() if item.uid == uid]
