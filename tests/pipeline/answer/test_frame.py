from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from tests.ledger import Ledger

from costper.errors import UserError
from costper.model.answer import Absent
from costper.model.envelope import envelope
from costper.model.period import Period
from costper.pipeline.answer.cost import CostQuestion, cost
from costper.pipeline.answer.customer import customer
from costper.pipeline.answer.customers import customers
from costper.pipeline.answer.frame import Asked, Standing, frame_of
from costper.pipeline.answer.trend import trend
from costper.pipeline.answer.values import values

START = date(2026, 9, 1)


def test_the_default_is_thirty_settled_days(ledger: Ledger) -> None:
    frame = ledger.every_day(date(2026, 9, 1), 80, "1").frame()
    assert frame.settled_through == date(2026, 11, 18)
    assert frame.period == Period(date(2026, 10, 20), date(2026, 11, 19))
    assert frame.previous == Period(date(2026, 9, 20), date(2026, 10, 20))
    assert not frame.estimated


def test_settled_through_is_no_later_than_the_last_day_in_the_books(ledger: Ledger) -> None:
    frame = ledger.every_day(START, 30, "1").frame(days=7)
    assert frame.settled_through == date(2026, 9, 30)
    assert frame.period == Period(date(2026, 9, 24), date(2026, 10, 1))


def test_unsettled_days_and_estimated_charges_make_an_answer_estimated(ledger: Ledger) -> None:
    ledger.every_day(START, 80, "1")
    assert ledger.frame(since=date(2026, 11, 1), until=date(2026, 11, 20)).estimated
    assert not ledger.frame(since=date(2026, 11, 1), until=date(2026, 11, 19)).estimated
    ledger.leg(date(2026, 11, 3), "1", estimated=True)
    assert ledger.frame(since=date(2026, 11, 1), until=date(2026, 11, 19)).estimated


def test_from_and_days_to_and_days_name_a_period(ledger: Ledger) -> None:
    ledger.leg(START, "1")
    assert ledger.frame(since=START, days=7).period == Period(START, date(2026, 9, 8))
    assert ledger.frame(until=START, days=7).period == Period(date(2026, 8, 25), START)


@pytest.mark.parametrize(
    "asked",
    [
        Asked(days=0),
        Asked(days=99999),
        Asked(since=START, until=START),
        Asked(since=date(2027, 1, 1)),
        Asked(since=date(1990, 1, 1), until=START),
    ],
)
def test_a_period_without_days_or_without_end_is_refused(ledger: Ledger, asked: Asked) -> None:
    ledger.leg(START, "1").keep()
    with pytest.raises(UserError):
        frame_of(ledger, asked, datetime(2026, 11, 20, tzinfo=UTC), Standing())


def test_empty_books_say_what_to_do(ledger: Ledger) -> None:
    frame = ledger.frame()
    assert frame.settled_through is None
    answer = trend(frame)
    assert [issue.code for issue in answer.issues] == ["no_charges"]
    assert answer.coverage is None
    assert {row["cost"] for row in answer.rows} == {Absent("no_data")}


def test_empty_books_know_no_cost_rather_than_zero(ledger: Ledger) -> None:
    frame, unknown = ledger.frame(), Absent("no_data")
    assert trend(frame).total["cost"] == unknown
    assert customers(frame).total["cost"] == unknown
    assert customers(frame).total["customers_cost"] == unknown
    assert values(frame, "team").total["cost"] == unknown


def test_a_trend_needs_as_many_days_before(ledger: Ledger) -> None:
    ledger.every_day(START, 40, "1")
    whole = ledger.frame(days=20)
    assert whole.trend(Decimal(2), Decimal(1)) == Decimal("100.0")
    short = ledger.frame(days=21)
    assert short.trend(Decimal(2), Decimal(1)) == Absent("previous_incomplete")
    assert whole.trend(Decimal(2), Decimal(0)) == Absent("new")
    assert short.trend(Decimal(2), Decimal(0)) == Absent("previous_incomplete")


def test_what_was_before_the_books_is_unknown_and_never_zero_or_new(ledger: Ledger) -> None:
    ledger.every_day(START, 10, "1").payer("acme", "2000")
    frame = ledger.frame(since=START, until=date(2026, 9, 11))
    unknown = Absent("previous_incomplete")
    deep = customer(frame, "acme")
    rows = [
        *customers(frame).rows,
        *values(frame, "team").rows,
        *cost(frame, CostQuestion()).rows,
        *deep.rows,
        *(answer.total for answer in (customers(frame), trend(frame), deep)),
    ]
    assert {row["previous_cost"] for row in rows} == {unknown}
    assert {row.get("trend_percent", unknown) for row in rows} == {unknown}
    assert deep.rows[0]["previous_margin"] == unknown
    assert deep.rows[0]["drivers"] == ()
    assert trend(frame).total["change"] == unknown


