"""Pages walked through by keyboard: every stop is seen, named and passed."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from tests.web.conftest import AT_REST
from tests.web.serving import Served

Opened = Callable[..., Page]

HERE = """() => {
  const at = document.activeElement;
  if (at === document.body) return "";
  const { width, height, bottom, top } = at.getBoundingClientRect();
  const { outlineStyle, boxShadow } = getComputedStyle(at);
  const seen = width && height && bottom > 0 && top < innerHeight;
  const ringed = outlineStyle !== "none" || boxShadow !== "none"
    || at.type?.startsWith("date"); // its parts have rings of their own
  const named = [at.ariaLabel, at.innerText, at.textContent, at.title, at.placeholder,
    at.labels?.[0]?.innerText, at.getAttribute("aria-labelledby")].some((it) => it?.trim());
  const told = `${at.tagName} ${(at.innerText || at.name || at.id || "").slice(0, 30)}`;
  return (seen ? "" : "unseen ") + (ringed ? "" : "without a ring ")
    + (named ? "" : "without a name ") + told;
}"""
FAULTS = ("unseen ", "without ")
MOST = 300
PAGES = (
    "/",
    "/explorer?a=cost&by=service",
    "/customers",
    "/allocation",
    "/events",
    "/incidents",
    "/llm/endpoints",
    "/settings",
)


@pytest.mark.parametrize("address", PAGES)
def test_every_stop_of_a_page_is_seen_and_named_and_none_holds_the_reader(
    demo: Served, page: Page, address: str
) -> None:
    page.goto(demo.address + address)
    page.wait_for_load_state("networkidle")
    page.wait_for_function(AT_REST)
    stops: list[str] = []
    while len(stops) < MOST:
        page.keyboard.press("Tab")
        stop: str = page.evaluate(HERE)
        if not stop:
            break
        stops.append(stop)
    assert [it for it in stops if it.startswith(FAULTS)] == []
    assert stops[0] == "A Skip to content"
    assert 20 < len(stops) < MOST


def test_a_page_asked_for_in_the_width_of_the_window_leaves_the_reader_where_they_are(
    demo: Served, opened: Opened
) -> None:
    page = opened(viewport={"width": 700, "height": 900})
    page.goto(demo.address)
    page.wait_for_load_state("networkidle")
    assert "costper_width=" in page.evaluate("() => document.cookie")
    assert page.evaluate("() => document.activeElement === document.body")
    expect(page.locator("#live")).to_be_empty()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
