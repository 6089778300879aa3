"""Writes numbers as charts show them: $1,234, 12.5k, 1.2M, with a true minus."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext

from costper.model.answer import Measure
from costper.model.money import EXACT

MINUS = "\N{MINUS SIGN}"
SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹", "ILS": "₪", "KRW": "₩"}
SUFFIXES = ((Decimal(10) ** 12, "T"), (Decimal(10) ** 9, "B"), (Decimal(10) ** 6, "M"))
THOUSAND = Decimal(1000)
SHORTENED_FROM = Decimal(10_000)
"""Below, a number keeps its digits; from here on it is told in thousands."""

WHOLE_FROM = Decimal(100)
LARGEST, SMALLEST = Decimal("1e15"), Decimal("1e-9")
"""Outside of these, a number is written with its power of ten."""

SMALL_DIGITS = 3
CENTS = 2


@dataclass(frozen=True, slots=True)
class Unit:
    """What values are: money of a currency, a rate of it, percent (97.3 is 97.3 %), or numbers."""

    measure: Measure = "number"
    currency: str = ""

    @property
    def is_money(self) -> bool:
        """Say whether values carry the currency's sign."""
        return self.measure in {"money", "rate"}


NUMBER = Unit()


def short(value: Decimal, unit: Unit = NUMBER) -> str:
    """Write a value in few characters, rounded half up.

    >>> usd = Unit("money", "USD")
    >>> [short(Decimal(it), usd) for it in ("1234.4", "12519", "1249000", "0.00123456", "7.5")]
    ['$1,234', '$12.5k', '$1.2M', '$0.00123', '$7.50']
    >>> short(Decimal("97.25"), Unit("percent")), short(Decimal(-8)) == f"{MINUS}8"
    ('97.3%', True)
    >>> short(Decimal(76), Unit("percent")), short(Decimal(26000), usd)
    ('76.0%', '$26.0k')
    """
    with localcontext(EXACT):
        size = abs(value)
        if size >= LARGEST or 0 < size < SMALLEST:
            text = _powered(size)
        elif unit.measure != "percent" and size >= SHORTENED_FROM:
            text = _shortened(size)
        else:
            text = f"{_rounded(size, _places(size, unit)):,f}"
            text = _to_cents(text) if unit.is_money and size else _trimmed(text, unit)
        return _dressed(value, text, unit)


def full(value: Decimal, unit: Unit = NUMBER) -> str:
    """Write a value in full: grouped digits, money to cents.

    >>> full(Decimal("12519.456"), Unit("money", "USD")), full(Decimal("12519.456"))
    ('$12,519.46', '12,519.456')
    """
    with localcontext(EXACT):
        size = abs(value)
        if size >= LARGEST or 0 < size < SMALLEST:
            return _dressed(value, _powered(size), unit)
        places = CENTS if unit.is_money and size >= 1 else max(_places(size, unit), SMALL_DIGITS)
        text = f"{_rounded(size, places):,f}"
        return _dressed(value, text if unit.is_money and size >= 1 else _trimmed(text, unit), unit)


def told(values: Sequence[Decimal | None], unit: Unit = NUMBER) -> list[str]:
    """Write values for a tooltip, whole from a thousand on; '' where there is none.

    >>> told([Decimal("12519.5"), None, Decimal("319.7"), Decimal("0.5")], Unit("money", "USD"))
    ['$12,520', '', '$319.70', '$0.50']
    """
    with localcontext(EXACT) as context:
        context.rounding = ROUND_HALF_UP
        return [_told(it, unit) if it is not None and it.is_finite() else "" for it in values]


def _told(value: Decimal, unit: Unit) -> str:
    size = abs(value)
    if THOUSAND <= size < LARGEST:
        return _dressed(value, f"{size:,.0f}", unit)
    if size >= LARGEST or 0 < size < SMALLEST:
        return _dressed(value, _powered(size), unit)
    places = max(_places(size, unit), CENTS if size >= 1 and unit.measure != "percent" else 0)
    text = f"{size:.{places}f}"
    return _dressed(
        value, _to_cents(text) if unit.is_money and size else _trimmed(text, unit), unit
    )


