"""Where data comes from, one file or folder a place."""

from __future__ import annotations

import sys

from costper.errors import UnknownNameError
from costper.sources import (
    anthropic_costs,
    aws_cost_explorer,
    aws_cur,
    azure_cost,
    customers_file,
    focus_file,
    gcp_billing,
    measurements_file,
    openai_costs,
    rates_file,
)
from costper.sources.base import Kind, Source

SOURCES: tuple[Source, ...] = (
    focus_file.SOURCE,
    aws_cost_explorer.SOURCE,
    aws_cur.SOURCE,
    gcp_billing.SOURCE,
    azure_cost.SOURCE,
    openai_costs.SOURCE,
    anthropic_costs.SOURCE,
    measurements_file.CSV,
    measurements_file.PARQUET,
    customers_file.CSV,
    customers_file.PARQUET,
    rates_file.CSV,
    rates_file.PARQUET,
)
"""Every source there is. A type name may serve several kinds: `csv` measures or lists customers."""


def catalogue() -> tuple[Source, ...]:
    """Give every source, for reading costper.yaml."""
    return SOURCES


def source_of(name: str, kind: Kind) -> Source:
    """Give the source of a type name and kind; KeyError when there is none."""
    return {(one.name, one.kind): one for one in SOURCES}[name, kind]


def about(source: Source) -> str:
    """Give the first sentence of a source's manual page: its module's docstring."""
    own = sys.modules.get(f"costper.sources.{source.name}") or sys.modules[source.read.__module__]
    return (own.__doc__ or "").partition("\n")[0]


def named_source(type_name: str, kind: str = "") -> Source:
    """Find a source by its type; where several kinds share it and none is said, the first.

    Raises:
        UnknownNameError: there is none.
    """
    kinds = [one for one in SOURCES if kind in {"", one.kind}]
    for one in kinds:
        if one.name == type_name:
            return one
    raise UnknownNameError("source type", type_name, {one.name for one in kinds})
