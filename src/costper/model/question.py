"""A question in letters: what is asked of metrics, costs and revenue, before anything is read.

The same object is asked on the command line, sent over HTTP, saved as a view and watched by an
alert. Nothing in it is resolved: names and conditions are words until a pipeline reads them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from costper.model.span import Span

LetterKind = Literal["metric", "cost", "revenue"]
Grain = Literal["", "day", "week", "month", "quarter"]
"""'' is the whole period as one bucket; weeks are ISO weeks, quarters calendar quarters."""

Compare = Literal["", "previous", "year", "weekday", "month_to_date"]
"""What a period is compared with.

`previous`: as many days just before. `year`: the same dates a year before. `weekday`: as many
days a whole number of weeks before. `month_to_date`: the same days of the month before.
"""

GRAINS: tuple[Grain, ...] = ("", "day", "week", "month", "quarter")
COMPARES: tuple[Compare, ...] = ("", "previous", "year", "weekday", "month_to_date")
SCALES = (1, 100, 1_000, 1_000_000, 1_000_000_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One query: `name` is a, b, c… or a word; `where` a condition as people write it.

    `of` is a metric's name, a cost column ('' is the cost of record), and '' for revenue.
    `aggregation` '' is the metric's own; cost and revenue are sums unless it says average.
    `at` is where `of` and `where` begin (from 0) in what somebody wrote, for columns in errors.
    """

    name: str
    kind: LetterKind
    of: str = ""
    where: str = ""
    aggregation: str = ""
    at: tuple[int, int] = field(default=(0, 0), compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Formula:
    """A named formula over letters and over the formulas before it."""

    name: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Letters, formulas, grain, groups, range and comparison.

    `formulas` may be empty: then each letter is an answer of its own. The range is `since` to
    before `until`, or `days`, or a `span` that is counted from the last settled day when it is
    asked; what is left out ends with that day. `unit` is what
    the result is called, `scale` what it is per (1,000 users: 1000).
    """

    letters: tuple[Letter, ...]
    formulas: tuple[Formula, ...] = ()
    grain: Grain = ""
    by: tuple[str, ...] = ()
    compare: Compare = ""
    since: date | None = None
    until: date | None = None
    days: int | None = None
    span: Span | None = None
    unit: str = ""
    scale: int = 1
