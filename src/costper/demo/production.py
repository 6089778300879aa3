"""The charges of the production organisation, before they are written as a FOCUS file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import chain

from costper.demo.chance import Chance, split
from costper.demo.company import (
    INCIDENT,
    INCIDENT_DAY,
    INCIDENT_SERVICE,
    PAYER,
    PRODUCTION,
    Account,
    in_month,
)
from costper.demo.dedicated import PLACES, Dedicated
from costper.demo.estate import APPLICATION, COMPONENTS, Component, Line, Pricing, Product
from costper.model.period import Period

SAVINGS_PLAN = "arn:aws:savingsplans::100000000001:savingsplan/5f0c-compute-1yr"
SAVED = Decimal("0.72")
"""What an hour under the savings plan costs of its list price."""
UNUSED_COMMITMENT = Decimal(260)
SUPPORT_A_DAY, TAX_A_DAY, CREDIT_A_DAY = Decimal(125), Decimal(56), Decimal(-50)

SAVINGS_PLANS = Product("Savings Plans for AWS Compute usage", "ComputeSavingsPlans", "Compute")
SUPPORT = Product("AWS Support (Business)", "AWSSupportBusiness", "Management and Governance")
TAX = Product("AWS Tax", "AWSTax", "Other")
CREDIT = Product("AWS Credits", "AWSCredits", "Other")


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """One row of the production bill; `cost` is effective, `billed` what the invoice says.

    `hours` are the first and the last-but-one hour of the charge, both counted from `day`.
    """

    day: date
    account: Account
    product: Product
    cost: Decimal
    billed: Decimal
    listed: Decimal
    category: str = "Usage"
    hours: tuple[int, int] = (0, 24)
    resource: str = ""
    region: str = ""
    usage: str = ""
    unit: str = ""
    quantity: Decimal | None = None
    description: str = ""
    tags: Mapping[str, str] = field(default_factory=dict[str, str])
    pricing: Pricing = "on_demand"
    commitment_status: str = ""


def shared_charges(seed: int, month: Period) -> list[Charge]:
    """Give every charge of a month that no single customer has to itself."""
    found = chain(
        *(_component(seed, number, one, month) for number, one in enumerate(COMPONENTS)),
        _incident(seed, month),
        _savings_plan(month),
        _whole_month(month),
    )
    return list(found)


def dedicated_charges(seed: int, month: Period, own: Iterable[Dedicated]) -> list[Charge]:
    """Give the charges of what single customers have to themselves, at its cost in the month."""
    return [charge for one in own for charge in _dedicated(seed, one, month)]


def bill_order(charge: Charge) -> tuple[date, tuple[int, int], str, str, str]:
    """Say where a charge stands in the bill: by day, account, resource."""
    return charge.day, charge.hours, charge.account.number, charge.resource, charge.usage


def _component(seed: int, number: int, component: Component, month: Period) -> Iterator[Charge]:
    chance = Chance(seed, f"cost {number} {component.service} {month.start}")
    shares = [line.share for line in component.lines]
    costs = split(in_month(component.october, month), shares, 2)
    for line, cost in zip(component.lines, costs, strict=True):
        tags = {name: _tags(component, name, seed) for name in _names(line)}
        yield from _line(component, line, cost, month, chance, tags)


def _line(
    component: Component,
    line: Line,
    cost: Decimal,
    month: Period,
    chance: Chance,
    tags: Mapping[str, Mapping[str, str]],
) -> Iterator[Charge]:
    """Divide a line's cost over its resources, days and (where billed so) hours."""
    spans = [(hour, hour + 1) for hour in range(24)] if component.hourly else [(0, 24)]
    slots = [
        (day, span, resource) for resource in tags for day in month.each_day() for span in spans
    ]
    weights = [chance.day_weight(line.shape, day) for day, *_ in slots]
    covered = component.pricing == "savings_plan"
    for (day, span, resource), part in zip(slots, split(cost, weights), strict=True):
        yield Charge(
            day=day,
            hours=span,
            account=component.account,
            product=component.product,
            cost=part,
            billed=Decimal(0) if covered else part,
            listed=(part / SAVED).quantize(Decimal(1).scaleb(-10)) if covered else part,
            resource=resource,
            region=_region(line),
            usage=line.usage,
            unit=line.unit,
            quantity=_quantity(line, part, span),
            description=f"{line.usage} for {component.product.name}",
            tags=tags[resource],
            pricing=component.pricing,
            commitment_status="Used" if covered else "",
        )


def _names(line: Line) -> list[str]:
    """Number the resources of a line where there are several."""
    if line.count == 1:
        return [line.resource]
    return [f"{line.resource}-{number}" for number in range(1, line.count + 1)]


def _quantity(line: Line, cost: Decimal, hours: tuple[int, int]) -> Decimal:
    """Say how much was used: whole hours, or the cost divided by the price."""
    if line.price is None:
        return Decimal(hours[1] - hours[0])
    return (cost / line.price).quantize(Decimal("0.000001"))


