"""What a driver is: a name, and how much each target weighs, in Python as in SQL."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from costper.allocation.facts import Facts, Portion
from costper.allocation.scope import Scope
from costper.model.allocation import Reason, Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Driver:
    """One way to divide a shared charge.

    `weigh` is the definition: how much each target weighs, exactly. `sql` says the same in
    bulk: a SELECT of pool_no, target, weight, each target once in a pool; the target '' is
    usage that names nobody. `missing` is the reason when nobody weighs. Weights of money or
    percent are kept in millionths (`scale` 6), so that no digit is lost.
    """

    name: str
    missing: Reason
    weigh: Callable[[Portion, Rule, Facts], Mapping[str, Decimal]]
    sql: Callable[[Scope, Rule], str]
    scale: int = 0
