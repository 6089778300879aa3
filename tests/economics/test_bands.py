from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costper.economics.bands import Bands, allowed, placed
from costper.model.answer import Absent

amounts = st.decimals("0.01", 10**9, places=6)


@pytest.mark.parametrize(
    ("cost", "revenue", "percent", "band"),
    [
        ("1.60", "30", "5.33", "on_target"),
        ("3.00", "30", "10.00", "watch"),
        ("3.000000000001", "30", "10.00", "problem"),
        ("2.40", "30", "8.00", "watch"),
        ("2.399999999999", "30", "8.00", "on_target"),
        ("15", "49", "30.61", "problem"),
        ("2", "49", "4.08", "on_target"),
        ("5", "49", "10.20", "problem"),
        ("10", "99", "10.10", "problem"),
    ],
)
def test_the_bands_hold_to_the_edge(cost: str, revenue: str, percent: str, band: str) -> None:
    found = placed(Decimal(cost), Decimal(revenue), Bands())
    assert (str(found.percent), found.band) == (percent, band)


@pytest.mark.parametrize(
    ("revenue", "share", "cost"),
    [("49", "8", "3.92"), ("49", "10", "4.90"), ("30", "8", "2.40"), ("99", "8", "7.92")],
)
def test_a_revenue_allows_a_cost(revenue: str, share: str, cost: str) -> None:
    assert allowed(Decimal(revenue), Decimal(share)) == Decimal(cost)


def test_without_revenue_there_is_no_ratio() -> None:
    assert placed(Decimal(5), Decimal(0), Bands()) == (Absent("free_loss"), "problem")
    assert placed(Decimal(0), Decimal(0), Bands()) == (Absent("no_revenue"), "")
    assert placed(Absent("missing_rate"), Decimal(1), Bands()) == (Absent("missing_rate"), "")
    assert placed(Decimal(1), Absent("no_mrr"), Bands()) == (Absent("no_mrr"), "")
    assert allowed(Absent("no_mrr"), Decimal(8)) == Absent("no_mrr")


@given(amounts, st.integers(1, 99), st.integers(1, 99))
def test_what_is_allowed_is_watched_and_not_a_problem(
    revenue: Decimal, low: int, more: int
) -> None:
    bands = Bands(Decimal(low), Decimal(low + more))
    assert placed(allowed(revenue, bands.watch), revenue, bands).band == "watch"
    assert placed(allowed(revenue, bands.problem), revenue, bands).band == "watch"
