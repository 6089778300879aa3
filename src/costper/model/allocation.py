"""Allocation words: rules, how they match, and what a run says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

Reason = Literal[
    "no_rule", "no_usage", "zero_weights", "negative_weights", "no_targets", "no_seats", "no_cost"
]
"""Why an amount stayed unallocated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """One condition on a dimension or attribute.

    `present` True means any value but (untagged), False means (untagged); else the value must
    be one of `values` (normal form, `*` and `?` as wildcards), or none of them when `negated`.
    """

    key: str
    values: tuple[str, ...] = ()
    present: bool | None = None
    negated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One line of the allocation: which charges it takes, and how they are divided.

    Rules of one stage are tried in order, the first match takes the charge. What a stage
    produced is what the next stage starts from, so a chain is explicit and cannot be a cycle.
    `on` are the dimensions a measured quantity shares with the pool: None means all they have
    in common. `shares` are percentages that add up to exactly 100. `targets` limit who takes
    part. `base` limits whose direct cost counts for by_cost. `fallback` is a driver's name or
    "unallocated". `version` is a hash of the rule's content; `where` its file:line.
    """

    name: str
    driver: str
    match: tuple[Match, ...] = ()
    to: str = "customer"
    stage: int = 1
    quantity: str = ""
    on: tuple[str, ...] | None = None
    shares: Mapping[str, Decimal] = field(default_factory=dict[str, Decimal])
    targets: tuple[str, ...] = ()
    base: tuple[Match, ...] = ()
    fallback: str = "unallocated"
    version: str = ""
    where: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One immutable allocation of one month: what went in and what came out.

    `fingerprint` hashes rules, dimensions, deliveries, measurements, customers and the code's
    version of the arithmetic, so the same fingerprint means the same digits. `charged` and
    `allocated`, `unallocated` are by currency and cost column.
    """

    run_id: int
    month: date
    fingerprint: str
    rules: tuple[tuple[str, str], ...]
    deliveries: tuple[int, ...]
    created_at: str
    legs: int = 0
    status: Literal["current", "superseded", "pending", "failed", "abandoned"] = "current"
