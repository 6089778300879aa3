"""Says what is still needed before costs can be set against revenue and use."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from costper.web.told import Told, text


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that is missing: what it would tell, and the way to give it."""

    tells: str
    how: str
    link: str
    href: str


CUSTOMERS = Step(
    "Margins",
    "Nobody has said yet who pays, and how much. A file with id, name and mrr is enough.",
    "Add your customers",
    "/connect?type=csv&kind=customers",
)
METRIC = Step(
    "Cost per unit",
    "Nothing is counted yet. A file with a day and a number is enough: users, orders, requests.",
    "Add a metric",
    "/connect?type=csv&kind=measurements",
)


def missing(sources: Told | None, metrics: Told) -> Iterator[Step]:
    """Give the next steps of somebody who has a bill; none where it cannot be known."""
    if sources is not None and sources.ok and sources.rows:
        kinds = {text(it, "kind") for it in sources.rows}
        if "customers" not in kinds:
            yield CUSTOMERS
    if metrics.ok and not metrics.rows:
        yield METRIC
