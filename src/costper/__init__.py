"""What does it cost, per X: every cent carried to whoever caused it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from costper.ledger.ledger import Ledger

__all__ = ["Ledger"]


def __getattr__(name: str) -> object:
    """Give `Ledger`, which is imported when it is first asked for: `import costper` is instant."""
    if name == "Ledger":
        from costper.ledger.ledger import Ledger

        return Ledger
    raise AttributeError(f"module 'costper' has no attribute {name!r}")