ENVIRONMENT_TAGS = (
    ("environment", "production"),
    ("environment", "prod"),
    ("env", "prod"),
    ("Environment", "Production"),
    ("environment ", "production"),
    ("env", "PROD "),
)
"""How Lumen Desk's teams spell one and the same thing, as every company's teams do."""


def _tags(component: Component, resource: str, seed: int) -> dict[str, str]:
    """Tag a resource in one of the house's dialects; one in twelve has no environment."""
    if not component.tagged:
        return {}
    chance = Chance(seed, f"tags {component.account.number} {resource}")
    tags = {"service": component.service}
    if team := component.team:
        spelled = chance.pick((team, team, team, team.title(), f"{team} ", f" {team}"))
        tags[chance.pick(("team", "team", "Team"))] = spelled
    if chance.below(12):
        key, value = ENVIRONMENT_TAGS[chance.below(len(ENVIRONMENT_TAGS))]
        tags[key] = value
    return dict(sorted(tags.items()))


def _region(line: Line) -> str:
    european = line.usage.startswith("EU-") or line.resource.endswith("-eu")
    return "eu-central-1" if european else "us-east-1"


def _dedicated(seed: int, one: Dedicated, month: Period) -> Iterator[Charge]:
    """Charge a customer's own resource by the day."""
    chance = Chance(seed, f"dedicated {one.customer} {one.resource} {month.start}")
    days = list(month.each_day())
    weights = [chance.day_weight(one.shape, day) for day in days]
    for day, part in zip(days, split(one.cost, weights, PLACES), strict=True):
        yield Charge(
            day=day,
            account=PRODUCTION,
            product=one.product,
            cost=part,
            billed=part,
            listed=part,
            resource=one.resource,
            region="us-east-1",
            usage=one.usage,
            unit="Hrs",
            quantity=Decimal(24),
            description=f"{one.usage} for {one.product.name}",
            tags=one.tags,
        )


def _incident(seed: int, month: Period) -> Iterator[Charge]:
    """A deployment at 09:00 made a function retry every failed image without end."""
    if not month.holds(INCIDENT_DAY):
        return
    chance = Chance(seed, "incident")
    function = next(one for one in APPLICATION if one.service == INCIDENT_SERVICE)
    line = function.lines[0]
    hours = range(9, 24)
    parts = split(INCIDENT, [chance.noisy(1000, 120) for _ in hours])
    for hour, part in zip(hours, parts, strict=True):
        yield Charge(
            day=INCIDENT_DAY,
            hours=(hour, hour + 1),
            account=function.account,
            product=function.product,
            cost=part,
            billed=part,
            listed=part,
            resource=line.resource,
            region=_region(line),
            usage=line.usage,
            unit=line.unit,
            quantity=_quantity(line, part, (hour, hour + 1)),
            description=f"{line.usage} for {function.product.name}, asynchronous retries",
            tags=_tags(function, line.resource, seed),
        )


def _savings_plan(month: Period) -> Iterator[Charge]:
    """Pay the commitment day by day, and show what of it nobody used.

    What is paid equals what covered usage is worth plus what stayed unused, so the month's
    billed and effective cost are the same.
    """
    days = list(month.each_day())
    covered = sum(
        (in_month(c.october, month) for c in COMPONENTS if c.pricing == "savings_plan"),
        Decimal(0),
    )
    unused = in_month(UNUSED_COMMITMENT, month)
    paid = split(covered + unused, [1] * len(days))
    left = split(unused, [1] * len(days))
    for day, billed, cost in zip(days, paid, left, strict=True):
        yield _commitment(day, billed=billed, category="Purchase", usage="ComputeSP:1yrNoUpfront")
        yield _commitment(day, cost=cost, status="Unused", usage="ComputeSP:Unused")


def _commitment(
    day: date,
    *,
    usage: str,
    billed: Decimal = Decimal(0),
    cost: Decimal = Decimal(0),
    category: str = "Usage",
    status: str = "",
) -> Charge:
    return Charge(
        day=day,
        account=PAYER,
        product=SAVINGS_PLANS,
        category=category,
        cost=cost,
        billed=billed,
        listed=billed,
        resource=SAVINGS_PLAN,
        usage=usage,
        unit="Hrs",
        quantity=Decimal(24),
        description=f"{usage}, 1 year, no upfront",
        pricing="savings_plan",
        commitment_status=status,
    )


def _whole_month(month: Period) -> Iterator[Charge]:
    """Support, tax and a credit: one row each for the whole month, at whole cents a day."""
    rows = (
        (SUPPORT, "Usage", SUPPORT_A_DAY, "AWS Business Support"),
        (TAX, "Tax", TAX_A_DAY, "Sales tax"),
        (CREDIT, "Credit", CREDIT_A_DAY, "AWS Activate credit, never tagged"),
    )
    for product, category, a_day, description in rows:
        cost = in_month(a_day, month) * month.days
        yield Charge(
            day=month.start,
            hours=(0, 24 * month.days),
            account=PAYER,
            product=product,
            category=category,
            cost=cost,
            billed=cost,
            listed=cost,
            usage=product.code,
            description=description,
        )
