"""Makes a PNG of a chart, for where no SVG can go: Slack, mail and reports."""

from __future__ import annotations

from collections.abc import Sequence

from fontpkg_inter import FAMILY, ROOT
from resvg_py import svg_to_bytes

from costper.charts.theme import LIGHT, Theme, literal_stylesheet

FONT = str(ROOT / "files" / "Inter[opsz,wght].ttf")
"""Given by name: without it resvg draws no text at all, and says nothing."""


def png(svg: str, theme: Theme = LIGHT, *, zoom: int = 2, fonts: Sequence[str] = ()) -> bytes:
    """Draw an SVG of this room in a theme's colours on its surface; `zoom` 2 for sharp screens.

    Inter has Latin, Greek and Cyrillic letters; others become boxes unless `fonts` names files
    that have them. Fonts of the machine are left alone, so that all make the same picture.
    """
    return svg_to_bytes(
        svg_string=svg,
        background=theme.surface,
        style_sheet=literal_stylesheet(theme),
        font_files=[FONT, *fonts],
        font_family=FAMILY,
        sans_serif_family=FAMILY,
        skip_system_fonts=True,
        zoom=zoom,
    )
