"""What does anything cost: by any dimensions, under any condition, at any grain?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from costper.economics.currency import plus
from costper.economics.trend import ZERO_DENOMINATOR, share_of
from costper.economics.where import Condition, keys_of, parse
from costper.errors import UnknownNameError, UserError, suggestion
from costper.model.answer import Absent, Answer, Cell, Row
from costper.model.period import Period, month_of
from costper.pipeline.answer.attributes import (
    ATTRIBUTES,
    attributes,
    with_attributes,
)
from costper.pipeline.answer.costs import NOTHING, Costs, added, costs_by, daily_by
from costper.pipeline.answer.customers import daily_average
from costper.pipeline.answer.depth import size
from costper.pipeline.answer.frame import Frame
from costper.pipeline.answer.narrow import narrowed, unknown_values
from costper.pipeline.answer.select import OTHER_KEYS, Bound, condition_sql, mart_key
from costper.pipeline.answer.unpriced import priced, unpriced_in, unpriced_issues

Grain = Literal["", "day", "week", "month"]
GRAINS: tuple[Grain, ...] = ("", "day", "week", "month")
MOST_KEYS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class CostQuestion:
    """What is asked: `by` dimensions in order, `where` as people write it, `grain` of time."""

    by: tuple[str, ...] = ()
    where: str = ""
    grain: Grain = ""


def cost(frame: Frame, question: CostQuestion) -> Answer:
    """Sum the cost of record by the asked keys; untagged and unallocated are rows.

    Without a grain every row compares both periods. With one there is a row for each key and
    day, ISO week (its Monday) or month (its first) of the period; `partial` says which of them
    the period cuts. Coverage and what is unallocated are of the cost that `where` selects.
    """
    said = attributes(frame, ATTRIBUTES if question.where else question.by)
    keys = tuple(dict.fromkeys((*known_keys(frame), *said)))
    _check(question, keys)
    condition = parse(question.where, keys) if question.where else None
    mart = _mart(question.by, condition, said)
    whole = _whole(frame, _mart((), condition, said))
    rows = (
        _by_time(frame, question, mart) if question.grain else _by_key(frame, question, mart, whole)
    )
    lacking = unpriced_in(frame.books, frame.ground.unpriced, frame.period, condition)
    whole = priced(whole, sum(lacking.values()))
    total = {**whole.cells(frame), "daily_average": daily_average(frame, whole)}
    asked: dict[str, Cell] = {
        "noun": "cost",
        "by": question.by,
        "where": question.where,
        "grain": question.grain,
    }
    if condition is None:
        return frame.answer(asked, rows, total, unpriced_issues(lacking))
    inside = narrowed(frame, condition, said)
    told = (*unknown_values(frame, condition, said), *unpriced_issues(lacking))
    return inside.answer(asked, rows, total, told)


@dataclass(frozen=True, slots=True)
class _Mart:
    """A mart, what it is narrowed by, and which keys its customers' facts say."""

    table: str
    own: tuple[str, ...]
    condition: Condition | None

    def columns(self, by: Sequence[str]) -> list[str]:
        """Name the columns of some keys."""
        return [mart_key(self.table, key) for key in by]

    def read(self, frame: Frame, by: Sequence[str], bound: Bound) -> str:
        """Give what to select from."""
        if not self.own:
            return self.table
        others = self.columns([key for key in by if key not in self.own])
        return with_attributes(frame, self.table, self.own, others, self.condition, bound)


def _mart(by: Sequence[str], condition: Condition | None, said: Sequence[str]) -> _Mart:
    """Pick the mart of some keys; what the list of customers says is looked up by customer."""
    asked = {*by, *keys_of(condition)}
    own = tuple(name for name in said if name in asked)
    others = [*asked.difference(own), *(("customer",) if own else ())]
    return _Mart(mart_for(others, None), own, condition)


def known_keys(frame: Frame) -> tuple[str, ...]:
    """Name what cost may be asked by: every dimension, the charge category and the source."""
    return (*frame.books.settings.dimension_names, *OTHER_KEYS)


def mart_for(by: Sequence[str], condition: Condition | None) -> str:
    """Pick the smallest mart that holds every key of the question."""
    asked = {*by, *keys_of(condition)}
    if "customer" not in asked:
        return "dimension_daily"
    return "customer_daily" if asked <= {"customer", "source"} else "legs"


