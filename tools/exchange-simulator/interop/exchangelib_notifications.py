"""Streaming notifications through exchangelib, unpatched, against the simulator, with impersonation.

Usage: exchangelib_notifications.py EWS_URL CONTROL_URL
svc may impersonate Anna and Boris. Prints one line per chapter and ends with "done"; any difference ends with a traceback
and exit code 1.
"""

import sys
import threading
import time

import requests
from exchangelib import BASIC, IMPERSONATION, CalendarItem, Configuration, Credentials
from exchangelib.autodiscover.protocol import AutodiscoverProtocol
from exchangelib.errors import ErrorSubscriptionNotFound
from exchangelib.properties import CopiedEvent, CreatedEvent, DeletedEvent, ModifiedEvent, MovedEvent
from exchangelib.version import EXCHANGE_2016, Version

from company import account, at, chapter

EWS_URL, CONTROL_URL = sys.argv[1:3]


class Listener:
    """Reads a stream in a thread of its own, until the server closes it."""

    def __init__(self, acc, subscription_ids):
        self.notifications = []
        self.failure = None
        self._account = acc
        self._ids = subscription_ids
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        wait_for(lambda: len(requests.get(f"{CONTROL_URL}/streams", timeout=10).json()) == 1, "an open stream")

    def _run(self):
        try:
            for notification in self._account.calendar.get_streaming_events(self._ids, connection_timeout=1):
                self.notifications.append(notification)
        except Exception as error:  # Reported by whoever waits.
            self.failure = error

    def item_events(self, subscription_id):
        """Events about items, in order; those about the folder itself come beside them."""
        return [
            event
            for notification in list(self.notifications)
            if notification.subscription_id == subscription_id
            for event in notification.events
            if event.item_id is not None
        ]

    def end(self):
        requests.post(f"{CONTROL_URL}/streams/drop", json={"how": "closed"}, timeout=10).raise_for_status()
        self._thread.join(30)
        assert not self._thread.is_alive(), "the stream never ended"
        assert self.failure is None, repr(self.failure)


def wait_for(condition, what):
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, f"never came: {what}"
        time.sleep(0.02)


def new_item(acc, subject):
    item = CalendarItem(
        account=acc, folder=acc.calendar, subject=subject, start=at(2027, 6, 1, 9), end=at(2027, 6, 1, 10)
    )
    item.save()
    return item


def one_mailbox(anna):
    chapter("one mailbox: created, modified, copied, moved, deleted, closed, unsubscribed")
    with anna.calendar.streaming_subscription() as subscription_id:
        listener = Listener(anna, [subscription_id])
        item = new_item(anna, "Plan")
        item.subject = "Plan B"
        item.save(update_fields=["subject"])
        copy_id, _ = item.copy(to_folder=anna.calendar)
        original_id = item.id
        item.move(to_folder=anna.trash)
        anna.calendar.get(id=copy_id).delete()
        wait_for(lambda: len(listener.item_events(subscription_id)) == 5, "five events")
        events = listener.item_events(subscription_id)
        kinds = [type(event) for event in events]
        assert kinds == [CreatedEvent, ModifiedEvent, CopiedEvent, MovedEvent, DeletedEvent], kinds
        assert events[0].item_id.id == events[1].item_id.id == original_id
        assert events[2].item_id.id == copy_id and events[2].old_item_id.id == original_id
        assert events[3].old_item_id.id == original_id and events[3].item_id.id == item.id
        assert events[3].old_parent_folder_id.id == anna.calendar.id
        assert events[3].parent_folder_id.id == anna.trash.id
        assert events[4].item_id.id == copy_id
        listener.end()
    try:
        list(anna.calendar.get_streaming_events(subscription_id, connection_timeout=1))
        raise AssertionError("an unsubscribed subscription was streamed")
    except ErrorSubscriptionNotFound as error:
        assert subscription_id in str(error), error


def two_mailboxes(anna, boris):
    chapter("two mailboxes in one stream, each impersonated when it subscribed")
    ids = [acc.calendar.subscribe_to_streaming() for acc in (anna, boris)]
    listener = Listener(anna, ids)
    items = [new_item(acc, "Both") for acc in (anna, boris)]
    wait_for(lambda: all(listener.item_events(one) for one in ids), "an event of each mailbox")
    assert [listener.item_events(one)[0].item_id.id for one in ids] == [item.id for item in items]
    listener.end()
    for acc, one in zip((anna, boris), ids):
        assert acc.calendar.unsubscribe(one)
    for item in items:
        item.delete()


def autodiscover():
    chapter("autodiscover")
    protocol = AutodiscoverProtocol(
        config=Configuration(
            service_endpoint=EWS_URL.replace("/EWS/Exchange.asmx", "/autodiscover/autodiscover.svc"),
            credentials=Credentials("svc", "secret"),
            auth_type=BASIC,
            version=Version(EXCHANGE_2016, "Exchange2016"),
        )
    )
    found = protocol.get_user_settings(user="anna@corp.example")
    assert found.ews_url == EWS_URL and found.autodiscover_smtp_address == "anna@corp.example", found
    assert found.version.api_version == "Exchange2016" and not found.user_settings_errors
    unknown = protocol.get_user_settings(user="nobody@corp.example")
    assert unknown.error_code == "InvalidUser", unknown


def main():
    anna = account(EWS_URL, "anna@corp.example", "svc", "secret", IMPERSONATION)
    boris = account(EWS_URL, "boris@corp.example", "svc", "secret", IMPERSONATION)
    one_mailbox(anna)
    two_mailboxes(anna, boris)
    autodiscover()
    print("done", flush=True)


main()
