"""The charges of the engineering organisation, hour by hour, before they are written as a CUR."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from itertools import chain
from typing import Literal

from costper.demo.chance import Chance, split
from costper.demo.company import (
    DEVELOPMENT_ACCOUNT,
    STAGING,
    STAGING_NIGHTS,
    STAGING_WORKING_HOURS,
    Account,
    in_month,
    is_working_hour,
)
from costper.demo.estate import BALANCER, CACHE, EC2, OPENSEARCH, RDS, Product
from costper.model.period import Period

LineType = Literal[
    "Usage", "SavingsPlanCoveredUsage", "SavingsPlanNegation", "SavingsPlanRecurringFee"
]
EKS = Product("Amazon Elastic Kubernetes Service", "AmazonEKS", "Compute")
SAVED = Decimal("0.72")
OFFICE = range(7, 20)
CENTS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """A kind of resource in staging or development; `share` is its part of the cost, each."""

    resource: str
    product: Product
    usage: str
    operation: str
    count: int
    share: int
    service: str
    team: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HourlyCharge:
    """One line item of one hour.

    `unblended` is what the bill shows; `plan_cost` what covered usage costs under the plan;
    `committed` and `used` are the plan's commitment of the hour and how much of it was used.
    """

    day: date
    hour: int
    account: Account
    machine: Machine
    number: int
    unblended: Decimal
    kind: LineType = "Usage"
    plan_cost: Decimal | None = None
    committed: Decimal | None = None
    used: Decimal | None = None
    tags: Mapping[str, str] = field(default_factory=dict[str, str])


def _machine(
    resource: str, product: Product, usage: str, size: tuple[int, int], tags: str
) -> Machine:
    service, team = tags.split("/")
    operation = {"AmazonEC2": "RunInstances", "AmazonRDS": "CreateDBInstance:0021"}
    return Machine(
        resource=resource,
        product=product,
        usage=usage,
        operation=operation.get(product.code, "Hourly"),
        count=size[0],
        share=size[1],
        service=service,
        team=team,
    )


STAGING_MACHINES = (
    _machine("i-0stgapi", EC2, "BoxUsage:m7g.4xlarge", (5, 90), "api/product"),
    _machine("i-0stgload", EC2, "BoxUsage:c7g.8xlarge", (2, 150), "load-test/platform"),
    _machine("db:staging", RDS, "Multi-AZUsage:db.r6g.4xl", (2, 210), "shared-db/platform"),
    _machine(
        "cluster:staging", CACHE, "NodeUsage:cache.r7g.xlarge", (1, 60), "shared-cache/platform"
    ),
    _machine("domain/staging", OPENSEARCH, "ESInstance:r6g.large", (2, 40), "search/product"),
    _machine("app/staging", BALANCER, "LoadBalancerUsage", (1, 14), "web/product"),
    _machine("cluster/staging", EKS, "AmazonEKS-Hours:perCluster", (1, 16), "api/product"),
    _machine("i-0stgdata", EC2, "BoxUsage:r7g.2xlarge", (1, 80), "pipelines/data"),
)
"""Staging is a full copy of production that nobody ever switches off."""

ALWAYS_ON = _machine("i-0devbase", EC2, "BoxUsage:m7g.xlarge", (3, 100), "dev-cluster/platform")
DEV_DATABASE = _machine("db:dev", RDS, "InstanceUsage:db.t4g.large", (1, 100), "shared-db/platform")
DEV_BOXES = _machine("i-0devbox", EC2, "BoxUsage:m7g.2xlarge", (6, 100), "dev-boxes/product")
PLAN = _machine(
    "savingsplan/8c1d-dev", EC2, "ComputeSP:1yrNoUpfront", (1, 100), "dev-cluster/platform"
)
COVERED, UNUSED, DATABASE = Decimal(1_440), Decimal(60), Decimal(620)
BOXES = Decimal(5_200) - COVERED - UNUSED - DATABASE

ENVIRONMENT_WORDS = ("staging", "staging", "stg", "Staging", "stage ")


def engineering_charges(seed: int, month: Period) -> list[HourlyCharge]:
    """Give every charge of staging and development in a month, hour by hour."""
    found = chain(_staging(seed, month), _development(seed, month))
    return sorted(
        found, key=lambda c: (c.day, c.hour, c.account.number, c.machine.resource, c.number)
    )


def hours(month: Period) -> list[tuple[date, int]]:
    """List every hour of a month."""
    return [(day, hour) for day in month.each_day() for hour in range(24)]


def _staging(seed: int, month: Period) -> Iterator[HourlyCharge]:
    """Divide the cost of working hours and of all other hours apart, each exactly."""
    worked = [slot for slot in hours(month) if is_working_hour(*slot)]
    idle = [slot for slot in hours(month) if not is_working_hour(*slot)]
    chance = Chance(seed, f"staging {month.start}")
    for slots, cost in ((worked, STAGING_WORKING_HOURS), (idle, STAGING_NIGHTS)):
        yield from _run(STAGING_MACHINES, in_month(cost, month), slots, STAGING, chance)


def _run(
    machines: tuple[Machine, ...],
    cost: Decimal,
    slots: list[tuple[date, int]],
    account: Account,
    chance: Chance,
) -> Iterator[HourlyCharge]:
    """Divide a cost over machines and hours; a machine costs about the same every hour."""
    rows = [
        (machine, number, slot)
        for machine in machines
        for number in range(1, machine.count + 1)
        for slot in slots
    ]
    weights = [chance.noisy(machine.share * 1000, 4) for machine, *_ in rows]
    for (machine, number, (day, hour)), part in zip(rows, split(cost, weights), strict=True):
        yield HourlyCharge(
            day=day,
            hour=hour,
            account=account,
            machine=machine,
            number=number,
            unblended=part,
            tags=_tags(machine, number, account),
        )


def _tags(machine: Machine, number: int, account: Account) -> dict[str, str]:
    """Tag a machine; some say stg, some dev, and the load test says no team at all."""
    word = ENVIRONMENT_WORDS[number % len(ENVIRONMENT_WORDS)] if account is STAGING else "dev"
    tags = {"environment": word, "service": machine.service}
    return tags if machine.service == "load-test" else tags | {"team": machine.team}


def _development(seed: int, month: Period) -> Iterator[HourlyCharge]:
    """Development sleeps outside office hours, but for a base under a savings plan."""
    chance = Chance(seed, f"development {month.start}")
    every = hours(month)
    office = [(day, hour) for day, hour in every if day.weekday() < 5 and hour in OFFICE]
    account = DEVELOPMENT_ACCOUNT
    yield from _run((DEV_DATABASE,), in_month(DATABASE, month), every, account, chance)
    yield from _run((DEV_BOXES,), in_month(BOXES, month), office, account, chance)
    covered = list(_run((ALWAYS_ON,), in_month(COVERED, month), every, account, chance))
    yield from _under_plan(covered, in_month(UNUSED, month))


def _under_plan(usage: list[HourlyCharge], unused: Decimal) -> Iterator[HourlyCharge]:
    """Turn usage into the three kinds of line a savings plan gives.

    Covered usage shows its list price and a negation takes it back; the recurring fee is what
    is paid, so billed and effective cost add up to the same.
    """
    by_hour: dict[tuple[date, int], list[HourlyCharge]] = {}
    for charge in usage:
        by_hour.setdefault((charge.day, charge.hour), []).append(charge)
    spare = split(unused, [1] * len(by_hour))
    for ((day, hour), charges), left in zip(by_hour.items(), spare, strict=True):
        listed = [(one.unblended / SAVED).quantize(Decimal(1).scaleb(-10)) for one in charges]
        used = sum((one.unblended for one in charges), Decimal(0))
        for one, price in zip(charges, listed, strict=True):
            yield _covered(one, price)
        yield _plan_line(day, hour, -sum(listed, Decimal(0)), "SavingsPlanNegation")
        yield _plan_line(day, hour, used + left, "SavingsPlanRecurringFee", used)


def _covered(charge: HourlyCharge, listed: Decimal) -> HourlyCharge:
    return HourlyCharge(
        day=charge.day,
        hour=charge.hour,
        account=charge.account,
        machine=charge.machine,
        number=charge.number,
        unblended=listed,
        kind="SavingsPlanCoveredUsage",
        plan_cost=charge.unblended,
        tags=charge.tags,
    )


def _plan_line(
    day: date, hour: int, cost: Decimal, kind: LineType, used: Decimal | None = None
) -> HourlyCharge:
    return HourlyCharge(
        day=day,
        hour=hour,
        account=DEVELOPMENT_ACCOUNT,
        machine=PLAN,
        number=1,
        unblended=cost,
        kind=kind,
        committed=None if used is None else cost,
        used=used,
    )
