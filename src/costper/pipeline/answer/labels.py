"""Which values a metric has that cost does not have, or the reverse: a renamed group shows here."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from typing import Literal

from costper.model.answer import Row
from costper.model.dimension import SHARED, UNALLOCATED
from costper.model.names import quoted
from costper.pipeline.answer.frame import Readable
from costper.pipeline.answer.select import Bound, Select, spoken

SHOWN = 50
COMPARED = 500
"""How many labels of the other side a label is compared with, to find the one it is like."""

PLAN = "plan"
PLANS = """
SELECT c.plan, MIN(t.day) AS first, MAX(t.day) AS last, COUNT(DISTINCT t.day) AS days
FROM customer_daily AS t JOIN customers AS c ON c.customer = t.customer
AND c.valid_from <= t.day AND (c.valid_to IS NULL OR t.day < c.valid_to)
WHERE COALESCE(c.plan, '') <> '' GROUP BY c.plan
"""
"""Which plan customers with cost had on its day."""

NO_LABELS = {UNALLOCATED, SHARED}
Side = Literal["metric", "cost"]


@dataclass(frozen=True, slots=True)
class Seen:
    """When a label was seen: its first and last day, and on how many."""

    first: date
    last: date
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """The labels of one dimension, on both sides."""

    dimension: str
    metric: Mapping[str, Seen]
    cost: Mapping[str, Seen]

    @property
    def metric_only(self) -> tuple[str, ...]:
        """What the metric alone has, most days first."""
        return _ranked({it: seen for it, seen in self.metric.items() if it not in self.cost})

    @property
    def cost_only(self) -> tuple[str, ...]:
        """What cost alone has, most days first."""
        return _ranked({it: seen for it, seen in self.cost.items() if it not in self.metric})

    def counts(self) -> Row:
        """Count them."""
        return {
            "dimension": self.dimension,
            "values_count": len(self.metric),
            "matched_count": len(self.metric) - len(self.metric_only),
            "metric_only_count": len(self.metric_only),
            "cost_only_count": len(self.cost_only),
        }

    def unmatched(self) -> Iterator[Row]:
        """List the labels of one side alone, with the one of the other side each is like."""
        metric_only, cost_only = self.metric_only, self.cost_only
        yield from self._listed("metric", metric_only, self.metric, cost_only)
        yield from self._listed("cost", cost_only, self.cost, metric_only)

    def _listed(
        self, side: Side, labels: tuple[str, ...], seen: Mapping[str, Seen], other: tuple[str, ...]
    ) -> Iterator[Row]:
        for label in labels[:SHOWN]:
            yield {
                "dimension": self.dimension,
                "label": label,
                "only_in": side,
                "first_day": seen[label].first,
                "last_day": seen[label].last,
                "days_count": seen[label].days,
                "alike": next(iter(get_close_matches(label, other[:COMPARED], n=1)), ""),
            }


def labels_of(books: Readable, metric: str, dimension: str) -> Labels:
    """Read both sides of one dimension, over all days of the books."""
    bound = Bound()
    mine = (f"metric = {bound.bind(metric)}",)
    cost = _of_cost(books, dimension)
    return Labels(
        dimension=dimension,
        metric=_seen(books, "metric_daily", f"dim_{dimension}", mine, bound),
        cost={label: seen for label, seen in cost.items() if label not in NO_LABELS},
    )


def _of_cost(books: Readable, dimension: str) -> Mapping[str, Seen]:
    """Give the labels of cost; its plan is that of its customer, where the customers say one."""
    if dimension == "customer":
        return _seen(books, "customer_daily", "customer", (), Bound())
    if dimension == PLAN and (plans := _plans(books)):
        return plans
    return _seen(books, "dimension_daily", f"dim_{dimension}", (), Bound())


def _plans(books: Readable) -> Mapping[str, Seen]:
    rows = books.marts.query(PLANS).to_pylist()
    found: dict[str, Seen] = {}
    for row in rows:
        word = spoken(PLAN, row["plan"], books.settings.dimensions)
        seen, known = Seen(row["first"], row["last"], row["days"]), found.get(word)
        if known is not None:
            first, last = min(known.first, seen.first), max(known.last, seen.last)
            seen = Seen(first, last, max(known.days, seen.days))
        found[word] = seen
    return found


def _seen(
    books: Readable, table: str, column: str, where: tuple[str, ...], bound: Bound
) -> Mapping[str, Seen]:
    select = Select(
        columns={
            "label": quoted(column),
            "first": "min(day)",
            "last": "max(day)",
            "days": "count(DISTINCT day)",
        },
        table=table,
        where=where,
        group=("label",),
    )
    rows = books.marts.query(select.text(), bound.values).to_pylist()
    return {row["label"]: Seen(row["first"], row["last"], row["days"]) for row in rows}


def _ranked(seen: Mapping[str, Seen]) -> tuple[str, ...]:
    return tuple(sorted(seen, key=lambda label: (-seen[label].days, label)))
