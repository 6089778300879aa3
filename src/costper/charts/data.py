"""What a chart over time, or over names, is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal

from costper.charts.theme import Tone
from costper.charts.unit import NUMBER, Unit

Values = tuple[Decimal | None, ...]
Mark = Literal["bars", "area", "line"]
Side = Literal["left", "right"]
Grain = Literal["hour", "day", "week", "month", "quarter", "year"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One value a bucket; None is a gap, never zero.

    Bars of one pane and side are stacked in their order, those below zero downwards. From
    `ahead_from` on values are forecast: lines go on dashed, bars faint. `before` draws a line
    as that of an earlier period. `ends` writes the last value beside the chart. One that is
    `hidden` leaves its stack; outside of a stack it is drawn, for a script to show at once.
    """

    key: str
    name: str
    values: Values
    tone: Tone
    mark: Mark = "line"
    side: Side = "left"
    ahead_from: int | None = None
    before: bool = False
    ends: bool = False
    hidden: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """Where a value is expected: from low to high, bucket by bucket."""

    name: str
    low: Values
    high: Values
    tone: Tone
    side: Side = "left"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pane:
    """Series that share a height and one or two axes; height in pixels."""

    series: tuple[Series, ...]
    bands: tuple[Band, ...] = ()
    unit: Unit = NUMBER
    right: Unit = NUMBER
    height: int = 220


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened in a bucket: a deploy, a launch, a price change."""

    bucket: int
    name: str
    kind: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Panes one above the other over the same buckets.

    Buckets are the first days (or hours) of their periods, or names. Those in `estimated` are
    hatched. `heading` and `legend` are drawn inside only for pictures: pages write them as HTML.
    `id` is unique on its page; width in pixels; `facts` become data attributes of the root.
    """

    id: str
    title: str
    description: str
    buckets: tuple[date | str, ...]
    panes: tuple[Pane, ...]
    grain: Grain = "day"
    events: tuple[Event, ...] = ()
    estimated: frozenset[int] = frozenset()
    width: int = 900
    heading: bool = False
    legend: bool = False
    facts: Mapping[str, str] = field(default_factory=dict[str, str])
