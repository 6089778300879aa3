"""Days an invoice has trued up and days it is awaited for are told apart, and compared by price."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from tests.pipeline.calls.billed_world import BILLED, NOW, Calls, Desk, desk

from costper.model.answer import Answer, Row
from costper.pipeline.answer.frame import Asked, Frame, frame_of
from costper.pipeline.answer.standing import standing
from costper.pipeline.llm.chosen import Chosen
from costper.pipeline.llm.daily import daily
from costper.pipeline.llm.drift import drift
from costper.pipeline.llm.page import page
from costper.pipeline.llm.ranked import ranked
from costper.pipeline.llm.spikes import spikes
from costper.pipeline.llm.versions import prompt_versions

FIRST = date(2026, 10, 20)
BILLED_DAYS = [FIRST + timedelta(days=at) for at in range(12)]
AWAITED_DAYS = [FIRST + timedelta(days=at) for at in range(12, 24)]
SWITCH = AWAITED_DAYS[0]
EVERYTHING = Chosen()


def calls(day: date, cost: str, version: str) -> Calls:
    """Give ten calls of a day."""
    return Calls(cost=cost, calls=10, day=day, more={"prompt_version": version})


@pytest.fixture
def switched(tmp_path: Path) -> Iterator[Desk]:
    """Give books whose invoice was twice the price, and has not come since a version's first day.

    A call of v1 is $1 by price, $2 billed; one of v2, a fifth dearer, is $1.20 by price.
    """
    with desk(tmp_path, llm=BILLED) as it:
        it.fold(
            *(calls(day, "10", "v1") for day in BILLED_DAYS),
            *(calls(day, "12", "v2") for day in AWAITED_DAYS),
        )
        it.invoice(*((day, "20") for day in BILLED_DAYS))
        it.land()
        it.allocate()
        yield it


def asked(it: Desk, first: date, last: date) -> Frame:
    days = Asked(since=first, until=last + timedelta(days=1))
    return frame_of(it.books, days, NOW, standing(it.books))


def all_days(it: Desk) -> Frame:
    return asked(it, BILLED_DAYS[0], AWAITED_DAYS[-1])


def of(answer: Answer, name: str, word: str) -> Row:
    return next(row for row in answer.rows if row[name] == word)


def codes(answer: Answer) -> set[str]:
    return {issue.code for issue in answer.issues}


def test_a_version_is_compared_by_price_where_an_invoice_came_for_the_other_alone(
    switched: Desk,
) -> None:
    found = of(prompt_versions(all_days(switched), EVERYTHING), "prompt_version", "v2")
    assert (found["cost_change_percent"], found["verdict"]) == (Decimal("20.00"), "dearer")
    assert found["price_change_percent"] == Decimal("20.00")
    assert found["call_cost_per_call"] == Decimal("1.2")
    before = of(prompt_versions(all_days(switched), EVERYTHING), "prompt_version", "v1")
    assert (before["cost_per_call"], before["call_cost_per_call"]) == (2, 1)


def test_an_invoice_that_has_not_come_is_no_step(switched: Desk) -> None:
    (found,) = drift(all_days(switched), EVERYTHING).rows
    assert (found["day"], found["cost_change_percent"]) == (SWITCH, Decimal("20.00"))
    assert (found["call_cost_per_call_before"], found["call_cost_per_call"]) == (1, Decimal("1.2"))


def test_days_whose_invoice_is_awaited_are_estimated_and_others_are_final(switched: Desk) -> None:
    final = ranked(asked(switched, BILLED_DAYS[0], BILLED_DAYS[-1]), EVERYTHING, "feature")
    mixed = ranked(all_days(switched), EVERYTHING, "feature")
    assert (final.estimated, mixed.estimated) == (False, True)
    assert "invoice_awaited" not in codes(final)
    (issue,) = (one for one in mixed.issues if one.code == "invoice_awaited")
    assert issue.message.startswith("12 days of openai cost what they do by price")


def test_every_day_says_whether_it_is_estimated(switched: Desk) -> None:
    rows = daily(all_days(switched), EVERYTHING, of="prompt_version").rows
    assert {row["day"] for row in rows if row["estimated"]} == set(AWAITED_DAYS)
    assert {row["call_cost_per_call"] for row in rows} == {1, Decimal("1.2")}


def test_a_trend_over_both_kinds_of_days_is_by_price_and_says_so(switched: Desk) -> None:
    mixed = asked(switched, AWAITED_DAYS[0], AWAITED_DAYS[-1])
    for answer in (
        ranked(mixed, EVERYTHING, "model"),
        page(mixed, EVERYTHING, "feature", "search"),
    ):
        (row,) = answer.rows
        assert (row["cost"], row["previous_cost"]) == (144, 240)
        assert row["trend_percent"] == Decimal("20.00")
        assert "compared_by_price" in codes(answer)


def test_a_trend_over_billed_days_alone_is_of_record(switched: Desk) -> None:
    answer = ranked(asked(switched, BILLED_DAYS[6], BILLED_DAYS[-1]), EVERYTHING, "model")
    assert answer.rows[0]["trend_percent"] == 0
    assert not codes(answer) & {"compared_by_price", "invoice_awaited"}


def test_the_first_hours_without_an_invoice_are_no_spike(tmp_path: Path) -> None:
    with desk(tmp_path, llm=BILLED) as it:
        hours = [(day, hour) for day in (*BILLED_DAYS, *AWAITED_DAYS) for hour in range(9, 17)]
        it.fold(*(Calls(cost=f"1.{hour}", day=day, hour=hour) for day, hour in hours))
        it.invoice(*((day, "1") for day in BILLED_DAYS))
        it.land()
        found = spikes(asked(it, SWITCH, SWITCH), EVERYTHING, minimum=Decimal("0.1"))
        assert found.rows == ()
        assert "compared_by_price" in codes(found)


def test_calls_that_no_invoice_is_for_are_not_waited_for(switched: Desk) -> None:
    switched.fold(replace(calls(SWITCH, "5", "v1"), provider="mistral"))
    switched.fold(replace(calls(SWITCH, "5", "v1"), mode="test"))
    days = all_days(switched)
    assert not ranked(days, Chosen(provider="mistral"), "feature").estimated
    assert not ranked(days, Chosen(data_mode="test"), "feature").estimated
