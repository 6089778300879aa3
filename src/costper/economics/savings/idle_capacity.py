"""Capacity a load balancer keeps reserved, as far as the bill itself calls it idle.

AWS charges the reserved and unused part of a load balancer's capacity under a usage type of its
own, which ends in IdleProvisionedLBCapacity.

    USE1-IdleProvisionedLBCapacity
"""

from __future__ import annotations

from collections.abc import Iterator

from costper.economics.savings.base import Bill, Claim, Meter, Rule

IDLE = Meter(name="idle_balancer_capacity", usage=r"(^|-)IdleProvisionedLBCapacity$")


def find(bill: Bill) -> Iterator[Claim]:
    """Claim all of it: the vendor has measured it."""
    for one in bill.of(IDLE):
        if one.cost > 0:
            why = f"the bill calls it idle on {one.days} of {bill.days} days"
            yield Claim(seen=one, why=why)


IDLE_CAPACITY = Rule(
    name="idle_capacity",
    kind="idle_candidate",
    what="candidate: load balancer capacity reserved and not used",
    next_step="reserve less capacity, or none",
    confidence="measured",
    meters=(IDLE,),
    find=find,
)
