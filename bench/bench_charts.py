"""How quick is a chart, and how small?

python -m bench.bench_charts
"""

from __future__ import annotations

import gzip
import statistics
import sys
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

from bench.measure import MILLISECONDS, Figure, cpu_seconds, report
from costper.charts.data import Chart, Event, Pane, Series
from costper.charts.panes import draw
from costper.charts.png import png
from costper.charts.theme import GROUP_TONES
from costper.charts.unit import Unit

USD = Unit("money", "USD")
KB = 1024
QUARTER, YEAR = 90, 365
FIRST = date(2025, 11, 21)


def main() -> int:
    """Draw both charts, and the first one as a picture."""
    quarter, year = of_a_quarter(), of_a_year()
    picture = draw(quarter)
    return report(
        Figure(
            name="90 bars, a line, a second pane",
            value=ms(lambda: draw(quarter)),
            bound=5,
            unit="ms",
        ),
        Figure(name="the same, packed", value=packed(picture), bound=5, unit="KB"),
        Figure(
            name="12 months of 8 groups by day", value=ms(lambda: draw(year)), bound=40, unit="ms"
        ),
        Figure(name="the same, packed", value=packed(draw(year)), bound=25, unit="KB"),
        Figure(
            name="90 bars as a PNG, double size",
            value=ms(lambda: png(picture), 5),
            bound=400,
            unit="ms",
        ),
        Figure(name="the same", value=len(png(picture)) / KB, bound=200, unit="KB"),
    )


def ms(run: Callable[[], object], times: int = 20) -> float:
    """Give the median processor time of some runs in milliseconds."""
    run()
    return statistics.median(cpu_seconds(run) for _ in range(times)) * MILLISECONDS


def packed(svg: str) -> float:
    """Give the size of an SVG on the wire in KB."""
    return len(gzip.compress(svg.encode(), 6, mtime=0)) / KB


def of_a_quarter() -> Chart:
    """Bars and a line over a second pane, with an event and two estimated days."""
    cost = numbers(QUARTER, 9000, 1900)
    users = numbers(QUARTER, 30000, 9000)
    per = tuple(one / other * 1000 for one, other in zip(cost, users, strict=True))
    bars = Series(key="b", name="Cost", values=cost, tone="quiet", mark="bars")
    line = Series(key="a", name="Users", values=users, tone="second", side="right")
    below = Series(key="f", name="b / a", values=per, tone="accent", ends=True)
    return Chart(
        id="quarter",
        title="Cost per 1k active users",
        description="by day",
        buckets=tuple(FIRST + timedelta(days=it) for it in range(QUARTER)),
        panes=(
            Pane(series=(bars, line), unit=USD),
            Pane(series=(below,), unit=Unit("rate", "USD"), height=120),
        ),
        events=(Event(bucket=20, name="v4.2"),),
        estimated=frozenset({QUARTER - 2, QUARTER - 1}),
    )


def of_a_year() -> Chart:
    """Eight groups stacked, day by day."""
    groups = tuple(
        Series(
            key=tone,
            name=f"service {tone}",
            values=numbers(YEAR, 400 * (at + 1), 300 + at),
            tone=tone,
            mark="bars",
        )
        for at, tone in enumerate(GROUP_TONES)
    )
    return Chart(
        id="year",
        title="Cost by service",
        description="by day",
        buckets=tuple(FIRST + timedelta(days=it) for it in range(YEAR)),
        panes=(Pane(series=groups, unit=USD, height=300),),
        width=1030,
    )


def numbers(count: int, least: int, spread: int) -> tuple[Decimal, ...]:
    """Give numbers that do not pack well."""
    return tuple(
        Decimal(least * 100 + (it * it * 7919) % (spread * 100)) / 100 for it in range(count)
    )


if __name__ == "__main__":
    sys.exit(main())
