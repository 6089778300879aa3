"""How pages look: columns that fit, paper that holds what the screen does, signs of more."""

from collections.abc import Callable, Mapping
from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect
from tests.web.serving import Served
from tests.web.shown import page_of, snapshots, text_of

from costper.web.pages.ranked import RANKED
from costper.web.told import Told, rows

Opened = Callable[..., Page]

PAGES = {it.name: it for it in RANKED}
WIDE = (
    "/customers",
    "/llm/users",
    "/llm/models",
    "/llm/endpoints",
    "/llm/savings",
    "/incidents",
    "/explain?customer=cobalt-freight",
)
"""Pages whose tables have many columns."""

BEYOND = """() => [...document.querySelectorAll(".scroll")]
  .filter((it) => it.scrollWidth > it.clientWidth)
  .map((it) => `${it.getAttribute("aria-label")} ${it.scrollWidth} > ${it.clientWidth}`)"""
SPILT = """() => [...document.querySelectorAll("td")]
  .filter((it) => it.offsetWidth && it.scrollWidth > it.clientWidth + 1)
  .map((it) => it.textContent.trim())"""
QUESTION = "/explorer?a=metric+daily_active_users&b=cost&f=b/(a/1000)&ahead=30"


def answers(name: str, **cells: object) -> Mapping[str, Told]:
    """Give one golden reply with the first row's cells, or all rows', put otherwise."""
    told = snapshots({"it": name})["it"]
    changed = [{**row, **cells} for row in rows(told.body, "rows")]
    return {"ranked": replace(told, body={**told.body, "rows": changed})}


def test_a_column_nobody_knows_anything_of_is_left_out() -> None:
    assert "Per request" not in text_of(
        PAGES["teams"], "/teams", answers("teams", cost_per_request=None)
    )
    assert "Per request" in text_of(
        PAGES["teams"], "/teams", answers("teams", cost_per_request="0.5")
    )


def test_what_was_not_measured_of_a_service_has_no_tile() -> None:
    cells = {"cost_per_request": None, "customers_served": 0, "cost_of_revenue_percent": None}
    told = answers("service", **cells)["ranked"]
    text = text_of(PAGES["service"], "/services/api", {"deep": told}, name="api")
    for name in ("Cost per request", "Customers served", "Of revenue"):
        assert name not in text
    assert "A day" in text


def test_shares_of_a_column_have_as_many_places() -> None:
    shown = page_of(PAGES["teams"], "/teams", answers("teams", share_percent="76"))
    assert 'data-value="76">76.0%</td>' in shown


@pytest.mark.parametrize("address", WIDE)
def test_a_table_fits_a_laptop_and_every_cell_its_column(
    demo: Served, opened: Opened, address: str
) -> None:
    page = opened(viewport={"width": 1280, "height": 900})
    page.goto(demo.address + address)
    page.wait_for_load_state("networkidle")
    assert page.evaluate(BEYOND) == []
    assert page.evaluate(SPILT) == []


def test_a_phone_shows_what_a_customer_costs_and_leaves(demo: Served, opened: Opened) -> None:
    page = opened(viewport={"width": 390, "height": 844})
    page.goto(demo.address + "/customers")
    for column in (4, 6):
        box = page.locator(f"#customers tbody tr:first-child td:nth-child({column})").bounding_box()
        assert box is not None
        assert box["x"] + box["width"] < 390
    for column in (2, 5):
        cells = page.locator(f"#customers tr > :nth-child({column})")
        assert not any(it.is_visible() for it in cells.all())


def test_paper_holds_all_rows_and_no_buttons(demo: Served, page: Page) -> None:
    page.goto(demo.address + "/llm/endpoints/summariser")
    page.emulate_media(media="print")
    for box in page.locator(".scroll").all():
        assert box.evaluate("it => it.scrollHeight <= it.clientHeight + 1")
    assert not any(it.is_visible() for it in page.locator(".button, .segmented").all())


@pytest.mark.parametrize("address", ["/", "/savings", "/allocation"])
def test_paper_holds_what_is_folded_away_on_screen(demo: Served, page: Page, address: str) -> None:
    page.goto(demo.address + address)
    inside = page.locator("main details:not(.picker) > :not(summary)").first
    shown = "it => it.checkVisibility({contentVisibilityAuto: true})"
    assert not inside.evaluate(shown)
    page.emulate_media(media="print")
    assert inside.evaluate(shown)


def test_paper_says_what_the_explorer_was_asked(demo: Served, page: Page) -> None:
    page.goto(demo.address + QUESTION)
    question = page.locator(".paper")
    expect(question).to_be_hidden()
    page.locator("#f-1").fill("b / a")
    page.emulate_media(media="print")
    for said in ("metric daily_active_users", "cost", "b / a", "a value a day"):
        expect(question).to_contain_text(said)
    expect(question).to_be_visible()
    expect(page.locator("#ask")).to_be_hidden()
    expect(page.get_by_text("Two panes")).to_be_hidden()


def test_a_forecast_is_named_in_the_legend(demo: Served, page: Page) -> None:
    page.goto(demo.address + QUESTION)
    expect(page.locator(".c-legend .c-range")).to_have_text("Forecast")


def test_an_incident_drawn_twice_says_why(demo: Served, page: Page) -> None:
    page.goto(demo.address + "/incidents/20261014-9dd17b4d95")
    expect(page.get_by_text("on a scale of their own")).to_be_visible()
    words = page.locator("svg[data-chart=waterfall] text").first
    assert words.evaluate("it => it.getBoundingClientRect().height") >= 11
