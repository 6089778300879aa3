"""The gap between price and bill is shown by model and day, and nothing in it is hidden."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tests.pipeline.calls.billed_world import BILLED, DAY, NOW, Calls, Desk, desk

from costper.errors import UnknownNameError
from costper.model.answer import Absent, Answer
from costper.pipeline.answer.frame import Asked, frame_of
from costper.pipeline.answer.standing import standing
from costper.pipeline.llm.reconcile import reconcile

OTHER = date(2026, 11, 4)


@pytest.fixture
def billed(tmp_path: Path) -> Iterator[Desk]:
    with desk(tmp_path, llm=BILLED) as it:
        it.fold(
            Calls(cost="6", model="gpt-5-2026-04-14"),
            Calls(cost="3", model="gpt-5-mini", calls=4, unpriced=1),
            Calls(cost="2", day=OTHER),
            Calls(cost="5", provider="mistral", model="small"),
            Calls(cost="70", mode="test"),
        )
        it.invoice((DAY, "8"), tags='{"model": "GPT 5"}')
        it.land()
        it.allocate()
        yield it


def ask(it: Desk, by: str = "model") -> Answer:
    days = Asked(since=date(2026, 11, 1), until=date(2026, 11, 10))
    return reconcile(it.books, frame_of(it.books, days, NOW, standing(it.books)), by)


def cells(answer: Answer, *names: str) -> list[tuple[Any, ...]]:
    return [tuple(row[name] for name in names) for row in answer.rows]


def test_a_line_for_each_model_holds_price_bill_and_gap(billed: Desk) -> None:
    found = cells(ask(billed), "provider", "model", "estimate", "billed", "gap", "state")
    nothing = Absent("no_invoice")
    assert found == [
        ("openai", "gpt-5-mini", 3, 0, 3, "not_on_the_bill"),
        ("openai", "gpt-5", 6, 8, -2, "compared"),
        ("mistral", "small", nothing, nothing, nothing, "no_invoice"),
    ]


def test_calls_of_days_without_a_bill_stand_apart(billed: Desk) -> None:
    rows = cells(ask(billed, "day"), "day", "model", "unbilled_estimate", "state")
    assert (OTHER, "gpt-5", 2, "not_billed_yet") in rows
    assert [row[0] for row in rows] == sorted(row[0] for row in rows)


def test_the_total_is_what_is_billed_and_what_is_not(billed: Desk) -> None:
    answer = ask(billed, "provider")
    assert answer.total["billed"] == 8
    assert answer.total["gap"] == 1
    assert answer.total["unbilled_estimate"] == 7
    assert answer.total["unpriced_calls"] == 1
    assert [issue.code for issue in answer.issues if issue.code == "estimate_gap"]
    [row] = [row for row in answer.rows if row["provider"] == "openai"]
    assert (row["gap_percent"], row["captured_percent"]) == (Decimal("12.5"), Decimal("112.5"))


def test_what_is_unallocated_of_other_bills_is_not_told(billed: Desk) -> None:
    billed.invoice((DAY, "100"), source="cloud", service_name="EC2")
    billed.allocate()
    answer = ask(billed)
    assert (answer.coverage, dict(answer.unallocated)) == (None, {})


def test_a_bill_without_calls_is_a_line(tmp_path: Path) -> None:
    with desk(tmp_path, llm=BILLED) as it:
        it.invoice((DAY, "8"))
        it.allocate()
        [row] = ask(it).rows
        assert (row["state"], row["gap"]) == ("bill_without_calls", -8)


def test_a_bill_that_names_no_model_is_compared_with_all_of_them(tmp_path: Path) -> None:
    with desk(tmp_path, llm=BILLED) as it:
        it.fold(Calls(cost="6"), Calls(cost="3", model="gpt-5-mini"))
        it.invoice((DAY, "8"))
        it.allocate()
        found = cells(ask(it), "model", "estimate", "billed", "gap", "state")
        assert found == [("(all models)", 9, 8, 1, "compared")]


def test_what_a_bill_names_no_model_for_is_a_line(tmp_path: Path) -> None:
    with desk(tmp_path, llm=BILLED) as it:
        it.fold(Calls(cost="6"))
        it.models(("gpt-5", "7"), ("", "2"))
        it.allocate()
        found = cells(ask(it), "model", "billed", "state")
        assert found == [("(no model)", 2, "bill_without_calls"), ("gpt-5", 7, "compared")]


def test_another_way_to_cut_is_refused(billed: Desk) -> None:
    with pytest.raises(UnknownNameError, match="hour"):
        ask(billed, "hour")


def test_calls_without_a_price_are_unknown_and_not_zero(tmp_path: Path) -> None:
    with desk(tmp_path, llm=BILLED) as it:
        it.fold(
            Calls(cost="0", calls=3, unpriced=3), Calls(cost="0", calls=2, unpriced=2, day=OTHER)
        )
        it.invoice((DAY, "8"))
        it.allocate()
        unpriced, no_bill = Absent("unpriced"), Absent("no_bill")
        found = cells(ask(it), "estimate", "billed", "gap", "captured_percent", "unbilled_estimate")
        assert found == [
            (unpriced, 8, unpriced, unpriced, unpriced),
            (no_bill, no_bill, no_bill, no_bill, unpriced),
        ]
