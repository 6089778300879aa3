"""Works out what the worst customer's own resources must cost for its total to come out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal

from costper.demo.chance import divide
from costper.demo.company import WORST_COST, WORST_CUSTOMER, in_month
from costper.demo.customers import CUSTOMERS
from costper.demo.production import Charge
from costper.demo.usage import Readings
from costper.model.dimension import normal
from costper.model.money import POSTING_SCALE
from costper.model.period import Period

BASIS: Mapping[str, str] = {
    "shared-db": "requests",
    "shared-cache": "requests",
    "cdn": "requests",
    "search": "requests",
    "web": "requests",
    "api": "cpu_seconds",
    "worker": "cpu_seconds",
    "image-resizer": "cpu_seconds",
    "attachments": "storage_gb",
    "ci": "",
    "artifacts": "",
    "": "",
}
"""What each service is split by, as costper.yaml says it; whatever is not here goes by seats."""

UNOWNED_CODES = {"ComputeSavingsPlans", "AWSSupportBusiness", "AWSTax", "AWSCredits"}
"""Charges without a tag which an explicit line of costper.yaml gives to a shared service."""

CARRIED: Mapping[str, int] = {"cdn": 30, "search": 15, "web": 55}
"""The network is first divided between the services whose traffic it carries, by percent."""

Pool = tuple[date, str, str, str, str, int]
"""Day, charge category, service, team, environment, stage: what is divided in one go."""


def dedicated_cost(charges: Sequence[Charge], readings: Readings, month: Period) -> Decimal:
    """Give what the worst customer's own resources must cost in a month.

    It is the customer's round total without its share of all shared `charges`; each pool is
    divided here just as the books divide it, so the total is exact, not near.
    """
    pools = _chained(_pools(charges))
    shares = sum((_share(pool, cost, readings) for pool, cost in pools.items()), Decimal(0))
    return in_month(WORST_COST, month) - shares


def _pools(charges: Sequence[Charge]) -> dict[Pool, Decimal]:
    """Add up shared charges by what the books keep apart; a long charge counts day by day."""
    found: dict[Pool, Decimal] = defaultdict(Decimal)
    for charge in charges:
        tags = {normal(key): normal(value) for key, value in charge.tags.items()}
        days = charge.hours[1] // 24 or 1
        service = tags.get("service", "")
        if charge.product.code in UNOWNED_CODES:
            service = charge.product.code
        environment = tags.get("environment", tags.get("env", "")).removesuffix("uction")
        for offset in range(days):
            day = charge.day + timedelta(days=offset)
            pool = (day, charge.category, service, tags.get("team", ""), environment, 1)
            found[pool] += charge.cost / days
    return found


def _chained(pools: Mapping[Pool, Decimal]) -> dict[Pool, Decimal]:
    """Divide the network between services first; what each gets is a pool of the second stage."""
    found: dict[Pool, Decimal] = {}
    for pool, cost in pools.items():
        day, category, service, team, environment, _ = pool
        if service != "network":
            found[pool] = cost
            continue
        parts = divide(int(cost.scaleb(POSTING_SCALE)), list(CARRIED.values()))
        for carried, part in zip(CARRIED, parts, strict=True):
            second = (day, category, carried, team, environment, 2)
            found[second] = Decimal(part).scaleb(-POSTING_SCALE)
    return found


def _share(pool: Pool, cost: Decimal, readings: Readings) -> Decimal:
    """Give the worst customer's part of one pool, in whole posting units."""
    day, _, service, *_ = pool
    weights = _weights(BASIS.get(service, "seats"), service, day, readings)
    if not weights.get(WORST_CUSTOMER):
        return Decimal(0)
    customers = sorted(weights)
    scaled = [int(weights[customer].scaleb(6)) for customer in customers]
    whole = int(cost.scaleb(POSTING_SCALE))
    part = divide(whole, scaled)[customers.index(WORST_CUSTOMER)]
    return Decimal(part).scaleb(-POSTING_SCALE)


def _weights(basis: str, service: str, day: date, readings: Readings) -> Mapping[str, Decimal]:
    """Say who takes part in a split on a day, and with what weight."""
    if basis == "":
        return {}
    if basis != "seats":
        return readings.get((basis, service, day), {})
    facts = {customer.id: customer.on(day) for customer in CUSTOMERS}
    return {
        customer: Decimal(fact.seats)
        for customer, fact in facts.items()
        if fact is not None and fact.status == "active" and fact.seats
    }
