"""Joins the price catalogue to the fold: rates as Arrow rows, and the SQL that multiplies."""

from __future__ import annotations

import re
from functools import partial

import pyarrow as pa

from costper.pipeline.calls.fold import Pricing, RateKey
from costper.rating.prices import Catalogue, rates_of
from costper.rating.sql_price import RATE_COLUMNS, cost_sql, rate_row

DECIMAL = re.compile(r"DECIMAL\((\d+),\s*(\d+)\)")
TYPES: dict[str, pa.DataType] = {
    "VARCHAR": pa.string(),
    "DATE": pa.date32(),
    "BIGINT": pa.int64(),
    "INTEGER": pa.int32(),
    "BOOLEAN": pa.bool_(),
}


def pricing_of(catalogue: Catalogue) -> Pricing:
    """Price by a catalogue; its version is written beside every price."""
    schema = pa.schema([(name, _type(kind)) for name, kind in RATE_COLUMNS])
    return Pricing(
        version=catalogue.version,
        columns=schema,
        rate=partial(_rate, catalogue),
        cost=cost_sql,
    )


def _rate(catalogue: Catalogue, key: RateKey) -> dict[str, object]:
    return rate_row(key, rates_of(catalogue, *key))


def _type(kind: str) -> pa.DataType:
    found = DECIMAL.fullmatch(kind)
    return pa.decimal128(int(found[1]), int(found[2])) if found else TYPES[kind]
