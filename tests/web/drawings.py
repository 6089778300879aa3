"""Charts for the browser tests, and where their buckets are on the screen."""

from dataclasses import replace
from decimal import Decimal

from playwright.sync_api import Page
from tests.charts.pictures import USD, days

from costper.charts.data import Band, Chart, Event, Pane, Series
from costper.charts.unit import Unit

COST = tuple(Decimal(9000 + day * 100) if day != 3 else None for day in range(30))
USERS = tuple(Decimal(28000 + day * 11) for day in range(30))
PER = tuple(Decimal(300 + day) for day in range(30))
WIDTH = 900


def unit_cost(id_: str = "unit") -> Chart:
    """Draw cost and users above, one by the other below, with events and estimated days."""
    cost = Series(key="b", name="Cost", values=COST, tone="quiet", mark="bars")
    users = Series(key="a", name="<b>Users</b>", values=USERS, tone="second", side="right")
    per = Series(key="f", name="Per 1k", values=PER, tone="accent", ahead_from=29)
    return Chart(
        id=id_,
        title="Cost per 1k active users",
        description="Cost, users and one by the other, by day",
        buckets=days(30),
        panes=(
            Pane(
                series=(cost, users),
                bands=(Band(name="Expected", low=COST, high=USERS, tone="1"),),
                unit=USD,
            ),
            Pane(series=(per,), unit=Unit("rate", "USD"), height=120),
        ),
        events=(
            Event(bucket=5, name="v4.2", kind="deploy", href="/events/7"),
            Event(bucket=20, name="price up"),
        ),
        estimated=frozenset({28, 29}),
        width=WIDTH,
    )


def stack() -> Chart:
    """Draw three layers."""
    layers = tuple(
        Series(key=key, name=key.title(), values=(Decimal(at + 1),) * 30, tone="1", mark="bars")
        for at, key in enumerate(("search", "chat", "a,b"))
    )
    return replace(unit_cost("stack"), panes=(Pane(series=layers, unit=USD),), events=())


def bucket(page: Page, index: int, chart: str = "unit", y: float = 0.4) -> tuple[float, float]:
    """Give the middle of a bucket on the screen, at a part of the chart's height."""
    svg = page.locator(f"#{chart}")
    box = svg.bounding_box()
    assert box
    left, right = (Decimal(svg.get_attribute(f"data-{it}") or 0) for it in ("left", "right"))
    count = len((svg.get_attribute("data-buckets") or "").split("|"))
    part = (left + (right - left) * (2 * index + 1) / (2 * count)) / WIDTH
    return box["x"] + box["width"] * int(part * 10000) / 10000, box["y"] + box["height"] * y
