"""Charts in a real browser: what they tell, by pointer and by keys."""

from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect
from tests.charts.pictures import HOSTILE, days
from tests.web.conftest import Axe, Opened
from tests.web.drawings import bucket, stack, unit_cost
from tests.web.pages import Site

from costper.charts import panes
from costper.charts.data import Event
from costper.charts.marks import TO
from costper.charts.svg import FORBIDDEN

MISSING = "—"


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
    expect(page.locator(".c-tip")).to_be_visible()
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390


def test_a_chart_that_came_with_the_next_page_lives_too(page: Page, site: Site) -> None:
    site.show(panes.draw(unit_cost()), "/next", "Next")
    page.goto(site.show('<a href="/next">on</a>'))
    page.get_by_text("on", exact=True).click()
    expect(page.locator("#unit")).to_have_attribute("tabindex", "0")
    page.mouse.move(*bucket(page, 5))
    expect(page.locator(".c-tip-head")).to_have_text("Sat 29 Aug 2026")
    page.go_back()
    expect(page.locator("#unit")).to_have_count(0)
    expect(page.locator(".c-tip")).to_be_hidden()


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_told_and_never_obeyed(page: Page, site: Site, name: str) -> None:
    drawn = unit_cost()
    first = drawn.panes[0]
    named = replace(first, series=tuple(replace(it, name=name) for it in first.series))
    events = (Event(bucket=5, name=name, href="javascript:alert(1)"),)
    page.goto(site.show(panes.draw(replace(drawn, title=name, panes=(named,), events=events))))
    page.mouse.move(*bucket(page, 5))
    tip = page.locator(".c-tip")
    expect(tip).to_be_visible()
    box = tip.bounding_box()
    assert box
    assert (box["width"], box["height"]) < (330, 300)
    shown = tip.locator(".c-tip-name").first.text_content()
    assert shown == FORBIDDEN.sub("\ufffd", name)
    assert tip.locator("script, b[onload]").count() == 0


def test_without_scripts_a_chart_is_read_and_nothing_asks_for_keys(
    opened: Opened, site: Site
) -> None:
    page = opened(java_script_enabled=False)
    page.goto(site.show(panes.draw(unit_cost())))
    expect(page.get_by_role("img", name="Cost per 1k active users")).to_be_visible()
    expect(page.locator("[tabindex='0']")).to_have_count(0)


def test_axe_finds_nothing_while_a_chart_tells(opened: Opened, site: Site, axe: Axe) -> None:
    for scheme in ("light", "dark"):
        page = opened(color_scheme=scheme)
        page.goto(site.show(panes.draw(unit_cost())))
        page.mouse.move(*bucket(page, 5))
        expect(page.locator(".c-tip")).to_be_visible()
        assert axe(page) == []
