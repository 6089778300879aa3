"""Text literals inside SQL, for what cannot be a parameter."""

from __future__ import annotations

from costper.model.names import quoted

__all__ = ["literal", "quoted"]


def literal(text: str) -> str:
    """Write a text literal; only for what cannot be a parameter, such as a file's path."""
    return "'" + text.replace("'", "''") + "'"
