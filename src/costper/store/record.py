"""Which cost column each bill is carried by."""

from __future__ import annotations

from costper.config.settings import Settings


def cost_of_record(settings: Settings, source: str) -> str:
    """Give the cost column of a source: its own choice, else the organisation's."""
    for declared in settings.sources:
        if declared.name == source:
            chosen: str | None = getattr(declared.settings, "cost_of_record", None)
            return chosen or settings.cost_of_record
    return settings.cost_of_record
