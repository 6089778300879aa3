"""The functions of the language: how each is written."""

from __future__ import annotations

from costper.economics.formula.tree import SpanUnit

FUNCTIONS: dict[str, str] = {
    "timeShift": "timeShift(x, 1 MONTH)",
    "abs": "abs(x)",
    "min": "min(x, y, ...)",
    "max": "max(x, y, ...)",
    "round": "round(x) or round(x, 2)",
    "default": "default(x, 0)",
    "pctChange": "pctChange(x, 1 MONTH)",
    "movingAvg": "movingAvg(x, 7)",
    "cumSum": "cumSum(x)",
    "share": "share(x)",
    "if": "if(x > 0, y, z)",
}
"""Each function and how it is written; `x`, `y` and `z` are any formulas."""

ONE_ARGUMENT = ("abs", "cumSum", "share")
SPANS = ("timeShift", "pctChange")
WORDS = ("and", "or", "not")
RESERVED = frozenset((*FUNCTIONS, *WORDS))
"""Words that cannot be the name of a letter or formula, whatever their case."""

UNITS: tuple[SpanUnit, ...] = ("DAY", "WEEK", "MONTH", "QUARTER", "YEAR")
LONGEST_SHIFT = 5_000
LONGEST_WINDOW = 366
PLACES = 12


def is_reserved(name: str) -> bool:
    """Say whether a name is a word of the language.

    >>> is_reserved("a"), is_reserved("MAX"), is_reserved("if")
    (False, True, True)
    """
    return name.lower() in {word.lower() for word in RESERVED}
