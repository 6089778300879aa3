"""Rules that would send some calls to another model: plan=starter:openai/gpt-5-mini."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from costper.config.settings import Settings
from costper.errors import UnknownNameError, UserError
from costper.model.dimension import normal
from costper.model.names import quoted
from costper.pipeline.answer.select import Bound
from costper.pipeline.llm.chosen import spelled

PLAN = "plan"
KEYS = (PLAN, "tenant", "customer", "team", "feature", "prompt_version", "user_kind", "tier")
FORM = re.compile(r"([a-z_-]+)=([^:]*)(?::(.+))?")
ZERO = "CAST(0 AS INTEGER)"
"""No rule at all, and no step; a bare 0 would group by a column of that place."""

EXAMPLE = "write plan=starter:openai/gpt-5-mini"


@dataclass(frozen=True, slots=True)
class Target:
    """A model by its provider."""

    provider: str
    model: str

    def __str__(self) -> str:
        """Write it as provider/model."""
        return f"{self.provider}/{self.model}"


@dataclass(frozen=True, slots=True)
class Route:
    """Calls whose `key` is `value` would have gone to another model.

    `to` None is the one nearest in price that costs less, of each model they were made with.
    """

    key: str
    value: str
    to: Target | None = None


def target_of(text: str, *, where: str) -> Target:
    """Read provider/model.

    Raises:
        UserError: it is not written so.
    """
    provider, slash, model = text.strip().partition("/")
    if not (slash and provider and model):
        raise UserError(
            f"{text!r} is no model", where=where, hint="write provider/model: openai/gpt-5-mini"
        )
    return Target(provider.lower(), model)


def routes_of(texts: Iterable[str]) -> tuple[Route, ...]:
    """Read rules, each KEY=VALUE:provider/model, or KEY=VALUE; the first that fits a call counts.

    Raises:
        UserError: one is not written so, or its key is unknown.
    """
    return tuple(map(_route, texts))


def _route(text: str) -> Route:
    found = FORM.fullmatch(text.strip())
    if found is None:
        raise UserError(f"{text!r} is no route", where="route", hint=EXAMPLE)
    key = found[1].replace("-", "_")
    if key not in KEYS:
        raise UnknownNameError("key of a route", key, KEYS, where="route")
    to = target_of(found[3], where="route") if found[3] else None
    return Route(key, found[2].strip(), to)


def usual_routes(settings: Settings) -> tuple[Route, ...]:
    """Give the routes where none is said: of plans that pay nothing, and of tenants of our own."""
    llm = settings.llm
    return (
        *(Route(PLAN, plan) for plan in llm.free_plans),
        *(Route("tenant", tenant) for tenant in llm.internal_tenants),
    )


def route_sql(routes: Sequence[Route], settings: Settings, bound: Bound) -> str:
    """Number the first rule that a call fits, from 1; 0 for none."""
    cases = [
        f"WHEN {_fits(route, settings, bound)} THEN {number}"
        for number, route in enumerate(routes, 1)
    ]
    return f"CASE {' '.join(cases)} ELSE 0 END" if cases else ZERO


def _fits(route: Route, settings: Settings, bound: Bound) -> str:
    """Write whether a call fits; a plan is the one the customer had on the day of the call."""
    if route.key == PLAN:
        return (
            "EXISTS (SELECT 1 FROM customers AS f WHERE f.customer = calls.customer "
            f"AND LOWER(TRIM(f.plan)) = {bound.bind(normal(route.value))} "
            "AND f.valid_from <= calls.day AND (f.valid_to IS NULL OR calls.day < f.valid_to))"
        )
    said = spelled(route.key, route.value, settings)
    return f"calls.{quoted(route.key)} = {bound.bind(said)}"
