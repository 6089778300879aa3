"""How the books stand: when they last changed, which version they are, what is wrong in them."""

from __future__ import annotations

from collections.abc import Iterator

from costper.model.instant import instant
from costper.model.outcome import Issue
from costper.pipeline.answer.frame import Standing
from costper.pipeline.answer.select import Select
from costper.store.books import Books
from costper.store.newest import (
    failed_months,
    last_change,
    lost_scopes,
    refused_scopes,
    stale_months,
)

FACTS = ("customers", "rates", "metric_facts", "call_unpriced")


def version(books: Books) -> str:
    """Name the state of the books: it changes whenever an answer could."""
    landed = Select(
        columns={
            "what": "kind",
            "many": "count(*)",
            "mark": "CAST(max(id) AS VARCHAR)",
        },
        table="landed",
        group=("what",),
    )
    facts = (
        Select(
            columns={
                "what": f"'{table}'",
                "many": "count(*)",
                "mark": f"CAST(bit_xor(hash({table})) AS VARCHAR)",
            },
            table=table,
        )
        for table in FACTS
    )
    sql = " UNION ALL ".join(select.text() for select in (landed, *facts))
    return repr(sorted(tuple(row.values()) for row in books.marts.query(sql).to_pylist()))


def standing(books: Books) -> Standing:
    """Say when the books last changed, and what in them is refused, lost or left behind."""
    failed = [
        Issue(
            code="allocation_not_kept",
            message=f"the newest allocation of {month:%Y-%m} was not kept",
            where="allocation",
            hint="run `costper allocate apply`; the answer uses the allocation before",
        )
        for month in failed_months(books.control)
    ]
    refused = [
        Issue(
            code="delivery_refused",
            message=f"the newest delivery was refused: {one.reason}",
            where=f"{one.source} {one.account} {one.billing_period:%Y-%m}",
            severity="warning",
            hint="see `costper deliveries`; the answer uses the delivery before",
        )
        for one in refused_scopes(books.control)
    ]
    behind = (*_lost(books), *_stale(books))
    return Standing(
        as_of=instant(last_change(books.control)),
        issues=(*failed, *behind, *refused),
        balanced=not (failed or behind),
    )


def _lost(books: Books) -> Iterator[Issue]:
    for one in lost_scopes(books.control):
        yield Issue(
            code="delivery_lost",
            message="its charges were lost with the books and are not in the answer",
            where=f"{one.source} {one.account} {one.billing_period:%Y-%m}",
            hint=f"run `costper sync {one.source}`; reopen the period first if it is closed",
        )


def _stale(books: Books) -> Iterator[Issue]:
    for month in stale_months(books.control):
        yield Issue(
            code="stale_allocation",
            message="charges changed since the last allocation: run `costper allocate apply`",
            where=f"allocation of {month:%Y-%m}",
            severity="warning",
            hint="the answer uses the allocation before, which does not add up to the bills",
        )
