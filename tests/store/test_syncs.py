"""What came of syncs is remembered: the newest whole, older ones in numbers, a good one always."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa

from costper.model.outcome import Issue
from costper.store.control import Control, sqlite_url
from costper.store.schema import source_syncs
from costper.store.syncs import (
    ISSUES_KEPT,
    SYNCS_KEPT,
    Outcome,
    SourceSync,
    good_syncs,
    last_syncs,
    latest_syncs,
    remember_syncs,
    sync_issues,
    syncs_mark,
    syncs_of,
)

TOTALS = {"USD": {"billed_cost": Decimal("0.000000000000000000001")}}


@pytest.fixture
def control(tmp_path: Path) -> Iterator[Control]:
    control = Control(sqlite_url(tmp_path / "control.sqlite"))
    yield control
    control.close()


def synced(source: str, at: int, outcome: Outcome = "ok", *issues: Issue) -> SourceSync:
    return SourceSync(
        source=source,
        at=f"2026-11-20T12:{at // 60:02}:{at % 60:02}+00:00",
        actor="cli",
        outcome=outcome,
        changed=True,
        rows=at,
        errors=len(issues),
        totals=TOTALS,
        issues=issues,
    )


def test_a_store_from_before_syncs_were_remembered_opens(tmp_path: Path) -> None:
    url = sqlite_url(tmp_path / "control.sqlite")
    old = Control(url, revision="0005")
    with old.begin() as connection:
        connection.execute(sa.text("INSERT INTO meta VALUES ('books', 'mine')"))
        assert not sa.inspect(connection).has_table("source_syncs")
    old.close()
    new = Control(url)
    assert new.remembered("books") == "mine"
    assert (latest_syncs(new), syncs_mark(new)) == ({}, "")
    remember_syncs(new, [synced("bill", 1)])
    assert latest_syncs(new)["bill"].totals == TOTALS
    new.close()


def test_issues_are_kept_of_the_newest_sync_and_history_in_numbers(control: Control) -> None:
    bad = Issue("bad_row", "no readable BilledCost", "may.csv:3", hint="mend it", count=2)
    remember_syncs(control, [synced("bill", 1, "failed", bad), synced("usage", 1)])
    assert sync_issues(control, "bill") == (bad,)
    remember_syncs(control, [synced("bill", 2)])
    assert sync_issues(control, "bill") == ()
    assert [(one.rows, one.errors) for one in syncs_of(control, "bill")] == [(2, 0), (1, 1)]
    assert {name: one.rows for name, one in latest_syncs(control).items()} == {
        "bill": 2,
        "usage": 1,
    }
    assert [one.source for one in last_syncs(control)] == ["bill"]


def test_old_syncs_are_forgotten_but_for_the_last_good_one(control: Control) -> None:
    remember_syncs(control, [synced("bill", 0)])
    for at in range(1, SYNCS_KEPT + 10):
        remember_syncs(control, [synced("bill", at, "failed")])
    kept = syncs_of(control, "bill")
    assert len(kept) == SYNCS_KEPT + 1
    assert (kept[0].rows, kept[-1].rows, kept[-1].outcome) == (SYNCS_KEPT + 9, 0, "ok")
    assert good_syncs(control) == {"bill": kept[-1].at}


def test_a_million_bad_rows_do_not_fill_the_store(control: Control) -> None:
    many = [Issue("bad_row", "no", f"may.csv:{row}") for row in range(ISSUES_KEPT + 5)]
    remember_syncs(control, [synced("bill", 1, "failed", *many)])
    assert len(sync_issues(control, "bill")) == ISSUES_KEPT
    assert latest_syncs(control)["bill"].errors == ISSUES_KEPT + 5


def test_a_sync_is_one_change_of_the_store(control: Control) -> None:
    before = control.changes
    remember_syncs(control, [synced(name, 1) for name in ("a", "b", "c")])
    remember_syncs(control, [])
    assert control.changes == before + 1
    with control.read() as connection:
        assert len(connection.execute(sa.select(source_syncs)).all()) == 3
