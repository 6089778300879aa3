"""The table of what bills say of single resources, as far as a rule of savings reads it."""

from __future__ import annotations

from collections.abc import Sequence

from costper.model.money import MONEY_SQL
from costper.store.engine import Table


def resource_daily(dimensions: Sequence[str]) -> Table:
    """Mart: charges by day, meter and resource, for the meters that rules of savings know.

    `meter` is a rule's word for what is charged. `resource` is '' and `tags` are filled for
    meters told apart by tags alone. `dim_*` are the dimensions before allocation. `charge` is
    the delivery, file and row of the first of `charges` bill rows, padded with zeros, so that
    the least one names the first row.
    """
    texts = ("meter", "resource", "account", "region", "service_name", "description", "unit")
    return Table(
        name="resource_daily",
        columns=(
            ("month", "DATE"),
            ("day", "DATE"),
            ("source", "VARCHAR"),
            ("currency", "VARCHAR"),
            *((name, "VARCHAR") for name in texts),
            ("tags", "VARCHAR"),
            *((f"dim_{name}", "VARCHAR") for name in dimensions),
            ("quantity", "DECIMAL(38,18)"),
            ("charges", "BIGINT"),
            ("charge", "VARCHAR"),
            ("effective_cost", MONEY_SQL),
            ("billed_cost", MONEY_SQL),
        ),
    )
