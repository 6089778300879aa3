"""Writes values for people: money with its sign, percentages, days, and — for what is absent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext

from costper.cli.printable import clean
from costper.economics.sparkline import sparkline
from costper.model.answer import Absent, Cell, Measure, Scalar
from costper.model.money import EXACT

ABSENT = "—"
MINUS = "\N{MINUS SIGN}"
SYMBOLS = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹", "ILS": "₪", "KRW": "₩"}
WHOLE_UNITS = {"CLP", "ISK", "JPY", "KRW", "PYG", "UGX", "VND", "XAF", "XOF"}
"""Currencies without cents."""
SMALL = Decimal("0.1")
SMALL_DIGITS = 3
DIGITS, PLACES = 20, 6
"""A number of more digits is a quotient, and so many places of it are shown."""

NUMBERS = ("count", "days", "hours", "quantity", "requests", "score", "seats", "units", "weight")
"""Last words of the names of columns that hold no money."""


def measure_of(name: str) -> Measure:
    """Say what the decimals of a column are: money, unless its name says otherwise.

    >>> measure_of("margin_percent"), measure_of("cost_per_request"), measure_of("requests")
    ('percent', 'rate', 'number')
    """
    last = name.rpartition("_")[2]
    if last in {"percent", "share", "coverage"}:
        return "percent"
    if last in NUMBERS:
        return "number"
    return "rate" if "_per_" in name else "money"


def header(name: str) -> str:
    """Write a column's name.

    >>> header("margin_percent")
    'margin %'
    """
    return name.replace("_percent", " %").replace("_", " ")


def money(amount: Decimal, currency: str) -> str:
    """Write an amount, rounded half up to cents; what is less than half a cent is never zero.

    >>> money(Decimal("1234.565"), "USD"), money(Decimal("0.00123456"), "CHF")
    ('$1,234.57', '<CHF 0.01')
    >>> money(Decimal(-8), "EUR") == f"{MINUS}€8.00"
    True
    """
    places = 0 if currency in WHOLE_UNITS else 2
    rounded = _rounded(abs(amount), places)
    if amount and not rounded:
        return _signed(amount, "<", Decimal(1).scaleb(-places), currency)
    return _signed(amount, "", rounded, currency)


def rate(amount: Decimal, currency: str) -> str:
    """Write money per unit: as money, but to three digits where it is small.

    >>> rate(Decimal("0.00123456"), "USD"), rate(Decimal("2.5"), "USD")
    ('$0.00123', '$2.50')
    """
    size = abs(amount)
    if 0 < size < SMALL:
        places = SMALL_DIGITS - 1 - size.adjusted()
        return _signed(amount, "", _rounded(size, places), currency)
    return money(amount, currency)


def price(amount: Decimal, currency: str) -> str:
    """Write a price as it was set: with all its digits, of cents at least.

    >>> price(Decimal("1.875"), "USD"), price(Decimal("2.5"), "USD"), price(Decimal(0), "USD")
    ('$1.875', '$2.50', '$0.00')
    """
    size = abs(amount)
    if len(size.as_tuple().digits) > DIGITS:
        size = _shortened(size)
    fraction = f"{size:f}".partition(".")[2].rstrip("0")
    return _signed(amount, "", _rounded(size, max(2, len(fraction))), currency)


def _signed(amount: Decimal, sign: str, size: Decimal, currency: str) -> str:
    symbol = SYMBOLS.get(currency, f"{currency} " if currency else "")
    return f"{MINUS if amount < 0 else ''}{sign}{symbol}{size:,f}"


def percent(value: Decimal) -> str:
    """Write a percentage with one decimal.

    >>> percent(Decimal("97.25"))
    '97.3 %'
    """
    rounded = _rounded(abs(value), 1)
    return f"{MINUS if value < 0 and rounded else ''}{rounded:,f} %"


def number(value: Decimal | int) -> str:
    """Write a number with all its digits, grouped; of a quotient that never ends only a few.

    >>> number(Decimal("12000.500")), number(1000)
    ('12,000.5', '1,000')
    >>> number(Decimal("2871.193548387096774193548387"))
    '2,871.193548'
    """
    if isinstance(value, Decimal) and len(value.as_tuple().digits) > DIGITS:
        value = _shortened(value)
    text = f"{abs(value):,f}" if isinstance(value, Decimal) else f"{abs(value):,d}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return f"{MINUS if value < 0 else ''}{text}"


def _shortened(value: Decimal) -> Decimal:
    """Keep six places of a long number, or three digits of a small one."""
    return _rounded(value, max(PLACES, SMALL_DIGITS - 1 - value.adjusted()))


def cell_text(name: str, cell: Cell, currency: str, measure: Measure | None = None) -> str:
    """Write one cell of a table; a list of numbers becomes a row of bars.

    `measure` says what the column's decimals are where its name does not.
    """
    if isinstance(cell, str) or not isinstance(cell, Sequence):
        return _scalar_text(measure or measure_of(name), cell, currency)
    values = [list(it.values())[-1] if isinstance(it, Mapping) else it for it in cell]
    numbers = [it if isinstance(it, Decimal) else None for it in values]
    if any(number is not None for number in numbers):
        return sparkline(numbers)
    return ", ".join(clean(it) for it in values if isinstance(it, str))


def _scalar_text(measure: Measure, value: Scalar | Sequence[object], currency: str) -> str:
    if value is None or isinstance(value, Absent):
        return ABSENT
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Decimal):
        return _decimal_text(measure, value, currency)
    if isinstance(value, int):
        return number(value)
    return value.isoformat() if isinstance(value, date) else clean(str(value))


def _decimal_text(measure: Measure, value: Decimal, currency: str) -> str:
    if measure == "price":
        return price(value, currency)
    if measure in {"money", "rate"}:
        return money(value, currency) if measure == "money" else rate(value, currency)
    return percent(value) if measure == "percent" else number(value)


def _rounded(value: Decimal, places: int) -> Decimal:
    with localcontext(EXACT):
        return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
