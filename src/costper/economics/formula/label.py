"""Says a unit in words: what was divided by what, per how many, over which bucket."""

from __future__ import annotations

from decimal import Decimal

from costper.economics.formula.units import Unit
from costper.model.plural import singular
from costper.model.question import Grain

SYMBOLS = {"USD": "$"}
SHORT = ((10**9, "B"), (10**6, "M"), (10**3, "k"))
PER_CENT = 100


def label(unit: Unit, *, scale: int = 1, grain: Grain = "") -> str:
    """Name a result; `scale` is what it is multiplied by to be shown (per 1,000: 1000).

    >>> from costper.economics.formula.units import amount_of, count_of, over
    >>> dau = count_of("daily_active_users", "average")
    >>> label(over(amount_of("USD"), dau), scale=1000, grain="month")
    '$ per 1k average daily_active_users per month'
    """
    size = None if unit.size is None else unit.size * scale
    if not unit.money and not unit.nouns:
        return _plain(unit, size)
    said = _divided(_above(unit), _below(unit), size)
    bucket = f" per {grain}" if grain and unit.flow == 1 else ""
    return f"{said}{bucket}"


def short(number: Decimal) -> str:
    """Write a scale as people say it.

    >>> short(Decimal(1000)), short(Decimal(10**6)), short(Decimal(100)), short(Decimal("2500"))
    ('1k', '1M', '100', '2.5k')
    """
    for size, letter in SHORT:
        if number >= size:
            return f"{_digits(number / size)}{letter}"
    return _digits(number)


def _plain(unit: Unit, size: Decimal | None) -> str:
    is_percent = unit.percent or size == PER_CENT
    word = "%" if is_percent else "number" if unit.literal else "ratio"
    if size is None:
        return f"{word}, scaled"
    return (
        word if size == 1 or (is_percent and not unit.percent) else f"{word}, times {_times(size)}"
    )


def _divided(above: str, below: str, size: Decimal | None) -> str:
    if size is None:
        return f"{_joined(above, below)}, scaled"
    if size == 1:
        return _joined(above, " per ".join(map(singular, below.split(" per "))))
    if size < 1:
        return _joined(f"{short(1 / size)} {above}".rstrip(), below)
    return f"{above or '1'} per {short(size)} {below}" if below else f"{above}, times {short(size)}"


def _joined(above: str, below: str) -> str:
    return f"{above or '1'} per {below}" if below else above


def _above(unit: Unit) -> str:
    money = [symbol(unit.currency)] if unit.money > 0 else []
    return " x ".join([*money, *_nouns(unit, above=True)])


def _below(unit: Unit) -> str:
    money = [symbol(unit.currency)] if unit.money < 0 else []
    return " per ".join([*money, *_nouns(unit, above=False)])


def _nouns(unit: Unit, *, above: bool) -> list[str]:
    return [noun for noun, power in unit.nouns for _ in range(abs(power)) if (power > 0) is above]


def symbol(currency: str) -> str:
    """Give the sign of a currency where it is unmistakable, else its code."""
    return SYMBOLS.get(currency, currency)


def _times(size: Decimal) -> str:
    return short(size) if size >= 1 else f"1/{short(1 / size)}"


def _digits(number: Decimal) -> str:
    return format(number.normalize(), "f")
