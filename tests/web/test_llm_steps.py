"""What people do on the pages about LLM calls, in a real Chromium: each job in three clicks."""

import json
import urllib.request
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from tests.web.serving import Served

Opened = Callable[..., Page]

CALLS = 60
SLOW = 20_000
"""Milliseconds a page of a dozen questions nobody asked yet may take on a busy machine."""

TRIES, PAUSE_MS = 200, 100


def spike_known(page: Page, served: Served) -> bool:
    """Wait until the calls are in the books; Chromium takes a promise for a yes."""
    for _ in range(TRIES):
        if page.request.get(f"{served.address}/api/v1/llm/spikes").json()["rows"]:
            return True
        page.wait_for_timeout(PAUSE_MS)
    return False


def crawled(served: Served) -> None:
    """Send the calls of a script that ran wild yesterday afternoon."""
    calls = [
        {
            "externalRequestId": f"crawl-{at}",
            "provider": "openai",
            "model": "gpt-5",
            "endpointTag": "search",
            "promptVersion": "search-v3",
            "userId": "crawler-7",
            "tenantId": "ws-kestrel-airways",
            "inputTokens": 200_000,
            "outputTokens": 20_000,
            "status": "ok",
            "timestamp": f"2026-11-19T14:{at:02}:00Z",
        }
        for at in range(CALLS)
    ]
    request = urllib.request.Request(  # noqa: S310 - our own server
        f"{served.address}/api/v1/events",
        data=json.dumps(calls).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request) as reply:  # noqa: S310 - our own server
        assert json.load(reply)["accepted"] == CALLS


def test_the_prompt_version_that_raised_cost_is_found(demo: Served, page: Page) -> None:
    page.goto(demo.address)
    page.get_by_role("link", name="Prompt versions").click()
    expect(page.locator(".notice.bad")).to_contain_text(
        "Since 20 Oct 2026 a call of summariser costs"
    )
    expect(page.locator(".notice.bad")).to_contain_text("more by price: summary-v8.")
    expect(page.locator("#beside")).to_contain_text("dearer")
    expect(page.locator(".c-events[data-kind=deploy] text")).to_have_text(["summary-v8"])
    page.locator(".notice.bad").get_by_role("link", name="The calls").click()
    expect(page.locator("#lines tbody tr").first).to_contain_text("summary-v8")
    expect(page.locator("#lines tfoot")).to_contain_text("Adds up to")


def test_why_yesterday_spiked_is_seen_down_to_the_calls(own_demo: Served, page: Page) -> None:
    crawled(own_demo)
    page.goto(own_demo.address)
    assert spike_known(page, own_demo)
    page.get_by_role("link", name="Endpoints").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("LLM endpoints", timeout=SLOW)
    spike = page.locator("#spikes details").first
    expect(spike).to_contain_text("within 1 h from 19 Nov 2026, 14:00 UTC")
    expect(spike).to_contain_text("Most by search, user ")
    spike.locator("a[href^='/llm/users/']").first.click()
    expect(page.locator(".tiles")).to_contain_text(f"{CALLS} calls")
    expect(page.locator("#bursts")).to_contain_text(f"{CALLS} calls within an hour")
    page.get_by_role("link", name="Explain this cost").click()
    expect(page.locator("#lines tbody tr").first).to_contain_text("200,000 input")


def test_a_feature_is_opened_from_its_row_and_a_version_hidden_by_the_legend(
    demo: Served, page: Page
) -> None:
    page.goto(f"{demo.address}/llm/endpoints")
    page.locator("#features").get_by_role("link", name="summariser").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("summariser")
    marks = page.locator("svg[data-chart=panes] [data-series='summary-v7']").first
    expect(marks).to_be_attached()
    page.locator(".c-legend a[data-hide='summary-v7']").click()
    expect(page.locator(".c-legend a[data-hide='summary-v7']")).to_contain_text("Show")


def test_limits_of_ones_own_are_tried(demo: Served, page: Page) -> None:
    page.goto(f"{demo.address}/llm/savings")
    page.get_by_label("Other limits in USD").fill("5,20")
    page.get_by_role("button", name="Try").click()
    expect(page.locator("#limit-table tbody tr")).to_have_count(2)
    expect(page.locator("#limits")).to_contain_text("A limit of $5.00 a month would have touched")


@pytest.mark.parametrize(
    "address",
    ["/llm/endpoints", "/llm/users", "/llm/prompt-versions", "/llm/models", "/llm/savings"],
)
def test_without_days_in_the_address_there_is_something_to_see(
    demo: Served, page: Page, address: str
) -> None:
    page.goto(demo.address + address)
    expect(page.locator("main .sub").first).to_contain_text("31 October 2026")
    expect(page.locator("main table tbody tr").first).to_be_visible()


def test_days_without_calls_lead_to_the_days_with_some(demo: Served, page: Page) -> None:
    page.goto(f"{demo.address}/llm/models?from=2026-11-10&to=2026-11-12")
    page.get_by_role("link", name="Show 1 Aug 2026").click()
    expect(page.locator("#models tbody tr").first).to_be_visible()
