"""How long the days of replaced deliveries are kept: to say what changed, not for ever."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from costper.errors import UserError
from costper.model.delivery import Scope
from costper.store.control import Control
from costper.store.deliveries import superseded
from costper.store.engine import Engine, Write
from costper.store.measure import chosen

KEPT = 5
"""Replaced deliveries of one scope whose days are kept; a bill may come three times a day."""


def pruned(control: Control, replaced: Iterable[tuple[Scope, Collection[int]]]) -> Iterator[Write]:
    """Give the write that drops what falls out once these deliveries are replaced, if any does.

    What is replaced now always stays, however many deliveries a scope was appended from.
    """
    numbers = [
        number
        for scope, now in replaced
        if now
        for number in superseded(control, scope)[max(0, KEPT - len(now)) :]
    ]
    if numbers:
        yield Write(table="charge_daily_superseded", where=chosen(numbers))


def check_kept(engine: Engine, numbers: Collection[int]) -> None:
    """Raise UserError when the days of one of these landed deliveries were dropped."""
    which = chosen(numbers)
    held = " UNION ALL ".join(
        f"SELECT DISTINCT delivery_id FROM {table} WHERE {which}"
        for table in ("charge_daily", "charge_daily_superseded")
    )
    found = {row["delivery_id"] for row in engine.query(held).to_pylist()}
    for number in sorted(set(numbers) - found):
        raise UserError(
            f"the days of delivery {number} are no longer kept, so nothing can be compared with it",
            hint=f"those of the last {KEPT} replaced deliveries of a bill, account and period are; "
            "costper deliveries lists them",
        )
