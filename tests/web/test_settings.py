"""Settings: who looks, keys whose secret is shown once, and the log."""

import html
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect
from starlette.testclient import TestClient
from tests.api.conftest import World
from tests.ledger import NOW, Ledger
from tests.web.conftest import Watched
from tests.web.serving import Served
from tests.web.shown import page_of, text_of

from costper.api.app import application
from costper.store.keys import add_key
from costper.web.pages.settings import SETTINGS
from costper.web.server import with_pages
from costper.web.told import Told

HOST = "http://127.0.0.1:8321"
HOSTILE = "<b onclick=alert(1)>\u202e\"' \U0001f511"
WHO = {"name": "mia", "customer": None, "reads": True, "writes": True, "ingests": True}
SECRET = re.compile(r'<p class="secret"><code>([^<]+)</code>')
"""Where the page of a new key shows its secret."""


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Give empty books."""
    ledger = Ledger.at(tmp_path)
    books = ledger.books()
    yield World(ledger, books)
    books.close()


def told(*, admin: bool = True, **listed: list[dict[str, object]]) -> dict[str, Told]:
    found = {"whoami": Told(200, {"rows": [{**WHO, "admin": admin, "key": True}]})}
    for name in ("held", "audit"):
        body = {"rows": listed.get(name, []), "total": {"before": None}}
        found[name] = Told(200, body) if admin else Told(403, {"title": "Not allowed"})
    return found


def key(**cells: object) -> dict[str, object]:
    held = {"name": "dashboard", "scopes": ["read"], "created": "2026-11-01T10:00:00Z"}
    return {**held, "revoked": None, "last_used": None, **cells}


def client_of(world: World, secret: str = "") -> TestClient:
    world.ledger.keep()
    api = application(world.books, clock=lambda: NOW, local=True)
    app = with_pages(api, clock=lambda: NOW, organisation="Somebody")
    client = TestClient(app, base_url=HOST, headers={"Origin": HOST})
    if secret:
        client.cookies.set("costper_key", secret)
    return client


def test_keys_stand_with_what_they_may_and_never_with_a_secret() -> None:
    portal = key(name="portal", scopes=["customer:acme"], last_used="2026-11-02")
    text = text_of(SETTINGS, "/settings", told(held=[key(), portal, key(name="mia")]))
    assert "dashboard read 1 Nov 2026, 10:00 UTC never in force Revoke For good" in text
    assert "portal customer acme 1 Nov 2026, 10:00 UTC 2 Nov 2026 in force" in text
    assert "mia read 1 Nov 2026, 10:00 UTC never in force yours" in text


def test_whoever_is_no_admin_sees_no_keys_no_log_and_no_forms_for_them() -> None:
    shown = page_of(SETTINGS, "/settings", told(admin=False))
    for name in ("/settings/keys", "/reload", 'id="audit"'):
        assert name not in shown
    assert "May make keys no" in text_of(SETTINGS, "/settings", told(admin=False))
    assert 'action="/sign-out"' in shown


def test_names_that_are_markup_stay_words() -> None:
    entry = {"seq": 7, "at": "2026-11-01T10:00:00Z", "action": "key added", "whole": True}
    logged: dict[str, object] = {**entry, "actor": HOSTILE, "subject": HOSTILE, "detail": HOSTILE}
    odd = key(name=HOSTILE, scopes=[f"customer:{HOSTILE}"])
    shown = page_of(SETTINGS, "/settings", told(held=[odd], audit=[logged]))
    assert "<b onclick" not in shown
    assert shown.count("<bdi>&lt;b onclick") == 4  # name, actor, subject, detail
    assert "<bdi>customer &lt;b onclick" in shown


def test_an_entry_of_the_log_is_told_in_words() -> None:
    entry: dict[str, object] = {"seq": 7, "at": "2026-11-01T10:00:00Z", "actor": "cli"}
    entry |= {"action": "allocation applied", "subject": "run 3", "whole": True}
    month = {
        **entry,
        "detail": '{"legs": 49438, "month": "2026-10", "until": "", "scope": {"a": 1}}',
    }
    cut = {**entry, "detail": '{"title": "cut o…'}
    text = text_of(SETTINGS, "/settings", told(audit=[month, cut]))
    assert 'run 3 legs 49438 · month 2026-10 · scope {"a": 1}' in text
    assert '{"title": "cut o…' in text


def test_the_log_is_read_page_by_page(world: World) -> None:
    for at in range(60):
        add_key(world.books.control, f"key {at}", ("admin",), now=NOW + timedelta(seconds=at))
    client = client_of(world, world.key("admin", name="boss"))
    shown = client.get("/settings").text
    older = re.search(r'rel="next" href="([^"]+)"', shown)
    assert older is not None
    assert "key 0<" in client.get(html.unescape(older[1])).text


def test_a_secret_is_shown_once_and_kept_in_no_cookie_address_or_cache(world: World) -> None:
    client = client_of(world, world.key("admin", name="boss"))
    form = {"name": "robot / <1>", "may": "write", "back": "/settings"}
    reply = client.post("/settings/keys", data=form)
    found = SECRET.search(reply.text)
    assert reply.status_code == 200
    assert found is not None
    assert reply.headers["cache-control"] == "no-store"
    assert "set-cookie" not in reply.headers
    assert found[1] not in str(reply.url)
    api = client_of(world)
    may = api.get("/api/v1/whoami", headers={"Authorization": f"Bearer {found[1]}"}).json()
    assert (may["rows"][0]["name"], may["rows"][0]["writes"]) == ("robot / <1>", True)
    listed = client.get("/settings").text
    assert found[1] not in listed
    revoked = client.post("/settings/keys/robot%20%2F%20%3C1%3E/revoke", data={"back": "/settings"})
    assert "Revoked robot / &lt;1&gt;, for good" in revoked.text
    asked = api.get("/api/v1/whoami", headers={"Authorization": f"Bearer {found[1]}"})
    assert asked.status_code == 401


def test_the_first_key_lets_its_maker_in_again(world: World) -> None:
    client = client_of(world)
    refused = client.post("/settings/keys", data={"name": "me", "may": "read", "back": "/settings"})
    assert refused.status_code == 409
    assert 'value="me"' in refused.text
    made = client.post("/settings/keys", data={"name": "me", "may": "admin", "back": "/settings"})
    found = SECRET.search(made.text)
    assert found is not None
    assert "Sign in" in client.get("/settings").text
    inside = client.post("/sign-in", data={"key": found[1], "back": "/settings"})
    assert str(inside.url) == f"{HOST}/settings"
    assert "With the key" in inside.text


def test_a_name_that_is_taken_brings_the_form_back_as_it_was(world: World) -> None:
    client = client_of(world, world.key("admin", name="boss"))
    form = {"name": "boss", "may": "customer", "customer": "a <b>", "back": "/settings"}
    reply = client.post("/settings/keys", data=form)
    assert reply.status_code == 409
    assert 'value="a &lt;b&gt;"' in reply.text
    assert 'value="boss" aria-invalid="true"' in reply.text


def test_a_reading_key_may_make_none(world: World) -> None:
    world.key("admin", name="boss")
    client = client_of(world, world.key("read", name="reader"))
    form = {"name": "mine", "may": "admin", "back": "/settings"}
    assert client.post("/settings/keys", data=form).status_code == 403
    assert client.post("/settings/keys/boss/revoke", data={"back": "/settings"}).status_code == 403


def test_a_key_is_made_used_and_revoked_in_a_browser(own_demo: Served, watched: Watched) -> None:
    page = watched.page()
    page.goto(f"{own_demo.address}/settings")
    page.get_by_label("Name", exact=True).fill("me")
    page.get_by_role("button", name="Make the key").click()
    expect(page.locator(".secret")).to_be_visible()
    page.get_by_role("button", name="sign in with it").click()
    expect(page.locator("main")).to_contain_text("With the key me")
    page.get_by_label("Name", exact=True).fill("dashboard")
    page.get_by_role("button", name="Make the key").click()
    page.get_by_role("link", name="back to the settings").click()
    page.get_by_label("Revoke dashboard", exact=True).click()
    page.get_by_role("button", name="Revoke dashboard for good").click()
    expect(page.get_by_role("status")).to_contain_text("Revoked dashboard")
    page.get_by_role("button", name="Sign out").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in to costper")
