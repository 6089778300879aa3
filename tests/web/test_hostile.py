"""What customers may be called, and what a bill may hold, without a page breaking."""

import urllib.request
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect
from tests.web.project import FIRST, charge, project
from tests.web.serving import Served, served

Axe = Callable[[Page], list[str]]
Opened = Callable[..., Page]
NAMES = {
    "markup": "<img src=x onerror=alert(1)></td></table><script>alert(2)</script>",
    "rtl": "שלום \u202eevil\u202c עולם",
    "emoji": "👩‍👩‍👧‍👦" * 60,
    "long": "x" * 500,
    "quotes": "'; DROP TABLE legs; -- \" &amp; {{ 7 * 7 }}",
    "path": "a/b?c#d%2e",
}
"""What customers are called, by the ids they have; the last is the id of one as well."""


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    ids = [*NAMES, NAMES["path"], NAMES["markup"], NAMES["rtl"], "👩‍👩‍👧"]
    charges = [
        charge(
            FIRST + timedelta(days=day),
            str(Decimal(-5 if id_ == "rtl" else 3)),
            NAMES["markup"] if id_ == "markup" else "compute",
            {"customer": id_, "team": NAMES["quotes"], "environment": "staging"},
        )
        for id_ in ids
        for day in range(14)
    ]
    customers = [(id_, NAMES.get(id_, id_), "10") for id_ in ids]
    folder = tmp_path_factory.mktemp("hostile")
    with served(project(folder, charges, customers, {FIRST: 5})) as found:
        yield found


ADDRESSES = (
    "/",
    "/customers",
    "/customers/rtl",
    "/customers/long",
    f"/customers/{quote(NAMES['rtl'], safe='')}",
    f"/customers/{quote('👩‍👩‍👧')}",
    f"/customers/{quote(NAMES['path'], safe='')}",
    "/teams",
    "/services",
    "/environments",
    "/explorer",
    "/explain?customer=markup",
    "/savings",
    "/incidents",
)


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_name_runs_shifts_or_widens_a_page(
    hostile: Served, opened: Opened, axe: Axe, address: str
) -> None:
    page = opened(viewport={"width": 390, "height": 844})
    page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))
    reply = page.goto(hostile.address + address)
    assert reply is not None
    assert reply.status == 200
    page.wait_for_load_state("networkidle")
    assert page.locator("main img, main script").count() == 0
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 390
    assert axe(page) == []


def test_names_are_shown_as_they_are(hostile: Served, page: Page) -> None:
    page.goto(f"{hostile.address}/customers")
    shown = page.locator("#customers tbody a").all_inner_texts()
    assert set(NAMES.values()) <= set(shown)
    page.get_by_role("link", name=NAMES["path"], exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(NAMES["path"])


def test_a_customer_of_negative_cost_has_a_chart_and_a_margin(hostile: Served, page: Page) -> None:
    page.goto(f"{hostile.address}/customers/rtl")
    assert page.locator("svg[data-chart]").count() == 1
    assert "\N{MINUS SIGN}$70" in page.locator("main").inner_text()


def test_a_spreadsheet_computes_nothing_from_a_name(hostile: Served) -> None:
    with urllib.request.urlopen(f"{hostile.address}/csv/customers") as reply:  # noqa: S310
        lines = reply.read().decode().splitlines()
    assert len(lines) == 1 + len(NAMES) + 4
    assert not any(cell.startswith(("=", "@", "+")) for line in lines for cell in line.split(","))


def test_no_address_makes_a_server_error(hostile: Served, page: Page) -> None:
    for address in (
        "/customers?days=0",
        "/customers?from=2026-13-01",
        "/customers?from=2026-11-05&to=2026-11-01",
        "/customers?cursor=%00",
        "/customers/nobody",
        "/explain?customer=%27%22%3E",
        "/explorer?a=metric+nothing&f=%28%28",
        "/teams/%2e%2e%2f%2e%2e",
        "/static/../app.css",
        "/csv/nowhere",
        "/incidents/none",
    ):
        reply = page.request.get(hostile.address + address)
        assert 200 <= reply.status < 500, address
        assert "Traceback" not in reply.text()


def test_forms_of_elsewhere_are_refused(hostile: Served, page: Page) -> None:
    for origin in ("https://evil.example", "null"):
        reply = page.request.post(
            f"{hostile.address}/theme", form={"theme": "dark"}, headers={"Origin": origin}
        )
        assert reply.status == 403
    reply = page.request.post(
        f"{hostile.address}/theme",
        form={"theme": "dark", "back": "//evil.example"},
        headers={"Origin": hostile.address},
        max_redirects=0,
    )
    assert (reply.status, reply.headers["location"]) == (303, "/")


def test_ten_thousand_customers_are_a_page_of_a_hundred(tmp_path: Path, opened: Opened) -> None:
    ids = [f"c{number:05d}" for number in range(10_000)]
    charges = [charge(FIRST, "1.5", "compute", {"customer": id_}) for id_ in ids]
    with served(project(tmp_path, charges, [(id_, id_, "1") for id_ in ids], {FIRST: 1})) as site:
        page = opened()
        page.goto(f"{site.address}/customers")
        assert page.locator("#customers tbody tr").count() == 100
        assert "10.0k of 10.0k" in page.locator(".sub").first.inner_text()
        page.get_by_role("link", name="Next rows").click()
        page.wait_for_url("**cursor=**")
        assert page.locator("#customers tbody tr").count() == 100
        rows = page.request.get(f"{site.address}/csv/customers").text().count("\r\n")
        assert rows == 10_001