def tick_texts(ticks: Sequence[Decimal], unit: Unit = NUMBER) -> tuple[str, ...]:
    """Write the ticks of one axis exactly, so that no two of them read alike.

    >>> tick_texts([Decimal(0), Decimal(2500), Decimal(5000), Decimal("1e4")], Unit("money", "USD"))
    ('$0', '$2.5k', '$5k', '$10k')
    >>> tick_texts([Decimal(0), Decimal("0.5"), Decimal(1)], Unit("money", "USD"))
    ('$0', '$0.50', '$1.00')
    """
    with localcontext(EXACT):
        largest = max((abs(tick) for tick in ticks), default=Decimal(0))
        if largest >= LARGEST or 0 < largest < SMALLEST:
            return tuple(_dressed(it, _powered(abs(it)) if it else "0", unit) for it in ticks)
        least = max((_fraction_digits(tick) for tick in ticks), default=0)
        places = max(least, CENTS) if unit.is_money and least else 0
        return tuple(_dressed(it, _tick(abs(it), largest, places, unit), unit) for it in ticks)


def _tick(size: Decimal, largest: Decimal, places: int, unit: Unit) -> str:
    if unit.measure != "percent" and largest >= SHORTENED_FROM and size >= THOUSAND:
        divisor, suffix = next((it for it in SUFFIXES if size >= it[0]), (THOUSAND, "k"))
        return _stripped(f"{size / divisor:,f}") + suffix
    return f"{_rounded(size, places):,f}" if places and size else _stripped(f"{size:,f}")


def _fraction_digits(value: Decimal) -> int:
    text = _stripped(f"{value:f}")
    return len(text.partition(".")[2])


def _shortened(size: Decimal) -> str:
    scales = ((THOUSAND, "k"), *reversed(SUFFIXES))
    for divisor, suffix in scales:
        rounded = _rounded(size / divisor, 1)
        if rounded < THOUSAND:
            return f"{rounded:f}{suffix}"
    return f"{_rounded(size / SUFFIXES[0][0], 1):,f}{SUFFIXES[0][1]}"


def _powered(size: Decimal) -> str:
    if not size:
        return "0"
    power = size.adjusted()
    mantissa = _stripped(f"{_rounded(size.scaleb(-power), 1):f}")
    return f"{mantissa}e{power}".replace("-", MINUS)


def _places(size: Decimal, unit: Unit) -> int:
    if unit.measure == "percent":
        return 1
    if not size or size >= WHOLE_FROM:
        return 0
    if size >= 1:
        return CENTS if unit.is_money else 1
    least = CENTS if unit.is_money else 0
    return max(least, SMALL_DIGITS - 1 - size.adjusted())


def _dressed(value: Decimal, text: str, unit: Unit) -> str:
    sign = MINUS if value < 0 and text.strip("0.,") else ""
    if unit.is_money:
        symbol = SYMBOLS.get(unit.currency, f"{unit.currency} " if unit.currency else "")
        return f"{sign}{symbol}{text}"
    return f"{sign}{text}%" if unit.measure == "percent" else f"{sign}{text}"


def _stripped(text: str) -> str:
    return text.rstrip("0").rstrip(".") if "." in text else text


def _trimmed(text: str, unit: Unit) -> str:
    """Drop zeros at the end; percentages keep a place, so that those of a column line up."""
    found = _stripped(text)
    return f"{found}.0" if unit.measure == "percent" and "." not in found else found


def _to_cents(text: str) -> str:
    whole, point, fraction = text.partition(".")
    return f"{whole}.{fraction.rstrip('0').ljust(CENTS, '0')}" if point else text


def _rounded(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
