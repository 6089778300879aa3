"""The envelope every answer travels in: rows, a total, and what may be believed about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from costper.model.outcome import Issue


@dataclass(frozen=True, slots=True)
class Absent:
    """A number that does not exist, and why: `{"value": null, "reason": ...}` in JSON."""

    reason: str


Measure = Literal["money", "rate", "price", "percent", "number"]
"""What the decimals of a column are; a rate is money per something, a price one somebody set."""

Scalar = str | int | bool | Decimal | date | Absent | None
Row = Mapping[str, "Cell"]
Cell = Scalar | Sequence[Scalar] | Sequence[Row]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One answer. `coverage` is the share of gross cost that is allocated (0..1).

    `settled_through` is the last day (inclusive) whose cost is final enough to compare.
    `unallocated` maps a reason to an amount in the cost of record, null without a rate.
    `measures` says what the columns are whose names do not say it.
    """

    question: Mapping[str, Cell]
    rows: Sequence[Row]
    total: Row
    currency: str
    as_of: str
    settled_through: date | None
    estimated: bool
    coverage: Decimal | None
    unallocated: Mapping[str, Decimal | Absent] = field(default_factory=dict[str, Decimal | Absent])
    issues: tuple[Issue, ...] = ()
    measures: Mapping[str, Measure] = field(default_factory=dict[str, Measure])
