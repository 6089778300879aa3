"""Divide in proportion to the seats of each customer active that day.

Use it for what is bought or sized by the head: a seat-priced tool, support staff. Seats come from
the customers source, as they were on that day; `targets` limits who takes part.

    - {rule: support desk, match: {service: helpdesk}, driver: by_seats, fallback: even}

No active customer with a number of seats that day: `no_seats`.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from costper.allocation.drivers.base import Driver
from costper.allocation.facts import Facts, Portion
from costper.allocation.scope import WEIGHT, Scope, limited
from costper.model.allocation import Rule


def weigh(portion: Portion, rule: Rule, facts: Facts) -> Mapping[str, Decimal]:
    """Weigh each active customer by its seats."""
    return {
        span.customer: span.seats
        for span in facts.active(portion.day)
        if span.seats is not None and (not rule.targets or span.customer in rule.targets)
    }


def sql(scope: Scope, rule: Rule) -> str:
    """Select the seats of the customers active on the pool's day."""
    weights = (
        f"SELECT p.pool_no, a.customer AS target, CAST(a.seats AS {WEIGHT}) AS weight "
        f"FROM {scope.pools} AS p JOIN {scope.active} AS a ON a.day = p.day "
        "WHERE a.seats IS NOT NULL"
    )
    return limited(scope, weights, limit=bool(rule.targets))


DRIVER = Driver(name="by_seats", missing="no_seats", weigh=weigh, sql=sql)
