"""Charts in a real browser: what they tell, by pointer and by keys."""

from dataclasses import replace
from decimal import Decimal

from playwright.sync_api import Page, expect
from tests.charts.pictures import USD, days
from tests.web.conftest import Axe, Opened
from tests.web.pages import Site

from costper.charts import panes
from costper.charts.data import Band, Chart, Event, Pane, Series
from costper.charts.marks import TO
from costper.charts.unit import Unit

MISSING = "—"
COST = tuple(Decimal(9000 + day * 100) if day != 3 else None for day in range(30))
USERS = tuple(Decimal(28000 + day * 11) for day in range(30))
PER = tuple(Decimal(300 + day) for day in range(30))


def unit_cost(id_: str = "unit") -> Chart:
    return Chart(
        id=id_,
        title="Cost per 1k active users",
        description="Cost, users and one by the other, by day",
        buckets=days(30),
        panes=(
            Pane(
                series=(
                    Series(key="b", name="Cost", values=COST, tone="quiet", mark="bars"),
                    Series(key="a", name="<b>Users</b>", values=USERS, tone="second", side="right"),
                ),
                bands=(Band(name="Expected", low=COST, high=USERS, tone="1"),),
                unit=USD,
            ),
            Pane(
                series=(Series(key="f", name="Per 1k", values=PER, tone="accent", ahead_from=29),),
                unit=Unit("rate", "USD"),
                height=120,
            ),
        ),
        events=(
            Event(bucket=5, name="v4.2", kind="deploy", href="/events/7"),
            Event(bucket=20, name="price up"),
        ),
        estimated=frozenset({28, 29}),
        width=900,
    )


def stack() -> Chart:
    layers = tuple(
        Series(key=key, name=key.title(), values=(Decimal(at + 1),) * 30, tone="1", mark="bars")
        for at, key in enumerate(("search", "chat", "a,b"))
    )
    return replace(unit_cost("stack"), panes=(Pane(series=layers, unit=USD),), events=())


def bucket(page: Page, index: int, chart: str = "unit", y: float = 0.4) -> tuple[float, float]:
    """Give the place of a bucket on the screen."""
    svg = page.locator(f"#{chart}")
    box = svg.bounding_box()
    assert box
    left, right = (Decimal(svg.get_attribute(f"data-{it}") or 0) for it in ("left", "right"))
    count = len((svg.get_attribute("data-buckets") or "").split("|"))
    x = (left + (right - left) * (2 * index + 1) / (2 * count)) / 900
    return box["x"] + box["width"] * int(x * 10000) / 10000, box["y"] + box["height"] * y


def test_the_pointer_tells_every_series_of_both_panes(page: Page, site: Site) -> None:
    page.goto(site.show(panes.draw(unit_cost())))
    page.mouse.move(*bucket(page, 5))
    tip = page.locator(".c-tip")
    expect(tip.locator(".c-tip-head")).to_have_text("Sat 29 Aug 2026")
    expect(tip.locator(".c-tip-row")).to_have_text(
        ["Cost$9,500", "<b>Users</b>28,055", f"Expected$9,500{TO}$28.1k", "Per 1k$305.00"]
    )
    expect(tip.locator(".c-tip-event")).to_have_text("v4.2")
    expect(page.locator("#unit .c-cross")).to_have_count(1)
    page.mouse.move(5, 5)
    expect(tip).to_be_hidden()
    expect(page.locator(".c-cross")).to_have_count(0)


def test_what_is_missing_estimated_or_forecast_is_told_as_such(page: Page, site: Site) -> None:
    page.goto(site.show(panes.draw(unit_cost())))
    page.mouse.move(*bucket(page, 3))
    expect(page.locator(".c-tip-row").first).to_have_text(f"Cost{MISSING}")
    page.mouse.move(*bucket(page, 28))
    expect(page.locator(".c-tip-note")).to_have_text(["estimated"])
    page.mouse.move(*bucket(page, 29))
    expect(page.locator(".c-tip-note")).to_have_text(["estimated", "forecast"])


def test_arrow_keys_walk_the_chart_and_are_read_aloud(page: Page, site: Site) -> None:
    page.goto(site.show(panes.draw(unit_cost())))
    page.locator("#unit").focus()
    page.keyboard.press("End")
    live = page.locator("#live")
    expect(live).to_have_text(
        "Tue 22 Sep 2026, estimated, forecast. Cost $11,900, <b>Users</b> 28,319, "
        f"Expected $11.9k{TO}$28.3k, Per 1k $329.00"
    )
    page.keyboard.press("Home")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(live).to_contain_text("Thu 27 Aug 2026. Cost no data")
    expect(page.locator(".c-tip-head")).to_have_text("Thu 27 Aug 2026")
    page.keyboard.press("Escape")
    expect(page.locator(".c-tip")).to_be_hidden()


def test_charts_of_a_page_share_their_crosshair(page: Page, site: Site) -> None:
    shorter = replace(stack(), buckets=days(30)[10:])
    page.goto(site.show(panes.draw(unit_cost()) + panes.draw(shorter)))
    page.mouse.move(*bucket(page, 12))
    expect(page.locator("#unit .c-cross")).to_have_count(1)
    expect(page.locator("#stack .c-cross")).to_have_count(1)
    page.mouse.move(*bucket(page, 2))
    expect(page.locator("#unit .c-cross")).to_have_count(1)
    expect(page.locator("#stack .c-cross")).to_have_count(0)


def test_a_stack_tells_its_total(page: Page, site: Site) -> None:
    page.goto(site.show(panes.draw(stack())))
    page.mouse.move(*bucket(page, 4, "stack"))
    expect(page.locator(".c-tip-row")).to_have_text(
        ["Search$1.00", "Chat$2.00", "A,B$3.00", "Total$6.00"]
    )


def test_enter_on_an_event_leads_to_it(page: Page, site: Site) -> None:
    site.show("<p>the deploy</p>", "/events/7", "Deploy")
    page.goto(site.show(panes.draw(unit_cost())))
    page.locator("#unit").focus()
    page.keyboard.press("Home")
    for _ in range(5):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(page.get_by_text("the deploy")).to_be_visible()


def test_a_tap_tells_and_does_not_zoom(opened: Opened, site: Site) -> None:
    page = opened(has_touch=True, viewport={"width": 390, "height": 800})
    page.goto(site.show(panes.draw(unit_cost())))
    page.touchscreen.tap(*bucket(page, 7))
    expect(page.locator(".c-tip-head")).to_have_text("Mon 31 Aug 2026")
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390


def test_axe_finds_nothing_while_a_chart_tells(opened: Opened, site: Site, axe: Axe) -> None:
    for scheme in ("light", "dark"):
        page = opened(color_scheme=scheme)
        page.goto(site.show(panes.draw(unit_cost())))
        page.mouse.move(*bucket(page, 5))
        expect(page.locator(".c-tip")).to_be_visible()
        assert axe(page) == []
