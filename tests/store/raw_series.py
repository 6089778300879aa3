"""Measurements written by hand, and read by the plainest projection."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import timedelta

import pyarrow as pa
import pyarrow.parquet as pq
from tests.store.raw_bills import MAY, NOW, Desk

from costper.model.delivery import Part
from costper.store.measured import Series, SeriesLanding, land_series

Line = tuple[str | None, str | None, str | None]
"""Day, value and who."""


def land(desk: Desk, lines: Sequence[Line], dimension: str = "customer") -> SeriesLanding:
    desk.written += 1
    path = desk.folder / f"usage-{desk.written}.parquet"
    names = ("day", "value", "who")
    cells = [pa.array(list(column), pa.string()) for column in zip(*lines, strict=True)]
    pq.write_table(pa.table(dict(zip(names, cells, strict=True))), str(path))
    digest = hashlib.sha256(repr(lines).encode()).hexdigest()
    part = Part(path=str(path), origin=path.name, sha256=digest, rows=len(lines))
    projection = {
        "day": "TRY_CAST(day AS DATE)",
        "value": "TRY_CAST(value AS DECIMAL(38,6))",
        dimension: "who",
    }
    series = Series(
        source="usage",
        metric="requests",
        parts=(part,),
        projection=projection,
        written={"day": "day", "value": "value"},
    )
    return land_series(desk.books, series, now=NOW)


def on(offset: int, value: str, who: str = "acme") -> Line:
    return ((MAY + timedelta(days=offset)).isoformat(), value, who)
