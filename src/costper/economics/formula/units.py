"""What a number is a number of: money, things counted, and how they multiply and add."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from decimal import Decimal

from costper.model.question import SCALES

ONE = Decimal(1)
AGGREGATIONS = {"average": "average ", "last": "last ", "max": "peak ", "min": "lowest "}
"""How a roll-up is said before the noun; a sum needs no word."""


class MismatchError(Exception):
    """Two units that do not go together; the formula's reader knows the column."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """The unit of a letter or of a result.

    `money` is an exponent (1: an amount, -1: per amount), `nouns` are things with exponents.
    `flow` is 1 for what grows with the bucket (a month's cost), 0 for what does not (users on
    average, cost per order). `additive`: buckets add up. `ratio`: something was divided by
    something measured. `size`: by how much it was scaled with a power of ten (`a / 1000`),
    None where its parts were scaled differently. `literal`: a number of nothing yet.
    """

    money: int = 0
    currency: str = ""
    nouns: tuple[tuple[str, int], ...] = ()
    flow: int = 0
    additive: bool = False
    ratio: bool = False
    percent: bool = False
    literal: bool = False
    size: Decimal | None = ONE


LITERAL = Unit(literal=True)
PERCENT = Unit(ratio=True, percent=True)
PROPORTION = Unit(ratio=True)


def amount_of(currency: str, aggregation: str = "sum") -> Unit:
    """Give the unit of a cost or revenue letter."""
    is_sum = aggregation == "sum"
    return Unit(money=1, currency=currency, flow=int(is_sum), additive=is_sum)


def count_of(noun: str, aggregation: str = "sum") -> Unit:
    """Give the unit of a metric letter, its roll-up said with its noun.

    >>> count_of("daily_active_users", "average").nouns
    (('average daily_active_users', 1),)
    """
    is_sum = aggregation == "sum"
    said = f"{AGGREGATIONS.get(aggregation, '')}{noun}"
    return Unit(nouns=((said, 1),), flow=int(is_sum), additive=is_sum)


def together(left: Unit, right: Unit) -> Unit:
    """Give the unit of a sum, a choice or a comparison; a literal takes the other's unit."""
    if left.literal or right.literal:
        return right if left.literal else left
    _check_alike(left, right)
    return replace(
        left,
        nouns=_either_noun(left, right),
        flow=max(left.flow, right.flow),
        additive=left.additive and right.additive,
        ratio=left.ratio or right.ratio,
        size=left.size if left.size == right.size else None,
    )


def times(left: Unit, right: Unit) -> Unit:
    """Give the unit of a product; money times money is refused."""
    money = left.money + right.money
    if abs(money) > 1:
        raise MismatchError("money times money means nothing")
    if left.money and right.money and left.currency != right.currency:
        raise MismatchError(_currencies(left, right))
    literal = left.literal and right.literal
    return Unit(
        money=money,
        currency=(left.currency or right.currency) if money else "",
        nouns=_merged(left, right),
        flow=left.flow + right.flow,
        additive=left.additive or right.additive,
        ratio=left.ratio or right.ratio,
        literal=literal,
        size=_product(left, right),
    )


def over(left: Unit, right: Unit) -> Unit:
    """Give the unit of a quotient; dividing by something measured makes a ratio."""
    inverse = replace(
        right,
        money=-right.money,
        nouns=tuple((noun, -power) for noun, power in right.nouns),
        flow=-right.flow,
        additive=False,
        size=None if right.size is None else ONE / right.size,
    )
    divided = times(left, inverse)
    return replace(
        divided,
        additive=left.additive and right.literal,
        ratio=left.ratio or not right.literal,
    )


def scaled(unit: Unit, by: Decimal, *, divided: bool) -> Unit:
    """Multiply or divide by a literal: 100, 1000 and so on are a scale, others change nothing."""
    if by not in SCALES or unit.size is None or unit.literal:
        return replace(unit, percent=False)
    return replace(unit, percent=False, size=unit.size / by if divided else unit.size * by)


def _check_alike(left: Unit, right: Unit) -> None:
    if left.money and right.money and left.currency != right.currency:
        raise MismatchError(_currencies(left, right))
    same = (left.money, left.percent) == (right.money, right.percent)
    if not same or (left.nouns != right.nouns and not (_is_count(left) and _is_count(right))):
        raise MismatchError(f"{_said(left)} and {_said(right)} do not add up")


def _either_noun(left: Unit, right: Unit) -> tuple[tuple[str, int], ...]:
    if left.nouns == right.nouns:
        return left.nouns
    said = " + ".join(dict.fromkeys((left.nouns[0][0], right.nouns[0][0])))
    return ((said, 1),)


def _is_count(unit: Unit) -> bool:
    return not unit.money and [power for _, power in unit.nouns] == [1]


def _merged(left: Unit, right: Unit) -> tuple[tuple[str, int], ...]:
    powers: Counter[str] = Counter()
    for noun, power in (*left.nouns, *right.nouns):
        powers[noun] += power
    return tuple(sorted((noun, power) for noun, power in powers.items() if power))


def _product(left: Unit, right: Unit) -> Decimal | None:
    return None if left.size is None or right.size is None else left.size * right.size


def _currencies(left: Unit, right: Unit) -> str:
    return f"{left.currency} and {right.currency} do not mix"


def _said(unit: Unit) -> str:
    nouns = " and ".join(noun for noun, _ in unit.nouns)
    if unit.percent:
        return "a per cent"
    if unit.money:
        return f"money per {nouns}" if nouns else "money"
    return nouns or "a ratio"
