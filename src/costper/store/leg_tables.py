"""How legs are kept: narrow where a customer has a share of a pool, whole where not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from costper.model.money import COST_COLUMNS, QUANTITY_SQL
from costper.model.names import quoted
from costper.store.engine import Table
from costper.store.tables import COSTS, legs

OF_SHARE = frozenset(("month", "day", "dim_customer", "pool_no", "weight", *COST_COLUMNS))


def legs_wide(dimensions: Sequence[str]) -> Table:
    """Mart: legs with all they say: direct ones, unallocated ones, those of other dimensions."""
    return replace(legs(dimensions, "legs_wide"), formerly="legs")


def legs_shared() -> Table:
    """Mart: each customer's share of a pool, by (month, customer, day); `pools` says the rest.

    Nearly all legs are such shares. Writing the text of a pool beside every one of them takes
    three times as long as writing the share.
    """
    return Table(
        name="legs_shared",
        columns=(
            ("month", "DATE"),
            ("day", "DATE"),
            ("dim_customer", "VARCHAR"),
            ("pool_no", "BIGINT"),
            ("weight", QUANTITY_SQL),
            *COSTS,
        ),
    )


def legs_view(dimensions: Sequence[str]) -> Table:
    """Mart: every leg, whichever way it is kept."""
    table = legs(dimensions)
    whole = ", ".join(quoted(name) for name in table.names)
    shared = ", ".join(
        "'' AS reason" if name == "reason" else f"{_side(name)}.{quoted(name)}"
        for name in table.names
    )
    same = " AND ".join(f"p.{name} = s.{name}" for name in ("month", "day", "pool_no"))
    return replace(
        table,
        select=f"SELECT {whole} FROM legs_wide UNION ALL "
        f"SELECT {shared} FROM legs_shared AS s JOIN pools AS p ON {same}",
    )


def _side(name: str) -> str:
    """Say which side of the join a column comes from.

    >>> _side("weight"), _side("rule")
    ('s', 'p')
    """
    return "s" if name in OF_SHARE else "p"