def _check(question: CostQuestion, keys: Sequence[str]) -> None:
    for key in question.by:
        if key not in keys:
            raise UnknownNameError("dimension", key, keys, where="by", hint=undeclared(key, keys))
    if len(set(question.by)) < len(question.by) or len(question.by) > MOST_KEYS:
        raise UserError(f"name at most {MOST_KEYS} different dimensions", where="by")
    if question.grain not in GRAINS:
        raise UnknownNameError("grain", question.grain, [g for g in GRAINS if g], where="grain")


def undeclared(name: str, known: Sequence[str]) -> str:
    """Say which name is near, and how a dimension of this one is declared."""
    said = suggestion(name, known)
    if not name.isidentifier() or said.startswith("did you mean"):
        return said
    return (
        f"{said}; or declare it in costper.yaml, `dimensions: {{{name}: {{from: tags.{name}}}}}`, "
        "and run `costper allocate apply`"
    )


def _conditions(
    frame: Frame, table: str, condition: Condition | None, bound: Bound
) -> tuple[str, ...]:
    if condition is None:
        return ()
    return (condition_sql(condition, frame.books.settings.dimensions, table, bound),)


def _whole(frame: Frame, mart: _Mart) -> Costs:
    bound = Bound()
    where = _conditions(frame, mart.table, mart.condition, bound)
    found = costs_by(frame, mart.read(frame, (), bound), (), where, bound)
    return added(found.values())


def _by_key(
    frame: Frame,
    question: CostQuestion,
    mart: _Mart,
    whole: Costs,
) -> tuple[Row, ...]:
    bound = Bound()
    columns = mart.columns(question.by)
    where = _conditions(frame, mart.table, mart.condition, bound)
    table = mart.read(frame, question.by, bound)
    found = costs_by(frame, table, columns, where, bound) or {(): NOTHING}
    ordered = sorted(found.items(), key=lambda item: (-size(item[1].cost), item[0]))
    return tuple(
        {
            **dict(zip(question.by, key, strict=False)),
            **costs.cells(frame),
            "share_percent": share_of(costs.cost, whole.cost, ZERO_DENOMINATOR),
        }
        for key, costs in ordered
        if len(key) == len(question.by)
    )


def _by_time(frame: Frame, question: CostQuestion, mart: _Mart) -> tuple[Row, ...]:
    bound = Bound()
    columns = mart.columns(question.by)
    where = _conditions(frame, mart.table, mart.condition, bound)
    table = mart.read(frame, question.by, bound)
    daily = daily_by(frame, table, columns, where, bound)
    start = START_OF[question.grain]
    buckets = sorted({start(day) for day in frame.period.each_day()})
    covered = {start(day) for day in frame.data_days if frame.period.holds(day)}
    rows: list[Row] = []
    for key, days in sorted(daily.items()):
        sums = _rolled_up(days, start)
        label = dict(zip(question.by, key, strict=True))
        rows += [
            {
                question.grain: at,
                **label,
                "cost": _in_bucket(sums, at, covered),
                **_partial(frame, question.grain, at),
            }
            for at in buckets
        ]
    return tuple(rows)


def _rolled_up(
    days: dict[date, Decimal | Absent], start: Callable[[date], date]
) -> dict[date, Decimal | Absent]:
    sums: dict[date, Decimal | Absent] = {}
    for day, amount in days.items():
        at = start(day)
        sums[at] = plus(sums.get(at, Decimal(0)), amount)
    return sums


def _in_bucket(
    sums: dict[date, Decimal | Absent], at: date, covered: set[date]
) -> Decimal | Absent:
    return sums.get(at, Decimal(0) if at in covered else Absent("no_data"))


def _partial(frame: Frame, grain: Grain, at: date) -> dict[str, Cell]:
    """Say of a week or a month whether the period cuts it."""
    if grain == "day":
        return {}
    whole = month_of(at) if grain == "month" else Period(at, at + timedelta(days=7))
    return {"partial": whole.start < frame.period.start or whole.end > frame.period.end}


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())


def _first(day: date) -> date:
    return day.replace(day=1)


def _same(day: date) -> date:
    return day


START_OF: dict[Grain, Callable[[date], date]] = {"day": _same, "week": _monday, "month": _first}
