"""The tables of business metrics: their values by day, with what is known of each metric."""

from __future__ import annotations

from collections.abc import Sequence

from costper.model.money import QUANTITY_SQL
from costper.store.engine import Table


def metric_daily(dimensions: Sequence[str]) -> Table:
    """Mart: every metric by day and words, each read as charges' words are; by (metric, day).

    `dim_*` is '' where the metric does not say that dimension, "(untagged)" where it says it and
    the cell is empty. `value` is that day's, for a metric of weeks or months that of the one
    beginning on `day`. It stands for `rows` measured values, put together by the metric's
    aggregation (max, min, else the sum).
    """
    return Table(
        name="metric_daily",
        columns=(
            ("month", "DATE"),
            ("day", "DATE"),
            ("source", "VARCHAR"),
            ("metric", "VARCHAR"),
            *((f"dim_{name}", "VARCHAR") for name in dimensions),
            ("value", QUANTITY_SQL),
            ("rows", "BIGINT"),
        ),
    )


def metric_facts() -> Table:
    """Mart: what metric_daily holds of each metric, one row each; written together with it.

    `fingerprint` names what its rows were made from, `said` the dimensions it is by (comma
    separated), `days` the days with data, `crowded` the rows that stand for several values,
    `restated` the past values that have changed.
    """
    return Table(
        name="metric_facts",
        columns=(
            ("metric", "VARCHAR"),
            ("fingerprint", "VARCHAR"),
            ("said", "VARCHAR"),
            ("first_day", "DATE"),
            ("last_day", "DATE"),
            ("days", "BIGINT"),
            ("crowded", "BIGINT"),
            ("restated", "BIGINT"),
        ),
    )


def metric_months() -> Table:
    """Mart: what metric_daily holds of each month of each metric; written together with it.

    `fingerprint` names what the month's rows were made from, and no other month has the same.
    The rest is as in metric_facts, which adds the months up.
    """
    return Table(
        name="metric_months",
        columns=(
            ("metric", "VARCHAR"),
            ("month", "DATE"),
            ("fingerprint", "VARCHAR"),
            ("first_day", "DATE"),
            ("last_day", "DATE"),
            ("days", "BIGINT"),
            ("crowded", "BIGINT"),
        ),
    )
