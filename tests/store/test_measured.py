"""Measurements land once, replace their own days, and remember what they said before."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from tests.store.raw_bills import MAY, NOW, Desk
from tests.store.raw_series import land, on

from costper.errors import SourceError


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk.at(tmp_path)
    yield desk
    desk.books.close()


def held(desk: Desk) -> list[tuple[date, str, Decimal]]:
    rows = desk.all("SELECT day, customer, value FROM measurements ORDER BY ALL")
    return [(day, customer, value) for day, customer, value in rows]


def test_zero_is_a_value_and_missing_is_none(desk: Desk) -> None:
    landing = land(desk, [on(0, "0"), on(1, "2.5"), (MAY.isoformat(), None, "x"), (None, "1", "x")])
    assert [value for _, _, value in held(desk)] == [Decimal(0), Decimal("2.5")]
    assert (landing.rows, landing.landed, landing.bad) == (4, 2, 2)
    told = [(issue.code, issue.severity, issue.where) for issue in landing.issues]
    assert told == [
        ("no_value", "warning", "usage-1.parquet:3"),
        ("bad_row", "error", "usage-1.parquet:4"),
    ]


def test_what_cannot_be_read_is_quoted_with_what_can_be(desk: Desk) -> None:
    landing = land(desk, [on(0, "1"), on(1, "many"), ("soon", "1", "x"), (None, "1", "x")])
    assert [issue.message for issue in landing.issues] == [
        "'many' is no number of requests",
        "'soon' is no day or time of requests",
        "there is no day or time of requests",
    ]
    assert "2026-08-01T13:00:00Z" in landing.issues[1].hint


def test_values_with_more_decimals_than_are_kept_are_told_each_time(desk: Desk) -> None:
    lines = [on(0, "1.5"), on(0, "0.0000004", "x"), on(0, "0.0000016", "y"), on(1, "4e-7", "z")]
    for landing in (land(desk, lines), land(desk, lines)):
        (told,) = landing.issues
        assert (told.code, told.severity, told.count) == ("rounded_values", "warning", 3)
        assert told.where == "usage-1.parquet:2" or landing.unchanged
        assert told.message == "3 values have more than 6 decimals and were rounded: requests"


def test_values_of_six_decimals_and_trailing_zeros_are_not_rounded(desk: Desk) -> None:
    assert land(desk, [on(0, "1.500000000"), on(1, "0.000001"), on(2, "1e-6")]).issues == ()


def test_a_large_value_that_is_rounded_is_worth_knowing_but_no_warning(desk: Desk) -> None:
    (told,) = land(desk, [on(0, "12.33333333333333")]).issues
    assert (told.code, told.severity, told.count) == ("rounded_values", "info", 1)
    assert told.message == "1 value has more than 6 decimals and was rounded: requests"


def test_a_number_the_books_cannot_hold_is_too_large_not_none(desk: Desk) -> None:
    (told,) = land(desk, [on(0, "1"), on(1, "9" * 40)]).issues
    assert told.code == "no_value"
    assert told.message == f"'{'9' * 40}' is too large a number of requests"


def test_many_unreadable_rows_are_fifty_issues_and_a_count(desk: Desk) -> None:
    landing = land(desk, [on(0, "1"), *((f"day {n}", "1", "x") for n in range(200))])
    assert len(landing.issues) == 51
    assert sum(issue.count for issue in landing.issues) == 200
    assert landing.issues[-1].message == "no readable day of requests, in further rows"


def test_the_same_bytes_twice_change_nothing(desk: Desk) -> None:
    lines = [on(0, "1"), on(1, "2")]
    land(desk, lines)
    before = desk.all("SELECT * FROM measurements ORDER BY ALL")
    assert land(desk, lines).unchanged
    assert desk.all("SELECT * FROM measurements ORDER BY ALL") == before


def test_a_pull_replaces_its_days_and_leaves_the_others(desk: Desk) -> None:
    land(desk, [on(0, "1"), on(1, "2"), on(2, "3")])
    land(desk, [on(1, "20"), on(3, "40")])
    assert [value for _, _, value in held(desk)] == [1, 20, 40]


def test_a_changed_past_value_leaves_a_record(desk: Desk) -> None:
    land(desk, [on(0, "1"), on(1, "2"), on(1, "5", "globex"), on(2, "3")])
    landing = land(desk, [on(1, "20"), on(1, "7", "new"), on(2, "3"), on(3, "4")])
    assert landing.restated == 3
    columns = "day, customer, old, new, changed_at"
    records = desk.all(f"SELECT {columns} FROM restatements ORDER BY customer")
    day = MAY + timedelta(days=1)
    assert records == [
        (day, "acme", Decimal(2), Decimal(20), NOW.isoformat()),
        (day, "globex", Decimal(5), None, NOW.isoformat()),
        (day, "new", None, Decimal(7), NOW.isoformat()),
    ]
    assert [issue.code for issue in landing.issues] == ["restated"]


def test_days_never_seen_before_restate_nothing(desk: Desk) -> None:
    land(desk, [on(0, "1")])
    assert land(desk, [on(1, "1")]).restated == 0


def test_a_file_of_bad_rows_alone_forgets_nothing(desk: Desk) -> None:
    land(desk, [on(0, "1")])
    landing = land(desk, [(None, "x", "y")])
    assert (landing.landed, landing.bad) == (0, 1)
    assert len(held(desk)) == 1


def test_a_dimension_nobody_declared_is_refused(desk: Desk) -> None:
    with pytest.raises(SourceError, match="planet, which is no dimension"):
        land(desk, [on(0, "1")], dimension="planet")
