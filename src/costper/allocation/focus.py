"""Writes what was allocated in the words of FOCUS 1.3: Allocated* columns that add up."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from itertools import accumulate
from math import lcm
from operator import sub

from costper.allocation.explain import Step
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


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """The allocated charges of one day of a charge, and the bounds an amount is cut at.

    `bounds` rise to the last one, which stands for the whole. Each is only equal to itself.
    """

    shares: tuple[Share, ...]
    bounds: tuple[int, ...]


def cut_of(shares: Sequence[Share]) -> Cut:
    """Make the bounds of some shares, from their ratios.

    >>> cut_of([Share(ratio=Fraction(1, 3), dims={}), Share(ratio=Fraction(2, 3), dims={})]).bounds
    (1, 3)
    """
    common = lcm(*(share.ratio.denominator for share in shares))
    counts = [share.ratio.numerator * (common // share.ratio.denominator) for share in shares]
    return Cut(tuple(shares), bounds_of(counts))


def bounds_of(counts: Sequence[int]) -> tuple[int, ...]:
    """Add counts up one after the other; equal parts where they cancel out."""
    bounds = tuple(accumulate(counts))
    return bounds if bounds[-1] else tuple(range(1, len(counts) + 1))


def cut(units: int, bounds: Sequence[int]) -> list[int]:
    """Cut whole units at bounds; the parts add up to them, each less than a unit off.

    >>> cut(100, (1, 2, 3))
    [33, 33, 34]
    """
    whole = bounds[-1]
    ends = [units * bound // whole for bound in bounds]
    return list(map(sub, ends, (0, *ends)))


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
        element += f',"UsageUnit":{_quoted(unit)},"UsageQuantity":{_number(last.weight)}'
    if share.reason:
        element += f',"x_Unallocated":{_quoted(share.reason)}'
    return f'{{"Elements":[{{{element}}}]}}'


def allocated_tags(share: Share, tags: Iterable[str]) -> str | None:
    """Give the JSON of AllocatedTags: what the allocation set, never a key of Tags (`tags`)."""
    if not share.steps or not share.dims:
        return None
    return _named(tuple(sorted(share.dims.items())), frozenset(tags))


@lru_cache(maxsize=20_000)
def _named(dims: tuple[tuple[str, str], ...], tags: frozenset[str]) -> str:
    """Write dimensions as tags; few sets of them come again and again."""
    taken = {normal(key) for key in tags}
    named = {(f"{PREFIX}{name}" if normal(name) in taken else name): value for name, value in dims}
    return json.dumps(named, ensure_ascii=False)


@lru_cache(maxsize=1_000)
def _quoted(text: str) -> str:
    return json.dumps(text)


def _number(value: Decimal) -> str:
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
