"""How the books stand: when they last changed, which version they are, what is wrong in them."""

from __future__ import annotations

from costper.model.instant import instant
from costper.model.outcome import Issue
from costper.pipeline.answer.frame import Standing
from costper.pipeline.answer.select import Select
from costper.store.books import Books
from costper.store.newest import failed_months, last_change, refused_scopes

FACTS = ("customers", "rates")


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
    """Say when the books last changed, and which deliveries and runs they had to refuse."""
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
    return Standing(
        as_of=instant(last_change(books.control)), issues=(*failed, *refused), balanced=not failed
    )
