"""A server charges the calls of yesterday by itself."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from threading import Event

from tests.pipeline.calls.billed_world import NOW, Calls, desk

from costper.api.charged import charge, charged
from costper.pipeline.workdir import workdir


def test_calls_of_days_that_are_over_are_charged_and_allocated(tmp_path: Path) -> None:
    with desk(tmp_path) as it:
        it.fold(Calls(cost="2"), Calls(cost="4", day=NOW.date()))
        assert charge(it.books, NOW)
        assert it.by_customer() == {"acme": Decimal(2)}
        assert not charge(it.books, NOW + timedelta(hours=1))
        assert charge(it.books, NOW + timedelta(days=1))
        assert it.by_customer() == {"acme": Decimal(6)}


def test_while_a_sync_runs_it_is_left_to_that(tmp_path: Path) -> None:
    with desk(tmp_path) as it:
        it.fold(Calls(cost="2"))
        with workdir(it.books):
            assert not charge(it.books, NOW)


def test_a_thread_beside_the_server_looks_again_and_again(tmp_path: Path) -> None:
    asked = Event()

    def clock() -> datetime:
        asked.set()
        return datetime(2026, 11, 20, tzinfo=UTC)

    with desk(tmp_path) as it, charged(it.books, clock, seconds=0.01):
        assert asked.wait(10)
