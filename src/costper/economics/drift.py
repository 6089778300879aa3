"""Why cost moved: more units, a dearer unit, or another mix of segments.

The change of cost is volume + efficiency; the change of the unit cost is rate + mix, and what
fits neither: cost without units, and segments that do not add up to the whole. Every split is
rounded once to the posting unit and adds up exactly.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Sized
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from costper.economics.verdict import TOLERANCE, exact_decimal, percent
from costper.model.answer import Absent
from costper.model.money import EXACT, POSTING_SCALE, POSTING_UNIT

Amount = Decimal | Absent
NOTHING = Fraction(0)
TOLD = Fraction(1, 5)
"""The least part of all movement that rate or mix must have to be named in the sentence."""


class Known(NamedTuple):
    """Cost and units of a whole or of a segment, in both periods."""

    cost_before: Decimal
    units_before: Decimal
    cost: Decimal
    units: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """ΔC in money: `change` = `volume` + `efficiency`, to the last digit of the posting unit.

    The costs it is between are rounded once: a converted amount has more digits than can be told.
    Volume is the new units at the old unit cost, efficiency the new unit cost for all of today's
    units. Both are null where there was no unit to start from.
    """

    change: Decimal
    volume: Amount
    efficiency: Amount


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """One segment's part of Δr, in money per unit of the whole; `name` as it is asked by.

    All segments' parts add up to those of the whole. `moved` is its share of the units now minus
    before, `pull` what that does to a mean that was elsewhere, `grown` what its own unit cost grew
    by: None where it had no units in one of the periods, or no cost to start from.
    """

    name: str
    rate: Decimal
    mix: Decimal
    unmatched: Decimal
    moved: Fraction
    pull: Fraction
    grown: Fraction | None


class Parts(NamedTuple):
    """What a movement is made of; money, or money per unit."""

    rate: Decimal
    mix: Decimal
    unmatched: Decimal
    rest: Decimal


class _Part(NamedTuple):
    """A segment's part before it is rounded."""

    rate: Fraction
    mix: Fraction
    unmatched: Fraction
    moved: Fraction
    pull: Fraction
    grown: Fraction | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """Δr in money per unit: `change` is the sum of `parts`, to the last digit.

    Unmatched is of cost that has no units, the rest of segments that overlap or are averaged
    over different days. `costs` are the same parts for all of today's units: they add up to the
    efficiency of the whole. `shifts` are the segments, the greatest movement first.
    """

    change: Decimal
    parts: Parts
    costs: Parts
    shifts: tuple[Shift, ...]


def cause(known: Known) -> Cause:
    """Split the change of cost into volume and efficiency.

    >>> cause(Known(Decimal(100), Decimal(100), Decimal(130), Decimal(110))).volume
    Decimal('10.000000000000')
    """
    change = EXACT.subtract(posted(known.cost), posted(known.cost_before))
    if not known.units_before:
        reason = Absent("no_units")
        return Cause(change=change, volume=reason, efficiency=reason)
    before = Fraction(known.cost_before) / Fraction(known.units_before)
    more = Fraction(known.units) - Fraction(known.units_before)
    volume = exact_decimal(more * before, POSTING_UNIT)
    return Cause(change=change, volume=volume, efficiency=EXACT.subtract(change, volume))


def posted(cost: Decimal) -> Decimal:
    """Round a cost to the posting unit; one that has no more digits than that stays as it is."""
    exponent = cost.as_tuple().exponent
    if isinstance(exponent, int) and -exponent <= POSTING_SCALE:
        return cost
    return exact_decimal(Fraction(cost), POSTING_UNIT)


def drift(whole: Known, segments: Mapping[str, Known]) -> Drift | Absent:
    """Split the change of the unit cost into rate, mix and what fits neither.

    Null ("no_units") where the whole had no units in one of the periods.
    """
    if not whole.units_before or not whole.units:
        return Absent("no_units")
    found = {name: _part(part, whole) for name, part in segments.items()}
    change = _unit_cost(whole.cost, whole.units) - _unit_cost(whole.cost_before, whole.units_before)
    rate = sum((one.rate for one in found.values()), NOTHING)
    mix = sum((one.mix for one in found.values()), NOTHING)
    unmatched = sum((one.unmatched for one in found.values()), NOTHING)
    exact = (rate, mix, unmatched, change - rate - mix - unmatched)
    total = exact_decimal(change, POSTING_UNIT)
    parts = Parts(*shared_out(total, exact))
    efficiency = cause(whole).efficiency
    money = efficiency if isinstance(efficiency, Decimal) else Decimal(0)
    costs = Parts(*shared_out(money, [part * Fraction(whole.units) for part in exact]))
    return Drift(change=total, parts=parts, costs=costs, shifts=_shifts(found, parts))


def shared_out(whole: Decimal, parts: Sequence[Fraction]) -> tuple[Decimal, ...]:
    """Round parts to the posting unit; the greatest takes what is left of the whole.

    >>> sum(shared_out(Decimal(1), [Fraction(1, 3)] * 3)) == 1
    True
    """
    rounded = [exact_decimal(part, POSTING_UNIT) for part in parts]
    if not rounded:
        return ()
    left = whole
    for part in rounded:
        left = EXACT.subtract(left, part)
    greatest = max(range(len(rounded)), key=lambda at: abs(rounded[at]))
    rounded[greatest] = EXACT.add(rounded[greatest], left)
    return tuple(rounded)


