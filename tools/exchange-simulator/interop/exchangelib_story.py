"""A day of calendar work through exchangelib, unpatched, against the simulator.

Usage: exchangelib_story.py EWS_URL
Anna and Boris have mailboxes with password "demo"; svc may impersonate everybody, "outsider" nobody.
Prints one line per chapter and ends with "done"; any difference ends with a traceback and exit code 1.
"""

import sys

from exchangelib import DELEGATE, IMPERSONATION, CalendarItem, EWSDate, HTMLBody
from exchangelib.errors import (
    ErrorImpersonateUserDenied,
    ErrorInvalidSyncStateData,
    ErrorItemNotFound,
    ErrorNameResolutionNoResults,
    ErrorNonExistentMailbox,
    UnauthorizedError,
)
from exchangelib.items import SEND_TO_ALL_AND_SAVE_COPY, SEND_TO_NONE
from exchangelib.properties import Attendee, DLMailbox, Mailbox
from exchangelib.recurrence import DailyPattern, Recurrence, WeeklyPattern
from exchangelib.services import SyncFolderItems

from company import BERLIN, account, at, by_uid, chapter, view

EWS_URL = sys.argv[1]


def drain(acc):
    return [(kind, item.id if hasattr(item, "id") else item[0].id) for kind, item in acc.calendar.sync_items()]


def folders(anna):
    chapter("folders")
    assert anna.root.id and anna.calendar.id
    assert anna.calendar.folder_class == "IPF.Appointment"
    assert anna.calendar in list(anna.root.walk())
    assert anna.calendar.total_count == 0


def single(anna):
    chapter("create, read, update, delete")
    item = CalendarItem(
        account=anna,
        folder=anna.calendar,
        subject="Budget <2027> & co.",
        body=HTMLBody("<html><body><p>Figures</p></body></html>"),
        start=at(2026, 9, 7, 10),
        end=at(2026, 9, 7, 11),
        location="Room 4",
        categories=["Blue", "Finance"],
        sensitivity="Private",
        reminder_minutes_before_start=30,
    )
    item.save(send_meeting_invitations=SEND_TO_NONE)
    read = anna.calendar.get(id=item.id)
    assert read.subject == "Budget <2027> & co.", read.subject
    assert read.start == at(2026, 9, 7, 10) and read.end == at(2026, 9, 7, 11)
    assert read.categories == ["Blue", "Finance"] and read.sensitivity == "Private"
    assert read.location == "Room 4" and read.reminder_minutes_before_start == 30
    assert "Figures" in read.body and "Figures" in read.text_body
    assert read.type == "Single" and not read.is_meeting and read.my_response_type == "Organizer"
    assert read.organizer.email_address == "anna@corp.example"
    changekey = read.changekey
    read.subject = "Budget"
    read.start, read.end = at(2026, 9, 8, 9), at(2026, 9, 8, 9, 45)
    read.location = None
    read.save(update_fields=["subject", "start", "end", "location"])
    again = anna.calendar.get(id=item.id)
    assert again.subject == "Budget" and again.start == at(2026, 9, 8, 9) and again.location is None
    assert again.changekey != changekey
    assert anna.calendar.filter(subject="Budget").count() == 1
    assert anna.calendar.filter(start__gte=at(2026, 9, 8), start__lt=at(2026, 9, 9)).count() == 1
    assert anna.calendar.filter(subject__icontains="budg").order_by("-start").count() == 1
    assert [i.subject for i in view(anna, at(2026, 9, 8), at(2026, 9, 9))] == ["Budget"]
    # A full save writes every field back.
    again.save()
    assert anna.calendar.get(id=item.id).subject == "Budget"
    again.delete()
    (gone,) = anna.fetch(ids=[(item.id, None)])
    assert isinstance(gone, ErrorItemNotFound), gone


def all_day(anna):
    chapter("all-day")
    item = CalendarItem(
        account=anna,
        folder=anna.calendar,
        subject="Holiday",
        start=EWSDate(2026, 10, 24),
        end=EWSDate(2026, 10, 25),
        is_all_day=True,
    )
    item.save()
    read = anna.calendar.get(id=item.id)
    assert read.start == EWSDate(2026, 10, 24) and read.end == EWSDate(2026, 10, 25), (read.start, read.end)
    read.delete()


