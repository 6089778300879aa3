"""Letters with everything settled that their words leave open: mart, column, keys, days, zone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from costper.config.settings import MetricSetting, Settings
from costper.economics.calendar import ONE_DAY, bucket_of
from costper.economics.where import Among, Condition, Every, keys_of, parse
from costper.errors import UnknownNameError, UserError
from costper.model.money import COST_COLUMNS
from costper.model.question import Grain, Letter, LetterKind, Question
from costper.pipeline.answer.metric_info import combine_of, zone_of
from costper.pipeline.answer.select import OTHER_KEYS
from costper.pipeline.query.facts import PLAN, Facts, Held
from costper.pipeline.query.letters import fault, moved

How = Literal["sum", "average", "last", "max", "min", "distinct"]
REVENUE_KEYS = ("customer", PLAN)
RESERVED = ("day", "week", "month", "quarter", "status", "partial", "estimated", "filled")
"""Columns of the answer that no letter and no formula may be named after."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """One letter, ready to be read.

    `column` is its cost column ('' the cost of record). `keys` are those of the group-by that it
    has, in order; `pinned` the keys its condition leaves one value of. `how` is how it adds up
    over time, `space` over the groups of one day. `table` is the mart it is read from. `unknown`
    says that its condition is met by nothing the books ever had.
    """

    letter: Letter
    how: How
    space: How = "sum"
    column: str = ""
    metric: MetricSetting | None = None
    condition: Condition | None = None
    keys: tuple[str, ...] = ()
    pinned: frozenset[str] = frozenset()
    table: str = ""
    held: Held = field(default_factory=Held)
    settled: date | None = None
    zone: str = "UTC"
    unknown: bool = False

    @property
    def name(self) -> str:
        """What formulas call it."""
        return self.letter.name

    @property
    def kind(self) -> LetterKind:
        """Metric, cost or revenue."""
        return self.letter.kind

    @property
    def grain(self) -> Grain:
        """What one of its values is of: a day, or a week or month of its own."""
        return self.metric.grain if self.metric else "day"

    @property
    def fills(self) -> bool:
        """Say whether days without data are filled."""
        return self.metric is not None and self.metric.gaps != "none" and self.grain == "day"

    @property
    def crowded(self) -> frozenset[int]:
        """Name the days on which values stand together that do not add up to one."""
        single = self.metric is not None and (not combine_of(self.metric) or self.grain != "day")
        return self.held.crowded if single else frozenset()

    @property
    def by_day(self) -> bool:
        """Say whether its days come back one by one and are rolled up here."""
        if self.kind == "cost":
            ahead = self.how == "average" and self.held.ahead
            return ahead or self.how in {"last", "max", "min"}
        return self.fills

    @property
    def pairs(self) -> bool:
        """Say whether a ratio takes it on paired days only: it is a sum of days."""
        return self.how == "sum" and self.grain == "day"


def resolved(
    settings: Settings, question: Question, facts: Facts, now: datetime
) -> tuple[Resolved, ...]:
    """Settle every letter of a question; a UserError names the letter, the column and the nearest.

    Raises:
        UserError: a name nobody declared, a key no letter has, a letter named like a column.
    """
    for name in (*(one.name for one in question.letters), *(f.name for f in question.formulas)):
        if name in (*question.by, *RESERVED):
            hint = "the answer has a column of that name"
            raise UserError(f"{name!r} cannot name a letter", where=name, hint=hint)
    makers = {"metric": _metric, "cost": _cost, "revenue": _revenue}
    found = tuple(makers[one.kind](settings, one, facts, now) for one in question.letters)
    _check_by(question, settings, found, facts)
    return tuple(_keyed(one, question.by, settings, facts) for one in found)


def keys_known(one: Resolved, settings: Settings, facts: Facts) -> tuple[str, ...]:
    """Name every key a letter can be asked by."""
    if one.kind == "metric":
        return one.held.said
    if one.kind == "revenue":
        return REVENUE_KEYS
    plan = (PLAN,) if facts.has_plans else ()
    return tuple(dict.fromkeys((*settings.dimension_names, *OTHER_KEYS, *plan)))


def _metric(settings: Settings, letter: Letter, facts: Facts, now: datetime) -> Resolved:
    known = {metric.name: metric for metric in settings.metrics}
    found = known.get(letter.of)
    if found is None:
        place = f"{letter.name}, column {letter.at[0] + 1}"
        raise UnknownNameError("metric", letter.of, known, where=place)
    held = facts.metrics.get(found.name) or Held(said=_declared(settings, found))
    zone = zone_of(settings, found)
    plain = Resolved(
        letter=letter,
        how=_how(letter, found),
        space=found.aggregation,
        metric=found,
        table="metric_daily",
        held=held,
        settled=_settled(settings, found, held, now.astimezone(ZoneInfo(zone)).date()),
        zone=zone,
    )
    return _conditioned(plain, settings, facts)


def _how(letter: Letter, metric: MetricSetting) -> How:
    """Take the metric's own unless the letter says another; what is distinct stays so."""
    if metric.aggregation == "distinct" or not letter.aggregation:
        return metric.aggregation
    return _override(letter)


