"""Many write to the control store at once: each sees what the one before has written."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from costper.store.audit import entries, log, verify
from costper.store.control import Control, sqlite_url
from costper.store.keys import LastKeyError, add_key, list_keys, revoke_key

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.fixture
def control(tmp_path: Path) -> Control:
    return Control(sqlite_url(tmp_path / "control.sqlite"))


def at_once(count: int, work: Callable[[int], None]) -> list[Exception]:
    """Do the work from many threads that begin together, and give what they raised."""
    ready, raised = threading.Barrier(count), list[Exception]()

    def begin(number: int) -> None:
        ready.wait()
        try:
            work(number)
        except Exception as error:  # noqa: BLE001 - told to the test
            raised.append(error)

    threads = [threading.Thread(target=begin, args=(it,)) for it in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def test_entries_of_the_log_follow_each_other_whoever_writes_them(control: Control) -> None:
    def write(number: int) -> None:
        for step in range(10):
            with control.begin() as connection:
                log(connection, "tried", f"{number} {step}", now=NOW)

    assert at_once(8, write) == []
    assert verify(control) == len(entries(control)) == 80


def test_keys_that_revoke_each_other_leave_one_that_makes_keys(control: Control) -> None:
    for turn in range(10):
        names = [f"a{turn}", f"b{turn}"]
        for name in names:
            add_key(control, name, ("admin",), now=NOW)
        for key in list_keys(control):
            if key.name not in names and not key.revoked_at:
                revoke_key(control, key.name, now=NOW)

        def revoke(number: int, names: list[str] = names) -> None:
            revoke_key(control, names[number], now=NOW, keep_admin=True)

        (refused,) = at_once(2, revoke)
        assert isinstance(refused, LastKeyError)
        assert len([it for it in list_keys(control) if not it.revoked_at]) == 1
