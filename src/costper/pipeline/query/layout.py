"""Which days a question's formulas reach, and which of them a ratio leaves out."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from costper.economics.formula.reach import Reading, readings
from costper.economics.formula.tree import Chain, Expression, names_in, walk
from costper.economics.rollup import filled_days
from costper.model.period import Period
from costper.model.question import Question
from costper.pipeline.query.resolve import Resolved
from costper.pipeline.query.windows import Windows, joined, runs, windows_of


def letters_read(
    names: Iterable[str], expressions: Mapping[str, Expression]
) -> dict[str, frozenset[str]]:
    """Name the letters each letter and formula is made of."""
    found = {name: frozenset({name}) for name in names}
    for name, expression in expressions.items():
        found[name] = frozenset(one.name for one in readings(expression, expressions))
    return found


def laid_out(
    question: Question,
    period: Period,
    letters: Sequence[Resolved],
    expressions: Mapping[str, Expression],
) -> tuple[Windows, dict[str, frozenset[int]]]:
    """Lay out the days, cut where a ratio leaves some out; and say which pieces each leaves out."""
    wanted = {Reading(one.name) for one in letters}
    wanted = wanted.union(*(readings(one, expressions) for one in expressions.values()))
    windows = windows_of(question, period, wanted, ())
    stretches = joined(windows.pieces)
    read = letters_read((one.name for one in letters), expressions)
    missing = {
        name: _missing(_paired(name, divisors, read, letters), stretches)
        | _unknown(_spent(name, divisors, read, letters), stretches)
        for name, divisors in _divisors(expressions, read).items()
    }
    missing = {name: days for name, days in missing.items() if days}
    if not missing:
        return windows, {}
    windows = windows_of(question, period, wanted, [runs(days) for days in missing.values()])
    holes = {
        name: frozenset(place for place, start in enumerate(windows.starts) if start in days)
        for name, days in missing.items()
    }
    return windows, holes


def _paired(
    name: str,
    divisors: frozenset[str],
    read: Mapping[str, frozenset[str]],
    letters: Sequence[Resolved],
) -> tuple[Resolved, ...]:
    """Give the sums of a ratio over a summed metric: only days all of them have count."""
    if not any(one.kind == "metric" and one.pairs and one.name in divisors for one in letters):
        return ()
    return tuple(one for one in letters if one.name in read[name] and one.pairs)


def _spent(
    name: str,
    divisors: frozenset[str],
    read: Mapping[str, frozenset[str]],
    letters: Sequence[Resolved],
) -> tuple[Resolved, ...]:
    """Give the costs that a ratio over revenue is of."""
    if not any(one.kind == "revenue" and one.pairs and one.name in divisors for one in letters):
        return ()
    return tuple(one for one in letters if one.name in read[name] and one.kind == "cost")


def _unknown(spent: Sequence[Resolved], stretches: Sequence[Period]) -> frozenset[int]:
    """Name the days before the cost begins or after it ends: their revenue would look like margin.

    A hole inside counts, as in margins.
    """
    found: set[int] = set()
    for one in spent:
        if one.pairs and one.held.days:
            first, last = one.held.days[0], one.held.days[-1]
            days = (day.toordinal() for stretch in stretches for day in stretch.each_day())
            found.update(day for day in days if not first <= day <= last)
    return frozenset(found)


def _divisors(
    expressions: Mapping[str, Expression], read: Mapping[str, frozenset[str]]
) -> dict[str, frozenset[str]]:
    """Name the letters each formula divides by, itself or in a formula it names.

    `expressions` are in order, so what a formula names is known before it: each is walked once,
    however often it is named.
    """
    found: dict[str, frozenset[str]] = {}
    for name, expression in expressions.items():
        divided = {
            mention.name
            for node in walk(expression)
            if isinstance(node, Chain)
            for step in node.steps
            if step.operator == "/"
            for mention in names_in(step.operand)
        }
        named = {mention.name for mention in names_in(expression)}
        below = (found[other] for other in named if other in found)
        found[name] = frozenset[str]().union(*(read[other] for other in divided), *below)
    return found


def _missing(paired: Sequence[Resolved], stretches: Sequence[Period]) -> frozenset[int]:
    """Name the days (as ordinals) some letter of a ratio has no data on."""
    found: set[int] = set()
    for one in paired:
        if one.kind == "revenue":
            continue
        held = _days_of(one)
        for stretch in stretches:
            days = range(stretch.start.toordinal(), stretch.end.toordinal())
            low, high = (
                bisect_left(one.held.days, days.start),
                bisect_left(one.held.days, days.stop),
            )
            if high - low < len(days):
                found.update(day for day in days if day not in held)
    return frozenset(found)


def _days_of(one: Resolved) -> frozenset[int]:
    """Give the days a letter has data on, those a gap rule fills included."""
    if not one.fills or one.metric is None or one.settled is None or one.held.first is None:
        return frozenset(one.held.days)
    until = (one.settled + timedelta(days=1)).toordinal()
    first, rule, most = one.held.first.toordinal(), one.metric.gaps, one.metric.gap_days_max
    return frozenset(one.held.days) | filled_days(one.held.days, rule, most, first, until)
