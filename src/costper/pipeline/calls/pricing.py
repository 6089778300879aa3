"""Joins the price catalogue to the fold: rates as Arrow rows, and the SQL that multiplies."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import partial

import pyarrow as pa

from costper.model.call import COUNTS
from costper.pipeline.calls.fold import Pricing, RateKey
from costper.rating.prices import Catalogue, rates_of
from costper.rating.sql_price import RATE_COLUMNS, RATED, cost_sql, rate_row

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
        cost=told_cost,
    )


def told_cost(
    line: str, rate: str, counted: Collection[str] = COUNTS, rated: Collection[str] = RATED
) -> str:
    """Give what a line costs, as cost_sql does; NULL too where it says nothing of its usage.

    A call that went well used something: what has a price and counts nothing was not told of.
    """
    nothing = " AND ".join(f"{line}.{name} = 0" for name in COUNTS if name in counted) or "TRUE"
    untold = (
        f"{nothing} AND {line}.status = 'ok' AND {line}.provider_cost IS NULL "
        f"AND ({rate}.input_0 > 0 OR {rate}.output_0 > 0)"
    )
    return f"CASE WHEN {untold} THEN NULL ELSE {cost_sql(line, rate, counted, rated)} END"


def _rate(catalogue: Catalogue, key: RateKey) -> dict[str, object]:
    return rate_row(key, rates_of(catalogue, *key))


def _type(kind: str) -> pa.DataType:
    found = DECIMAL.fullmatch(kind)
    return pa.decimal128(int(found[1]), int(found[2])) if found else TYPES[kind]
