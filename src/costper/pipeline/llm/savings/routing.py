"""What calls of a plan, tenant or tier would have cost, sent to another model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from costper.pipeline.llm.savings.case import Case
from costper.pipeline.llm.savings.models import (
    Priced,
    Skipped,
    Some,
    Wanted,
    case_of,
    cheaper,
    used_in,
)
from costper.pipeline.llm.savings.priced import Prices
from costper.pipeline.llm.savings.route import Route, Target

NOT_ROUTED = "no call of these days is of it"
NONE_CHEAPER = "no model of its kind costs less"
NEAREST = "a cheaper model"


def routed(
    prices: Prices, groups: Sequence[Priced], routes: Sequence[Route], wanted: Wanted
) -> tuple[list[Case], list[Skipped]]:
    """Reckon every route, one row for each model its calls were made with.

    A call goes the way of the first route that it fits, so rows never share a call.
    """
    found = [
        one
        for number, route in enumerate(routes, 1)
        for one in _of_route(prices, groups, (number, route), wanted)
    ]
    cases = [one for one in found if isinstance(one, Case)]
    return cases, [one for one in found if isinstance(one, Skipped)]


def _of_route(
    prices: Prices, groups: Sequence[Priced], numbered: tuple[int, Route], wanted: Wanted
) -> Iterator[Case | Skipped]:
    number, route = numbered
    of, to = f"{route.key} {route.value}", str(route.to or NEAREST)
    own: dict[Target, list[Priced]] = {}
    for group, cost in groups:
        if group.route == number:
            own.setdefault(Target(group.provider, group.model), []).append((group, cost))
    if not own:
        yield Skipped(of, to, NOT_ROUTED)
    for model, calls in own.items():
        some = Some("routing", of, model, calls)
        target = route.to or _nearest(prices, some, groups)
        case = NONE_CHEAPER if target is None else case_of(prices, some, target, wanted.percent)
        yield case if isinstance(case, Case) else Skipped(of, to, case)


def _nearest(prices: Prices, some: Some, groups: Sequence[Priced]) -> Target | None:
    found = cheaper(prices, some, Wanted(), used_in(prices, groups))
    return found[0] if found else None
