"""Savings, dismissed and counted again, by the forms of the page."""

from playwright.sync_api import Page, expect
from tests.web.serving import Served


def test_a_finding_nobody_wants_to_hear_of_is_not_counted_until_it_is_again(
    own_demo: Served, page: Page
) -> None:
    page.goto(f"{own_demo.address}/savings")
    count = page.locator(".tile", has_text="Findings").locator(".figure")
    expect(count).to_have_text("8")
    card = page.locator("section.card").first
    card.get_by_label("Why not").fill("the <pilot> needs it")
    card.get_by_role("button", name="Dismiss").click()
    expect(page.get_by_role("status")).to_have_text("It is not counted any more.")
    expect(count).to_have_text("7")
    expect(page.get_by_text("the <pilot> needs it")).to_be_visible()
    page.get_by_role("button", name="Count it again").click()
    expect(page.get_by_role("status")).to_have_text("It counts again.")
    expect(count).to_have_text("8")
