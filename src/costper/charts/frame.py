"""The outer element of every picture: its size, its name for screen readers, its hatching."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from costper.charts.scale import TENTHS
from costper.charts.svg import Value, label, name, tag, tenths, text
from costper.charts.text import SIZE, shorten

PAD = 20 * TENTHS
"""Room around a picture that stands alone."""

HEADING = 48 * TENTHS
"""Height of a title with its line beneath."""


class Titled(Protocol):
    """What every chart has: an id of its own on its page, a title and a description."""

    @property
    def id(self) -> str:
        """Give the id."""
        ...

    @property
    def title(self) -> str:
        """Give the title."""
        ...

    @property
    def description(self) -> str:
        """Give the description."""
        ...


def picture(
    inside: str, chart: Titled, size: tuple[int, int], facts: Mapping[str, str], pad: int = 0
) -> str:
    """Wrap marks of a size in tenths of a pixel; `facts` are written as data attributes.

    `pad` leaves that much room around them, for a picture that stands alone.
    """
    key, title, description = name(chart.id), chart.title, chart.description
    wide, high = (tenths(it + 2 * pad) for it in size)
    named = tag("title", text(title), id=f"{key}-t") + tag("desc", text(description), id=f"{key}-d")
    return tag(
        "svg",
        named,
        inside,
        xmlns="http://www.w3.org/2000/svg",
        id=key,
        class_="c-chart",
        role="img",
        aria_labelledby=f"{key}-t",
        aria_describedby=f"{key}-d" if description else None,
        viewBox=f"{tenths(-pad)} {tenths(-pad)} {wide} {high}",
        width=wide,
        height=high,
        font_size=SIZE,
        **{f"data_{name(fact)}": value for fact, value in facts.items()},
    )


def heading(title: str, subtitle: str, width: int) -> str:
    """Write a title and the line beneath it, shortened to a width."""
    return label(shorten(title, width, 16), 0, 160, "c-title c-f-ink") + label(
        shorten(subtitle, width, 12), 0, 340, "c-subtitle c-f-muted"
    )


def hatching(id_: str) -> str:
    """Define the hatching that `hatched` refers to: stripes of the surface over any colour."""
    key = name(id_)
    stripe = tag("path", class_="c-rule c-s-surface", d="M1.5 0v6", stroke_width="2.6")
    lines = tag("path", class_="c-rule c-s-grid", d="M1.5 0v6", stroke_width="1.5")
    common: dict[str, Value] = {"width": 6, "height": 6, "patternUnits": "userSpaceOnUse"}
    turned: dict[str, Value] = {**common, "patternTransform": "rotate(45)"}
    return tag(
        "defs",
        tag("pattern", stripe, id=f"{key}-hatch", **turned),
        tag("pattern", lines, id=f"{key}-hole", **turned),
    )


def hatched(id_: str, pattern: str = "hatch") -> str:
    """Refer to the hatching of a picture: `hatch` over marks, `hole` where there is no number."""
    return f"url(#{name(id_)}-{pattern})"
