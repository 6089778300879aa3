"""Customers by margin: who costs more than they pay comes first."""

from __future__ import annotations

from collections.abc import Mapping

from costper.web.figures import bars
from costper.web.page import Answers, Ask, Asks, Page, Seen
from costper.web.period import asked_days

ROWS = "100"
PATH = "/api/v1/costs/customers"


def asks(seen: Seen) -> Asks:
    """Ask for one page of customers, worst margin first."""
    paging = {name: seen.url.get(name) for name in ("cursor",) if seen.url.get(name)}
    params = {**asked_days(seen.url), "limit": ROWS, **paging}
    return {"customers": Ask(path=PATH, params=params)}


def show(_seen: Seen, told: Answers) -> Mapping[str, object]:
    """Draw each margin as a bar on one scale."""
    rows = told["customers"].rows
    drawn = bars(row.get("margin_percent") for row in rows)
    return {"rows": [{**row, "bar": bar} for row, bar in zip(rows, drawn, strict=True)]}


CUSTOMERS = Page(
    name="customers",
    path="/customers",
    title="Customers",
    template="customers.html",
    asks=asks,
    show=show,
    needs=("customers",),
    section="customers",
    csv="customers",
    once="A bill says what each customer costs, a list of customers what each pays.",
)