def series(anna):
    chapter("series")
    master = CalendarItem(
        account=anna,
        folder=anna.calendar,
        subject="Stand-up",
        start=at(2026, 10, 19, 9),
        end=at(2026, 10, 19, 9, 15),
        recurrence=Recurrence(
            pattern=WeeklyPattern(interval=1, weekdays=["Monday", "Wednesday"]), start=EWSDate(2026, 10, 19), number=6
        ),
    )
    master.save()
    found = view(anna, at(2026, 10, 1), at(2026, 12, 1))
    # 25 October is the end of summer time: the wall hour stays.
    assert [i.start.astimezone(BERLIN).strftime("%m-%d %H:%M") for i in found] == [
        "10-19 09:00", "10-21 09:00", "10-26 09:00", "10-28 09:00", "11-02 09:00", "11-04 09:00",
    ], [str(i.start) for i in found]  # fmt: skip
    assert {i.type for i in found} == {"Occurrence"} and len({i.id for i in found}) == 6
    second = master.occurrence(index=2)
    second.refresh()
    assert second.start == at(2026, 10, 21, 9)
    second.start, second.end = at(2026, 10, 22, 14), at(2026, 10, 22, 14, 15)
    second.save(update_fields=["start", "end"])
    third = master.occurrence(index=3)
    third.refresh()
    assert third.recurring_master()
    third.delete()
    full = anna.calendar.get(id=master.id)
    assert full.type == "RecurringMaster"
    assert [o.original_start for o in full.modified_occurrences] == [at(2026, 10, 21, 9)]
    assert [o.start for o in full.modified_occurrences] == [at(2026, 10, 22, 14)]
    assert [o.start for o in full.deleted_occurrences] == [at(2026, 10, 26, 9)]
    assert full.first_occurrence.start == at(2026, 10, 19, 9)
    assert full.last_occurrence.start == at(2026, 11, 4, 9)
    assert full.recurrence.boundary.number == 6
    starts = [i.start.astimezone(BERLIN).strftime("%m-%d %H:%M") for i in view(anna, at(2026, 10, 1), at(2026, 12, 1))]
    assert starts == ["10-19 09:00", "10-22 14:00", "10-28 09:00", "11-02 09:00", "11-04 09:00"], starts
    moved = master.occurrence(index=2)
    moved.refresh()
    assert moved.type == "Exception" and moved.original_start == at(2026, 10, 21, 9)
    owner = moved.recurring_master()
    owner.refresh()
    assert owner.id == full.id
    full.subject = "Stand-up (new)"
    full.save(update_fields=["subject"])
    assert {i.subject for i in view(anna, at(2026, 10, 1), at(2026, 12, 1))} == {"Stand-up (new)"}
    full.delete()
    assert view(anna, at(2026, 10, 1), at(2026, 12, 1)) == []
    daily = CalendarItem(
        account=anna,
        folder=anna.calendar,
        subject="Daily",
        start=at(2026, 3, 28, 2, 30),
        end=at(2026, 3, 28, 3),
        recurrence=Recurrence(pattern=DailyPattern(interval=1), start=EWSDate(2026, 3, 28), end=EWSDate(2026, 3, 30)),
    )
    daily.save()
    assert len(view(anna, at(2026, 3, 1), at(2026, 4, 10))) == 3
    daily.delete()


def sync(anna):
    chapter("sync")
    assert anna.calendar.item_sync_state is None
    before = drain(anna)
    assert [kind for kind, _ in before if kind != "create"] == []
    items = [
        CalendarItem(
            account=anna, folder=anna.calendar, subject=f"Item {n}", start=at(2026, 5, 4, 8), end=at(2026, 5, 4, 9)
        )
        for n in range(7)
    ]
    ids = anna.bulk_create(folder=anna.calendar, items=items)
    assert drain(anna) == [("create", i.id) for i in ids]
    first = anna.calendar.get(id=ids[0].id)
    first.subject = "changed"
    first.save(update_fields=["subject"])
    anna.calendar.get(id=ids[1].id).delete()
    assert drain(anna) == [("update", ids[0].id), ("delete", ids[1].id)]
    assert drain(anna) == []
    state = anna.calendar.item_sync_state
    assert list(anna.calendar.sync_items(sync_state=state, max_changes_returned=1)) == []
    whole = [change for change, _ in anna.inbox.sync_items()]
    assert whole == []
    try:
        list(anna.calendar.sync_items(sync_state="bm90IGEgc3RhdGU="))
        raise AssertionError("a broken state was accepted")
    except ErrorInvalidSyncStateData:
        pass
    paged = [item.id for _, item in paged_sync(anna)]
    assert set(paged) >= {i.id for i in ids if i.id != ids[1].id}
    for item in ids:
        if item.id != ids[1].id:
            anna.calendar.get(id=item.id).delete()


def paged_sync(anna):
    state = None
    for _ in range(50):
        service = SyncFolderItems(account=anna)
        yield from service.call(
            folder=anna.calendar,
            shape="IdOnly",
            additional_fields=None,
            sync_state=state,
            ignore=None,
            max_changes_returned=2,
            sync_scope=None,
        )
        state = service.sync_state
        if service.includes_last_item_in_range:
            return
    raise AssertionError("the sync never ends")


