"""Replaced deliveries can be compared for a while, and do not pile up."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from tests.store.raw_bills import JUNE, MAY, Desk, charge, days

from costper.errors import UserError
from costper.store.diff import difference
from costper.store.superseded import KEPT


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk.at(tmp_path)
    yield desk
    desk.books.close()


def kept(desk: Desk) -> list[int]:
    sql = "SELECT DISTINCT delivery_id FROM charge_daily_superseded ORDER BY 1"
    return [number for (number,) in desk.all(sql)]


def test_only_the_last_replaced_deliveries_of_a_scope_are_kept(desk: Desk) -> None:
    desk.land(days(JUNE, 2))
    desk.land(days(JUNE, 2, "5"))
    for version in range(KEPT + 4):
        desk.land(days(MAY, 2, str(version + 1)))
    newest = KEPT + 6
    assert kept(desk) == [1, *range(newest - KEPT, newest)]


def test_a_diff_is_exact_while_both_sides_are_kept_and_says_so_after(desk: Desk) -> None:
    for version in range(KEPT + 3):
        desk.land(days(MAY, 1, str(version + 1)))
    newest = KEPT + 3
    for number in range(newest - KEPT + 1, newest + 1):
        (change,) = difference(desk.books, number).changes
        assert change.before["billed_cost"] == Decimal(number - 1)
        assert change.after["billed_cost"] == Decimal(number)
    for number in (1, newest - KEPT):
        with pytest.raises(UserError, match="no longer kept"):
            difference(desk.books, number)


def test_a_replaced_month_that_was_appended_in_many_files_stays_whole(desk: Desk) -> None:
    for file in range(KEPT + 2):
        desk.land([charge(MAY, str(file + 1))], mode="append")
    desk.land(days(MAY, 1, "100"))
    assert len(kept(desk)) == KEPT + 2
    desk.land(days(MAY, 1, "101"))
    assert kept(desk) == [*range(4, KEPT + 4)]


def test_a_landing_that_fails_prunes_nothing(desk: Desk) -> None:
    for version in range(KEPT + 1):
        desk.land(days(MAY, 2, str(version + 1)))
    before = kept(desk)
    desk.land([charge(MAY, "ten"), charge(MAY, "many")])
    assert [scope.fate for scope in desk.landings[-1].scopes] == ["refused"]
    assert kept(desk) == before == [*range(1, KEPT + 1)]
