"""Says which colour is which series."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from costper.charts.data import Band, Chart, Mark
from costper.charts.scale import TENTHS
from costper.charts.svg import Value, label, name, tag, tenths, text
from costper.charts.text import shorten, width
from costper.charts.theme import Tone

ROW = 20 * TENTHS
SWATCH = 16 * TENTHS
GAP = 8 * TENTHS
SPACE = 18 * TENTHS
"""Between two entries."""

NAME = 200 * TENTHS
"""Most room for one name."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One series of a legend; `key` is that of its marks' data-series."""

    key: str
    name: str
    tone: Tone
    mark: Mark
    dashed: bool = False
    hidden: bool = False


def entries(chart: Chart) -> tuple[Entry, ...]:
    """Give a chart's legend, in the order its series were given: one of two panes stands once."""
    found: dict[str, Entry] = {}
    for pane in chart.panes:
        for it in pane.series:
            entry = Entry(it.key, it.name, it.tone, it.mark, it.before, it.hidden)
            found.setdefault(it.key, entry)
    return tuple(found.values())


def bands(chart: Chart) -> tuple[Band, ...]:
    """Give the ranges no series is named after, each name once."""
    named = {it.name for it in entries(chart)}
    found = {it.name: it for pane in chart.panes for it in pane.bands if it.name not in named}
    return tuple(found.values())


def swatch(entry: Entry) -> str:
    """Draw the sign of one entry by itself, for a legend in HTML."""
    return _swatch(_sign(entry, 0, 50))


def _swatch(sign: str) -> str:
    return tag(
        "svg",
        sign,
        class_="c-chart c-swatch",
        viewBox="0 0 14 10",
        width=14,
        height=10,
        aria_hidden="true",
    )


def listing(chart: Chart, link: Callable[[str], str]) -> str:
    """Write a chart's legend as an HTML list; each entry is a link that hides or shows it.

    `link` gives the address of the page with a value of `hide`, '' for none: links work without
    scripts, which take them over where nothing has to be drawn anew.
    """
    shown = entries(chart)
    gone = {it.key for it in shown if it.hidden}
    items = "".join(
        _item(it, link(hiding(gone ^ {it.key})), f"{name(chart.id)}-hide-{at}")
        for at, it in enumerate(shown)
    )
    items += "".join(_shade(it) for it in bands(chart))
    return tag("ul", items, class_="c-legend", data_for=name(chart.id))


def hidden_in(chart: Chart, value: str) -> Chart:
    """Give a chart whose series named in a value of `hide` are hidden."""
    keys = hidden(value)
    panes = tuple(
        replace(pane, series=tuple(replace(it, hidden=it.key in keys) for it in pane.series))
        for pane in chart.panes
    )
    return replace(chart, panes=panes)


def _item(entry: Entry, href: str, id_: str) -> str:
    verb = tag("span", "Show " if entry.hidden else "Hide ", class_="c-aside")
    words = verb + tag("bdi", text(entry.name))
    class_ = "c-entry c-hidden" if entry.hidden else "c-entry"
    link = tag("a", swatch(entry) + words, id=id_, class_=class_, data_hide=entry.key, href=href)
    return tag("li", link)


def _shade(band: Band) -> str:
    box: dict[str, Value] = {"y": 0, "width": 12, "height": 10}
    sign = tag("rect", class_=f"c-band c-f-{band.tone}", **box)
    shown = _swatch(sign) + tag("bdi", text(band.name))
    return tag("li", tag("span", shown, class_="c-entry c-range"))


def hiding(keys: Iterable[str]) -> str:
    """Write the keys of hidden series as one value of the address.

    >>> hiding({"b", "a,c"}), sorted(hidden("a%2Cc,b"))
    ('a%2Cc,b', ['a,c', 'b'])
    """
    return ",".join(sorted(it.replace("%", "%25").replace(",", "%2C") for it in keys))


def hidden(value: str) -> frozenset[str]:
    """Read what `hiding` wrote."""
    parts = (it.replace("%2C", ",").replace("%25", "%") for it in value.split(","))
    return frozenset(it for it in parts if it)


def drawn(shown: Iterable[Entry], top: int, room: int) -> tuple[str, int]:
    """Write a legend into a picture, in as many rows as it needs; gives its height too."""
    x, y, parts = 0, top, list[str]()
    for entry in shown:
        shortened = shorten(entry.name, NAME)
        needed = SWATCH + GAP + width(shortened)
        if x and x + needed > room:
            x, y = 0, y + ROW
        parts.append(_sign(entry, x, y + 60))
        parts.append(label(shortened, x + SWATCH + 2, y + 100, "c-f-muted"))
        x += needed + SPACE
    return "".join(parts), y + ROW - top if parts else 0


def _sign(entry: Entry, x: int, middle: int) -> str:
    if entry.mark == "bars":
        place: dict[str, Value] = {
            "x": tenths(x),
            "y": tenths(middle - 50),
            "width": 10,
            "height": 10,
        }
        return tag("rect", class_=f"c-f-{entry.tone}", rx=2, **place)
    dashed = " c-before" if entry.dashed else ""
    path = f"M{tenths(x)} {tenths(middle)}h11"
    return tag("path", class_=f"c-line c-s-{entry.tone}{dashed}", d=path)
