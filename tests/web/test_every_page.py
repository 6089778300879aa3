"""What holds of every page: it is whole, small, guarded, and readable by anyone."""

import re
import urllib.request
from collections.abc import Callable

import pytest
from playwright.sync_api import Page
from tests.web.serving import Served

from costper.web.pages import PAGES

Axe = Callable[[Page], list[str]]
Opened = Callable[..., Page]

SAMPLES = {
    "/customers/{id}": "/customers/cobalt-freight",
    "/explorer/views/{name}": "/explorer/views/cost_per_thousand_users",
    "/teams/{name}": "/teams/product",
    "/services/{name}": "/services/api",
    "/environments/{name}": "/environments/staging",
    "/sources/{name}": "/sources/production",
    "/explain": "/explain?customer=cobalt-freight",
    "/llm/endpoints/{name}": "/llm/endpoints/summariser",
    "/llm/models/{name}": "/llm/models/claude-opus-4-6",
    "/llm/users/{id}": "/llm/users/nightly-digest",
    "/incidents/{id}": "/incidents/20261014-9dd17b4d95",
}
"""An address for each page whose path holds names."""

ADDRESSES = sorted(SAMPLES.get(page.path, page.path) for page in PAGES)


def test_every_page_with_a_name_in_its_path_has_a_sample() -> None:
    assert [address for address in ADDRESSES if "{" in address] == []


@pytest.mark.parametrize("address", ADDRESSES)
def test_axe_finds_nothing_in_either_theme(
    demo: Served, opened: Opened, axe: Axe, address: str
) -> None:
    page = opened(color_scheme="light")
    reply = page.goto(demo.address + address)
    assert reply is not None
    assert reply.status == 200
    light = axe(page)
    page.emulate_media(color_scheme="dark")
    assert (light, axe(page)) == ([], [])


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_phone_scrolls_no_page_sideways(demo: Served, opened: Opened, address: str) -> None:
    page = opened(viewport={"width": 390, "height": 844}, has_touch=True)
    page.goto(demo.address + address)
    page.wait_for_load_state("networkidle")
    wide = page.evaluate("() => document.documentElement.scrollWidth")
    assert wide <= 390


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_page_reads_without_scripts(demo: Served, opened: Opened, address: str) -> None:
    page = opened(java_script_enabled=False)
    page.goto(demo.address + address)
    assert page.locator("h1").inner_text().strip()
    assert page.locator("main").inner_text().count("\n") > 3


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_page_carries_its_guards(demo: Served, address: str) -> None:
    with urllib.request.urlopen(demo.address + address) as reply:  # noqa: S310 - our own server
        text = reply.read().decode()
        policy = reply.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert re.findall(r"<script(?![^>]*\ssrc=)|\sstyle=|\son[a-z]+=", text) == []
    assert "None" not in re.sub(r"<[^>]*>", "", text)
