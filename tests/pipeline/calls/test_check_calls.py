"""`costper check` finds calls that are not in the ledger, or not what was billed."""

from datetime import date
from pathlib import Path

from tests.pipeline.calls.billed_world import BILLED, DAY, NOW, Calls, Desk, desk

from costper.pipeline.check import check_books
from costper.store.closing import close_period, reopen_period

OURS = {"calls_not_charged", "calls_not_trued_up", "unpriced_calls"}


def told(it: Desk) -> list[tuple[str, str]]:
    found = check_books(it.books, NOW)
    return [(one.code, one.message) for one in found if one.code in OURS]


def test_calls_that_were_carried_into_the_ledger_are_fine(tmp_path: Path) -> None:
    with desk(tmp_path, llm=BILLED) as it:
        it.fold(Calls(cost="1"), Calls(cost="2", provider="mistral"), Calls(day=NOW.date()))
        it.invoice((DAY, "7"))
        it.land()
        it.allocate()
        assert told(it) == []


def test_calls_nobody_charged_are_told_with_what_is_lacking(tmp_path: Path) -> None:
    with desk(tmp_path) as it:
        it.fold(Calls(cost="1"))
        it.land()
        it.fold(Calls(cost="0.5"), Calls(cost="2", provider="mistral"))
        [(code, message)] = told(it)
        assert code == "calls_not_charged"
        first, _, rest = message.partition(" cost ")
        assert first == "calls of mistral on 2026-11-03 and 1 more"
        assert rest == "2.50 more than was charged for them"


def test_calls_before_the_first_sync_are_nothing_to_report(tmp_path: Path) -> None:
    with desk(tmp_path) as it:
        it.fold(Calls(cost="1"))
        [issue] = [one for one in check_books(it.books, NOW) if one.code in OURS]
        assert issue.code == "calls_not_charged"
        assert issue.hint.startswith("run `costper sync`")
        assert "report" not in issue.hint


def test_users_who_do_not_add_up_to_the_invoice_are_told(tmp_path: Path) -> None:
    with desk(tmp_path, llm=BILLED) as it:
        it.fold(Calls(cost="1"))
        it.invoice((DAY, "7"))
        assert told(it) == [
            ("calls_not_trued_up", "calls of openai on 2026-11-03 do not add up to the invoice")
        ]


def test_calls_without_a_price_are_told(tmp_path: Path) -> None:
    with desk(tmp_path) as it:
        it.fold(Calls(calls=3, unpriced=3, model="a"), Calls(unpriced=1, model="b"))
        it.land()
        assert told(it) == [
            ("unpriced_calls", "calls of 2 models have no price and are in no cost")
        ]


def test_what_came_after_its_month_was_closed_is_charged_by_a_reopening(tmp_path: Path) -> None:
    with desk(tmp_path) as it:
        it.fold(Calls(cost="1"))
        it.land()
        close_period(it.books.control, DAY.replace(day=1), source="calls", now=NOW)
        it.fold(Calls(cost="0.5"), Calls(cost="2", day=date(2026, 10, 3)))
        late, due = [one for one in check_books(it.books, NOW) if one.code == "calls_not_charged"]
        if late.hint.startswith("run `costper sync`"):
            late, due = due, late
        assert late.message.endswith("cost 0.50 more than was charged for them: 2026-11 is closed")
        assert late.hint == (
            "run `costper deliveries reopen 2026-11 --source calls --reason WHY`, then "
            "`costper sync`"
        )
        assert due.hint.startswith("run `costper sync`")
        reopen_period(it.books.control, DAY.replace(day=1), source="calls", reason="late", now=NOW)
        it.land()
        it.allocate()
        assert told(it) == []
