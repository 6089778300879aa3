"""The pages of those who govern with something in every part of them: whole, and for anyone."""

import json
import urllib.request
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from tests.demo.asked import NOW
from tests.web.serving import Served

from costper.store.keys import add_key

Axe = Callable[[Page], list[str]]
Opened = Callable[..., Page]
HOSTILE = "<img src=x onerror=alert(1)>\u202e\u0627\u0644 \U0001f680" + "w" * 150
PATHS = ("/events", "/settings", "/allocation?plan=1", "/clean-up?dimension=team")


def tell(site: Served, **said: object) -> None:
    body = json.dumps(said).encode()
    headers = {"Content-Type": "application/json"}
    request = urllib.request.Request(f"{site.address}/api/v1/annotations", body, headers)  # noqa: S310
    with urllib.request.urlopen(request) as reply:  # noqa: S310 - our own server
        assert reply.status == 200


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pages_full_of_odd_words_are_read_by_anyone(
    own_demo: Served, opened: Opened, axe: Axe, theme: str
) -> None:
    scope = {"service": "image-resizer", "team": HOSTILE}
    tell(own_demo, at="2026-10-14T09:00:00Z", title=HOSTILE, category="deploy", scope=scope)
    settings = own_demo.folder / "costper.yaml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace("quantity: cpu_seconds", "quantity: requests", 1), "utf-8")
    secret = add_key(own_demo.books.control, "boss", ("admin",), now=NOW)
    add_key(own_demo.books.control, "<b> robot", (f"customer:{HOSTILE}",), now=NOW)
    page = opened(color_scheme=theme, viewport={"width": 390, "height": 844})
    page.context.add_cookies([{"name": "costper_key", "value": secret, "url": own_demo.address}])
    for path in PATHS:
        reply = page.goto(own_demo.address + path)
        assert reply is not None
        assert reply.status == 200
        expect(page.get_by_role("heading", level=1)).to_be_visible()
        page.evaluate("document.querySelectorAll('main details').forEach((it) => it.open = true)")
        assert (path, axe(page)) == (path, [])
        wide = page.evaluate("() => document.documentElement.scrollWidth")
        assert (path, wide) == (path, 390)
