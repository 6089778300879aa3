"""Prompt versions side by side: cost, tokens, latency and errors, before and after each deploy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from costper.economics.calls import Used, added
from costper.economics.latency import MEDIAN, P95, quantile
from costper.economics.levels import change
from costper.model.answer import Absent, Answer, Cell, Measure, Row
from costper.model.names import quoted
from costper.model.period import Period
from costper.pipeline.answer.frame import Frame
from costper.pipeline.answer.select import Bound, Select
from costper.pipeline.llm.chosen import Chosen, told_as
from costper.pipeline.llm.deployed import Pair, deployed
from costper.pipeline.llm.read import HOURLY, LATENCY, Calls, ask, by_columns, read_by
from costper.pipeline.llm.told import (
    COST_NOTE,
    PER_CALL_NOTE,
    TOKENS_NOTE,
    Said,
    days_of,
    told,
    usage_cells,
)
from costper.watch.step import ENOUGH_DAYS, differ

SIX_PLACES = Decimal("0.000001")
SURE = 0.05
FIRST_KNOWN = Absent("first_known_version")
NOT_COMPARED = Absent("too_few_days")
AROUND = timedelta(days=7)
MEASURES: Mapping[str, Measure] = {
    "latency_median_ms": "number",
    "latency_p95_ms": "number",
    "p_value": "number",
}
NOTES = (
    "previous is the version of the same feature first called before this one",
    "changes compare the two over the days asked for and as many before",
    "they are by price (call_cost): an invoice that came for some days alone is no dearer prompt",
    "p_value is of the daily call_cost per call of the two (Mann-Whitney, exact)",
    f"the verdict is dearer or cheaper at {SURE}; at most {ENOUGH_DAYS} days of each are compared",
    "errors are of the whole feature, 7 days before a version's first call and 7 from it on",
    "latency is told to within 2.5 %: calls are counted in classes of 5 %",
    COST_NOTE,
    PER_CALL_NOTE,
    TOKENS_NOTE,
)


@dataclass(frozen=True, slots=True)
class Version:
    """What is known of one prompt version of a feature, by day."""

    feature: str
    name: str
    first: date
    days: Mapping[date, Used]

    def of(self, period: Period) -> Used:
        """Add up the days of a period."""
        return added(used for day, used in self.days.items() if period.holds(day))

    def daily(self) -> list[Decimal]:
        """Give the cost per call by price of each day that has one, in order."""
        found = (self.days[day].by_price.cost_per_call for day in sorted(self.days))
        return [cost for cost in found if isinstance(cost, Decimal)]


def prompt_versions(frame: Frame, chosen: Chosen) -> Answer:
    """Compare the prompt versions of each feature, in the order they were first called."""
    calls = Calls(frame, chosen, frame.period)
    features = _read(Calls(frame, chosen, frame.span), deployed(frame, chosen))
    timed = _latency(calls)
    rows: list[Row] = []
    for feature in sorted(features):
        versions = features[feature]
        for place, one in enumerate(versions):
            if one.of(frame.period).calls or one.of(frame.period).unpriced_calls:
                before = versions[place - 1] if place else None
                rows.append(_row(frame, one, before, versions, timed))
    days = days_of(calls)
    total = usage_cells(days.total)
    said = Said(notes=NOTES, measures=MEASURES)
    return told(calls, {"noun": "prompt version"}, tuple(rows), total, days, said)


def _read(calls: Calls, first: Mapping[Pair, date]) -> dict[str, list[Version]]:
    """Give the versions of each feature in the order of their first calls."""
    found: dict[Pair, dict[date, Used]] = {}
    keys = by_columns("feature", "prompt_version", "day")
    for (feature, version, day), used in read_by(calls, HOURLY, keys).items():
        found.setdefault((feature, version), {})[day] = used
    features: dict[str, list[Version]] = {}
    for (feature, name), days in found.items():
        features.setdefault(feature, []).append(Version(feature, name, first[feature, name], days))
    for versions in features.values():
        versions.sort(key=lambda one: (one.first, one.name))
    return features


def _latency(calls: Calls) -> dict[Pair, dict[int, int]]:
    bound = Bound()
    columns = ("feature", "prompt_version", "latency_class")
    narrow = _kept(calls)
    if narrow is None:
        return {}
    select = Select(
        columns={
            **{name: quoted(name) for name in columns},
            "calls": "CAST(sum(calls) AS BIGINT)",
        },
        table=LATENCY,
        where=narrow.where(LATENCY, bound),
        group=columns,
    )
    found: dict[Pair, dict[int, int]] = {}
    for row in ask(calls.frame, select, bound):
        classes = found.setdefault((row["feature"], row["prompt_version"]), {})
        classes[row["latency_class"]] = row["calls"]
    return found


def _kept(calls: Calls) -> Calls | None:
    """Give the calls, if latency is kept by what they are chosen by."""
    chosen = calls.chosen
    return None if chosen.customer or chosen.tenant or chosen.team else calls


def _row(
    frame: Frame,
    one: Version,
    before: Version | None,
    versions: Sequence[Version],
    timed: Mapping[Pair, Mapping[int, int]],
) -> Row:
    used = one.of(frame.period)
    classes = timed.get((one.feature, one.name), {})
    return {
        "feature": told_as(one.feature),
        "prompt_version": told_as(one.name),
        "first_day": one.first,
        "last_day": max(one.days),
        **usage_cells(used),
        "call_cost_per_call": used.by_price.cost_per_call,
        "input_tokens_per_call": used.input_per_call,
        "output_tokens_per_call": used.output_per_call,
        "cache_hit_percent": used.cache_hit_percent,
        "latency_mean_ms": used.latency_mean_ms,
        "latency_median_ms": quantile(classes, MEDIAN),
        "latency_p95_ms": quantile(classes, P95),
        **_against(frame, one, before),
        **_errors(frame, one, before, versions),
    }


def _against(frame: Frame, one: Version, before: Version | None) -> dict[str, Cell]:
    if before is None:
        lacking = dict.fromkeys(
            ("cost_change_percent", "tokens_change_percent", "price_change_percent", "p_value"),
            FIRST_KNOWN,
        )
        return {"previous": "", **lacking, "verdict": ""}
    moved = change(before.of(frame.span).by_price, one.of(frame.span).by_price)
    chance = differ(before.daily(), one.daily())
    return {
        "previous": told_as(before.name),
        "cost_change_percent": moved.cost,
        "tokens_change_percent": moved.tokens,
        "price_change_percent": moved.price,
        "p_value": NOT_COMPARED if chance is None else Decimal(repr(chance)).quantize(SIX_PLACES),
        "verdict": _verdict(moved.cost, chance),
    }


def _verdict(moved: Decimal | Absent, chance: float | None) -> str:
    if chance is None or isinstance(moved, Absent):
        return ""
    if chance > SURE:
        return "no difference shown"
    return "dearer" if moved > 0 else "cheaper"


def _errors(
    frame: Frame, one: Version, before: Version | None, versions: Sequence[Version]
) -> dict[str, Cell]:
    """Tell the feature's share of errors around the first call of a version."""
    if before is None or one.first <= frame.span.start:
        return {"errors_before_percent": FIRST_KNOWN, "errors_after_percent": FIRST_KNOWN}
    earlier = Period(one.first - AROUND, one.first)
    later = Period(one.first, one.first + AROUND)
    return {
        "errors_before_percent": added(it.of(earlier) for it in versions).error_percent,
        "errors_after_percent": added(it.of(later) for it in versions).error_percent,
    }
