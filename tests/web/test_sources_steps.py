"""Somebody keeps data fresh in the browser: sends a file, reads it, opens a metric."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import FilePayload, Page, expect
from tests.web.conftest import Watched
from tests.web.serving import Served

from costper.pipeline.data_sources.job import stopped_with

Axe = Callable[[Page], list[str]]
Opened = Callable[..., Page]
SLOW = 60_000
FOLDER = "bills/focus"


def november(own_demo: Served) -> bytes:
    """Write a bill of one charge in November, in the columns of the October there is."""
    october = (own_demo.folder / FOLDER / "2026-10.csv").read_text(encoding="utf-8")
    head, first = october.splitlines()[:2]
    return (
        f"{head}\n{first}\n".replace("2026-11-01", "2026-12-01")
        .replace("2026-10", "2026-11")
        .encode()
    )


def sent(name: str, body: bytes) -> FilePayload:
    return FilePayload(name=name, mimeType="text/csv", buffer=body)


def test_a_newer_bill_is_sent_and_read(own_demo: Served, page: Page, axe: Axe) -> None:
    page.goto(f"{own_demo.address}/sources/production")
    page.get_by_label("Drop files here").set_input_files([sent("2026-11.csv", november(own_demo))])
    expect(page.locator("[data-said]")).to_contain_text("2026-11.csv is there.")
    assert axe(page) == []
    with stopped_with(own_demo.books):
        page.get_by_role("button", name="Read it now").click()
        row = page.locator("#deliveries tbody tr").filter(has_text="2026-11")
        expect(row.first).to_be_visible(timeout=SLOW)
        own_demo.books.activity.wait()
    page.goto(f"{own_demo.address}/sources")
    expect(page.get_by_text("Last sync done")).to_be_visible()


def test_a_file_that_would_replace_another_asks_first(
    own_demo: Served, page: Page, watched: Watched
) -> None:
    there = own_demo.folder / FOLDER / "2026-10.csv"
    before, other = there.read_bytes(), november(own_demo)
    page.goto(f"{own_demo.address}/sources/production")
    choose = page.get_by_label("Drop files here")
    said = page.locator("[data-said]")
    choose.set_input_files([sent("bill.pdf", b"%PDF"), sent("2026-10.csv", other)])
    expect(said).to_contain_text("bill.pdf is no data file")
    expect(said).to_contain_text("Another 2026-10.csv is there already.")
    page.get_by_role("button", name="Keep the old one").click()
    expect(said).not_to_contain_text("Another")
    assert there.read_bytes() == before
    choose.set_input_files([sent("2026-10.csv", other)])
    page.get_by_role("button", name="Replace it").click()
    expect(said).to_contain_text("2026-10.csv is replaced.")
    assert there.read_bytes() == other
    watched.complaints.clear()  # Chromium tells of every refused request


def test_a_metrics_icon_opens_it_in_the_explorer_as_query_a(demo: Served, page: Page) -> None:
    page.goto(f"{demo.address}/sources")
    page.get_by_role("link", name="Open daily_active_users in the Explorer").click()
    page.wait_for_url("**/explorer?**")
    query = parse_qs(urlsplit(page.url).query)
    assert query["a"] == ["metric daily_active_users"]
    expect(page.locator("main svg[data-chart]").first).to_be_visible()


def test_without_scripts_it_says_where_a_file_goes(demo: Served, opened: Opened) -> None:
    page = opened(java_script_enabled=False)
    page.goto(f"{demo.address}/sources/production")
    expect(page.locator(".drop")).to_be_hidden()
    expect(page.get_by_text("put there by hand is read by the next sync too")).to_be_visible()
    expect(page.get_by_role("button", name="Sync now")).to_be_visible()
