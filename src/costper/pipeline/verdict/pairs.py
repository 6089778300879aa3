"""A formula's cost and units, each by itself, in both periods: what a verdict compares."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import cast

from costper.economics.calendar import ONE_DAY, bucket_of
from costper.economics.formula.arithmetic import CONTEXT, Amount
from costper.economics.formula.order import order_formulas
from costper.economics.formula.written import written
from costper.economics.quotient import quotient
from costper.economics.verdict import Side
from costper.errors import UserError
from costper.model.answer import Absent
from costper.model.period import Period
from costper.model.question import Formula, Grain, Question
from costper.pipeline.answer.frame import Readable, Standing
from costper.pipeline.query.ask import ask
from costper.pipeline.query.asked import Asked
from costper.pipeline.query.facts import Facts, facts_of
from costper.pipeline.query.read import TOTAL, Key
from costper.pipeline.query.resolve import Resolved
from costper.pipeline.query.values import NOTHING_OF, Where
from costper.pipeline.query.windows import WHOLE

COST = "verdict_cost"
UNITS = "verdict_units"
RESULT = "result"
ZERO = Decimal(0)
WHOLE_SPANS = {"week": ("week",), "month": ("month", "quarter", "year")}
"""Spans that are made of whole weeks or months."""

EXAMPLE = "such as: b / a, where b is a cost and a what it is divided by"
NOT_THERE = frozenset(NOTHING_OF.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """A question that was asked, with cost and units of its last formula as formulas."""

    asked: Asked
    name: str
    noun: str
    coverages: tuple[Decimal, Decimal]
    splits: bool

    def sides(self, key: Key = TOTAL) -> tuple[Side, Side]:
        """Give the period before and the period itself, of a group or of everything.

        A group without any cost or any units of its own has none of them: zero. Everything
        together without any is not known.
        """
        return (self._side(key, compared=True), self._side(key, compared=False))

    def unit_cost(self, key: Key = TOTAL, *, compared: bool = False) -> Amount:
        """Give the value of the formula itself, scaled as it was asked."""
        return self.asked.value(self.name, key, compared=compared)

    def per_scale(self, units: Amount) -> Amount:
        """Give units in what the result is per: thousands, where it is per thousand."""
        if isinstance(units, Absent):
            return units
        return CONTEXT.divide(units, Decimal(self.asked.scale_of(self.name)))

    def _side(self, key: Key, *, compared: bool) -> Side:
        asked = self.asked
        cost, units = (asked.value(name, key, compared=compared) for name in (COST, UNITS))
        if key != TOTAL:
            cost, units = _or_zero(cost), _or_zero(units)
        return Side(
            cost=cost,
            units=units,
            coverage=self.coverages[0 if compared else 1],
            settled=compared or asked.settled(),
            days=self._days(compared=compared),
        )

    def _days(self, *, compared: bool) -> int:
        """Count days; periods of as many whole months count as equally long."""
        period, before = self.asked.period, self.asked.compared
        if before is None or not compared or same_length(period, before):
            return period.days
        return before.days


def _or_zero(amount: Amount) -> Amount:
    return ZERO if amount in NOT_THERE else amount


def pairs_of(
    books: Readable,
    question: Question,
    *,
    now: datetime,
    standing: Standing | None = None,
    facts: Facts | None = None,
) -> Pairs:
    """Ask a question so that a verdict can be given; what it is compared with is `previous`.

    The verdict is of the last formula, else of the only cost ÷ the only metric.

    Raises:
        UserError: the question cannot be asked, or divides no cost by anything measured.
    """
    facts = facts or facts_of(books)
    question = _in_whole_buckets(_with_formula(question), books, facts, now)
    name = question.formulas[-1].name
    expressions = order_formulas(question.formulas, [one.name for one in question.letters])
    parts = quotient(expressions[name], expressions)
    if parts is None:
        raise UserError("a verdict needs a cost ÷ something", where="formula", hint=EXAMPLE)
    added = (
        *question.formulas,
        Formula(name=COST, text=written(parts.above)),
        Formula(name=UNITS, text=written(parts.below)),
    )
    wanted = replace(question, formulas=added, compare=question.compare or "previous")
    asked = ask(books, wanted, now=now, standing=standing, facts=facts)
    _check_units(asked)
    holes = asked.holes.get(name, frozenset[int]())
    read = [asked.resolved(letter) for letter in sorted(asked.reads[name])]
    return Pairs(
        asked=replace(asked, holes={**asked.holes, COST: holes, UNITS: holes}),
        name=name,
        noun=question.unit or _noun(asked),
        coverages=(
            _covered(asked, read, asked.compared, then=True),
            _covered(asked, read, asked.period, then=False),
        ),
        splits=bool(question.by) and all(len(one.keys) == len(question.by) for one in read),
    )


def _with_formula(question: Question) -> Question:
    """Divide the only cost by the only metric, where nothing says what to divide."""
    if question.formulas:
        return question
    costs = [one.name for one in question.letters if one.kind == "cost"]
    metrics = [one.name for one in question.letters if one.kind == "metric"]
    if len(costs) != 1 or len(metrics) != 1:
        raise UserError("say what is divided by what", where="formula", hint=EXAMPLE)
    text = f"{costs[0]} / {metrics[0]}"
    return replace(question, formulas=(Formula(name=RESULT, text=text),))


def _in_whole_buckets(question: Question, books: Readable, facts: Facts, now: datetime) -> Question:
    """Ask for metrics of weeks or months by whole ones: the last settled one, or the days said.

    Months are then compared with as many months before, though they have not as many days.
    """
    wanted = {letter.of for letter in question.letters if letter.kind == "metric"}
    grains = {one.grain for one in books.settings.metrics if one.name in wanted} - {"day"}
    if question.grain or len(grains) != 1:
        return question
    grain = cast("Grain", next(iter(grains)))
    if are_whole(question, grain):
        return replace(question, grain=grain)
    if (question.since, question.until, question.days, question.span) != (None,) * 4:
        return question
    end = bucket_of(last_settled(books, facts, now) + ONE_DAY, grain).start
    return replace(question, grain=grain, since=bucket_of(end - ONE_DAY, grain).start, until=end)


def are_whole(question: Question, grain: Grain) -> bool:
    """Say whether the days a question says are whole weeks or months."""
    if question.span is not None:
        return question.span.count > 0 and question.span.unit in WHOLE_SPANS[grain]
    since, until = question.since, question.until
    if since is None or until is None:
        return False
    return bucket_of(since, grain).start == since and bucket_of(until, grain).start == until


def last_settled(books: Readable, facts: Facts, now: datetime) -> date:
    """Give the last day whose cost is final in every live bill."""
    last = now.date() - timedelta(days=books.settings.settle_days)
    return last if facts.settled is None else min(last, facts.settled)


def _check_units(asked: Asked) -> None:
    above, below = asked.formulas[COST].unit, asked.formulas[UNITS].unit
    if above.money != 1 or above.nouns or below.money or below.literal:
        raise UserError(
            "a verdict is of a cost ÷ something measured, and nothing else",
            where="formula",
            hint=EXAMPLE,
        )


def _noun(asked: Asked) -> str:
    """Name what the cost is per: the unit of the only metric below, else a unit."""
    letters = [asked.resolved(name) for name in sorted(asked.reads[UNITS])]
    metrics = [one.metric for one in letters if one.metric is not None]
    if len(metrics) != 1:
        return "unit"
    return metrics[0].unit or metrics[0].name


def _covered(
    asked: Asked, letters: Sequence[Resolved], period: Period | None, *, then: bool
) -> Decimal:
    """Give the least share of a period's days that some letter has data on, or a rule fills."""
    if period is None or not period.days:
        return ZERO
    found = [Decimal(1)]
    for one in letters:
        if one.kind == "revenue" or one.grain != "day":
            continue
        held = bisect_left(one.held.days, period.end.toordinal()) - bisect_left(
            one.held.days, period.start.toordinal()
        )
        known = held + asked.values.filled(one.name, Where(TOTAL, _at(asked), then))
        found.append(CONTEXT.divide(Decimal(min(known, period.days)), Decimal(period.days)))
    return min(found)


def _at(asked: Asked) -> int | None:
    return WHOLE if asked.question.grain else 0


def same_length(period: Period, other: Period) -> bool:
    """Say whether two periods have as many days, or are as many whole calendar months.

    >>> from datetime import date
    >>> october = Period(date(2026, 10, 1), date(2026, 11, 1))
    >>> same_length(october, Period(date(2026, 9, 1), date(2026, 10, 1)))
    True
    """
    months = _whole_months(period)
    return period.days == other.days or 0 < months == _whole_months(other)


def _whole_months(period: Period) -> int:
    if period.start.day != 1 or period.end.day != 1:
        return 0
    return (period.end.year - period.start.year) * 12 + period.end.month - period.start.month
