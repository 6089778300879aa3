"""Looking closer at some days of a chart, and hiding some of its series."""

from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page, expect
from tests.web.conftest import Opened
from tests.web.drawings import bucket, stack, unit_cost
from tests.web.pages import Site

from costper.charts import panes
from costper.charts.data import Chart
from costper.web.figures import keyed
from costper.web.url import Url


def asked(page: Page) -> dict[str, str]:
    """Give the parameters of the page's address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(page.url).query).items()}


def drag(page: Page, first: int, last: int) -> None:
    page.mouse.move(*bucket(page, first))
    page.mouse.down()
    page.mouse.move(*bucket(page, (first + last) // 2))
    page.mouse.move(*bucket(page, last))


def with_legend(chart: Chart, hide: str = "") -> str:
    return keyed(chart, Url("/", (("days", "30"), ("hide", hide))))


def test_a_drag_looks_closer_at_the_days_it_went_over(page: Page, site: Site) -> None:
    page.goto(site.show(panes.draw(unit_cost())) + "?days=90&by=team&cursor=x")
    drag(page, 9, 4)
    expect(page.locator(".c-brush")).to_have_count(1)
    page.mouse.up()
    page.wait_for_url("**from=**")
    assert asked(page) == {"by": "team", "from": "2026-08-28", "to": "2026-09-03"}
    expect(page.locator(".c-brush")).to_have_count(0)
    page.go_back()
    page.wait_for_url("**days=90**")


def test_a_drag_to_the_end_takes_the_last_bucket_whole(page: Page, site: Site) -> None:
    page.goto(site.show(panes.draw(unit_cost())))
    drag(page, 27, 29)
    page.mouse.up()
    page.wait_for_url("**from=**")
    assert asked(page) == {"from": "2026-09-20", "to": "2026-09-23"}


def test_a_click_and_a_drag_given_up_go_nowhere(page: Page, site: Site) -> None:
    page.goto(site.show(panes.draw(unit_cost())))
    page.mouse.click(*bucket(page, 9))
    drag(page, 4, 9)
    page.keyboard.press("Escape")
    expect(page.locator(".c-brush")).to_have_count(0)
    page.mouse.up()
    assert site.asked == ["/"]


def test_shift_with_the_arrows_and_enter_look_closer_too(page: Page, site: Site) -> None:
    page.goto(site.show(panes.draw(unit_cost())))
    page.locator("#unit").focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowRight")
    expect(page.locator(".c-brush")).to_have_count(1)
    page.keyboard.press("Enter")
    page.wait_for_url("**from=**")
    assert asked(page) == {"from": "2026-08-25", "to": "2026-08-28"}
    expect(page.locator("#unit")).to_be_focused()


def test_a_page_may_take_the_days_itself_or_refuse_them(page: Page, site: Site) -> None:
    page.goto(site.show(panes.draw(unit_cost())))
    page.evaluate(
        """() => document.addEventListener("costper:zoom", (event) => {
            event.preventDefault();
            document.title = `${event.detail.from} ${event.detail.to}`;
        })"""
    )
    drag(page, 4, 9)
    page.mouse.up()
    expect(page).to_have_title("2026-08-28 2026-09-03")
    page.goto(site.show(panes.draw(replace(unit_cost(), facts={"zoom": "off"}))))
    drag(page, 4, 9)
    expect(page.locator(".c-brush")).to_have_count(0)


def test_a_chart_may_lead_to_another_page_with_the_days(page: Page, site: Site) -> None:
    site.show("<p>there</p>", "/explorer")
    page.goto(site.show(panes.draw(replace(unit_cost(), facts={"zoom": "/explorer?b=cost"}))))
    drag(page, 4, 9)
    page.mouse.up()
    expect(page.get_by_text("there")).to_be_visible()
    assert asked(page) == {"b": "cost", "from": "2026-08-28", "to": "2026-09-03"}


def swipe(page: Page, start: tuple[float, float], by: tuple[int, int]) -> None:
    """Move a finger over the screen, as only the debugger can."""
    hand = page.context.new_cdp_session(page)
    for step in range(11):
        x, y = (it + move * step / 10 for it, move in zip(start, by, strict=True))
        touching = {
            "type": "touchMove" if step else "touchStart",
            "touchPoints": [{"x": x, "y": y}],
        }
        hand.send("Input.dispatchTouchEvent", touching)
    hand.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_a_finger_scrolls_up_and_down_and_looks_closer_across(opened: Opened, site: Site) -> None:
    page = opened(has_touch=True, viewport={"width": 700, "height": 500})
    long = "<p>more</p>" * 60
    page.goto(site.show(panes.draw(unit_cost()) + long))
    swipe(page, bucket(page, 9), (0, -150))
    page.wait_for_function("() => scrollY > 50")
    assert asked(page) == {}
    page.evaluate("() => scrollTo(0, 0)")
    swipe(page, bucket(page, 9), (100, 4))
    page.wait_for_url("**from=2026-09-02**")


def test_a_line_is_hidden_at_once_and_the_address_says_so(page: Page, site: Site) -> None:
    page.goto(site.show(with_legend(unit_cost())))
    page.get_by_role("link", name="Hide <b>Users</b>").click()
    expect(page.locator("g[data-series=a]")).to_be_hidden()
    assert asked(page) == {"days": "30", "hide": "a"}
    page.mouse.move(*bucket(page, 5))
    expect(page.locator(".c-tip-row")).to_have_count(3)
    page.get_by_role("link", name="Hide Per 1k").click()
    assert asked(page)["hide"] == "a,f"
    page.get_by_role("link", name="Show <b>Users</b>").click()
    expect(page.locator("g[data-series=a]")).to_be_visible()
    assert asked(page)["hide"] == "f"
    assert site.asked == ["/"]


def test_a_layer_of_a_stack_is_taken_out_by_the_server(page: Page, site: Site) -> None:
    page.goto(site.show(with_legend(stack())))
    site.show(with_legend(stack(), "a%2Cb"))
    page.get_by_role("link", name="Hide A,B").click()
    expect(page.get_by_role("link", name="Show A,B")).to_be_focused()
    assert asked(page)["hide"] == "a%2Cb"
    page.mouse.move(*bucket(page, 4, "stack"))
    expect(page.locator(".c-tip-row")).to_have_text(["Search$1.00", "Chat$2.00", "Total$3.00"])


def test_without_scripts_a_legend_is_links(opened: Opened, site: Site) -> None:
    page = opened(java_script_enabled=False)
    page.goto(site.show(with_legend(unit_cost())))
    page.get_by_role("link", name="Hide Per 1k").click()
    page.wait_for_url("**hide=f")
