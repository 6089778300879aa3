"""Divide in proportion to the direct cost of each target, day by day.

Use it for overhead that grows with everything else: support plans, tax, a platform team. Only
cost that a charge itself put there weighs, in the same currency and on the same day, in the
cost of record; what was divided before does not. `base` limits whose cost weighs, `targets` who
takes part.

    - rule: enterprise support
      match: {service: support}
      driver: by_cost
      base: {environment: production}

Nobody with direct cost that day: `no_cost`. A target with more credits than cost that day makes
proportions senseless: `negative_weights`. The fallback, if the rule has one, takes over.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal, localcontext

from costper.allocation.drivers.base import Driver
from costper.allocation.facts import DirectCost, Facts, Portion
from costper.allocation.match import all_hold
from costper.allocation.scope import WEIGHT, Scope, dim, limited, named
from costper.model.allocation import Rule
from costper.model.dimension import RESERVED
from costper.model.money import EXACT, POSTING_UNIT

SCALE = 6


def weigh(portion: Portion, rule: Rule, facts: Facts) -> Mapping[str, Decimal]:
    """Weigh each target by its direct cost that day, in millionths of the currency."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    with localcontext(EXACT):
        for cost in facts.direct:
            if _counts(cost, portion, rule):
                sums[cost.dims[rule.to]] += cost.amount
        return {
            target: amount.quantize(POSTING_UNIT, ROUND_HALF_UP).scaleb(SCALE)
            for target, amount in sums.items()
        }


def _counts(cost: DirectCost, portion: Portion, rule: Rule) -> bool:
    target = cost.dims[rule.to]
    return (
        (cost.day, cost.currency) == (portion.day, portion.currency)
        and target not in RESERVED
        and (not rule.targets or target in rule.targets)
        and all_hold(rule.base, cost.dims.__getitem__)
    )


def sql(scope: Scope, rule: Rule) -> str:
    """Select each target's direct cost of the pool's day and currency."""
    to = dim(rule.to)
    sums = (
        f"SELECT day, currency, {to} AS target, "
        f"CAST(CAST(SUM(cost) AS DECIMAL(38,12)) * 1000000 AS {WEIGHT}) AS weight "
        f"FROM {scope.direct} AS d WHERE {named(to)} GROUP BY day, currency, {to}"
    )
    weights = (
        f"SELECT p.pool_no, d.target, d.weight FROM {scope.pools} AS p "
        f"JOIN ({sums}) AS d ON d.day = p.day AND d.currency = p.currency"
    )
    return limited(scope, weights, limit=bool(rule.targets))


DRIVER = Driver(name="by_cost", missing="no_cost", weigh=weigh, sql=sql, scale=SCALE)
