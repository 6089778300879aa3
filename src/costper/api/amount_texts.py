"""Writes columns of amounts as text with Arrow, which takes half of Python's time for a cell."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import repeat
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from costper.model.sheet import Amounts, complete

PLAIN_PLACES = 6
"""Arrow writes 0.0000001 and smaller with an exponent."""

ODD_MOST = 10
"""Where more than one cell in so many needs care, Python writes them all."""

WORD = 2**63


def amount_texts(column: Amounts, least: int) -> Any:  # noqa: ANN401 - Arrow's stubs know no string arrays
    """Give what `column.texts(least)` gives, or None where Arrow cannot.

    It can where every cell has an amount that fits a machine word.
    """
    units, places = column.units, column.places
    if not complete(units) or not max(least, 1) <= places or not _fit(units):
        return None
    odd = _odd(units, places, least)
    if len(odd) * ODD_MOST > len(units):
        return None
    whole = pa.array(units, pa.int64()).cast(pa.decimal128(38, 0))
    make: Any = pa.Array.from_buffers
    scaled = make(pa.decimal128(38, places), len(units), whole.buffers())
    found: Any = scaled.cast(pa.string())
    if least < places:
        found = pc.ascii_rtrim(found, "0")
    if not least:
        found = pc.ascii_rtrim(found, ".")
    return _mended(found, column, odd, least) if odd else found


def _fit(units: Sequence[int]) -> bool:
    return min(units, default=0) >= -WORD and max(units, default=0) < WORD


def _odd(units: Sequence[int], places: int, least: int) -> list[int]:
    """Find the cells that lack decimals once zeros are cut, and those Arrow writes otherwise."""
    found: set[int] = set()
    if places > PLAIN_PLACES:
        small = 10 ** (places - PLAIN_PLACES)
        found.update(at for at, one in enumerate(units) if -small < one < small)
    if 0 < least < places:
        short = map(int.__mod__, units, repeat(10 ** (places - least + 1)))
        found.update(at for at, rest in enumerate(short) if not rest)
    return sorted(found)


def _mended(found: Any, column: Amounts, odd: Sequence[int], least: int) -> Any:  # noqa: ANN401
    texts: list[str] = found.to_pylist()
    own = Amounts([column.units[at] for at in odd], column.places).texts(least)
    for at, text in zip(odd, own, strict=True):
        texts[at] = str(text)
    return pa.array(texts, pa.string())
