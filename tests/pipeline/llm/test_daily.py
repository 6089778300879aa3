"""What calls cost day by day, against sums over the calls themselves."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.calls import Call, at, tell
from tests.ledger import Ledger
from tests.pipeline.llm.test_ranked import END, START, by, cost_of, meant, some_calls, told

from costper.errors import UnknownNameError
from costper.model.answer import Absent
from costper.pipeline.llm.chosen import Chosen
from costper.pipeline.llm.daily import OF, SHOWN, daily


@settings(max_examples=25)
@given(calls=some_calls, of=st.sampled_from(OF))
def test_each_day_and_part_is_what_its_calls_come_to(calls: list[Call], of: str) -> None:
    folder, ledger = told(calls)
    with folder:
        found = daily(ledger.frame(since=START, until=END), Chosen(), of=of)
        ledger.close()
    expected = by(meant(calls), lambda one: f"{one.day} {getattr(one, of) or '(none)'}")
    assert {f"{row['day']} {row[of]}" for row in found.rows} == set(expected)
    for row in found.rows:
        own = expected[f"{row['day']} {row[of]}"]
        assert row["calls"] == len(own)
        priced = any(one.cost is not None for one in own) or cost_of(own)
        assert row["cost"] == (cost_of(own) if priced else Absent("unpriced"))


def test_all_but_the_dearest_of_the_whole_period_are_one_row_a_day(ledger: Ledger) -> None:
    tell(
        ledger,
        [
            Call(at=at(f"2026-10-{day:02}"), feature=f"f{one:02}", cost=f"0.{one + 10}")
            for one in range(SHOWN + 3)
            for day in (5, 6)
        ],
    )
    found = daily(ledger.frame(since=START, until=END), Chosen())
    first = [row for row in found.rows if row["day"] == date(2026, 10, 5)]
    assert [row["feature"] for row in first] == [
        *(f"f{one:02}" for one in range(SHOWN + 2, 2, -1)),
        "(rest)",
    ]
    assert (first[-1]["calls"], first[-1]["cost"]) == (3, Decimal("0.33"))


def test_a_day_is_not_parted_by_just_anything(ledger: Ledger) -> None:
    with pytest.raises(UnknownNameError):
        daily(ledger.frame(since=START, until=END), Chosen(), of="weather")