def test_a_previous_period_without_any_day_of_the_books_is_incomplete(ledger: Ledger) -> None:
    ledger.leg(date(2026, 1, 1), "1").every_day(START, 10, "1")
    frame = ledger.frame(since=START, until=date(2026, 9, 11))
    assert customers(frame).rows[0]["previous_cost"] == Absent("previous_incomplete")


def test_a_payer_who_cost_nothing_has_no_previous_cost_before_the_books(ledger: Ledger) -> None:
    ledger.every_day(START, 10, "1").payer("quiet", "100")
    frame = ledger.frame(since=START, until=date(2026, 9, 11))
    row = next(row for row in customers(frame).rows if row["customer"] == "quiet")
    assert (row["cost"], row["previous_cost"]) == (0, Absent("previous_incomplete"))
    assert customer(frame, "quiet").rows[0]["previous_margin"] == Absent("previous_incomplete")


def test_unallocated_cost_without_a_rate_is_null_and_never_zero(ledger: Ledger) -> None:
    nobody = {"customer": "(unallocated)", "reason": "no_rule"}
    ledger.leg(START, "0.3", currency="NOK", **nobody).leg(START, "2", **nobody)
    answer = customers(ledger.frame(since=START, days=1))
    assert answer.unallocated == {"no_rule": Absent("missing_rate")}
    assert envelope(answer)["unallocated"] == {"no_rule": {"value": None, "reason": "missing_rate"}}


def test_a_hole_in_the_bill_is_said_and_is_no_zero(ledger: Ledger) -> None:
    ledger.every_day(START, 10, "2").every_day(date(2026, 9, 13), 8, "2")
    answer = trend(ledger.frame(since=START, until=date(2026, 9, 21)))
    assert [row["cost"] for row in answer.rows][9:13] == [
        Decimal(2),
        Absent("no_data"),
        Absent("no_data"),
        Decimal(2),
    ]
    assert answer.total["daily_average"] == 2
    (issue,) = answer.issues
    assert issue.code == "days_without_data"
    assert "2 of 20 days" in issue.message


def test_coverage_is_of_gross_cost_so_that_credits_cannot_hide_it(ledger: Ledger) -> None:
    ledger.leg(START, "100").leg(START, "-100", customer="(unallocated)", reason="no_rule")
    frame = ledger.frame(since=START, days=1)
    assert str(frame.coverage) == "0.500"
    assert frame.unallocated == {"no_rule": Decimal(-100)}


def test_answers_say_as_of_when(ledger: Ledger, tmp_path: Path) -> None:
    assert tmp_path.exists()
    answer = trend(ledger.leg(START, "1").frame())
    assert answer.as_of == "2026-11-20T06:00:00Z"
    assert answer.currency == "USD"


def test_books_in_which_nothing_is_settled_yet_show_the_days_there_are(ledger: Ledger) -> None:
    first = date(2026, 11, 19)
    ledger.every_day(first, 2, "5")
    frame = ledger.frame()
    assert frame.period == Period(first, date(2026, 11, 21))
    assert frame.estimated
    (issue,) = [one for one in frame.issues if one.code == "nothing_settled"]
    assert "begin on 2026-11-19" in issue.message
    assert cost(frame, CostQuestion()).total["cost"] == 10
    assert ledger.frame(days=30).period.days == 30


def test_a_period_past_the_last_settled_day_is_compared_with_nothing(ledger: Ledger) -> None:
    ledger.every_day(START, 80, "1").payer("acme", "1")
    settled = ledger.frame(since=date(2026, 11, 1), until=date(2026, 11, 19))
    past = ledger.frame(since=date(2026, 11, 1), until=date(2026, 12, 1))
    assert customers(settled).rows[0]["trend_percent"] == 0
    not_settled = Absent("not_settled")
    told = (
        customers(past).rows[0],
        customers(past).total,
        customer(past, "acme").rows[0],
        values(past, "service").rows[0],
        trend(past).total,
    )
    assert [row["trend_percent"] for row in told] == [not_settled] * len(told)
    assert trend(past).total["change"] == not_settled
    assert customer(past, "acme").rows[0]["drivers"] == ()
    assert told[0]["previous_cost"] == 30
