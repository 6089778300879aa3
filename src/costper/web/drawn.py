"""Marks what the charts drew as safe: they escape every word themselves."""

from __future__ import annotations

from markupsafe import Markup


def drawn(svg: str) -> Markup:
    """Mark a drawn picture as what it is."""
    return Markup(svg)  # noqa: S704
