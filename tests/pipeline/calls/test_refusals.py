"""What the door refuses is counted by field and day, and nothing of it is kept."""

from datetime import date
from pathlib import Path

from costper.events.event import Event
from costper.identity import Doorkeeper, identities
from costper.pipeline.calls.people import day_us
from costper.pipeline.calls.refusals import FILE, Refusals, Refused, refused

AUGUST, SEPTEMBER = day_us(date(2026, 8, 1)), day_us(date(2026, 9, 1))
KEEPER = Doorkeeper(identities(pepper=b"pepper"))
ADDRESS = "jane@acme.com"


def watched(folder: Path) -> Refusals:
    return Refusals(KEEPER, folder, clock=lambda: 0.0)


def test_refusals_are_counted_by_field_and_day(tmp_path: Path) -> None:
    door = watched(tmp_path)
    for at in (SEPTEMBER, AUGUST, SEPTEMBER):
        assert door.admit(Event(user_id=ADDRESS, timestamp=at))
    assert door.admit(Event(tenant_id=ADDRESS, timestamp=AUGUST))
    assert door.admit(Event(user_id="jane", timestamp=AUGUST)) == ""
    door.keep()
    assert refused(tmp_path) == {
        "userId": Refused(count=3, first="2026-08-01", last="2026-09-01"),
        "tenantId": Refused(count=1, first="2026-08-01", last="2026-08-01"),
    }


def test_counts_go_on_after_a_restart(tmp_path: Path) -> None:
    for _ in range(2):
        door = watched(tmp_path)
        door.admit(Event(user_id=ADDRESS, timestamp=AUGUST))
        door.keep()
    assert refused(tmp_path)["userId"].count == 2


def test_nothing_of_what_was_sent_is_kept(tmp_path: Path) -> None:
    door = watched(tmp_path)
    door.admit(Event(user_id=ADDRESS, timestamp=AUGUST))
    door.keep()
    assert b"acme" not in (tmp_path / FILE).read_bytes()


def test_damaged_counts_stop_nobody(tmp_path: Path) -> None:
    for text in ("", "[]", "{", '{"userId": 7}', '{"userId": {"count": 1, "first": "x"}}'):
        (tmp_path / FILE).write_text(text)
        assert refused(tmp_path) == {}
        assert watched(tmp_path).admit(Event(user_id="jane", timestamp=AUGUST)) == ""
