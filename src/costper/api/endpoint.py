"""What an endpoint is: a path, its parameters, the shape of its rows, and how to ask it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from costper.api.parameters import Given, Parameter
from costper.model.answer import Answer
from costper.pipeline.answer.frame import LONGEST_DAYS, Frame
from costper.store.books import Books

Shape = Literal["text", "amount", "count", "day", "texts", "amounts", "rows"]
PAGE = 100
LARGEST_PAGE = 10_000

DAYS = (
    Parameter(name="from", kind="day", summary="The first day (UTC)."),
    Parameter(name="to", kind="day", summary="The first day that does not count."),
    Parameter(
        name="days",
        kind="count",
        least=1,
        most=LONGEST_DAYS,
        summary="How many days; 30 settled ones when nothing else is said.",
    ),
)
PAGES = (
    Parameter(
        name="limit", kind="count", least=1, most=LARGEST_PAGE, summary=f"Rows a page, else {PAGE}."
    ),
    Parameter(name="cursor", kind="text", summary="The `next_cursor` of the page before."),
)
COSTS: dict[str, Shape] = {
    "cost": "amount",
    "effective_cost": "amount",
    "billed_cost": "amount",
    "previous_cost": "amount",
    "trend_percent": "amount",
}
PER_REQUEST: dict[str, Shape] = {"requests": "amount", "cost_per_request": "amount"}
MARGIN: dict[str, Shape] = {
    "revenue": "amount",
    "margin": "amount",
    "margin_percent": "amount",
}
CUSTOMER: dict[str, Shape] = {
    "customer": "text",
    "name": "text",
    "plan": "text",
    "status": "text",
    **COSTS,
    **MARGIN,
    "daily_average": "amount",
    **PER_REQUEST,
}
DEEP: dict[str, Shape] = {"drivers": "rows", "services": "rows", "daily": "rows"}


def _no_state(_books: Books) -> str:
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One GET: `ask` gives the answer. `columns` are the cells all of its rows have.

    `own` names the path parameter that must be the caller's own customer; without it a
    customer's key is refused. `paged` endpoints take limit and cursor. `state` names what the
    answer hangs on besides the books themselves. `admin` refuses who may not see keys.
    `own_days` means its days are not those of costs: any are right, and none are settled.
    """

    path: str
    name: str
    summary: str
    ask: Callable[[Books, Frame, Given], Answer]
    columns: Mapping[str, Shape]
    parameters: tuple[Parameter, ...] = DAYS
    own: str = ""
    paged: bool = False
    state: Callable[[Books], str] = _no_state
    admin: bool = False
    own_days: bool = False

    @property
    def accepts(self) -> tuple[Parameter, ...]:
        """All parameters, those of paging included."""
        return (*self.parameters, *PAGES) if self.paged else self.parameters


def named(noun: str) -> Parameter:
    """Give the path parameter that names one of a noun."""
    return Parameter(name="name", kind="text", place="path", summary=f"The {noun}.", any_signs=True)


def text_of(given: Given, name: str) -> str:
    """Give a parameter as text; '' where it is not given."""
    return str(given.get(name, ""))
