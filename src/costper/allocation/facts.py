"""What a driver may know of the world when it weighs: the words of its definition in Python."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from costper.model.dimension import normal

NOT_ACTIVE = (
    "canceled",
    "cancelled",
    "churned",
    "closed",
    "deleted",
    "ended",
    "expired",
    "former",
    "inactive",
    "lead",
    "prospect",
    "terminated",
)
"""A customer with one of these statuses takes no part; any other status does."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Portion:
    """What is divided: one day's shared cost in one currency, and the dimensions it has."""

    day: date
    currency: str
    dims: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectCost:
    """Cost of record that rests where a charge put it, on one day, by dimensions.

    `dims` also holds `source` and `charge_category`, so that a rule's `base` can ask for them.
    """

    day: date
    currency: str
    dims: Mapping[str, str]
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A measured quantity of one day; a dimension it does not say is left out."""

    metric: str
    day: date
    dims: Mapping[str, str]
    value: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A customer's status and seats from `start` until `end` (None: still so)."""

    customer: str
    start: date
    end: date | None = None
    status: str = "active"
    seats: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything a driver may weigh by."""

    direct: tuple[DirectCost, ...] = ()
    measured: tuple[Measured, ...] = ()
    customers: tuple[Span, ...] = ()

    def active(self, day: date) -> Iterator[Span]:
        """Give the customers active on a day."""
        for span in self.customers:
            begun = span.start <= day and (span.end is None or day < span.end)
            if begun and normal(span.status) not in NOT_ACTIVE:
                yield span
