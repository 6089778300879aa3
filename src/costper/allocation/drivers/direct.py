"""Leave a charge with the customer, or team, that it names itself.

Use it for what is dedicated to one customer and tagged so. A charge that names nobody is not
lost: it goes to the rule's fallback, or stays unallocated with the reason `no_targets`.

    - {rule: dedicated, match: {customer: present}, driver: direct}

A charge that no rule takes and that names its customer is direct as well, without a rule. To
send charges to a customer they do not name, use `fixed` with 100 percent.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from costper.allocation.drivers.base import Driver
from costper.allocation.facts import Facts, Portion
from costper.allocation.scope import WEIGHT, Scope
from costper.model.allocation import Rule


def weigh(portion: Portion, rule: Rule, facts: Facts) -> Mapping[str, Decimal]:
    """Weigh nobody: what names its target was never shared."""
    del portion, rule, facts
    return {}


def sql(scope: Scope, rule: Rule) -> str:
    """Select no weights."""
    del rule
    return (
        f"SELECT p.pool_no, '' AS target, CAST(0 AS {WEIGHT}) AS weight "
        f"FROM {scope.pools} AS p WHERE FALSE"
    )


DRIVER = Driver(name="direct", missing="no_targets", weigh=weigh, sql=sql)
