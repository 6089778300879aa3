"""Which days of calls cost what they do by price alone, because their invoice has not come."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date

from costper.model.outcome import Issue
from costper.model.plural import plural
from costper.pipeline.answer.select import Bound, Select
from costper.pipeline.calls.invoices import billed_days, invoices
from costper.pipeline.calls.true_up import targets
from costper.pipeline.llm.chosen import REAL
from costper.pipeline.llm.read import HOURLY, Calls, ask, by_columns

Awaited = tuple[str, date]
"""A provider, and a day on which it was called."""


def awaited(calls: Calls) -> tuple[Awaited, ...]:
    """Give the days of these calls that an invoice is named for and has not trued up, in order."""
    books = calls.frame.books
    named = invoices(books.settings)
    if not named:
        return ()
    bound = Bound()
    among = ", ".join(bound.bind(one.provider) for one in named)
    select = Select(
        columns=by_columns("provider", "day"),
        table=HOURLY,
        where=(
            *calls.where(HOURLY, bound),
            f"provider IN ({among})",
            f"data_mode = {bound.bind(REAL)}",
            "calls > 0",
        ),
        group=("provider", "day"),
    )
    called = {(row["provider"], row["day"]) for row in ask(calls.frame, select, bound)}
    return tuple(sorted(called - targets(billed_days(books, calls.period)).keys()))


def days_of_awaited(found: Iterable[Awaited]) -> frozenset[date]:
    """Give the days alone."""
    return frozenset(day for _, day in found)


def awaited_issues(found: Sequence[Awaited]) -> Iterator[Issue]:
    """Say that a cost is by price, and may change with the invoice."""
    if found:
        names = ", ".join(sorted({provider for provider, _ in found}))
        many = len(days_of_awaited(found))
        yield Issue(
            code="invoice_awaited",
            message=f"{plural(many, 'day')} of {names} cost what they do by price: no invoice in "
            "USD has trued them up yet",
            severity="info",
            where="llm.calls.invoices",
            hint="`costper reconcile --by day` says which days are not billed yet",
        )
