"""Tables in a real browser: sorted by their headings, and filtered."""

from playwright.sync_api import Page, expect
from tests.web.conftest import Axe, Opened
from tests.web.pages import Site

ROWS = (
    ("Ferrum", "Team", "1200"),
    ("Ålesund", "Enterprise", "-5"),
    ("beta 10", "Team", None),
    ("beta 9", "Business", "99"),
)


def table(sortable: str = "") -> str:
    rows = "".join(
        f"<tr><td>{name}</td><td>{plan}</td>"
        + (f'<td class="n" data-value="{cost}">${cost}</td>' if cost else '<td class="n">—</td>')
        + "</tr>"
        for name, plan, cost in ROWS
    )
    return f"""
    <label>Find <input data-filters="customers" type="search"></label>
    <table id="customers" data-sortable="{sortable}">
    <thead><tr><th scope="col" data-key="name">Customer</th><th scope="col">Plan</th>
    <th scope="col" class="n" data-key="cost">Cost</th></tr></thead>
    <tbody>{rows}<tr data-fixed><td>All</td><td></td><td class="n" data-value="1294">$1294</td></tr>
    </tbody></table><p data-no-match="customers" hidden>No customer has these words.</p>"""


def names(page: Page) -> list[str]:
    return page.locator("tbody tr:visible td:first-child").all_text_contents()


def test_numbers_begin_with_the_largest_and_what_is_missing_is_last(page: Page, site: Site) -> None:
    page.goto(site.show(table()))
    cost = page.get_by_role("button", name="Cost")
    cost.click()
    assert names(page) == ["Ferrum", "beta 9", "Ålesund", "beta 10", "All"]
    expect(page.locator("th").nth(2)).to_have_attribute("aria-sort", "descending")
    expect(page.locator("#live")).to_have_text("Sorted by Cost descending")
    cost.click()
    assert names(page) == ["Ålesund", "beta 9", "Ferrum", "beta 10", "All"]


def test_words_are_sorted_as_people_do(page: Page, site: Site) -> None:
    page.goto(site.show(table()))
    page.get_by_role("button", name="Customer").press("Enter")
    assert names(page) == ["Ålesund", "beta 9", "beta 10", "Ferrum", "All"]


def test_shift_sorts_by_several(page: Page, site: Site) -> None:
    page.goto(site.show(table("sort")))
    page.get_by_role("button", name="Plan").click()
    page.get_by_role("button", name="Customer").click(modifiers=["Shift"])
    page.get_by_role("button", name="Customer").click(modifiers=["Shift"])
    assert names(page) == ["beta 9", "Ålesund", "Ferrum", "beta 10", "All"]
    expect(page.locator("th[aria-sort]")).to_have_count(1)
    expect(page.locator("#live")).to_have_text("Sorted by Plan ascending, then Customer descending")
    assert page.url.endswith("?sort=2%2C-name")
    page.reload()
    assert names(page) == ["beta 9", "Ålesund", "Ferrum", "beta 10", "All"]


def test_a_filter_needs_neither_accents_nor_capitals(page: Page, site: Site) -> None:
    page.goto(site.show(table()))
    find = page.get_by_label("Find")
    find.fill("ALES ent")
    assert names(page) == ["Ålesund", "All"]
    expect(page.locator("#live")).to_have_text("1 of 4 rows")
    find.fill("nobody")
    expect(page.get_by_text("No customer has these words.")).to_be_visible()
    find.press("Escape")
    assert len(names(page)) == 5


def test_a_heading_with_a_link_is_the_servers_to_sort(page: Page, site: Site) -> None:
    linked = table().replace(">Customer<", '><a href="?order=name">Customer</a><')
    page.goto(site.show(linked))
    expect(page.get_by_role("button", name="Plan")).to_be_visible()
    expect(page.get_by_role("button", name="Customer")).to_have_count(0)


def test_without_scripts_no_heading_looks_like_a_button(opened: Opened, site: Site) -> None:
    page = opened(java_script_enabled=False)
    page.goto(site.show(table()))
    expect(page.get_by_role("button")).to_have_count(0)


def test_axe_finds_nothing_on_a_sorted_table(page: Page, site: Site, axe: Axe) -> None:
    page.goto(site.show(table()))
    page.get_by_role("button", name="Cost").click()
    assert axe(page) == []
