"""Which days a question's formulas reach, and which of them a ratio leaves out."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from costper.economics.formula.reach import Reading, readings
from costper.economics.formula.tree import Chain, Expression, Name, names_in, walk
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
    missing = {
        name: _missing(_paired(expression, expressions, letters), stretches)
        for name, expression in expressions.items()
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
    expression: Expression,
    expressions: Mapping[str, Expression],
    letters: Sequence[Resolved],
) -> tuple[Resolved, ...]:
    """Give the sums of a ratio over a summed metric: only days all of them have count."""
    known = {one.name: one for one in letters}
    divisors = [known[name] for name in _divisors(expression, expressions)]
    if not any(one.kind == "metric" and one.pairs for one in divisors):
        return ()
    named = {one.name for one in readings(expression, expressions)}
    return tuple(one for one in letters if one.name in named and one.pairs)


def _divisors(expression: Expression, expressions: Mapping[str, Expression]) -> set[str]:
    found: set[str] = set()
    for node in walk(expression):
        if isinstance(node, Name) and node.name in expressions:
            found |= _divisors(expressions[node.name], expressions)
        elif isinstance(node, Chain):
            below = [step.operand for step in node.steps if step.operator == "/"]
            for operand in below:
                found |= {
                    inner.name
                    for name in names_in(operand)
                    for inner in readings(name, expressions)
                }
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
