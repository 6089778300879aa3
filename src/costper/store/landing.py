"""What came of landing one bill: by scope, and row by row accounted for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from typing import Literal

from costper.model.delivery import Delivery
from costper.model.money import COST_COLUMNS, total
from costper.model.outcome import Issue

Fate = Literal["landed", "replaced", "unchanged", "refused"]
COUNTS = ("files", "rows", "again", "landed", "unchanged", "refused", "bad", "set_aside")


@dataclass(frozen=True, slots=True, kw_only=True)
class ScopeLanding:
    """What came of one scope; a refused one keeps the delivery that was in the books."""

    delivery: Delivery
    fate: Fate
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Landing:
    """What came of one bill. `rows` = landed + unchanged + refused + bad + set_aside.

    `rows` - `again` is how many rows the `files` hold: some rows are two charges.
    """

    source: str
    files: int
    rows: int
    again: int = 0
    landed: int = 0
    unchanged: int = 0
    refused: int = 0
    bad: int = 0
    set_aside: int = 0
    scopes: tuple[ScopeLanding, ...] = ()
    issues: tuple[Issue, ...] = ()

    @property
    def totals(self) -> Mapping[str, Mapping[str, Decimal]]:
        """What the books hold of this bill, by currency and cost column."""
        held = [s.delivery.totals for s in self.scopes if s.fate != "refused"]
        return {
            currency: {
                cost: total([one[currency][cost] for one in held if currency in one])
                for cost in COST_COLUMNS
            }
            for currency in sorted({currency for one in held for currency in one})
        }

    def remembered(self) -> dict[str, object]:
        """Give what a later sync of the same bytes repeats."""
        counts = {name: getattr(self, name) for name in COUNTS}
        return {"counts": counts, "issues": [asdict(issue) for issue in self.issues]}
