"""Writes SVG: escaped elements, and paths of whole tenths of a pixel."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from html import escape

FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Characters no XML may hold; a customer's name may."""

NAME = re.compile(r"[^A-Za-z0-9_-]+")
HREF = re.compile(r"(https?://|/(?!/)|\?|#)")

Value = str | int | None


def text(raw: str) -> str:
    """Escape text for an element or an attribute; what XML forbids becomes a question mark.

    >>> text('<b>"A" & co</b>')
    '&lt;b&gt;&quot;A&quot; &amp; co&lt;/b&gt;'
    """
    return escape(FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", raw))


def name(raw: str) -> str:
    """Make an id out of any text: letters, digits, - and _."""
    return NAME.sub("-", raw) or "chart"


def address(raw: str) -> str | None:
    """Keep an address that leads to a page: of this site, or over HTTP; None for any other."""
    return raw if HREF.match(raw) else None


def listed(texts: Iterable[str]) -> str:
    """Join texts for one data attribute; a bar in one of them becomes a broken bar.

    >>> listed(("a", "b|c"))
    'a|b¦c'
    """
    return "|".join(it.replace("|", "¦") for it in texts)


def tag(element: str, *inside: str, **attributes: Value) -> str:
    """Write an element; `data_x` is written data-x, `class_` class, and None is left out.

    Attributes are escaped; what is inside is SVG already.

    >>> tag("g", "x", class_="c-a", data_x='"')
    '<g class="c-a" data-x="&quot;">x</g>'
    """
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{text(str(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    body = "".join(inside)
    return f"<{element}{written}>{body}</{element}>" if body else f"<{element}{written}/>"


def label(shown: str, x: int, y: int, class_: str, anchor: str | None = None) -> str:
    """Write text at a place, in tenths of a pixel; `anchor` is middle or end."""
    return tag("text", text(shown), class_=class_, x=tenths(x), y=tenths(y), text_anchor=anchor)


@lru_cache(maxsize=1 << 15)
def tenths(length: int) -> str:
    """Write tenths of a pixel as pixels, in as few characters as can be.

    >>> [tenths(it) for it in (125, -5, 120, 0)]
    ['12.5', '-.5', '12', '0']
    """
    whole, rest = divmod(abs(length), 10)
    sign = "-" if length < 0 else ""
    if not rest:
        return f"{sign}{whole}" if whole else "0"
    return f"{sign}{whole}.{rest}" if whole else f"{sign}.{rest}"


def move(right: int, down: int) -> str:
    """Write two lengths one after the other; a minus, or a second point, parts them.

    >>> move(125, -5), move(120, 5)
    ('12.5-.5', '12 .5')
    """
    second = tenths(down)
    return f"{tenths(right)}{'' if second[0] == '-' else ' '}{second}"


def strokes(bars: Iterable[tuple[int, int, int]]) -> str:
    """Draw bars as one path of upright strokes: (x of the middle, from, to) of each.

    A stroke needs half the characters of a rectangle, and the stroke's width is the bar's.
    """
    parts: list[str] = []
    at_x = at_y = 0
    for x, begin, end in bars:
        parts.append(f"{'m' if parts else 'M'}{move(x - at_x, begin - at_y)}v{tenths(end - begin)}")
        at_x, at_y = x, end
    return "".join(parts)


def polyline(points: Iterable[tuple[int, int] | None]) -> str:
    """Draw a line through points; None is a gap."""
    parts: list[str] = []
    at, head = (0, 0), "M"
    for point in points:
        if point is None:
            head = "m" if parts else "M"
            continue
        parts.append(f"{head}{move(point[0] - at[0], point[1] - at[1])}")
        at, head = point, "l"
    return "".join(parts)


def dots(points: Iterable[tuple[int, int]]) -> str:
    """Draw points: strokes of no length, which round caps make visible."""
    return "".join(f"M{move(*point)}h0" for point in points)


def polygon(points: Iterable[tuple[int, int]]) -> str:
    """Draw a closed shape."""
    path = polyline(points)
    return f"{path}z" if path else ""
