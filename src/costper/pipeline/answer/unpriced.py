"""Calls nobody priced: they are in no cost, and an answer that holds calls says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from costper.economics.calls import UNPRICED
from costper.economics.where import Condition, keys_of
from costper.model.answer import Absent
from costper.model.dimension import UNTAGGED
from costper.model.names import quoted
from costper.model.outcome import Issue
from costper.model.period import Period
from costper.model.plural import plural
from costper.pipeline.answer.costs import Amount, Costs
from costper.pipeline.answer.frame import Frame, Readable, in_days
from costper.pipeline.answer.select import OTHER_KEYS, Bound, Select, condition_sql, mart_key

TABLE = "call_unpriced"
MOST_NAMED = 3
HINT = "see `costper unpriced`: once they have a price, run `costper reprice --since DAY`"


def unpriced_in(
    books: Readable,
    days: Mapping[date, int],
    period: Period,
    condition: Condition | None = None,
) -> dict[str, int]:
    """Count the calls of a period that are in no cost, by customer; `days` are those with any.

    Nothing is asked where there is none, nor where calls make no charges, nor of a condition on
    what calls do not say.
    """
    said = (*books.settings.dimension_names, *OTHER_KEYS)
    if not _touched(books, days, period) or not keys_of(condition) <= set(said):
        return {}
    return {str(name): many for name, many in _counted(books, period, "customer", condition)}


def unpriced_by(frame: Frame) -> dict[str, int]:
    """Count by customer the calls of a frame's days that are in no cost."""
    return unpriced_in(frame.books, frame.ground.unpriced, frame.period)


def unpriced_of(frame: Frame, key: str, value: str) -> dict[str, int]:
    """Count by customer those of one value of a dimension."""
    if not _touched(frame.books, frame.ground.unpriced, frame.period):
        return {}
    found = _counted(frame.books, frame.period, "customer", None, {key: value})
    return {str(name): many for name, many in found}


def unpriced_days_of(frame: Frame, customer: str) -> dict[date, int]:
    """Count by day those of one customer."""
    if not _touched(frame.books, frame.ground.unpriced, frame.period):
        return {}
    own = {"customer": customer}
    return {
        day: many
        for day, many in _counted(frame.books, frame.period, "", None, own)
        if isinstance(day, date)
    }


def unpriced_issues(lacking: Mapping[str, int], where: str = "llm") -> tuple[Issue, ...]:
    """Say how many calls are in no amount, and whose."""
    many = sum(lacking.values())
    if not many:
        return ()
    calls = f"{plural(many, 'call')} unpriced, of {_names(lacking)}"
    return (
        Issue(
            code="unpriced_calls",
            message=f"{calls}: in no amount, never $0",
            severity="warning",
            where=where,
            hint=HINT,
            count=many,
        ),
    )


def priced(costs: Costs, lacking: int) -> Costs:
    """Take a cost for not known where there is none but that of calls nobody priced."""
    if not lacking or costs.cost != 0:
        return costs
    return costs._replace(cost=UNPRICED, effective_cost=UNPRICED, billed_cost=UNPRICED)


def known(cost: Amount) -> bool:
    """Say whether a cost adds to a sum: that of calls nobody priced is left out, and told."""
    return not isinstance(cost, Absent) or cost != UNPRICED


def _touched(books: Readable, days: Mapping[date, int], period: Period) -> bool:
    calls = books.settings.llm.calls
    if not days or not (calls.charges or calls.invoices):
        return False
    return any(map(period.holds, days))


def _counted(
    books: Readable,
    period: Period,
    by: str,
    condition: Condition | None,
    own: Mapping[str, str] | None = None,
) -> Sequence[tuple[object, int]]:
    bound = Bound()
    dimensions = books.settings.dimensions
    select = Select(
        columns={
            "name": quoted(mart_key(TABLE, by)) if by else "day",
            "calls": "CAST(sum(calls) AS BIGINT)",
        },
        table=TABLE,
        where=(
            *in_days(period, bound),
            *(
                f"{quoted(mart_key(TABLE, key))} = {bound.bind(one)}"
                for key, one in (own or {}).items()
            ),
            *(() if condition is None else (condition_sql(condition, dimensions, TABLE, bound),)),
        ),
        group=("name",),
    )
    rows = books.marts.query(select.text(), bound.values).to_pylist()
    return [(row["name"], row["calls"]) for row in rows]


def _names(lacking: Mapping[str, int]) -> str:
    """Name those with the most such calls."""
    ranked = sorted(lacking, key=lambda name: (-lacking[name], name))
    words = ["no customer" if name == UNTAGGED else name for name in ranked[:MOST_NAMED]]
    more = len(ranked) - len(words)
    return ", ".join(words) + (f" and {more} more" if more else "")
