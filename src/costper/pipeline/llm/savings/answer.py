"""What the calls of the last days would have cost otherwise, lever by lever."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from costper.economics.call_savings import Span, monthly, summed
from costper.economics.calls import Used
from costper.errors import UserError
from costper.model.answer import Absent, Answer, Cell, Measure, Row
from costper.model.money import EXACT
from costper.model.outcome import Issue
from costper.model.period import Period
from costper.model.plural import plural
from costper.pipeline.answer.frame import ONE_DAY, Frame
from costper.pipeline.answer.select import Bound, Select
from costper.pipeline.llm.chosen import Chosen
from costper.pipeline.llm.read import HOURLY, Calls, ask
from costper.pipeline.llm.savings.batch import batches
from costper.pipeline.llm.savings.caching import SHARED_PERCENT, cached
from costper.pipeline.llm.savings.case import Case, row_of
from costper.pipeline.llm.savings.models import Skipped, Wanted, other_models
from costper.pipeline.llm.savings.observed import observed
from costper.pipeline.llm.savings.priced import Prices, now_total, priced_groups
from costper.pipeline.llm.savings.route import (
    Target,
    routes_of,
    target_of,
    usual_routes,
)
from costper.pipeline.llm.savings.routing import routed
from costper.pipeline.llm.told import Said, days_of, told
from costper.rating.catalogue import Catalogue
from costper.rating.steps import steps_of

DAYS = 14
LEAST_DAYS = 7
GAP = Decimal("0.01")
MOST_TOP = 50
MOST_PERCENT = 100
ALTERNATIVES = Absent("alternatives")
LEVERS = ("batch", "caching", "routing", "model")
MEASURES: dict[str, Measure] = dict.fromkeys(
    (
        "now",
        "would_low",
        "would_likely",
        "would_high",
        "monthly_saving",
        "monthly_saving_low",
        "monthly_saving_high",
    ),
    "money",
)
NOTES = (
    "nothing is changed, and nothing recommended: each row is what the same calls would have cost",
    "now is by the catalogue's prices, so that like is compared with like; cost is of record",
    "would_low to would_high is the range that the assumptions of the row leave; see assumes",
    "a month is 365/12 days as those observed",
    "each row is reckoned alone: models of one feature are alternatives, and levers do not add up",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Levers:
    """What is asked: models to compare with, features that can wait, routes; as words.

    `models` are provider/model, or patterns of it (google/*). `shared` is how much of the longest
    possible prefix is likely one, in percent.
    """

    models: tuple[str, ...] = ()
    batch: tuple[str, ...] = ()
    routes: tuple[str, ...] = ()
    top: int = 5
    percent: Decimal | None = None
    shared: int = SHARED_PERCENT


def call_savings(frame: Frame, chosen: Chosen, catalogue: Catalogue, levers: Levers) -> Answer:
    """Answer what the calls asked for would have cost otherwise; of 14 days unless said otherwise.

    Raises:
        UserError: a model or a route is not written as one, or a number is out of range.
    """
    wanted = _wanted(levers)
    routes = routes_of(levers.routes) or usual_routes(frame.books.settings)
    calls = Calls(frame, chosen, _period(frame))
    days, prices = days_of(calls), Prices(catalogue)
    providers = _providers(calls) | {it.provider for it in wanted.named}
    providers |= {route.to.provider for route in routes if route.to}
    everywhere = set(catalogue.providers) if wanted.globs else providers
    steps = steps_of(catalogue, everywhere)
    groups, lost = priced_groups(prices, observed(calls, steps, routes))
    found = (
        batches(prices, groups, levers.batch),
        cached(calls, prices, steps, levers.shared),
        routed(prices, groups, routes, wanted),
        other_models(prices, groups, wanted),
    )
    cases = [case for some, _ in found for case in some]
    many = _days_observed(calls)
    rows = [row_of(case, many) for case in _ordered(cases)]
    total: dict[str, Cell] = {
        "now": now_total(groups),
        "cost": days.total.cost_of_record,
        "calls": days.total.calls,
        "unpriced_calls": lost,
        "days": many,
        "levers": tuple(_by_lever(cases, many)),
        "skipped": tuple(_skipped(it for _, some in found for it in some)),
    }
    notes = (*NOTES, f"prices are those of {catalogue.version} on the day of each call")
    question: dict[str, Cell] = {"noun": "savings on observed calls", **_said(levers)}
    said = Said(
        notes=notes, measures=MEASURES, issues=tuple(_issues(many, now_total(groups), days.total))
    )
    return told(calls, question, tuple(rows), total, days, said)


def _wanted(levers: Levers) -> Wanted:
    if not 1 <= levers.top <= MOST_TOP:
        raise UserError(f"top must be 1 to {MOST_TOP}, not {levers.top}", where="top")
    if not 1 <= levers.shared <= MOST_PERCENT:
        raise UserError(f"a share must be 1 to 100 %, not {levers.shared}", where="shared")
    if levers.percent is not None and not 0 <= levers.percent < MOST_PERCENT:
        where = "tokens_differ"
        raise UserError(f"tokens may differ by 0 to 99 %, not {levers.percent}", where=where)
    targets = [target_of(text, where="with_model") for text in levers.models]
    globs = tuple(str(it) for it in targets if _is_glob(it))
    named = tuple(it for it in targets if not _is_glob(it))
    return Wanted(named=named, globs=globs, top=levers.top, percent=levers.percent)


def _is_glob(target: Target) -> bool:
    return any(sign in str(target) for sign in "*?[")


def _period(frame: Frame) -> Period:
    """Give the days asked for; the last 14 settled ones where nothing is said."""
    asked = frame.asked
    if (asked.days, asked.since, asked.until, asked.months) != (None, None, None, None):
        return frame.period
    return Period(frame.period.end - timedelta(days=DAYS), frame.period.end)


def _providers(calls: Calls) -> set[str]:
    bound = Bound()
    select = Select(
        columns={"provider": "provider"},
        table=HOURLY,
        where=calls.where(HOURLY, bound),
        group=("provider",),
    )
    return {row["provider"] for row in ask(calls.frame, select, bound)}


def _days_observed(calls: Calls) -> int:
    """Count the days asked for that the books reach: a month is as many as those."""
    columns = {"first": "min(day)", "last": "max(day)"}
    (row,) = ask(calls.frame, Select(columns=columns, table=HOURLY), Bound())
    first: date | None = row["first"]
    last: date | None = row["last"]
    if first is None or last is None:
        return calls.period.days
    start, end = max(calls.period.start, first), min(calls.period.end, last + ONE_DAY)
    return max((end - start).days, 1)


def _ordered(cases: Iterable[Case]) -> list[Case]:
    return sorted(cases, key=lambda it: (-it.saved.likely, it.lever, it.of, it.model, it.to))


def _issues(days: int, now: Decimal, whole: Used) -> Iterator[Issue]:
    """Say what may mislead: few days, or prices that are not what the books were kept by."""
    gap = abs(EXACT.subtract(now, whole.call_cost))
    if gap > EXACT.multiply(whole.call_cost, GAP):
        yield Issue(
            code="prices_differ",
            message=f"by the catalogue the calls cost {now:.2f} USD, in the books "
            f"{whole.call_cost:.2f}: providers said otherwise, or prices changed since",
            severity="info",
            hint="`costper reprice` shows what changed, `costper prices gaps` what providers say",
        )
    if days < LEAST_DAYS:
        yield Issue(
            code="few_days",
            message=f"a month is reckoned from {plural(days, 'day')}: it may be quite another one",
            severity="warning",
            hint="ask for more days, as soon as the books hold them",
        )


def _by_lever(cases: Sequence[Case], days: int) -> Iterator[Row]:
    """Add up what may be added: the rows of one lever, but not alternatives."""
    for lever in LEVERS:
        own = [case for case in cases if case.lever == lever]
        whole = summed(case.saved for case in own)
        yield {"lever": lever, "rows": len(own), **_monthly(lever, whole, days)}


def _monthly(lever: str, whole: Span, days: int) -> dict[str, Cell]:
    parts = {"": whole.likely, "_low": whole.low, "_high": whole.high}
    return {
        f"monthly_saving{part}": ALTERNATIVES if lever == "model" else monthly(amount, days)
        for part, amount in parts.items()
    }


def _skipped(found: Iterable[Skipped]) -> Iterator[Row]:
    return ({"of": it.of, "to": it.to, "reason": it.reason} for it in found)


def _said(levers: Levers) -> dict[str, Cell]:
    said = replace(levers)
    told_of = {"with_model": said.models, "batch": said.batch, "route": said.routes}
    return {name: words for name, words in told_of.items() if words}
