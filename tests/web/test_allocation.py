"""Allocation: rules, the balance, what nobody carries, a change of costper.yaml before it is."""

from dataclasses import replace

from playwright.sync_api import Page as Window
from playwright.sync_api import expect
from tests.web.serving import Served
from tests.web.shown import page_of, snapshots, text_of

from costper.web.pages.allocation import ALLOCATION
from costper.web.told import Told, rows

HOSTILE = "<svg onload=alert(1)>\u202e\"' \U0001f4b8"


def told(**more: str) -> dict[str, Told]:
    return snapshots({"allocation": "allocation", "runs": "allocation_runs", **more})


def with_row(**cells: object) -> dict[str, Told]:
    found = told()
    answer = found["allocation"]
    body = {**answer.body, "rows": [{**answer.first, **cells}]}
    return {**found, "allocation": replace(answer, body=body)}


def test_rules_stand_in_their_order_with_what_each_took_and_where_it_is_written() -> None:
    text = text_of(ALLOCATION, "/allocation", told())
    assert text.index("dedicated costper.yaml:8") < text.index("shared database costper.yaml:9")
    for said in ("service is shared-db or cache-*", "is divided by requests", "$60", "27.8%"):
        assert said in text


def test_what_nobody_carries_says_why_how_much_and_what_to_do() -> None:
    shown = page_of(ALLOCATION, "/allocation", told())
    text = text_of(ALLOCATION, "/allocation", told())
    assert "no rule 30 Oct 2026" in text
    assert "tag them, or add a rule that matches them" in text
    assert "<code>on: []</code>" in shown
    assert "/explain?customer=%28unallocated%29&amp;from=2026-10-30&amp;to=2026-11-05" in shown
    assert 'href="/services/storage?from=2026-10-30&amp;to=2026-11-05"' in shown


def test_a_day_that_does_not_balance_comes_first_with_every_digit_of_the_difference() -> None:
    days = [dict(it) for it in rows(told()["allocation"].first, "conservation")]
    days[2] |= {"difference": "-0.000000000001", "balanced": False}
    text = text_of(ALLOCATION, "/allocation", with_row(conservation=days, balanced=False))
    assert "Books Broken" in text
    assert "1 do not balance" in text
    assert "0.000000000001 USD" in text
    assert "Books Balanced" in text_of(ALLOCATION, "/allocation", told())


def test_days_that_a_sync_is_about_to_divide_are_not_called_broken() -> None:
    days = [dict(it) for it in rows(told()["allocation"].first, "conservation")]
    days[2] |= {"difference": "-4", "balanced": False}
    text = text_of(ALLOCATION, "/allocation", with_row(conservation=days, balanced=None))
    assert "Books Syncing" in text
    assert "1 not divided yet" in text
    assert "do not balance" not in text


def test_a_plan_is_made_only_when_asked_for_and_says_what_would_move() -> None:
    text = text_of(ALLOCATION, "/allocation", told())
    assert "Read it and see" in text
    found = told(plan="allocation_plan")
    text = text_of(ALLOCATION, "/allocation?plan=1", found)
    for said in (
        "2 months would be allocated anew, and $18.00 would change hands between 3 customers.",
        "shared database is not as it was costper.yaml:9",
        "acme $117 $131 +$13.50",
        "Read costper.yaml again",
    ):
        assert said in text


def test_a_file_with_faults_names_each_with_its_line() -> None:
    issues = [
        {"where": "costper.yaml:9", "message": f"no driver {HOSTILE}", "hint": "try `by_cost`"}
    ]
    refused = Told(
        422, {"title": "Faults", "detail": "costper.yaml has 2 faults", "issues": issues}
    )
    shown = page_of(ALLOCATION, "/allocation?plan=1", {**told(), "plan": refused})
    assert "costper.yaml has 2 faults" in shown
    assert "<code>costper.yaml:9</code>" in shown
    assert "<svg onload" not in shown
    assert "try <code>by_cost</code>" in shown


def test_a_file_the_server_cannot_plan_by_is_offered_to_be_read() -> None:
    refused = Told(409, {"title": "Changed", "detail": "it declares dimensions", "status": 409})
    text = text_of(ALLOCATION, "/allocation?plan=1", {**told(), "plan": refused})
    assert "it declares dimensions" in text
    assert "Read costper.yaml again" in text


def test_names_that_are_markup_stay_words() -> None:
    rules = [{**it, "rule": HOSTILE} for it in rows(told()["allocation"].first, "rules")]
    shown = page_of(ALLOCATION, "/allocation", with_row(rules=rules))
    assert "<svg onload" not in shown
    assert "<bdi>&lt;svg" in shown


def test_without_rules_the_page_says_the_next_step() -> None:
    assert "No rules yet" in text_of(ALLOCATION, "/allocation", with_row(rules=[]))


def test_a_changed_file_shows_its_movement_before_it_is_in_force(
    own_demo: Served, page: Window
) -> None:
    settings = own_demo.folder / "costper.yaml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace("quantity: cpu_seconds", "quantity: requests", 1), "utf-8")
    page.goto(f"{own_demo.address}/allocation")
    page.get_by_role("link", name="Read it and see").click()
    plan = page.locator("#plan")
    expect(plan).to_contain_text("3 months would be allocated anew")
    expect(plan).to_contain_text("compute")
    expect(plan.locator("tbody tr").first).to_contain_text("$")
    expect(page.get_by_role("button", name="Read costper.yaml again")).to_be_visible()
    expect(page.get_by_role("button", name="Apply")).to_have_count(0)
    page.get_by_role("link", name="Close").click()
    expect(plan).not_to_contain_text("3 months")