def _override(letter: Letter) -> How:
    """Take the letter's word; a sum where it says none."""
    known: dict[str, How] = {"average": "average", "last": "last", "max": "max", "min": "min"}
    return known.get(letter.aggregation, "sum")


def _declared(settings: Settings, metric: MetricSetting) -> tuple[str, ...]:
    own = next((one.settings for one in settings.sources if one.name == metric.source), None)
    named: Mapping[str, object] = getattr(own, "dimensions", None) or {}
    said = {*metric.group_by, *named}
    return tuple(name for name in settings.dimension_names if name in said)


def _settled(settings: Settings, metric: MetricSetting, held: Held, today: date) -> date | None:
    """Give the last day whose value is final; of weeks and months the last day of such a one."""
    if held.last is None:
        return None
    days = settings.settle_days if metric.settle_days is None else metric.settle_days
    final = today - timedelta(days=days)
    if metric.grain == "day":
        return min(held.last, final)
    ends = (bucket_of(date.fromordinal(day), metric.grain).end - ONE_DAY for day in held.days)
    return max((end for end in ends if end <= final), default=held.first and held.first - ONE_DAY)


def _cost(settings: Settings, letter: Letter, facts: Facts, now: datetime) -> Resolved:
    column = letter.of
    if column not in {"", *COST_COLUMNS}:
        place = f"{letter.name}, column {letter.at[0] + 1}"
        raise UnknownNameError("cost column", column, COST_COLUMNS, where=place)
    last = facts.settled
    plain = Resolved(
        letter=letter,
        how=_override(letter),
        column=column,
        held=facts.cost,
        settled=min(now.date() - timedelta(days=settings.settle_days), last) if last else None,
    )
    return _conditioned(plain, settings, facts)


def _revenue(settings: Settings, letter: Letter, facts: Facts, now: datetime) -> Resolved:
    if letter.of:
        message = f"revenue is of all customers; {letter.of!r} is no part of it"
        raise fault(letter.name, letter.at[0], message, "such as: revenue where plan = pro")
    if letter.aggregation not in {"", "sum", "average"}:
        message = f"revenue is a sum or an average, not {letter.aggregation}"
        raise fault(letter.name, letter.at[1], message, "leave `as` out, or write: as average")
    until = now.date().toordinal()
    plain = Resolved(
        letter=letter,
        how=_override(letter),
        table="customers",
        held=Held(days=(until - 1,)),
    )
    return _conditioned(plain, settings, facts)


def _conditioned(one: Resolved, settings: Settings, facts: Facts) -> Resolved:
    text = one.letter.where
    if not text:
        return one
    known = keys_known(one, settings, facts)
    try:
        condition = parse(text, known)
    except UnknownNameError as error:
        raise _not_said(moved(error, one.letter, one.letter.at[1]), one, known, settings) from error
    except UserError as error:
        raise moved(error, one.letter, one.letter.at[1]) from error
    return replace(one, condition=condition, pinned=frozenset(_pinned(condition)))


def _not_said(
    error: UserError, one: Resolved, known: Sequence[str], settings: Settings
) -> UserError:
    """Tell a dimension this letter has not from a word that is none at all."""
    word = error.message.partition("'")[2].partition("'")[0]
    if word not in settings.dimension_names or not one.metric:
        return error
    by = ", ".join(known) or "no dimension"
    message = f"the metric {one.metric.name} is not broken down by {word}"
    return UserError(message, where=error.where, hint=f"it is by {by}")


def _pinned(condition: Condition) -> set[str]:
    """Name the keys a condition leaves one value of."""
    match condition:
        case Among(key=key, values=values, negated=False) if len(values) == 1:
            return {key}
        case Every(parts=parts):
            return set[str]().union(*map(_pinned, parts))
        case _:
            return set()


def _check_by(
    question: Question, settings: Settings, found: Sequence[Resolved], facts: Facts
) -> None:
    for key in question.by:
        if any(key in keys_known(one, settings, facts) for one in found):
            continue
        every = {*settings.dimension_names, *OTHER_KEYS, PLAN}
        if key not in every:
            raise UnknownNameError("dimension", key, every, where="by")
        raise UserError(
            f"nothing in the question is broken down by {key}",
            where="by",
            hint="; ".join(_said(one, settings, facts) for one in found),
        )


def _said(one: Resolved, settings: Settings, facts: Facts) -> str:
    return f"{one.name} is by {', '.join(keys_known(one, settings, facts)) or 'no dimension'}"


def _keyed(one: Resolved, by: Sequence[str], settings: Settings, facts: Facts) -> Resolved:
    keys = tuple(key for key in by if key in keys_known(one, settings, facts))
    if one.kind != "cost":
        return replace(one, keys=keys)
    asked = {*keys, *keys_of(one.condition)}
    return replace(one, keys=keys, table=_cost_mart(asked, plans=facts.has_plans))


def _cost_mart(asked: set[str], *, plans: bool) -> str:
    """Pick the smallest mart that holds every key; plans are looked up by customer."""
    known = asked - {PLAN} | ({"customer"} if plans and PLAN in asked else asked & {PLAN})
    if "customer" not in known:
        return "dimension_daily"
    return "customer_daily" if known <= {"customer", "source"} else "legs"
