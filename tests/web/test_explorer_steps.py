"""The Explorer in a real browser: build, mistype, go back, save, lose the server."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect
from tests.web.conftest import Watched
from tests.web.serving import Served

Axe = Callable[[Page], list[str]]
Opened = Callable[..., Page]

USERS = "a=metric+daily_active_users&b=cost"
CHART = "svg[data-chart=panes]"


def formula(page: Page) -> str:
    """Give the formula as its field has it."""
    return page.get_by_label("Formula", exact=True).input_value()


def asked(page: Page) -> str:
    """Give the query of the address bar."""
    return str(page.evaluate("() => decodeURIComponent(location.search.replaceAll('+', ' '))"))


def expected(watched: Watched, said: str) -> None:
    """Take out what Chromium itself says of a reply that was to fail."""
    assert any(said in it for it in watched.complaints)
    watched.complaints[:] = [it for it in watched.complaints if said not in it]


def test_cost_per_thousand_users_is_built_and_saved(own_demo: Served, page: Page) -> None:
    page.goto(f"{own_demo.address}/explorer?a=cost")
    page.get_by_role("button", name="Add b").click()
    expect(page.get_by_label("What b is")).to_be_focused()
    page.get_by_label("What a is").select_option("metric daily_active_users")
    page.get_by_label("Formula", exact=True).press_sequentially("b / (a / 1000)")
    expect(page.locator(".tile.accent")).to_contain_text("$ per 1k average daily active users")
    expect(page.locator(f"{CHART} [data-series=result]").first).to_be_attached()
    page.get_by_text("Save view").click()
    page.get_by_label("Title").fill("Cost of a thousand")
    page.locator("#save").get_by_role("button", name="Save").click()
    expect(page).to_have_url(f"{own_demo.address}/explorer/views/cost_of_a_thousand")
    expect(page.get_by_role("heading", level=1)).to_have_text("Cost of a thousand")
    expect(page.locator("main")).to_contain_text("not modified")
    page.goto(f"{own_demo.address}/explorer")
    page.get_by_text("Saved views").click()
    page.get_by_role("link", name="Cost of a thousand").click()
    expect(page.locator(CHART)).to_be_visible()
    assert formula(page) == "b / (a / 1000)"


def test_a_mistyped_formula_keeps_the_chart_the_caret_and_says_where(
    demo: Served, page: Page
) -> None:
    page.goto(f"{demo.address}/explorer?{USERS}&f=b+%2F+a")
    page.wait_for_load_state("networkidle")
    chart = page.locator(CHART).element_handle()
    field = page.get_by_label("Formula", exact=True)
    field.press("End")
    field.press_sequentially(" + zz")
    expect(page.get_by_role("alert")).to_contain_text("unknown name 'zz'")
    expect(page.locator("#wrong-f-1 mark")).to_have_text("z")
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_be_focused()
    assert page.evaluate("(it) => it.isConnected", chart)
    assert page.evaluate("() => document.activeElement.selectionStart") == len("b / a + zz")
    for _ in " + zz":
        field.press("Backspace")
    expect(page.locator("#wrong-f-1")).to_be_empty()
    expect(field).not_to_have_attribute("aria-invalid", "true")
    assert formula(page) == "b / a"


def test_back_goes_through_the_changes_one_by_one(demo: Served, page: Page) -> None:
    page.goto(f"{demo.address}/explorer?{USERS}&f=b+%2F+a")
    field = page.get_by_label("Formula", exact=True)
    field.fill("b / (a / 1000)")
    expect(page.locator(".tile.accent")).to_contain_text("per 1k")
    page.get_by_role("link", name="90d").click()
    expect(page).to_have_url(re.compile("days=90"))
    page.get_by_label("compared with").select_option("none")
    expect(page).to_have_url(re.compile("compare=none"))
    page.go_back()
    expect(page).not_to_have_url(re.compile("compare=none"))
    expect(page.get_by_label("compared with")).to_have_value("weekday")
    page.go_back()
    expect(page).not_to_have_url(re.compile("days=90"))
    expect(page.get_by_label("Formula", exact=True)).to_have_value("b / (a / 1000)")
    page.go_back()
    expect(page.get_by_label("Formula", exact=True)).to_have_value("b / a")


def test_groups_are_chosen_and_hidden_and_stay_in_the_address(demo: Served, page: Page) -> None:
    page.goto(f"{demo.address}/explorer?{USERS}")
    page.get_by_text("Group by nothing").click()
    page.get_by_label("team", exact=True).check()
    expect(page.locator(".c-legend")).to_contain_text("platform")
    assert "by=team" in asked(page)
    page.keyboard.press("Escape")
    page.locator("a[data-hide=platform]").click()
    expect(page).to_have_url(re.compile("hide=platform"))
    page.get_by_label("Formula", exact=True).fill("b / a")
    expect(page).to_have_url(re.compile("f=b"))
    assert "hide=platform" in asked(page)


def test_a_condition_is_suggested_and_the_next_one_after_and(demo: Served, page: Page) -> None:
    page.goto(f"{demo.address}/explorer?{USERS}")
    where = page.locator("#where-b")
    where.fill("environment = production and ")
    first = page.locator("#conditions option").first
    expect(first).to_have_attribute("value", re.compile("^environment = production and team = "))
    page.wait_for_load_state("networkidle")
    with page.expect_response(re.compile("/explorer")):
        page.set_viewport_size({"width": 700, "height": 700})
    expect(page.locator("main")).not_to_have_attribute("aria-busy", "true")
    expect(where).to_have_value("environment = production and ")
    expect(first).to_have_attribute("value", re.compile("^environment = production and team = "))
    where.fill("team = platform")
    expect(page.locator(".tiles")).to_contain_text("Cost where team = platform")


def test_two_people_saving_one_view_are_told_and_lose_nothing(
    own_demo: Served, watched: Watched
) -> None:
    hers, his = watched.page(), watched.page()
    hers.goto(f"{own_demo.address}/explorer?{USERS}&f=b+%2F+a")
    hers.get_by_text("Save view").click()
    hers.get_by_label("Title").fill("Ours")
    hers.locator("#save").get_by_role("button", name="Save").click()
    expect(hers).to_have_url(re.compile("/explorer/views/ours"))
    his.goto(f"{own_demo.address}/explorer/views/ours")
    for page, changed in ((his, "b / (a / 10)"), (hers, "b / (a / 100)")):
        page.get_by_label("Formula", exact=True).fill(changed)
        expect(page.locator("main")).to_contain_text("modified")
        expect(page).to_have_url(re.compile("version=1"))
    his.get_by_role("button", name="Save", exact=True).click()
    expect(his.get_by_role("status").first).to_contain_text("Saved as ours")
    with hers.expect_response(re.compile("/explorer/save")) as told:
        hers.get_by_role("button", name="Save", exact=True).click()
    assert told.value.status == 409
    expect(hers.get_by_role("alert")).to_contain_text("ours")
    assert formula(hers) == "b / (a / 100)"
    other = hers.get_by_role("link", name="Look at the other version")
    expect(other).to_have_attribute("href", "/explorer/views/ours")
    hers.get_by_label("Title").fill("Hers")
    hers.locator("#save").get_by_role("button", name="Save").click()
    expect(hers).to_have_url(re.compile("/explorer/views/ours_2"))
    assert formula(hers) == "b / (a / 100)"
    his.reload()
    assert formula(his) == "b / (a / 10)"
    expected(watched, "409")


def test_a_server_that_is_gone_for_a_moment_costs_nothing_that_was_typed(
    demo: Served, watched: Watched
) -> None:
    page = watched.page()
    page.goto(f"{demo.address}/explorer?{USERS}&f=b+%2F+a")
    gone = {"is": True}

    def answer(route: Route) -> None:
        route.abort() if gone["is"] else route.continue_()

    page.route(re.compile(r"/explorer\?"), answer)
    field = page.get_by_label("Formula", exact=True)
    field.fill("b / (a / 1000)")
    expect(page.locator("#trouble")).to_contain_text("what you typed is kept")
    expect(page.locator(CHART)).to_be_visible()
    assert formula(page) == "b / (a / 1000)"
    gone["is"] = False
    expect(page.locator(".tile.accent")).to_contain_text("per 1k")
    expect(page.locator("#trouble")).to_be_hidden()
    expect(field).to_be_focused()
    expected(watched, "ERR_FAILED")


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(
    "address",
    [
        f"/explorer?{USERS}&f=b+%2F+%28a",
        "/explorer?b=cost&by=customer",
        "/explorer/views/cost_per_thousand_users",
        f"/explorer?{USERS}&f=b+%2F+a&draw=overlay&ahead=30&range=last+month",
    ],
)
def test_axe_finds_nothing_however_it_stands(
    demo: Served, opened: Opened, axe: Axe, address: str, theme: str
) -> None:
    page = opened(color_scheme=theme)
    page.goto(demo.address + address)
    for picker in page.locator("details.picker > summary").all():
        picker.click()
        assert axe(page) == []
        page.keyboard.press("Escape")
    page.set_viewport_size({"width": 390, "height": 844})
    wide = page.evaluate("() => document.documentElement.scrollWidth")
    assert wide <= 390


def test_it_reads_and_asks_without_scripts(demo: Served, opened: Opened) -> None:
    page = opened(java_script_enabled=False)
    page.goto(f"{demo.address}/explorer")
    page.get_by_label("Formula", exact=True).fill("b / a")
    page.get_by_role("button", name="Show").last.click()
    expect(page.locator(CHART)).to_be_visible()
    assert formula(page) == "b / a"
    page.get_by_role("button", name="Add c").click()
    expect(page.get_by_label("What c is")).to_be_visible()
