"""A browser signs in with a key, and sees what a program with that key may see."""

from playwright.sync_api import Page, expect
from tests.demo.asked import NOW
from tests.web.conftest import Watched
from tests.web.serving import Served

from costper.store.keys import add_key


def sign_in(page: Page, site: Served, key: str) -> None:
    page.goto(site.address)
    page.get_by_label("Your key").fill(key)
    page.get_by_role("button", name="Sign in").click()


def test_a_customers_key_opens_that_customers_page_and_nothing_else(
    own_demo: Served, page: Page
) -> None:
    key = add_key(own_demo.books.control, "cobalt", ("customer:cobalt-freight",), now=NOW)
    sign_in(page, own_demo, key)
    page.wait_for_url("**/customers/cobalt-freight")
    expect(page.get_by_role("heading", level=1)).to_have_text("Cobalt Freight")
    names = page.get_by_role("navigation", name="Pages").get_by_role("link").all_inner_texts()
    assert names == ["What you cost"]
    inner = {it.get_attribute("href") or "" for it in page.locator("main a").all()}
    assert [it for it in inner if not it.startswith("/customers/cobalt-freight")] == []
    page.goto(own_demo.address)
    page.wait_for_url("**/customers/cobalt-freight")
    for address in ("/customers", "/customers/kestrel-airways", "/csv/customers"):
        reply = page.request.get(own_demo.address + address)
        assert reply.status == 403, address
        assert "Kestrel Airways" not in reply.text()
    assert (
        "Kestrel" not in page.request.get(f"{own_demo.address}/explorer?a=cost&by=customer").text()
    )


def test_a_wrong_key_is_told(own_demo: Served, watched: Watched) -> None:
    add_key(own_demo.books.control, "boss", ("admin",), now=NOW)
    page = watched.page()
    sign_in(page, own_demo, "cp_wrong")
    expect(page.get_by_role("alert")).to_contain_text("no such key is in force")
    assert [it for it in watched.complaints if "401" not in it] == []
    watched.complaints.clear()
