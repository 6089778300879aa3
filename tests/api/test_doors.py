import asyncio
from collections.abc import MutableMapping
from datetime import date
from typing import Any

import pytest
from tests.api.conftest import World
from tests.ledger import NOW

from costper.api.app import application
from costper.errors import BooksError
from costper.store.keys import revoke_key

COSTS = "/api/v1/costs"
ALL = [
    "/",
    "/metrics",
    f"{COSTS}/customers",
    f"{COSTS}/customers/acme",
    f"{COSTS}/teams",
    f"{COSTS}/teams/core",
    f"{COSTS}/services",
    f"{COSTS}/trend",
    f"{COSTS}/anomalies",
    f"{COSTS}/waste",
]
OWN = f"{COSTS}/customers/acme"


@pytest.fixture
def filled(world: World) -> World:
    world.ledger.every_day(date(2026, 9, 1), 80, "1").every_day(
        date(2026, 9, 1), 80, "7", customer="beta"
    )
    world.ledger.leg(date(2026, 11, 1), "5", customer="(unallocated)", reason="no_rule")
    world.ledger.payer("acme", "10").payer("beta", "1")
    return world


def test_on_this_machine_no_key_is_needed_until_one_is_made(filled: World) -> None:
    assert [filled.client().get(path).status_code for path in ALL] == [200] * len(ALL)
    secret = filled.key()
    assert {filled.client().get(path).status_code for path in ALL} == {401}
    keyed = filled.client(secret=secret)
    assert {keyed.get(path).status_code for path in ALL} == {200}


def test_once_a_key_was_made_none_in_force_opens_nothing_to_everybody(filled: World) -> None:
    client = filled.client()
    filled.key()
    revoke_key(filled.books.control, "key", now=NOW)
    assert {client.get(path).status_code for path in ALL} == {401}
    made = client.post("/api/v1/keys", json={"name": "mine", "scopes": ["admin"]})
    assert made.status_code == 401


def test_beyond_this_machine_a_key_is_always_needed(filled: World) -> None:
    reply = filled.client(local=False).get(f"{COSTS}/customers")
    assert reply.status_code == 401
    assert reply.headers["www-authenticate"].startswith("Bearer")
    secret = filled.key()
    revoke_key(filled.books.control, "key", now=NOW)
    assert filled.client(local=False).get(f"{COSTS}/customers").status_code == 401
    assert filled.client(local=False, secret=secret).get(f"{COSTS}/teams").status_code == 401


@pytest.mark.parametrize("header", ["Bearer wrong", "Basic abc", "Bearer", "Bearer  "])
def test_a_wrong_key_is_refused_even_where_none_is_needed(filled: World, header: str) -> None:
    reply = filled.client().get(f"{COSTS}/teams", headers={"Authorization": header})
    assert reply.status_code == 401


def test_a_page_of_elsewhere_cannot_rebind_its_name_to_us(filled: World) -> None:
    reply = filled.client(host="evil.example").get(f"{COSTS}/customers")
    assert reply.status_code == 421
    for host in ("localhost:8321", "127.0.0.1", "[::1]:8321"):
        assert filled.client(host=host).get(f"{COSTS}/teams").status_code == 200


def test_a_customers_key_sees_its_own_answer_and_nothing_of_anyone_else(filled: World) -> None:
    client = filled.client(secret=filled.key("customer:acme"))
    own = client.get(OWN)
    assert own.status_code == 200
    found = own.json()
    assert found["rows"][0]["cost"] == "30.00"
    assert (found["coverage"], found["unallocated"], found["issues"]) == (None, {}, [])
    assert "beta" not in own.text
    for name in ("margin", "margin_percent", "previous_margin"):
        assert found["rows"][0][name] == {"value": None, "reason": "not_shown"}
    for path in ALL:
        if path != OWN:
            assert client.get(path).status_code == 403, path
    for other in ("beta", "nobody"):
        reply = client.get(f"{COSTS}/customers/{other}")
        assert reply.status_code == 403
        assert reply.json()["detail"] == "this key sees only its own customer's answer"


def test_entity_tags_do_not_open_another_customers_answer(filled: World) -> None:
    everything = filled.client(secret=filled.key(name="all"))
    tag = everything.get(f"{COSTS}/customers/beta").headers["etag"]
    mine = everything.get(OWN).headers["etag"]
    client = filled.client(secret=filled.key("customer:acme", name="acme"))
    reply = client.get(f"{COSTS}/customers/beta", headers={"If-None-Match": tag})
    assert reply.status_code == 403
    own = client.get(OWN, headers={"If-None-Match": mine})
    assert own.status_code == 200
    assert own.json()["coverage"] is None


def test_a_customers_key_with_more_scopes_still_sees_only_its_own(filled: World) -> None:
    client = filled.client(secret=filled.key("read", "customer:acme"))
    assert client.get(f"{COSTS}/customers").status_code == 403


def test_health_needs_no_key_and_says_nothing_of_the_books(filled: World) -> None:
    filled.key()
    client = filled.client(local=False)
    assert client.get("/healthz").json() == {"status": "ok"}
    assert client.get("/readyz").json() == {"status": "ready"}
    assert client.get("/openapi.json").status_code == 200


def test_metrics_are_told_while_the_books_cannot_be_read(
    filled: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreadable(*_: object) -> None:
        raise BooksError("the books cannot be opened", where="secret/place")

    client = filled.client()
    monkeypatch.setattr(filled.books.marts, "query", unreadable)
    ready = client.get("/readyz")
    assert (ready.status_code, "secret" in ready.text) == (503, False)
    told = client.get("/metrics")
    assert (told.status_code, "costper_books_readable 0" in told.text) == (200, True)
    assert "costper_books_balanced" not in told.text


def test_metrics_count_requests_and_say_whether_the_books_balance(filled: World) -> None:
    client = filled.client()
    client.get(f"{COSTS}/teams")
    client.get(f"{COSTS}/teams?days=x")
    text = client.get("/metrics").text
    assert "costper_books_balanced 1" in text
    assert 'costper_http_requests_total{endpoint="teams",status="200"} 1' in text
    assert 'costper_http_requests_total{endpoint="teams",status="400"} 1' in text


def test_the_page_says_how_the_books_stand_and_escapes_every_word(filled: World) -> None:
    filled.ledger.leg(date(2026, 11, 2), "1", currency="<b>")
    reply = filled.client().get("/")
    assert "Books balance" in reply.text
    assert "&lt;b&gt;" in reply.text
    assert "<b>" not in reply.text
    assert "default-src 'none'" in reply.headers["content-security-policy"]


def test_a_caller_who_leaves_in_mid_body_leaves_no_traceback(filled: World) -> None:
    filled.ledger.keep()
    app = application(filled.books, clock=lambda: NOW, local=True)
    sent: list[MutableMapping[str, Any]] = []
    arriving: list[MutableMapping[str, Any]] = [
        {"type": "http.request", "body": b"{", "more_body": True},
        {"type": "http.disconnect"},
    ]

    async def receive() -> MutableMapping[str, Any]:
        return arriving.pop(0)

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/api/v1/query",
        "headers": [(b"host", b"127.0.0.1:8321"), (b"content-type", b"application/json")],
        "query_string": b"",
    }
    asyncio.run(app(scope, receive, send))
    assert sent[0]["status"] == 400
