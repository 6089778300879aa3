"""Heatmaps, Lorenz curves, waterfalls and sparklines in a real browser."""

from decimal import Decimal

from playwright.sync_api import Page, expect
from tests.charts.pictures import USD
from tests.web.conftest import Axe
from tests.web.pages import Site

from costper.charts import heatmap, lorenz, waterfall
from costper.charts.sparkline import sparkline

HOURS = tuple(f"{hour:02}:00" for hour in range(24))
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def week() -> str:
    return heatmap.draw(
        heatmap.Heatmap(
            id="week",
            title="Cost by hour",
            description="Staging",
            rows=DAYS,
            columns=HOURS,
            values=tuple(
                tuple(Decimal(100 * row + hour) if hour else None for hour in range(24))
                for row in range(7)
            ),
            unit=USD,
        )
    )


def shares() -> str:
    points = ((Decimal("0.5"), Decimal("0.1")), (Decimal("0.9"), Decimal("0.4")))
    return lorenz.draw(
        lorenz.Lorenz(
            id="shares", title="Users", description="", points=points, across="Cheapest users,"
        )
    )


def reasons() -> str:
    return waterfall.draw(
        waterfall.Waterfall(
            id="reasons",
            title="Why",
            description="",
            start=waterfall.Step("August", Decimal(300)),
            steps=(
                waterfall.Step("Volume", Decimal(-20)),
                waterfall.Step("<i>Rate</i>" * 9, Decimal("35.5")),
                waterfall.Step("Unknown", None),
            ),
            end_name="September",
            unit=USD,
        )
    )


def test_a_heatmap_is_walked_in_all_directions(page: Page, site: Site) -> None:
    page.goto(site.show(week()))
    page.locator("#week").focus()
    live = page.locator("#live")
    for key, said in (
        ("ArrowRight", "Mon 00:00. no data"),
        ("ArrowRight", "Mon 01:00. $1.00"),
        ("ArrowDown", "Tue 01:00. $101.00"),
        ("End", "Tue 23:00. $123.00"),
        ("ArrowUp", "Mon 23:00. $23.00"),
        ("Home", "Mon 00:00. no data"),
    ):
        page.keyboard.press(key)
        expect(live).to_have_text(said)
    expect(page.locator("#week .c-here")).to_have_count(1)


def test_the_pointer_finds_a_cell(page: Page, site: Site) -> None:
    page.goto(site.show(week()))
    box = page.locator("#week").bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] - 5, box["y"] + 18 + 22 * 6 + 5)
    expect(page.locator(".c-tip")).to_have_text("Sun 23:00$623.00")


def test_a_lorenz_curve_tells_each_percent(page: Page, site: Site) -> None:
    page.goto(site.show(shares()))
    page.locator("#shares").focus()
    page.keyboard.press("End")
    expect(page.locator(".c-tip")).to_have_text("Cheapest users, 100.0%Share of cost100.0%")
    for _ in range(10):
        page.keyboard.press("ArrowLeft")
    expect(page.locator(".c-tip")).to_have_text("Cheapest users, 90.0%Share of cost40.0%")


def test_a_waterfall_tells_names_in_full(page: Page, site: Site) -> None:
    page.goto(site.show(reasons()))
    page.locator("#reasons").focus()
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    expect(page.locator(".c-tip")).to_have_text("<i>Rate</i>" * 9 + "+$35.50")
    box = page.locator("#reasons").bounding_box()
    assert box
    page.mouse.move(box["x"] + 200, box["y"] + 26 * 3 + 13)
    expect(page.locator(".c-tip")).to_have_text("Unknown—")


def test_a_sparkline_of_a_table_names_its_weeks(page: Page, site: Site) -> None:
    line = sparkline(tuple(Decimal(it * 1000) for it in range(1, 5)), unit=USD)
    page.goto(site.show(f'<div data-told="Week 1|Week 2|Week 3|Week 4">{line}</div>'))
    box = page.locator("svg.c-small").bounding_box()
    assert box
    page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + 10)
    expect(page.locator(".c-tip")).to_have_text("Week 2$2,000")
    expect(page.locator("svg.c-small")).not_to_have_attribute("tabindex", "0")


def test_axe_finds_nothing_on_any_kind(page: Page, site: Site, axe: Axe) -> None:
    page.goto(site.show(week() + shares() + reasons()))
    page.locator("#week").focus()
    page.keyboard.press("Home")
    assert axe(page) == []
