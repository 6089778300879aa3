"""Periods are half-open: parts add up, and comparisons have equal lengths."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from costper.model.period import Period, days_in_month, month_of

days = st.dates(date(2000, 1, 1), date(2100, 1, 1))


@given(days, st.integers(0, 900))
def test_the_months_of_a_period_add_up_to_it(start: date, length: int) -> None:
    period = Period(start, start + timedelta(days=length))
    assert sum(month.days for month in period.months()) == length
    assert [day for month in period.months() for day in month.each_day()] == list(period.each_day())


@given(days, st.integers(1, 900))
def test_the_previous_period_is_as_long_and_touches(start: date, length: int) -> None:
    period = Period(start, start + timedelta(days=length))
    assert period.previous().end == period.start
    assert period.previous().days == period.days


@given(days)
def test_a_month_holds_its_day_and_not_its_end(day: date) -> None:
    month = month_of(day)
    assert month.holds(day)
    assert not month.holds(month.end)
    assert month.days == days_in_month(day)


def test_a_period_cannot_end_before_it_starts() -> None:
    with pytest.raises(ValueError, match="cannot end"):
        Period(date(2026, 1, 2), date(2026, 1, 1))
