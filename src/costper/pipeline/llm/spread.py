"""How few users, tenants or features carry how much of the cost of calls, as cells of a total."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from costper.economics.concentration import Concentration, concentration
from costper.model.answer import Cell

CONCENTRATION_NOTE = (
    "top_N_percent is the cost share of the dearest N % (rounded up to whole members; none with "
    "fewer than 100 ÷ N members); Gini is 0 where all cost alike and nearly 1 where one costs all"
)


def spread_cells(members: Mapping[str, Decimal]) -> dict[str, Cell]:
    """Write the concentration of some members' costs; what is negative takes no part."""
    return concentration_cells(
        concentration({name: cost for name, cost in members.items() if cost >= 0})
    )


def concentration_cells(found: Concentration) -> dict[str, Cell]:
    """Write top shares, Gini and the Lorenz curve."""
    return {
        "members": found.members,
        **{f"top_{top.percent}_percent": top.share for top in found.tops},
        **{f"top_{top.percent}_members": top.members for top in found.tops},
        "gini_index": found.gini,
        "lorenz": tuple(
            {"members_percent": part, "cumulative_percent": carried}
            for part, carried in found.lorenz
        ),
    }
