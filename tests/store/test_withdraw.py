"""What a source brought goes at once, is written down, and can come again."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.store.raw_bills import JUNE, MAY, NOW, Desk, bill_of, charge, days

from costper.errors import UserError
from costper.store import withdraw as taking
from costper.store.audit import entries
from costper.store.closing import close_period
from costper.store.deliveries import current
from costper.store.land import land_bill
from costper.store.withdraw import withdraw


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk.at(tmp_path)
    yield desk
    desk.books.close()


def of(desk: Desk, source: str) -> list[tuple[int, str]]:
    return [(each.rows, each.reason) for each in current(desk.books.control, source)]


def test_the_books_are_as_if_the_source_had_never_come(desk: Desk) -> None:
    desk.land([*days(MAY, 3), charge(JUNE)])
    before = desk.state()
    wrong = bill_of(desk.file([*days(MAY, 5, "7"), charge(JUNE, "7", billing_account_id="b")]))
    land_bill(desk.books, "wrong", wrong, now=NOW)
    gone = withdraw(desk.books, "wrong", reason="sandbox", now=NOW)
    assert [each.rows for each in gone] == [5, 1]
    assert desk.state() == before
    assert of(desk, "wrong") == [(0, "withdrawn: sandbox")] * 2
    newest = entries(desk.books.control)[-1]
    assert (newest.action, newest.subject, "sandbox" in newest.detail) == (
        "withdrawn",
        "wrong",
        True,
    )
    land_bill(desk.books, "wrong", wrong, now=NOW)
    assert [rows for rows, _ in of(desk, "wrong")] == [5, 1]
    desk.books.close()
    desk.books = desk.reopened().books


def test_appended_deliveries_go_together(desk: Desk) -> None:
    one, two = desk.file(days(MAY, 2)), desk.file(days(MAY, 2, "3"))
    for file in (one, two):
        land_bill(desk.books, "log", bill_of(file, mode="append"), now=NOW)
    assert len(withdraw(desk.books, "log", reason="twice", now=NOW)) == 2
    assert desk.state()["charges"] == []
    assert of(desk, "log") == [(0, "withdrawn: twice")]


def test_a_withdrawal_that_was_killed_half_way_is_finished(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.land(days(MAY, 3))

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(taking, "settle", killed)
        with pytest.raises(KeyboardInterrupt):
            withdraw(desk.books, "bill", reason="renamed", now=NOW)
    desk.books = desk.reopened().books
    assert desk.state()["charges"] == []
    assert of(desk, "bill") == [(0, "withdrawn: renamed")]


@pytest.mark.parametrize("why", ["no reason", "unknown", "closed", "again"])
def test_what_cannot_be_withdrawn_is_refused_and_nothing_changes(desk: Desk, why: str) -> None:
    desk.land(days(MAY, 3))
    before = desk.state()
    source, reason = "unheard" if why == "unknown" else "bill", " " if why == "no reason" else "x"
    if why == "closed":
        close_period(desk.books.control, MAY, source="", now=NOW)
    if why == "again":
        withdraw(desk.books, "bill", reason="first", now=NOW)
        before = desk.state()
    with pytest.raises(UserError):
        withdraw(desk.books, source, reason=reason, now=NOW)
    assert desk.state() == before
