"""Divide in equal parts.

Use it for what serves everybody alike: a control plane, a licence. Who takes part: the rule's
`targets`; or every customer active that day; or, carrying to another dimension, each of its
values that has direct cost that day.

    - {rule: platform fee, match: {service: platform}, driver: even}
    - {rule: office tools, match: {service: tools}, to: team, driver: even, targets: [web, data]}

Without anybody to divide by, the amount stays unallocated with the reason `no_targets`.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from costper.allocation.drivers.base import Driver
from costper.allocation.facts import Facts, Portion
from costper.allocation.scope import WEIGHT, Scope, dim, named
from costper.model.allocation import Rule
from costper.model.dimension import RESERVED

ONE = Decimal(1)


def weigh(portion: Portion, rule: Rule, facts: Facts) -> Mapping[str, Decimal]:
    """Weigh everybody who takes part the same."""
    if rule.targets:
        return dict.fromkeys(rule.targets, ONE)
    if rule.to == "customer":
        return {span.customer: ONE for span in facts.active(portion.day)}
    that_day = (cost.dims[rule.to] for cost in facts.direct if cost.day == portion.day)
    return {value: ONE for value in that_day if value not in RESERVED}


def sql(scope: Scope, rule: Rule) -> str:
    """Select weight 1 for everybody who takes part."""
    select = f"SELECT p.pool_no, t.target, CAST(1 AS {WEIGHT}) AS weight FROM {scope.pools} AS p"
    if rule.targets:
        return f"{select} JOIN {scope.targets} AS t ON t.rule = {scope.number} AND t.listed = 1"
    if rule.to == "customer":
        who = f"SELECT day, customer AS target FROM {scope.active}"
    else:
        to = dim(rule.to)
        who = f"SELECT DISTINCT day, {to} AS target FROM {scope.direct} AS d WHERE {named(to)}"
    return f"{select} JOIN ({who}) AS t ON t.day = p.day"


DRIVER = Driver(name="even", missing="no_targets", weigh=weigh, sql=sql)
