"""The customers of Lumen Desk: who they are, what they pay, how heavily they use it."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from io import StringIO
from typing import Literal

Plan = Literal["starter", "team", "enterprise", "legacy"]
FIRST_DAY = date(2026, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """What changes about a customer: a row of customers.csv holds from `since` on."""

    since: date
    status: str
    plan: Plan
    seats: int | None
    mrr: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Customer:
    """One customer with its history, oldest fact first.

    `load` is how heavily it uses the product, in dollars of MRR that a typical customer with
    the same use would pay; `cdn` multiplies what it draws from the content delivery network.
    """

    id: str
    name: str
    facts: tuple[Fact, ...]
    load: int
    cdn: int = 1
    currency: str = "USD"

    def on(self, day: date) -> Fact | None:
        """Give what holds on a day, or nothing before the customer came."""
        held = [fact for fact in self.facts if fact.since <= day]
        return held[-1] if held else None

    def uses_product(self, day: date) -> bool:
        """Say whether requests arrive on a day: paying customers only."""
        fact = self.on(day)
        return fact is not None and fact.status == "active"


STEADY: tuple[tuple[str, Plan, int, int, int], ...] = (
    ("Alder Street Clinics", "enterprise", 240, 15_800, 105),
    ("Amber Lane Retail", "team", 60, 3_400, 140),
    ("Atlas Cartography", "team", 38, 2_200, 80),
    ("Beacon Hill Tutors", "starter", 9, 640, 120),
    ("Birchwood Homes", "team", 52, 3_100, 95),
    ("Blue Heron Travel", "enterprise", 310, 19_400, 160),
    ("Bright Anvil Tools", "team", 44, 2_600, 70),
    ("Canyon Bikes Direct", "starter", 12, 790, 150),
    ("Cedar & Salt", "starter", 7, 520, 60),
    ("Copperline Energy", "enterprise", 520, 31_500, 90),
    ("Dovetail Furniture", "team", 33, 1_950, 110),
    ("Driftwood Hostels", "starter", 14, 890, 135),
    ("Eastgate Logistics", "enterprise", 420, 26_800, 185),
    ("Echo Valley Audio", "starter", 8, 560, 75),
    ("Ferry Road Dental", "starter", 6, 490, 85),
    ("Fieldnote Insurance", "enterprise", 380, 24_300, 60),
    ("Foxglove Pharmacy", "team", 84, 4_700, 100),
    ("Glasshouse Analytics", "team", 72, 4_400, 175),
    ("Granite Peak Outfitters", "team", 47, 2_750, 130),
    ("Greenway Grocers", "enterprise", 290, 18_200, 140),
    ("Halcyon Yachts", "starter", 5, 490, 55),
    ("Hearth & Loom", "starter", 11, 720, 90),
    ("Inkwell Legal", "team", 96, 5_600, 65),
    ("Ironbark Mining", "enterprise", 460, 28_700, 70),
    ("Kestrel Airways", "enterprise", 640, 37_500, 125),
    ("Larkspur Events", "starter", 10, 680, 160),
    ("Lighthouse Charter", "starter", 6, 510, 70),
    ("Maplecrest Bank", "enterprise", 580, 35_200, 55),
    ("Meridian Freightways", "enterprise", 270, 17_100, 150),
    ("Millstone Bakery", "starter", 9, 610, 110),
    ("Northfold Telecom", "enterprise", 700, 38_800, 165),
    ("Opal Bay Resorts", "team", 66, 3_800, 120),
    ("Paper Crane Games", "team", 41, 2_450, 190),
    ("Quarry Lane Builders", "team", 29, 1_900, 50),
    ("Redwood Fitness", "team", 58, 3_300, 115),
    ("Saltmarsh Brewing", "starter", 13, 840, 95),
    ("Silver Birch Care", "enterprise", 350, 21_900, 80),
    ("Stonebridge Schools", "team", 120, 6_300, 105),
    ("Thistle & Rye", "starter", 7, 540, 100),
    ("Westerly Marine", "team", 36, 2_100, 85),
)
"""Customers nothing happened to: name, plan, seats, MRR, use in % of what it pays for."""


def identifier(name: str) -> str:
    """Make the id other systems know a customer by.

    >>> identifier("Cedar & Salt")
    'cedar-salt'
    """
    return "-".join("".join(c if c.isalnum() else " " for c in name.lower()).split())


def _steady(name: str, plan: Plan, seats: int, mrr: int, percent: int) -> Customer:
    fact = Fact(since=FIRST_DAY, status="active", plan=plan, seats=seats, mrr=mrr)
    return Customer(id=identifier(name), name=name, facts=(fact,), load=mrr * percent // 100)


def _active(since: date, plan: Plan, seats: int, mrr: int) -> Fact:
    return Fact(since=since, status="active", plan=plan, seats=seats, mrr=mrr)


def _customer(name: str, *facts: Fact, load: int, cdn: int = 1, currency: str = "USD") -> Customer:
    return Customer(
        id=identifier(name), name=name, facts=facts, load=load, cdn=cdn, currency=currency
    )


def _loss_makers() -> tuple[Customer, ...]:
    """The three that cost more than they pay: a polling script, video, and a price of 2019."""
    return (
        _customer("Cobalt Freight", _active(FIRST_DAY, "team", 40, 2_000), load=36_000),
        _customer("Pixelmill Studios", _active(FIRST_DAY, "team", 34, 1_900), load=5_000, cdn=26),
        _customer("Old Harbour Press", _active(FIRST_DAY, "legacy", 20, 290), load=2_800),
    )


def _with_history() -> tuple[Customer, ...]:
    """Customers whose facts changed in the three months, and the one that pays in euros."""
    left = Fact(since=date(2026, 9, 19), status="churned", plan="team", seats=0, mrr=0)
    trial = Fact(since=date(2026, 10, 26), status="trial", plan="team", seats=None, mrr=0)
    return (
        _customer(
            "Brightwater Utilities",
            _active(FIRST_DAY, "team", 110, 5_900),
            _active(date(2026, 9, 1), "enterprise", 260, 16_400),
            load=14_000,
        ),
        _customer(
            "Juniper Post",
            _active(date(2026, 8, 17), "starter", 8, 590),
            _active(date(2026, 10, 15), "team", 26, 1_690),
            load=700,
        ),
        _customer(
            "Rheinblick Versand",
            _active(FIRST_DAY, "enterprise", 330, 18_500),
            load=20_000,
            currency="EUR",
        ),
        _customer("Tidepool Labs", _active(FIRST_DAY, "team", 45, 2_700), left, load=2_500),
        _customer("Willow & Finch", trial, load=0),
    )


CUSTOMERS: tuple[Customer, ...] = tuple(
    sorted(
        (*(_steady(*row) for row in STEADY), *_loss_makers(), *_with_history()),
        key=lambda customer: customer.id,
    )
)

RATES: tuple[tuple[date, Decimal], ...] = (
    (date(2026, 1, 1), Decimal("1.0740")),
    (date(2026, 8, 1), Decimal("1.0812")),
    (date(2026, 9, 1), Decimal("1.0895")),
    (date(2026, 10, 1), Decimal("1.0931")),
)
"""What one euro bought in dollars, from each day on."""


def customers_csv() -> str:
    """Write customers.csv: one row a fact, so that the past keeps what was true then."""
    out = StringIO()
    sheet = csv.writer(out, lineterminator="\n")
    sheet.writerow(("id", "name", "status", "mrr", "currency", "plan", "seats", "valid_from"))
    for customer in CUSTOMERS:
        for fact in customer.facts:
            seats = "" if fact.seats is None else fact.seats
            money = (f"{fact.mrr}.00", customer.currency)
            who = (customer.id, customer.name, fact.status)
            sheet.writerow((*who, *money, fact.plan, seats, fact.since.isoformat()))
    return out.getvalue()


def rates_csv() -> str:
    """Write rates.csv: what one unit of a currency buys, from a day on."""
    rows = "".join(f"{since.isoformat()},EUR,USD,{rate}\n" for since, rate in RATES)
    return f"valid_from,currency,target,rate\n{rows}"
