"""What single customers have to themselves: resources tagged with the customer's name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from costper.demo.chance import Shape, divide, units
from costper.demo.company import WORST_CUSTOMER, in_month
from costper.demo.estate import EC2, KINESIS, OPENSEARCH, RDS, Product
from costper.model.period import Period

DEDICATED_COST = Decimal(9_800)
PLACES = 12
"""AWS writes a cost with up to so many decimal places."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Dedicated:
    """One resource of one customer; `share` is its part of what the customer has, in %."""

    customer: str
    resource: str
    product: Product
    usage: str
    share: int
    tags: Mapping[str, str]
    shape: Shape = "flat"
    cost: Decimal = Decimal(0)


def _tags(service: str, key: str, customer: str, environment: str = "production") -> dict[str, str]:
    return {key: customer, "environment": environment, "service": service, "team": "product"}


RESOURCES: tuple[Dedicated, ...] = (
    Dedicated(
        customer=WORST_CUSTOMER,
        resource="db:cobalt-freight-replica",
        product=RDS,
        usage="InstanceUsage:db.r6g.2xl",
        share=46,
        tags=_tags("tenant-db", "customer", "cobalt-freight"),
    ),
    Dedicated(
        customer=WORST_CUSTOMER,
        resource="instance/i-7cobalt-polling",
        product=EC2,
        usage="BoxUsage:m7g.4xlarge",
        share=39,
        tags=_tags("tenant-api", "customer", "Cobalt-Freight ", "prod"),
        shape="busy",
    ),
    Dedicated(
        customer=WORST_CUSTOMER,
        resource="stream/cobalt-freight-export",
        product=KINESIS,
        usage="Storage-ShardHour",
        share=15,
        tags=_tags("tenant-export", "cust", "cobalt"),
    ),
    Dedicated(
        customer="maplecrest-bank",
        resource="db:maplecrest",
        product=RDS,
        usage="InstanceUsage:db.r6g.4xl",
        share=100,
        tags=_tags("tenant-db", "customer", "maplecrest-bank"),
    ),
    Dedicated(
        customer="northfold-telecom",
        resource="domain/northfold",
        product=OPENSEARCH,
        usage="ESInstance:r6g.large",
        share=100,
        tags=_tags("tenant-search", "Customer", "Northfold-Telecom"),
    ),
    Dedicated(
        customer="kestrel-airways",
        resource="db:kestrel",
        product=RDS,
        usage="InstanceUsage:db.r6g.2xl",
        share=100,
        tags=_tags("tenant-db", "cust", "kestrel-airways", "prod"),
    ),
)


def dedicated_in(month: Period, worst: Decimal) -> tuple[Dedicated, ...]:
    """Give every dedicated resource its cost in a month.

    `worst` is what the worst customer's own resources must cost; the last customer takes what
    the others leave, so that the company's total stays round.
    """
    total = in_month(DEDICATED_COST, month)
    costs = {
        WORST_CUSTOMER: worst,
        "maplecrest-bank": in_month(Decimal(2_400), month),
        "northfold-telecom": in_month(Decimal(1_700), month),
    }
    costs["kestrel-airways"] = total - sum(costs.values(), Decimal(0))
    if min(costs.values()) <= 0:
        raise ValueError(f"dedicated resources would cost {costs}")
    return tuple(one for customer, cost in costs.items() for one in _resources_of(customer, cost))


def _resources_of(customer: str, cost: Decimal) -> list[Dedicated]:
    mine = [one for one in RESOURCES if one.customer == customer]
    parts = divide(units(cost, PLACES), [one.share for one in mine])
    return [
        replace(one, cost=Decimal(part).scaleb(-PLACES))
        for one, part in zip(mine, parts, strict=True)
    ]
