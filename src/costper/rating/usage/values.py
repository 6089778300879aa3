"""Single values of a provider's JSON, whatever it says."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import cast

from costper.model.money import EXACT
from costper.rating.usage.base import NOTHING, Node
from costper.rating.usage.doubts import Doubts, shown

MOST_COUNTED = 10**12
"""More tokens than this in one response are a mistake, not a count."""

LONGEST_DIGITS = 15
LONGEST_TEXT = 512
LONGEST_COST = 64
PLAIN = re.compile(r"-?[0-9]*\.?[0-9]+(?:[eE][-+]?[0-9]{1,2})?")
"""Decimal() takes 1_0 and digits of any script as well."""

COST_PLACES = Decimal(1).scaleb(-18)
HIGHEST_COST = Decimal(10**9)


def node(value: object) -> Node:
    """Give an object; an empty one where the value is none."""
    return cast("Node", value) if isinstance(value, Mapping) else NOTHING


def nodes(value: object) -> list[Node]:
    """Give the objects of a list; none where the value is no list."""
    if not isinstance(value, list | tuple):
        return []
    items = cast("Sequence[object]", value)
    return [cast("Node", item) for item in items if isinstance(item, Mapping)]


def says(at: Node, *keys: str) -> bool:
    """Tell whether any of these keys has a value; 0 is one, null is none."""
    return any(at.get(key) is not None for key in keys)


def whole(value: object) -> int | None:
    """Read a count; None for what is none (negative, broken, far too large, true, a list).

    >>> whole("4680000"), whole(12.0), whole(True), whole(-1), whole(0.5)
    (4680000, 12, None, None, None)
    """
    if isinstance(value, str):
        plain = value.isascii() and value.isdigit() and len(value) <= LONGEST_DIGITS
        value = int(value) if plain else None
    elif isinstance(value, float):
        value = int(value) if value.is_integer() else None
    elif isinstance(value, Decimal):
        small = value.is_finite() and value.adjusted() <= LONGEST_DIGITS
        value = int(value) if small and value == value.to_integral_value() else None
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MOST_COUNTED:
        return value
    return None


def count(at: Node, key: str, doubts: Doubts) -> int:
    """Read a count under a key: 0 where it is null, 0 with an issue where it is no count."""
    value = at.get(key)
    if value is None:
        return 0
    read = whole(value)
    if read is None:
        doubts.add(
            "bad_count",
            f"{key} is no count: {shown(value)}",
            severity="error",
            hint="the line is marked estimated; send the provider's response as it came",
        )
        return 0
    return read


def first_count(doubts: Doubts, *places: tuple[Node, str]) -> int:
    """Read the count in the first place that says one; 0 is one."""
    for at, key in places:
        if at.get(key) is not None:
            return count(at, key, doubts)
    return 0


def text(at: Node, key: str, doubts: Doubts) -> str:
    """Read a word; '' where it is null, '' with an issue where it is no word."""
    value = at.get(key)
    if value is None:
        return ""
    if isinstance(value, str) and len(value) <= LONGEST_TEXT and storable(value):
        return value
    doubts.add("bad_text", f"{key} is no word: {shown(value)}")
    return ""


def label(value: object) -> str:
    """Name what tells things apart (a key, an id, an index), short; '' for what names nothing."""
    if isinstance(value, str):
        return value[:LONGEST_TEXT]
    return str(value) if isinstance(value, int) and abs(value) <= MOST_COUNTED else ""


def storable(word: str) -> bool:
    """Tell whether a word can be written down: half of a surrogate pair cannot."""
    return word.isascii() or not any("\ud800" <= letter <= "\udfff" for letter in word)


def dollars(at: Node, key: str, doubts: Doubts) -> Decimal | None:
    """Read a cost in USD, at most 18 places; None where it is null or no cost.

    A float is read by its shortest digits, which are those the provider wrote.
    """
    value = at.get(key)
    if value is None:
        return None
    read = amount_of(value)
    if read is None or not 0 <= read <= HIGHEST_COST:
        doubts.add("bad_cost", f"{key} is no cost: {shown(value)}", severity="error")
        return None
    cost = read.quantize(COST_PLACES, context=EXACT)
    if read and not cost:  # next to nothing is not nothing
        doubts.add("bad_cost", f"{key} is too small: {shown(value)}", severity="error")
        return None
    return cost


def amount_of(value: object) -> Decimal | None:
    """Read a finite decimal; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        return None
    if isinstance(value, int):
        return Decimal(value) if abs(value) <= HIGHEST_COST else None
    if isinstance(value, str) and not (len(value) <= LONGEST_COST and PLAIN.fullmatch(value)):
        return None
    try:
        read = value if isinstance(value, Decimal) else Decimal(str(value))
    except ArithmeticError:
        return None
    return read if read.is_finite() else None
