"""Reads columns of decimals as whole numbers, which Python adds and divides quickest."""

from __future__ import annotations

from itertools import repeat
from typing import Any

import pyarrow as pa


def whole(rows: pa.Table, name: str) -> list[Any]:
    """Give a column of DECIMAL(38, s) in units of 10^-s, None where it is null."""
    found: list[Any] = []
    for chunk in rows.column(name).chunks:
        found += _of_chunk(chunk)
    return found


def _of_chunk(cells: Any) -> list[Any]:  # noqa: ANN401 - Arrow's stubs know no decimal arrays
    """Read the memory: an Arrow decimal is a 128-bit whole number, the low half first."""
    start, end = 2 * cells.offset, 2 * (cells.offset + len(cells))
    halves = memoryview(cells.buffers()[1] or b"")
    low: list[int] = halves.cast("B").cast("Q")[start:end:2].tolist()
    high: list[int] = halves.cast("B").cast("q")[start + 1 : end : 2].tolist()
    found = [*map(int.__or__, map(int.__lshift__, high, repeat(64)), low)] if any(high) else low
    if not cells.null_count:
        return found
    valid: list[bool] = cells.is_valid().to_pylist()
    return [units if known else None for units, known in zip(found, valid, strict=True)]
