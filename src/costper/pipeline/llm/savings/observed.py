"""Reads what calls counted, in sums that one set of rates prices each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from costper.model.names import quoted
from costper.pipeline.answer.select import Bound, Select
from costper.pipeline.llm.read import HOURLY, Calls, ask
from costper.pipeline.llm.savings.route import ZERO, Route, route_sql
from costper.rating.rates import KINDS
from costper.rating.sql_price import RateKey, parts_sql
from costper.rating.steps import PriceSteps

CALLS = "calls"
WORDS = ("feature", "provider", "model", "tier")
COUNTS = ("calls", "errors", "input_tokens", "output_tokens", "cache_read_tokens")


class Group(NamedTuple):
    """Calls of one day that one set of rates prices; `account` is '' but for programs' calls.

    `route` counts from 1 the rule that would send them elsewhere, 0 for none. `parts` are the
    sums of KINDS.
    """

    feature: str
    account: str
    provider: str
    model: str
    tier: str
    day: date
    context: int
    half_hour: int
    route: int
    parts: tuple[int, ...]
    calls: int
    errors: int
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    longest: int

    @property
    def key(self) -> RateKey:
        """What its rates are found by."""
        return (self.provider, self.model, self.tier, self.day)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What a row rests on."""

    calls: int
    input_tokens: int
    output_tokens: int
    cache_read_tokens: int
    longest: int
    days: int


def observed(calls: Calls, steps: PriceSteps, routes: Sequence[Route] = ()) -> tuple[Group, ...]:
    """Read the calls asked for, in as few sums as their prices allow."""
    bound = Bound()
    keys = {
        **{name: quoted(name) for name in WORDS},
        "account": "CASE WHEN user_kind = 'service_account' THEN user_id ELSE '' END",
        "day": "day",
        **step_keys(steps, bound),
        "route": route_sql(routes, calls.frame.books.settings, bound),
    }
    sums = {f"part_{kind}": _sum(sql) for kind, sql in parts_sql(CALLS).items()}
    select = Select(
        columns={
            **keys,
            **sums,
            "calls": "count(*) FILTER (line_no = 0)",
            "errors": "count(*) FILTER (line_no = 0 AND status <> 'ok')",
            **{name: _sum(quoted(name)) for name in COUNTS[2:]},
            "longest": f"max({CONTEXT})",
        },
        table=CALLS,
        where=calls.where(HOURLY, bound),
        group=tuple(keys),
        order=tuple(keys),
    )
    return tuple(_group(row, steps) for row in ask(calls.frame, select, bound))


CONTEXT = "COALESCE(calls.context_tokens, calls.input_tokens)"


def step_keys(steps: PriceSteps, bound: Bound) -> dict[str, str]:
    """Write the step of the context, and the half hour where some price has hours."""
    above = [f"CAST({CONTEXT} > {bound.bind(limit)} AS INTEGER)" for limit in steps.limits]
    at = 'calls."at"'
    half = f"EXTRACT(hour FROM {at}) * 2 + CAST(EXTRACT(minute FROM {at}) >= 30 AS INTEGER)"
    return {
        "step": " + ".join(above) or ZERO,
        "half_hour": f"CAST({half} AS INTEGER)" if steps.hours else ZERO,
    }


def evidence(groups: Iterable[Group]) -> Evidence:
    """Say how much there was."""
    found = list(groups)
    return Evidence(
        calls=sum(one.calls for one in found),
        input_tokens=sum(one.input_tokens for one in found),
        output_tokens=sum(one.output_tokens for one in found),
        cache_read_tokens=sum(one.cache_read_tokens for one in found),
        longest=max((one.longest for one in found), default=0),
        days=len({one.day for one in found}),
    )


def merged(groups: Iterable[Group], day: date) -> list[Group]:
    """Add up groups as if all had been of one day: fewer, to choose models by."""
    found: dict[tuple[str, int, int], Group] = {}
    for one in groups:
        key = (one.tier, one.context, one.half_hour)
        other = found.get(key)
        found[key] = one._replace(day=day) if other is None else _added(other, one)
    return [*found.values()]


def _added(one: Group, other: Group) -> Group:
    counts = {name: getattr(one, name) + getattr(other, name) for name in COUNTS}
    parts = tuple(a + b for a, b in zip(one.parts, other.parts, strict=True))
    return one._replace(**counts, parts=parts, longest=max(one.longest, other.longest))


def _sum(sql: str) -> str:
    return f"CAST(coalesce(sum({sql}), 0) AS BIGINT)"


def _group(row: Mapping[str, object], steps: PriceSteps) -> Group:
    def whole(name: str) -> int:
        value = row[name]
        return value if isinstance(value, int) else 0

    day = row["day"]
    if not isinstance(day, date):
        raise TypeError(day)
    feature, provider, model, tier = (str(row[name]) for name in WORDS)
    return Group(
        feature=feature,
        account=str(row["account"]),
        provider=provider,
        model=model,
        tier=tier,
        day=day,
        context=steps.context(whole("step")),
        half_hour=whole("half_hour"),
        route=whole("route"),
        parts=tuple(whole(f"part_{kind}") for kind in KINDS),
        longest=whole("longest"),
        calls=whole("calls"),
        errors=whole("errors"),
        input_tokens=whole("input_tokens"),
        output_tokens=whole("output_tokens"),
        cache_read_tokens=whole("cache_read_tokens"),
    )
