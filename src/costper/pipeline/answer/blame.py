"""Which parts of a total moved most on an unusual day: its contributors."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from costper.model.answer import Row
from costper.model.names import quoted
from costper.model.period import Period
from costper.pipeline.answer.costs import ZERO, Amount, daily_in
from costper.pipeline.answer.frame import ONE_DAY, Frame
from costper.pipeline.answer.select import Bound
from costper.pipeline.answer.values import MART
from costper.pipeline.answer.watched import History, to_the_cent
from costper.watch.incident import Sighting

CONTRIBUTORS = 3
A_WEEK = timedelta(days=7)
WEEKS_BEFORE = timedelta(days=28)
Parts = Mapping[str, Mapping[date, Amount]]


def part_of(scope: str) -> str:
    """Name the dimension whose values are a scope's contributors."""
    return "team" if scope == "service" else "service"


def contributors(
    frame: Frame, found: Sequence[Sighting], history: History
) -> dict[Sighting, tuple[Row, ...]]:
    """Name, for every day found, the parts furthest from their average of the four weeks before.

    Of a drift it is the mean of the week, against the four weeks before that. One query a scope.
    Days before the books begin are no days without cost: only days with charges are divided by.
    """
    told: dict[Sighting, tuple[Row, ...]] = {}
    for scope in {one.scope for one in found}:
        some = [one for one in found if one.scope == scope]
        parts = _parts(frame, scope, some)
        for one in some:
            told[one] = _most_moved(parts.get(one.name, {}), one, history)
    return told


def _parts(frame: Frame, scope: str, found: Sequence[Sighting]) -> dict[str, Parts]:
    own, other = f"dim_{scope}", f"dim_{part_of(scope)}"
    days = [one.day for one in found]
    span = Period(min(days) - A_WEEK - WEEKS_BEFORE, max(days) + ONE_DAY)
    bound = Bound()
    names = ", ".join(bound.bind(name) for name in sorted({one.name for one in found}))
    table = "legs" if scope == "customer" else MART
    where = (f"{quoted(own)} IN ({names})",)
    parts: dict[str, dict[str, Mapping[date, Amount]]] = defaultdict(dict)
    for (name, part), daily in daily_in(frame, span, table, (own, other), where, bound).items():
        parts[name][part] = daily
    return dict(parts)


def _most_moved(parts: Parts, one: Sighting, history: History) -> tuple[Row, ...]:
    first = one.day - A_WEEK + ONE_DAY if one.reading.kind == "drift" else one.day
    now, before = Period(first, one.day + ONE_DAY), Period(first - WEEKS_BEFORE, first)
    held = [sum(span.holds(day) for day in history.covered) for span in (now, before)]
    moved = sorted(
        (
            (to_the_cent(_mean(days, now, held[0]) - _mean(days, before, held[1])), name)
            for name, days in parts.items()
        ),
        key=lambda item: (-abs(item[0]), item[1]),
    )
    return tuple(
        {part_of(one.scope): name, "deviation": deviation}
        for deviation, name in moved[:CONTRIBUTORS]
        if deviation
    )


def _mean(days: Mapping[date, Amount], span: Period, covered: int) -> Decimal:
    """Give what a part costs a day; a day without a rate has no say in it."""
    inside = [cost for at, cost in days.items() if span.holds(at)]
    known = [to_the_cent(cost) for cost in inside if isinstance(cost, Decimal)]
    return sum(known, ZERO) / max(1, covered - (len(inside) - len(known)))
