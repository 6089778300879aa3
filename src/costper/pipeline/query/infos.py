"""What letters and formulas are called: their units, their labels, the days they have."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from costper.economics.calendar import ONE_DAY
from costper.economics.formula.arithmetic import CONTEXT
from costper.economics.formula.label import label
from costper.economics.formula.tree import Expression
from costper.economics.formula.typed import typed_all
from costper.economics.formula.units import Unit, amount_of, count_of
from costper.errors import UserError
from costper.model.period import Period
from costper.model.question import Question
from costper.pipeline.query.asked import LetterInfo
from costper.pipeline.query.resolve import Resolved


def units_of(
    question: Question,
    letters: Sequence[Resolved],
    expressions: Mapping[str, Expression],
    currency: str,
) -> dict[str, Unit]:
    """Give the unit of every letter and formula; a UserError says where units do not fit."""
    types = {one.name: _unit(one, currency) for one in letters}
    units = types | typed_all(expressions, types)
    if question.scale != 1 and not any(units[name].ratio for name in expressions):
        message = "a scale needs a formula that divides by something measured"
        raise UserError(message, where="scale", hint="such as: b / a")
    return units


def _unit(one: Resolved, currency: str) -> Unit:
    """Name what is counted: people added up over days are user-days, never users."""
    metric = one.metric
    if metric is None:
        return amount_of(currency, one.how)
    if metric.grain != "day" and one.how != "sum":
        return replace(count_of(metric.name), flow=0, additive=False)
    if metric.kind == "active_users" and one.how == "sum":
        return count_of(f"{metric.unit or metric.name}-day")
    return count_of(metric.name, one.how)


def letter_info(
    one: Resolved, units: Mapping[str, Unit], period: Period, question: Question
) -> LetterInfo:
    """Say what is known of a letter in a period."""
    end = period.end if one.settled is None else min(period.end, one.settled + ONE_DAY)
    span = Period(period.start, max(end, period.start))
    held = days_within(one, span)
    return LetterInfo(
        name=one.name,
        kind=one.kind,
        label=label(units[one.name], grain=question.grain),
        unit=units[one.name],
        aggregation=one.how,
        settled_through=one.settled,
        timezone=one.zone,
        coverage=_share(held, span.days) if one.kind == "metric" and one.grain == "day" else None,
        keys=one.keys,
        days_with_data=held,
    )


def days_within(one: Resolved, span: Period) -> int:
    """Count the days of a span that a letter has data on, settled or not."""
    days = one.held.days
    return bisect_left(days, span.end.toordinal()) - bisect_left(days, span.start.toordinal())


def _share(part: int, whole: int) -> Decimal | None:
    return CONTEXT.divide(Decimal(part), Decimal(whole)) if whole else None


def formula_infos(
    question: Question, expressions: Mapping[str, Expression], units: Mapping[str, Unit]
) -> dict[str, LetterInfo]:
    """Say what each formula is called."""
    return {
        name: LetterInfo(
            name=name,
            kind="",
            label=label(
                _called(units[name], question.unit),
                scale=question.scale if units[name].ratio and not units[name].percent else 1,
                grain=question.grain,
            ),
            unit=units[name],
        )
        for name in expressions
    }


def _called(unit: Unit, word: str) -> Unit:
    """Say a result's divisor in the question's own word."""
    below = [noun for noun, power in unit.nouns if power < 0]
    if not word or len(below) != 1:
        return unit
    head, _, _ = below[0].rpartition(" ")
    said = f"{head} {word}" if head else word
    return replace(
        unit, nouns=tuple((said if noun == below[0] else noun, power) for noun, power in unit.nouns)
    )
