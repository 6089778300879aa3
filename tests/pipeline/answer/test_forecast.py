from datetime import date, timedelta
from decimal import Decimal

import pytest
from tests.ledger import Ledger, amount

from costper.errors import UnknownNameError, UserError
from costper.model.answer import Absent
from costper.pipeline.answer.forecast import SHOWN, forecasts

FIRST = date(2026, 8, 1)
DAYS = (date(2026, 11, 19) - FIRST).days
"""Until the last settled day, 18 November."""


def steady(ledger: Ledger) -> Ledger:
    """Five days of 100 and two of 30, and another team of 10 a day."""
    for offset in range(DAYS):
        day = FIRST + timedelta(days=offset)
        ledger.leg(day, "100" if day.weekday() < 5 else "30", team="web")
    return ledger.every_day(FIRST, DAYS, "10", team="data", customer="beta")


def test_a_steady_week_goes_on_and_the_month_lands_on_what_it_must(ledger: Ledger) -> None:
    answer = forecasts(steady(ledger).frame(), days=14)
    assert [row["day"] for row in answer.rows][:2] == [date(2026, 11, 19), date(2026, 11, 20)]
    expected = [110, 110, 40, 40, 110, 110, 110] * 2
    assert [row["forecast"] for row in answer.rows] == expected
    assert [row["forecast_low"] for row in answer.rows] == expected
    total = answer.total
    days = [date(2026, 11, 1) + timedelta(days=n) for n in range(30)]
    whole = sum(110 if day.weekday() < 5 else 40 for day in days)
    done = sum(110 if day.weekday() < 5 else 40 for day in days[:18])
    assert (total["month_to_date"], total["landing"]) == (done, whole)
    assert total["forecast"] == sum(expected)
    assert (answer.estimated, answer.coverage, answer.unallocated) == (True, None, {})


def test_the_total_is_the_sum_of_its_days_as_they_are_shown(ledger: Ledger) -> None:
    for offset in range(DAYS):
        cost = Decimal(1) / 3 + Decimal(offset % 11) / 7
        ledger.leg(FIRST + timedelta(days=offset), cost.quantize(Decimal("1e-12")))
    answer = forecasts(ledger.frame(), days=30)
    assert sum(amount(row, "forecast") for row in answer.rows) == answer.total["forecast"]


@pytest.mark.parametrize(
    ("budget", "day"),
    [
        ("100", date(2026, 11, 2)),
        ("1850", date(2026, 11, 20)),
        ("99999", Absent("not_reached")),
    ],
)
def test_a_budget_is_used_up_on_a_day_of_the_month(
    ledger: Ledger, budget: str, day: date | Absent
) -> None:
    total = forecasts(steady(ledger).frame(), days=5, budget=Decimal(budget)).total
    assert total["budget_used_on"] == day


def test_a_budget_that_only_the_band_reaches_is_told_with_its_day(ledger: Ledger) -> None:
    for offset in range(DAYS):
        ledger.leg(FIRST + timedelta(days=offset), str(1000 + 10 * offset))
    plain = forecasts(ledger.frame()).total
    low, landing, high = (amount(plain, f"landing{end}") for end in ("_low", "", "_high"))
    assert low <= landing < high
    total = forecasts(ledger.frame(), budget=(landing + high) / 2).total
    assert total["budget_used_on"] == Absent("not_reached")
    assert total["budget_latest"] == Absent("not_reached")
    assert isinstance(total["budget_earliest"], date)
    reached = forecasts(ledger.frame(), budget=low - 1).total
    days = [reached[name] for name in ("budget_earliest", "budget_used_on", "budget_latest")]
    assert days == sorted(days, key=str)
    assert days[-1] == date(2026, 11, 30)


def test_by_a_dimension_each_value_has_its_own_landing(ledger: Ledger) -> None:
    steady(ledger).every_day(date(2026, 11, 10), 9, "500", team="new")
    answer = forecasts(ledger.frame(), by="team")
    found = {row["team"]: row for row in answer.rows}
    assert list(found) == ["new", "web", "data"]
    assert found["data"]["landing"] == 300
    assert found["data"]["forecast"] == 300
    assert found["new"]["landing"] == Absent("learning")
    assert found["new"]["month_to_date"] == 4500


def test_by_customer_reads_their_own_costs(ledger: Ledger) -> None:
    rows = forecasts(steady(ledger).frame(), by="customer", days=7).rows
    assert [amount(row, "forecast") for row in rows] == [560, 70]


def test_too_many_values_are_told_and_not_dropped_in_silence(ledger: Ledger) -> None:
    for number in range(SHOWN + 2):
        ledger.every_day(date(2026, 10, 1), 49, str(100 + number), service=f"s{number}")
    answer = forecasts(ledger.frame(), by="service")
    assert len(answer.rows) == SHOWN
    assert [issue.message for issue in answer.issues] == [
        "2 more are not forecast one by one: only the 50 dearest are"
    ]


def test_a_month_of_days_is_learnt_from_before_anything_is_said(ledger: Ledger) -> None:
    ledger.every_day(date(2026, 11, 1), 18, "10")
    answer = forecasts(ledger.frame(), days=2)
    assert [row["forecast"] for row in answer.rows] == [Absent("learning")] * 2
    assert answer.total["month_to_date"] == 180
    assert answer.total["landing"] == Absent("learning")


def test_empty_books_and_wrong_questions_are_told(ledger: Ledger) -> None:
    assert forecasts(ledger.frame()).rows == ()
    steady(ledger)
    with pytest.raises(UserError, match="days must be"):
        forecasts(ledger.frame(), days=367)
    with pytest.raises(UnknownNameError, match="unknown dimension 'temas'"):
        forecasts(ledger.frame(), by="temas")
