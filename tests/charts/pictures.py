"""Charts for tests, and how an SVG is read back."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from xml.etree import ElementTree as ET

from hypothesis import strategies as st

from costper.charts.data import Band, Chart, Event, Pane, Series
from costper.charts.unit import Unit

USD = Unit("money", "USD")
FIRST = date(2026, 8, 24)
NUMBER = re.compile(r"-?(?:\d+\.?\d*|\.\d+)")
PATH = re.compile(rf"(?:[MmLlHhVvqzZ ]|{NUMBER.pattern})*")
COLOURED = re.compile(r"c-[a-z0-9-]+")
HOSTILE = (
    '</title><script>alert("1")</script>',
    "<b onload='x'>&amp;</b>",
    "\u202eevil\u202c שלום עולם",
    "👩‍👩‍👧‍👦" * 100,
    "a\x00b\x08c\ud800d\uffff",
    "x" * 500,
    "]]><!--",
    "",
)

sane = st.decimals(-(10**9), 10**9, places=4)
wild = st.one_of(
    st.none(), sane, st.decimals(), st.decimals(-(10**40), 10**40), st.just(Decimal("1e-40"))
)
names = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=40))


def days(count: int) -> tuple[date, ...]:
    return tuple(FIRST + timedelta(days=it) for it in range(count))


def series(values: tuple[Decimal | None, ...], mark: str = "line", key: str = "a") -> Series:
    assert mark in {"bars", "area", "line"}
    if mark == "bars":
        return Series(key=key, name=key, values=values, tone="1", mark="bars")
    return Series(
        key=key, name=key, values=values, tone="2", mark="area" if mark == "area" else "line"
    )


def chart(*panes: Pane, count: int, **more: str) -> Chart:
    return Chart(
        id=more.get("id", "x"),
        title=more.get("title", "Cost"),
        description=more.get("description", "by day"),
        buckets=days(count),
        panes=panes,
        width=640,
    )


@st.composite
def charts(draw: st.DrawFn) -> Chart:
    """Any chart at all: any names, any numbers, series of any length, two panes, two axes."""
    count = draw(st.integers(0, 40))

    def values() -> tuple[Decimal | None, ...]:
        return tuple(draw(st.lists(wild, max_size=count + 3)))

    def some(key: str) -> Series:
        return Series(
            key=key,
            name=draw(names),
            values=values(),
            tone=draw(st.sampled_from(["1", "8", "quiet", "accent"])),
            mark=draw(st.sampled_from(["bars", "area", "line"])),
            side=draw(st.sampled_from(["left", "right"])),
            ahead_from=draw(st.one_of(st.none(), st.integers(-3, count + 3))),
            before=draw(st.booleans()),
            ends=draw(st.booleans()),
        )

    band = Band(name=draw(names), low=values(), high=values(), tone="1")
    panes = tuple(
        Pane(
            series=tuple(some(f"{pane}{it}") for it in range(draw(st.integers(0, 3)))),
            bands=(band,) * draw(st.integers(0, 1)),
            unit=draw(st.sampled_from([USD, Unit(), Unit("percent"), Unit("rate", "X<Y")])),
            height=draw(st.integers(-5, 300)),
        )
        for pane in range(draw(st.integers(0, 2)))
    )
    by_name = draw(st.booleans())
    return Chart(
        id=draw(names),
        title=draw(names),
        description=draw(names),
        buckets=tuple(draw(names) for _ in range(count)) if by_name else days(count),
        grain=draw(st.sampled_from(["hour", "day", "week", "month", "quarter", "year"])),
        panes=panes,
        events=tuple(
            Event(bucket=it, name=draw(names), kind=draw(names), href=draw(names))
            for it in draw(st.lists(st.integers(-2, 42), max_size=6))
        ),
        estimated=frozenset(draw(st.sets(st.integers(-2, 42), max_size=4))),
        width=draw(st.integers(0, 1200)),
        heading=draw(st.booleans()),
        legend=draw(st.booleans()),
    )


def parsed(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 - our own output


def local(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def everything(root: ET.Element, name: str) -> Iterator[ET.Element]:
    return (it for it in root.iter() if local(it) == name)


def of_class(root: ET.Element, name: str) -> list[ET.Element]:
    return [it for it in root.iter() if name in (it.get("class") or "").split()]


def bars_in(path: str) -> list[tuple[Decimal, Decimal, Decimal]]:
    """Read the strokes of a path back as (x, from, to)."""
    found: list[tuple[Decimal, Decimal, Decimal]] = []
    x = y = Decimal(0)
    for part in re.findall(r"[Mm][^Mm]+", path):
        right, down, height = (Decimal(it) for it in NUMBER.findall(part))
        x, y = x + right, y + down
        found.append((x, y, y + height))
        y += height
    return found


def check(svg: str) -> ET.Element:
    """Read an SVG and hold it to what every picture of ours keeps."""
    root = parsed(svg)
    for element in root.iter():
        assert local(element) in {
            "svg", "title", "desc", "defs", "pattern", "g", "path", "text", "rect", "circle",
        }  # fmt: skip
        assert "style" not in element.attrib
        assert not [it for it in element.attrib if it.startswith("on") or it == "href"]
        assert PATH.fullmatch(element.get("d") or "")
        for place in ("x", "y", "width", "height", "cx", "cy", "r"):
            assert NUMBER.fullmatch(element.get(place) or "0")
    return root
