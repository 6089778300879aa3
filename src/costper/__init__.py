"""What does it cost, per X: every cent carried to whoever caused it."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from costper.ledger.ledger import Ledger
    from costper.track.client import flush, track
    from costper.track.context import labels

__all__ = ["Ledger", "flush", "labels", "track"]


def __getattr__(name: str) -> object:
    """Give what is imported when it is first asked for: `import costper` is instant."""
    if name == "Ledger":
        from costper.ledger.ledger import Ledger

        return Ledger
    if name == "track":
        return import_module("costper.track")
    if name == "labels":
        from costper.track.context import labels

        return labels
    if name == "flush":
        from costper.track.client import flush

        return flush
    raise AttributeError(f"module 'costper' has no attribute {name!r}")
