"""Every segment of a question judged, with what moved it, and what hides behind the whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from costper.economics.drift import Cause, Drift, Known, Shift, cause, drift, sentence
from costper.economics.formula.arithmetic import Amount
from costper.economics.verdict import HEALTHY, Side, Verdict, verdict
from costper.model.answer import Absent
from costper.pipeline.query.read import TOTAL, Key
from costper.pipeline.verdict.pairs import Pairs

NOT_SPLIT = Absent("not_split")
JOINT = " / "


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One segment, or everything together: its sides, its verdict, its part of the movement.

    `cause` is null where a side is; `shift` None where there is nothing it could be a part of.
    """

    key: Key
    before: Side
    now: Side
    verdict: Verdict
    cause: Cause | Absent
    shift: Shift | None = None

    @property
    def name(self) -> str:
        """Name the segment."""
        return JOINT.join(self.key)

    @property
    def empty(self) -> bool:
        """Say whether there was neither cost nor a unit, now or before."""
        amounts = (self.before.cost, self.before.units, self.now.cost, self.now.units)
        return all(amount == 0 for amount in amounts)

    @property
    def moved(self) -> Decimal:
        """Give the money that a dearer unit costs, to sort by."""
        if isinstance(self.cause, Absent) or isinstance(self.cause.efficiency, Absent):
            return Decimal(0)
        return self.cause.efficiency


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The whole and its segments, worst first, and the segments it does not speak for.

    `hidden` drift behind a healthy whole, by units of their own. `sentence` is '' where nothing
    can be said.
    """

    whole: Judged
    segments: tuple[Judged, ...]
    drift: Drift | Absent
    hidden: tuple[Judged, ...]
    sentence: str


def told(pairs: Pairs, least: Decimal = Decimal(0)) -> Told:
    """Judge everything; a drift that moved less money than `least` is not called hidden."""
    whole = _judged(pairs, TOTAL, None)
    known = known_sides(pairs, whole.before, whole.now)
    parts = _parts(pairs)
    found = drift(known, parts) if pairs.splits and isinstance(known, Known) else NOT_SPLIT
    if isinstance(known, Absent) and pairs.splits:
        found = known
    shifts = {} if isinstance(found, Absent) else {one.name: one for one in found.shifts}
    judged = (_judged(pairs, key, shifts.get(JOINT.join(key))) for key in pairs.asked.groups)
    segments = sorted(
        (one for one in judged if not one.empty),
        key=lambda one: (-one.moved, one.name),
    )
    hidden = [one for one in segments if one.verdict.name == "drifting" and one.moved >= least]
    by = pairs.asked.question.by
    noun = by[0] if len(by) == 1 else "segment"
    return Told(
        whole=whole,
        segments=tuple(segments),
        drift=found,
        hidden=tuple(hidden) if pairs.splits and whole.verdict.name in HEALTHY else (),
        sentence=sentence(pairs.noun, known, found, noun, f"{noun}s")
        if isinstance(known, Known) and whole.verdict.name != "insufficient_data"
        else "",
    )


def _judged(pairs: Pairs, key: Key, shift: Shift | None) -> Judged:
    before, now = pairs.sides(key)
    known = known_sides(pairs, before, now)
    return Judged(
        key=key,
        before=before,
        now=now,
        verdict=verdict(before, now),
        cause=known if isinstance(known, Absent) else cause(known),
        shift=shift,
    )


def known_sides(pairs: Pairs, before: Side, now: Side) -> Known | Absent:
    """Put both sides together, units in what the result is per; null where one is missing."""
    amounts: list[Decimal] = []
    wanted: tuple[Amount, ...] = (
        before.cost,
        pairs.per_scale(before.units),
        now.cost,
        pairs.per_scale(now.units),
    )
    for amount in wanted:
        if isinstance(amount, Absent):
            return amount
        amounts.append(amount)
    return Known(*amounts)


def _parts(pairs: Pairs) -> Mapping[str, Known]:
    found: dict[str, Known] = {}
    for key in pairs.asked.groups:
        known = known_sides(pairs, *pairs.sides(key))
        if isinstance(known, Known):
            found[JOINT.join(key)] = known
    return found
