"""What calls of a plan, tenant or tier would have cost, sent to another model."""

from __future__ import annotations

from collections.abc import Sequence

from costper.pipeline.llm.savings.case import Case
from costper.pipeline.llm.savings.models import Priced, Skipped, Some, Wanted, case_of
from costper.pipeline.llm.savings.priced import Prices
from costper.pipeline.llm.savings.route import Route, Target

NOT_ROUTED = "no call of these days is of it"


def routed(
    prices: Prices, groups: Sequence[Priced], routes: Sequence[Route], wanted: Wanted
) -> tuple[list[Case], list[Skipped]]:
    """Reckon every route, one row for each model its calls were made with.

    A call goes the way of the first route that it fits, so rows never share a call.
    """
    cases: list[Case] = []
    skipped: list[Skipped] = []
    for number, route in enumerate(routes, 1):
        of = f"{route.key} {route.value}"
        own: dict[Target, list[Priced]] = {}
        for group, cost in groups:
            if group.route == number:
                model = Target(group.provider, group.model)
                own.setdefault(model, []).append((group, cost))
        if not own:
            skipped.append(Skipped(of, str(route.to), NOT_ROUTED))
        for model, calls in own.items():
            case = case_of(prices, Some("routing", of, model, calls), route.to, wanted.percent)
            if isinstance(case, Case):
                cases.append(case)
            else:
                skipped.append(Skipped(of, str(route.to), case))
    return cases, skipped
