"""How much of a cost a few of its members carry: top shares, Gini, Lorenz, Herfindahl."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import accumulate

from costper.economics.verdict import exact_decimal, percent
from costper.model.answer import Absent
from costper.model.money import EXACT
from costper.model.money import total as total_of

Amount = Decimal | Absent
TOO_FEW = Absent("too_few")
NEGATIVE = Absent("negative")
NO_COST = Absent("no_cost")
NOT_ADDED_UP = Absent("not_added_up")
TOPS = (Decimal(1), Decimal(5), Decimal(10), Decimal(20))
"""Percents of the members whose share is told."""

POINTS = 100
"""A Lorenz curve has at most so many steps."""

HUNDRED = 100
_TEN_THOUSANDTH = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class Top:
    """The dearest `percent` % of the members: `members` of them carry `share` percent."""

    percent: Decimal
    members: int
    share: Amount


@dataclass(frozen=True, slots=True, kw_only=True)
class Concentration:
    """How unevenly a total is spread over `members`; all of it null for the same reason.

    Gini and HHI are 0..1 with four decimals. `lorenz` are pairs of percents, from the cheapest
    member on: so much of the members carries so much of the total.
    """

    members: int
    total: Decimal
    tops: tuple[Top, ...]
    gini: Amount
    hhi: Amount
    lorenz: tuple[tuple[Decimal, Decimal], ...] = ()


def ordered(members: Mapping[str, Decimal]) -> list[str]:
    """Name the members, dearest first, ties by name."""
    return sorted(members, key=lambda name: (-members[name], name))


def concentration(members: Mapping[str, Decimal], tops: Sequence[Decimal] = TOPS) -> Concentration:
    """Measure how a total is spread. Negative amounts have no share: set them apart before.

    >>> found = concentration({str(n): Decimal(n < 5 and 80) + Decimal(1) for n in range(100)})
    >>> [(top.members, top.share) for top in found.tops]
    [(1, Decimal('16.20')), (5, Decimal('81.00')), (10, Decimal('82.00')), (20, Decimal('84.00'))]
    """
    values = sorted(_whole_units(members.values()), reverse=True)
    whole = sum(values)
    total = total_of(list(members.values()))
    lack = NEGATIVE if values and values[-1] < 0 else NO_COST if not whole else None
    if lack is not None:
        none = tuple(Top(one, _first(one, len(values)), lack) for one in tops)
        return Concentration(members=len(values), total=total, tops=none, gini=lack, hhi=lack)
    squares = Fraction(sum(value * value for value in values), whole * whole)
    return Concentration(
        members=len(values),
        total=total,
        tops=tuple(_top(one, values, whole) for one in tops),
        gini=exact_decimal(_gini(values, whole), _TEN_THOUSANDTH),
        hhi=exact_decimal(squares, _TEN_THOUSANDTH),
        lorenz=_lorenz(values, whole),
    )


def ranks_needed(members: int, tops: Sequence[Decimal] = TOPS) -> tuple[int, ...]:
    """Name the ranks, the dearest first, up to which `concentration_at` has to know the sums.

    >>> ranks_needed(3)
    (1, 2, 3)
    """
    steps = {members - place for place in _places(members)}
    return tuple(sorted((steps | {_first(one, members) for one in tops}) - {0}))


def concentration_at(
    members: int,
    upto: Mapping[int, Decimal],
    weighed: Decimal,
    tops: Sequence[Decimal] = TOPS,
) -> Concentration:
    """Measure as `concentration` does, from sums somebody else added up; HHI is not told.

    `upto` is what the dearest n carry together, for each n of `ranks_needed`; `weighed` is
    Σ rank x amount. No amount is negative.
    """
    total = upto.get(members, Decimal(0))
    if not total:
        none = tuple(Top(one, _first(one, members), NO_COST) for one in tops)
        return Concentration(members=members, total=total, tops=none, gini=NO_COST, hhi=NO_COST)
    whole = Fraction(total)
    gini = Fraction(members + 1, members) - 2 * Fraction(weighed) / (members * whole)
    return Concentration(
        members=members,
        total=total,
        tops=tuple(_top_at(one, members, upto, whole) for one in tops),
        gini=exact_decimal(gini, _TEN_THOUSANDTH),
        hhi=NOT_ADDED_UP,
        lorenz=tuple(
            (
                percent(Fraction(place, members)),
                percent(1 - Fraction(upto.get(members - place, Decimal(0))) / whole),
            )
            for place in _places(members)
        ),
    )


def _top_at(share: Decimal, members: int, upto: Mapping[int, Decimal], whole: Fraction) -> Top:
    first = _first(share, members)
    if members * Fraction(share) < HUNDRED:
        return Top(share, first, TOO_FEW)
    return Top(share, first, percent(Fraction(upto[first]) / whole))


def _places(many: int) -> tuple[int, ...]:
    """Name the members, counted from the cheapest, at which a Lorenz curve is told."""
    steps = min(many, POINTS)
    return tuple(dict.fromkeys(-(-step * many // steps) for step in range(steps + 1) if steps))


def _first(share: Decimal, many: int) -> int:
    """Give ⌈p·n⌉, exactly."""
    return -(-many * Fraction(share) // HUNDRED)


def _whole_units(amounts: Collection[Decimal]) -> list[int]:
    """Count every amount in the finest unit any of them has: whole numbers add up quickly."""
    places = max((-min(0, exponent_of(amount)) for amount in amounts), default=0)
    return [int(EXACT.scaleb(amount, places)) for amount in amounts]


def exponent_of(amount: Decimal) -> int:
    """Give the power of ten of the last digit."""
    exponent = amount.as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0


def _top(share: Decimal, values: Sequence[int], whole: int) -> Top:
    """Add up the first ⌈p·n⌉; with fewer than 1 ÷ p members they would be more than p."""
    first = _first(share, len(values))
    if len(values) * Fraction(share) < HUNDRED:
        return Top(share, first, TOO_FEW)
    return Top(share, first, percent(Fraction(sum(values[:first]), whole)))


def _gini(values: Sequence[int], whole: int) -> Fraction:
    """Give 2·Σ i·xᵢ ÷ (n·Σx) - (n + 1) ÷ n over all members, cheapest first."""
    many = len(values)
    weighed = sum(at * value for at, value in enumerate(reversed(values), 1))
    return Fraction(2 * weighed, many * whole) - Fraction(many + 1, many)


def _lorenz(values: Sequence[int], whole: int) -> tuple[tuple[Decimal, Decimal], ...]:
    sums = [0, *accumulate(reversed(values))]
    many = len(values)
    return tuple(
        (percent(Fraction(at, many)), percent(Fraction(sums[at], whole))) for at in _places(many)
    )
