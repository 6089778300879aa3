"""What people come for, as their steps in a real browser, on the sample company."""

import re
from decimal import Decimal

from playwright.sync_api import Page, expect
from tests.web.conftest import Watched
from tests.web.serving import Served


def test_find_the_unprofitable_customer_and_the_bill_rows_behind_it(
    demo: Served, page: Page
) -> None:
    page.goto(demo.address)
    expect(page.get_by_role("heading", name="3 customers cost more than they pay")).to_be_visible()
    page.get_by_role("link", name="Cobalt Freight").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Cobalt Freight")
    expect(page.locator("main")).to_contain_text("\N{MINUS SIGN}299.8%")
    page.get_by_role("link", name="Explain this cost").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("cobalt-freight")
    note = page.get_by_text("7,738.099107993006 USD")
    expect(note).to_be_visible()
    first = page.locator("#explained tbody tr").first
    expect(first).to_contain_text("bills/focus/2026-10.csv:")
    page.get_by_role("link", name="List more").click()
    page.wait_for_url("**rows=10000**")
    # Every row is listed, and what they carry here adds up to the number, to its last digit.
    cells = page.locator("#explained tbody tr td:nth-child(3)").all_inner_texts()
    digits = [re.sub("[$,]", "", it).replace("\N{MINUS SIGN}", "-") for it in cells]
    parts = [Decimal(it) for it in digits]
    assert sum(parts) == Decimal("7738.099107993006")
    page.locator("#explained tbody tr td:nth-child(2) a").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Where a bill row went")
    page.go_back()
    page.wait_for_url("**rows=10000**")
    page.go_back()
    page.go_back()
    expect(page.get_by_role("heading", level=1)).to_have_text("Cobalt Freight")


def test_find_the_waste_and_its_saving(demo: Served, page: Page) -> None:
    page.goto(demo.address)
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Environments").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Environments")
    expect(page.locator("main")).to_contain_text("a month falls outside Mon-Fri 08-19 UTC")
    page.locator("main nav").get_by_role("link", name="staging").click()
    page.wait_for_url("**environment=staging")
    rows = page.locator("#waste tbody tr")
    expect(rows.first).to_contain_text("staging")
    saved = [
        Decimal(str(it.get_attribute("data-value"))) for it in rows.locator("td:last-child").all()
    ]
    assert sum(saved, Decimal(0)).quantize(Decimal("0.01")) == Decimal("17777.48")
    expect(page.locator("svg[data-chart]")).to_have_count(1)


def test_the_days_chosen_stay_from_page_to_page_and_back(demo: Served, page: Page) -> None:
    page.goto(f"{demo.address}/customers?from=2026-10-01&to=2026-11-01")
    expect(page.locator(".sub").first).to_contain_text(re.compile("1 . 31 October 2026"))
    page.get_by_role("link", name="Pixelmill Studios").click()
    page.wait_for_url("**/customers/pixelmill-studios?from=2026-10-01&to=2026-11-01")
    page.get_by_role("link", name="90d").click()
    page.wait_for_url("**days=90")
    page.go_back()
    expect(page.locator(".sub").first).to_contain_text(re.compile("1 . 31 October 2026"))


def test_a_table_on_screen_is_a_file_with_the_same_numbers(demo: Served, page: Page) -> None:
    page.goto(f"{demo.address}/customers")
    with page.expect_download() as got:
        page.get_by_role("link", name="Download CSV").click()
    text = got.value.path().read_text(encoding="utf-8")
    assert got.value.suggested_filename == "customers-2026-10-02-2026-11-01.csv"
    assert text.splitlines()[0].startswith("customer,name,plan,status,cost")
    assert "cobalt-freight,Cobalt Freight,team,active,7738.099107993006" in text


def test_dark_is_remembered_and_needs_no_reload(demo: Served, page: Page) -> None:
    page.goto(demo.address)
    page.get_by_role("button", name="Dark theme").click()
    assert page.evaluate("() => document.documentElement.dataset.theme") == "dark"
    page.goto(f"{demo.address}/customers")
    assert page.locator("html").get_attribute("data-theme") == "dark"


def test_a_server_that_is_gone_leaves_the_page_and_says_so(demo: Served, watched: Watched) -> None:
    page = watched.page()
    page.goto(f"{demo.address}/customers")
    page.route("**/teams*", lambda route: route.abort())
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Teams").click()
    expect(page.locator("#live")).to_contain_text("did not answer")
    assert page.locator("h1").inner_text() == "Customers"
    assert page.locator("#customers tbody tr").count() > 40
    assert [it for it in watched.complaints if "ERR_FAILED" not in it] == []
    watched.complaints.clear()
