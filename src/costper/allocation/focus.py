"""Writes what was allocated in the words of FOCUS 1.3: Allocated* columns that add up."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from costper.allocation.explain import Step
from costper.allocation.split import spread
from costper.model.dimension import normal

PREFIX = "costper_"
UNITS = {"by_seats": "Seats", "fixed": "Percent"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """One allocated charge of an origin charge: its ratio, who has it now, and the way there.

    `dims` are the dimensions the allocation set; `resource` is who got it, as (dimension, value),
    empty where the charge was not divided.
    """

    ratio: Fraction
    dims: Mapping[str, str]
    steps: tuple[Step, ...] = ()
    resource: tuple[str, str] = ("", "")
    reason: str = ""


def ratios(shares: Sequence[Share]) -> list[Decimal]:
    """Give the ratios of one origin charge as decimals that add up to exactly 1.

    >>> [str(r) for r in ratios([Share(ratio=Fraction(1, 3), dims={})] * 3)]
    ['0.333333333334', '0.333333333333', '0.333333333333']
    """
    return divided(Decimal(1), shares)


def divided(amount: Decimal, shares: Sequence[Share]) -> list[Decimal]:
    """Divide a summable column of an origin charge over its allocated charges, exactly."""
    width = len(str(len(shares)))
    parts = {
        f"{place:0{width}}": Fraction(amount) * share.ratio for place, share in enumerate(shares)
    }
    return list(spread(amount, parts).values())


def method_id(share: Share) -> str | None:
    """Name how a charge was divided: rule@version, the last division first; None if it was not."""
    if not share.steps:
        return None
    return " < ".join(f"{one.rule}@{one.version} {one.method}" for one in reversed(share.steps))


def method_details(share: Share, ratio: Decimal, units: Mapping[str, str]) -> str | None:
    """Give the JSON of AllocatedMethodDetails: one element, with what weighed and how much.

    `units` says in what a rule's usage is counted. FOCUS asks for a unit wherever there is a
    quantity.
    """
    if not share.steps:
        return None
    last = share.steps[-1]
    element = f'"AllocatedRatio":{_number(ratio)}'
    unit = units.get(last.rule) or UNITS.get(last.method, "")
    if unit and last.weight is not None:
        element += f',"UsageUnit":{json.dumps(unit)},"UsageQuantity":{_number(last.weight)}'
    if share.reason:
        element += f',"x_Unallocated":{json.dumps(share.reason)}'
    return f'{{"Elements":[{{{element}}}]}}'


def allocated_tags(share: Share, tags: Mapping[str, object]) -> str | None:
    """Give the JSON of AllocatedTags: dimensions the allocation set, never a key of Tags."""
    taken = {normal(key) for key in tags}
    named = {
        (f"{PREFIX}{name}" if normal(name) in taken else name): value
        for name, value in sorted(share.dims.items())
    }
    return json.dumps(named, ensure_ascii=False) if share.steps and named else None


def _number(value: Decimal) -> str:
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
