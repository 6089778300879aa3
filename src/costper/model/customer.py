"""Customers and exchange rates: dated facts, never overwritten."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerFact:
    """What was true of a customer from `valid_from` on: MRR is money a month, in `currency`."""

    customer: str
    valid_from: date
    name: str = ""
    status: str = "active"
    plan: str = ""
    seats: Decimal | None = None
    mrr: Decimal | None = None
    currency: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """From `valid_from` on, one `currency` buys `rate` of `target`; the reverse is not implied."""

    valid_from: date
    currency: str
    target: str
    rate: Decimal
