"""Whole bills seen before: the same files again are recognised without reading them."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from costper.model.outcome import Issue
from costper.store.control import Control
from costper.store.deliveries import current
from costper.store.landing import Landing, ScopeLanding
from costper.store.schema import bills


def recall(control: Control, source: str, fingerprint: str) -> Landing | None:
    """Give what came of these very files, if all they landed as is still in the books."""
    same = (bills.c.source == source) & (bills.c.fingerprint == fingerprint)
    with control.read() as connection:
        row = connection.execute(sa.select(bills).where(same)).mappings().first()
    if row is None:
        return None
    held = {each.delivery_id: each for each in current(control, source)}
    if not set(row["deliveries"]) <= set(held):
        return None
    counts = dict(row["result"]["counts"])
    counts["unchanged"] += counts.pop("landed")
    reason = "the same bytes as the delivery in the books"
    return Landing(
        source=source,
        scopes=tuple(
            ScopeLanding(delivery=held[number], fate="unchanged", reason=reason)
            for number in row["deliveries"]
        ),
        issues=tuple(Issue(**issue) for issue in row["result"]["issues"]),
        **counts,
    )


def remember_bill(control: Control, fingerprint: str, landing: Landing, *, now: datetime) -> None:
    """Remember what came of a bill's files, all of whose scopes are now in the books."""
    same = (bills.c.source == landing.source) & (bills.c.fingerprint == fingerprint)
    values = {
        "source": landing.source,
        "fingerprint": fingerprint,
        "deliveries": [scope.delivery.delivery_id for scope in landing.scopes],
        "result": landing.remembered(),
        "seen_at": now.isoformat(),
    }
    with control.begin() as connection:
        connection.execute(bills.delete().where(same))
        connection.execute(bills.insert().values(**values))
