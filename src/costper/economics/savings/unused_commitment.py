"""Savings plans, reservations and committed discounts that were paid for and covered nothing.

The bill says it itself: FOCUS marks such a line with the commitment status Unused, and costper
makes a line of its own of the unused rest of AWS fees (RIFee, SavingsPlanRecurringFee) and of
Azure's UnusedReservation and UnusedSavingsPlan. The money is gone until the commitment ends;
what can be saved is the next one, or what usage is moved under it.

    costper savings
    costper cost --by charge_category --where "charge_category = 'Unused commitment'"
"""

from __future__ import annotations

from collections.abc import Iterator

from costper.economics.savings.base import Bill, Claim, Meter, Rule

UNUSED = Meter(name="unused_commitment", status="unused")


def find(bill: Bill) -> Iterator[Claim]:
    """Claim all of it: the vendor has measured it."""
    for one in bill.of(UNUSED):
        if one.cost > 0:
            why = f"the bill calls it unused on {one.days} of {bill.days} days"
            yield Claim(seen=one, why=why)


UNUSED_COMMITMENT = Rule(
    name="unused_commitment",
    kind="unused_commitment",
    what="commitment nobody used",
    next_step="move usage under it, sell or exchange it, and renew for less",
    confidence="measured",
    meters=(UNUSED,),
    find=find,
)
