"""What each customer used, day by day: requests, CPU seconds and stored gigabytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from costper.demo.chance import Chance, Shape
from costper.demo.company import METRIC_GAP, MONTHS
from costper.demo.customers import CUSTOMERS, Customer


@dataclass(frozen=True, slots=True)
class Meter:
    """One measured quantity of one service.

    `per_load` is how many thousandths of it a day one unit of customer load causes; `places`
    are the decimal places the exporter writes.
    """

    metric: str
    service: str
    per_load: int
    shape: Shape = "busy"
    places: int = 0


METERS: tuple[Meter, ...] = (
    Meter("requests", "shared-db", 52_000),
    Meter("requests", "shared-cache", 140_000),
    Meter("requests", "cdn", 30_000),
    Meter("requests", "search", 6_000),
    Meter("requests", "web", 18_000),
    Meter("cpu_seconds", "api", 20_000),
    Meter("cpu_seconds", "worker", 5_000),
    Meter("cpu_seconds", "image-resizer", 1_500),
    Meter("storage_gb", "attachments", 200, "flat", 3),
)
METRICS = ("requests", "cpu_seconds", "storage_gb")

Readings = Mapping[tuple[str, str, date], Mapping[str, Decimal]]
"""(metric, service, day) → customer → value, customers in the order of their id."""


def _value(meter: Meter, customer: Customer, day: date, chance: Chance) -> Decimal:
    """Read one customer's use: more on working days, one per cent more every two weeks."""
    age = (day - MONTHS[0].start).days
    load = customer.load * (customer.cdn if meter.service == "cdn" else 1)
    weight = chance.noisy(chance.day_weight(meter.shape, day), 40)
    thousandths = load * meter.per_load * weight * (1400 + age) // 1_400_000
    return Decimal(thousandths // 10 ** (3 - meter.places)).scaleb(-meter.places)


def readings(seed: int) -> Readings:
    """Measure every customer on every day it used the product; nothing where an exporter was down.

    The storage exporter missed METRIC_GAP, so that day's storage cost finds no weights.
    """
    found: dict[tuple[str, str, date], dict[str, Decimal]] = {}
    for meter in METERS:
        chance = Chance(seed, f"usage {meter.metric} {meter.service}")
        for month in MONTHS:
            for day in month.each_day():
                values = {
                    customer.id: _value(meter, customer, day, chance)
                    for customer in CUSTOMERS
                    if customer.uses_product(day)
                }
                if meter.metric != "storage_gb" or day != METRIC_GAP:
                    found[meter.metric, meter.service, day] = values
    return found


def usage_csv(found: Readings, metric: str) -> str:
    """Write one metric's file: day, customer, service, value; a day after the other."""
    rows = sorted(
        (day.isoformat(), customer, service, str(value))
        for (name, service, day), values in found.items()
        if name == metric
        for customer, value in values.items()
    )
    lines = "".join(",".join(row) + "\n" for row in rows)
    return f"day,customer,service,{metric}\n{lines}"