def meeting(anna, boris):
    chapter("meeting")
    item = CalendarItem(
        account=anna,
        folder=anna.calendar,
        subject="Kick-off",
        start=at(2026, 9, 14, 10),
        end=at(2026, 9, 14, 11),
        required_attendees=[Attendee(mailbox=Mailbox(email_address="boris@corp.example"), response_type="Unknown")],
        optional_attendees=["outside@partner.example"],
    )
    item.save(send_meeting_invitations=SEND_TO_ALL_AND_SAVE_COPY)
    item = anna.calendar.get(id=item.id)
    assert item.is_meeting and item.meeting_request_was_sent
    (copy,) = by_uid(boris, item.uid)
    assert copy.id != item.id and copy.is_meeting and copy.my_response_type == "NoResponseReceived"
    assert copy.legacy_free_busy_status == "Tentative" and copy.organizer.email_address == "anna@corp.example"
    copy.accept(body="Gladly")
    (copy,) = by_uid(boris, item.uid)
    assert copy.my_response_type == "Accept" and copy.legacy_free_busy_status == "Busy"
    item.refresh()
    assert [a.response_type for a in item.required_attendees] == ["Accept"]
    assert item.required_attendees[0].last_response_time is not None
    item.start, item.end = at(2026, 9, 14, 15), at(2026, 9, 14, 16)
    item.save(update_fields=["start", "end"], send_meeting_invitations=SEND_TO_ALL_AND_SAVE_COPY)
    (copy,) = by_uid(boris, item.uid)
    assert copy.start == at(2026, 9, 14, 15) and copy.my_response_type == "NoResponseReceived"
    copy.tentatively_accept()
    item.refresh()
    assert [a.response_type for a in item.required_attendees] == ["Tentative"]
    (copy,) = by_uid(boris, item.uid)
    copy.decline()
    assert by_uid(boris, item.uid) == []
    item.refresh()
    assert [a.response_type for a in item.required_attendees] == ["Decline"]
    item.delete(send_meeting_cancellations=SEND_TO_NONE)


def cancellation(anna, boris):
    chapter("cancellation")
    item = CalendarItem(
        account=anna,
        folder=anna.calendar,
        subject="Review",
        start=at(2026, 9, 15, 10),
        end=at(2026, 9, 15, 11),
        required_attendees=["boris@corp.example"],
    )
    item.save(send_meeting_invitations=SEND_TO_ALL_AND_SAVE_COPY)
    uid = anna.calendar.get(id=item.id).uid
    item.cancel(body="Not needed")
    assert by_uid(anna, uid) == []
    (copy,) = by_uid(boris, uid)
    assert copy.is_cancelled and copy.subject == "Canceled: Review", copy.subject
    copy.delete()


def directory(anna, boris):
    chapter("directory")
    protocol = anna.protocol
    team = protocol.expand_dl("team@corp.example")
    assert [(m.email_address, m.mailbox_type) for m in team] == [
        ("boris@corp.example", "Mailbox"),
        ("all@corp.example", "PublicDL"),
        ("eva@partner.example", "Contact"),
    ], team
    assert protocol.expand_dl(DLMailbox(email_address="nobody@corp.example")) == []
    (found,) = protocol.resolve_names(["smtp:a.adams@corp.example"])
    assert found.email_address == "anna@corp.example", found
    ((mailbox, contact),) = protocol.resolve_names(["smtp:a.adams@corp.example"], return_full_contact_data=True)
    assert mailbox.email_address == "anna@corp.example" and contact.display_name == "Anna"
    (missing,) = protocol.resolve_names(["nobody at all"])
    assert isinstance(missing, ErrorNameResolutionNoResults), missing
    several = protocol.resolve_names(["smtp:"])
    assert {m.email_address for m in several} >= {"anna@corp.example", "boris@corp.example"}
    (rooms,) = protocol.get_roomlists()
    assert rooms.email_address == "rooms@corp.example", rooms
    (blue,) = protocol.get_rooms(rooms.email_address)
    assert blue.email_address == "blue@corp.example" and blue.name == "Blue room", blue
    item = CalendarItem(
        account=anna,
        folder=anna.calendar,
        subject="All hands",
        start=at(2026, 9, 16, 10),
        end=at(2026, 9, 16, 11),
        required_attendees=["team@corp.example"],
    )
    item.save(send_meeting_invitations=SEND_TO_ALL_AND_SAVE_COPY)
    uid = anna.calendar.get(id=item.id).uid
    (copy,) = by_uid(boris, uid)
    assert copy.required_attendees[0].mailbox.mailbox_type == "PublicDL"
    item.delete(send_meeting_cancellations=SEND_TO_NONE)


def rights():
    chapter("rights")
    boris = account(EWS_URL, "boris@corp.example", "CORP\\svc", "secret", IMPERSONATION)
    assert boris.calendar.id
    for address, username, expected in (
        ("nobody@corp.example", "svc", ErrorNonExistentMailbox),
        ("boris@corp.example", "outsider", ErrorImpersonateUserDenied),
    ):
        try:
            account(EWS_URL, address, username, "secret", IMPERSONATION).calendar
            raise AssertionError(f"{username} was let in")
        except expected:
            pass
    try:
        account(EWS_URL, "anna@corp.example", "anna", "wrong", DELEGATE).calendar
        raise AssertionError("a wrong password was accepted")
    except UnauthorizedError:
        pass


def main():
    anna = account(EWS_URL, "anna@corp.example", "anna@corp.example", "demo", DELEGATE)
    boris = account(EWS_URL, "boris@corp.example", "svc", "secret", IMPERSONATION)
    folders(anna)
    single(anna)
    all_day(anna)
    series(anna)
    sync(anna)
    meeting(anna, boris)
    cancellation(anna, boris)
    directory(anna, boris)
    rights()
    print("done", flush=True)


main()