def _shifts(found: Mapping[str, _Part], parts: Parts) -> tuple[Shift, ...]:
    """Round the segments so that they add up to the whole's parts, column by column."""
    columns = zip(
        found.items(),
        shared_out(parts.rate, [one.rate for one in found.values()]),
        shared_out(parts.mix, [one.mix for one in found.values()]),
        shared_out(parts.unmatched, [one.unmatched for one in found.values()]),
        strict=True,
    )
    shifts = [
        Shift(
            name=name,
            rate=rate,
            mix=mix,
            unmatched=unmatched,
            moved=one.moved,
            pull=one.pull,
            grown=one.grown,
        )
        for (name, one), rate, mix, unmatched in columns
    ]
    return tuple(sorted(shifts, key=lambda one: (-_size(one), one.name)))


def _part(part: Known, whole: Known) -> _Part:
    """Place one segment: a new or a gone one is all mix, cost without units is unmatched."""
    before, now = Fraction(whole.units_before), Fraction(whole.units)
    share_before = Fraction(part.units_before) / before
    share = Fraction(part.units) / now
    moved = share - share_before
    mean = Fraction(whole.cost_before) / before
    old = _unit_cost(part.cost_before, part.units_before) if part.units_before else None
    new = _unit_cost(part.cost, part.units) if part.units else None
    unmatched = NOTHING
    if new is None:
        unmatched += Fraction(part.cost) / now
    if old is None:
        unmatched -= Fraction(part.cost_before) / before
    at = old if old is not None else new if new is not None else NOTHING
    return _Part(
        rate=share * (new - old) if old is not None and new is not None else NOTHING,
        mix=moved * at,
        unmatched=unmatched,
        moved=moved,
        pull=moved * (at - mean),
        grown=new / old - 1 if new is not None and old is not None and old > 0 else None,
    )


def _unit_cost(cost: Decimal, units: Decimal) -> Fraction:
    return Fraction(cost) / Fraction(units)


def _size(one: Shift) -> Fraction:
    return abs(Fraction(one.rate)) + abs(one.pull) + abs(Fraction(one.unmatched))


def sentence(unit: str, known: Known, found: Drift | Absent, noun: str, nouns: str) -> str:
    """Say in words what happened: the unit cost, its segments, and where the mix moved.

    `unit` is what the cost is per ("user"), `noun` and `nouns` what the segments are called
    ("plan", "plans"; both '' without segments).
    """
    if not known.units or not known.units_before or known.cost_before <= 0:
        return ""
    grown = (
        Fraction(known.cost)
        * Fraction(known.units_before)
        / (Fraction(known.cost_before) * Fraction(known.units))
    )
    first = f"cost per {unit} {_moved(grown - 1)}"
    if isinstance(found, Absent) or not found.shifts:
        cost = Fraction(known.cost) / Fraction(known.cost_before) - 1
        units = Fraction(known.units) / Fraction(known.units_before) - 1
        return f"{first}: cost {_moved(cost)}, units {_moved(units)}"
    return "; ".join((first, *_clauses(found, noun, nouns)))


def _clauses(found: Drift, noun: str, nouns: str) -> list[str]:
    told = _movers(found.shifts, noun, nouns)
    rate, mix, unmatched = (abs(Fraction(it)) for it in found.parts[:3])
    moved = rate + mix + unmatched
    goal = _goal(found) if moved and mix >= TOLD * moved else ""
    if goal:
        told.append(f"the mix moved to {goal}")
    if moved and unmatched >= TOLD * moved:
        told.append("cost without units " + ("grew" if found.parts.unmatched > 0 else "fell"))
    return told


def _movers(shifts: Sequence[Shift], noun: str, nouns: str) -> list[str]:
    """Say which segments got dearer, else which improved, by more than a flat verdict allows."""
    grown = {one.name: one.grown for one in shifts if one.grown is not None}
    worse = sorted(name for name, by in grown.items() if by > TOLERANCE)
    better = sorted(name for name, by in grown.items() if by < -TOLERANCE)
    for names, what in ((worse, "got dearer"), (better, "improved")):
        if not names:
            continue
        if len(grown) == 1:
            return [f"{noun} {names[0]} {what}"]
        if len(names) == len(shifts):
            return [f"every {noun} {what}"]
        few = len(names) <= len("ab") and len(names) < len(grown)
        return [f"{' and '.join(names) if few else _counted(names, grown, nouns)} {what}"]
    within = f"by more than {percent(TOLERANCE).normalize():f} %"
    return [f"none of {len(grown)} measured {nouns} moved {within}"] if len(grown) > 1 else []


def _counted(names: Sequence[str], measured: Sized, nouns: str) -> str:
    return f"{len(names)} of {len(measured)} measured {nouns}"


def _goal(found: Drift) -> str:
    """Name the segment that units moved to and that pulls the way the mix did."""
    sign = 1 if found.parts.mix > 0 else -1
    gained = [one for one in found.shifts if one.moved > 0]
    if not gained:
        return ""
    return max(gained, key=lambda one: (one.pull * sign, one.moved, one.name)).name


def _moved(part: Fraction) -> str:
    """Write a movement in words.

    >>> _moved(Fraction(1, 5)), _moved(Fraction(-2, 15)), _moved(Fraction(0))
    ('rose 20 %', 'fell 13.33 %', 'did not move')
    """
    size = percent(abs(part))
    if not part:
        return "did not move"
    text = format(size, "f").rstrip("0").rstrip(".") if size else "<0.01"
    return f"{'rose' if part > 0 else 'fell'} {text} %"
