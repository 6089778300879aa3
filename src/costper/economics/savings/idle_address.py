"""Public addresses that nothing uses, where the bill charges them as such.

AWS has usage types for it (ElasticIP:IdleAddress, PublicIPv4:IdleAddress), and FOCUS exports
without usage types describe them as idle or as not attached. Google charges "Static Ip Charge"
for addresses no machine uses; those in use are charged under other names. Azure's bill does not
tell used addresses from unused ones, so nothing is said of them.

    EU-PublicIPv4:IdleAddress
    Static Ip Charge in Frankfurt
"""

from __future__ import annotations

from collections.abc import Iterator

from costper.economics.savings.base import Bill, Claim, Meter, Rule

IDLE = Meter(
    name="idle_address",
    usage=r"(^|-)(ElasticIP|PublicIPv4):IdleAddress$",
    told=r"idle public ipv4 address|elastic ip address not attached"
    r"|^static ip charge( in [\w ()-]+)?$",
)


def find(bill: Bill) -> Iterator[Claim]:
    """Claim all of it: the vendor has measured it."""
    for one in bill.of(IDLE):
        if one.cost > 0:
            why = f"the bill calls it idle on {one.days} of {bill.days} days"
            yield Claim(seen=one, why=why)


IDLE_ADDRESS = Rule(
    name="idle_address",
    kind="orphan_candidate",
    what="candidate: public address nothing uses",
    next_step="release the address, or attach it",
    confidence="measured",
    meters=(IDLE,),
    find=find,
)
