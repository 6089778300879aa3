"""Divide by fixed percentages that add up to exactly 100.

Use it where people agreed on a key, or to send a charge wholly to somebody it does not name.

    - rule: data warehouse
      match: {service: warehouse}
      to: team
      driver: fixed
      shares: {search: 70, growth: 30}

A target with 0 percent gets nothing. Credits are divided by the same percentages.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from costper.allocation.drivers.base import Driver
from costper.allocation.facts import Facts, Portion
from costper.allocation.scope import WEIGHT, Scope
from costper.model.allocation import Rule

SCALE = 6


def weigh(portion: Portion, rule: Rule, facts: Facts) -> Mapping[str, Decimal]:
    """Weigh each target by its percentage, in millionths of a percent."""
    del portion, facts
    return {target: share.scaleb(SCALE) for target, share in rule.shares.items()}


def sql(scope: Scope, rule: Rule) -> str:
    """Select the rule's percentages for each of its pools."""
    del rule
    return (
        f"SELECT p.pool_no, t.target, CAST(t.share * 1000000 AS {WEIGHT}) AS weight "
        f"FROM {scope.pools} AS p JOIN {scope.targets} AS t ON t.rule = {scope.number} "
        "AND t.share IS NOT NULL"
    )


DRIVER = Driver(name="fixed", missing="no_targets", weigh=weigh, sql=sql, scale=SCALE)
