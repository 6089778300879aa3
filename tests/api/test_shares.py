"""Shared links: where they lead, until when, and that they open nothing."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.api.conftest import World
from tests.ledger import NOW

from costper.api.app import application
from costper.store.audit import entries

PATH = "/api/v1/shares"
PLACE = "/explorer?by=team&range=last+3+months#b"


def shared(client: TestClient, **body: object) -> dict[str, Any]:
    reply = client.post(PATH, json={"path": PLACE, **body})
    assert reply.status_code == 200, reply.text
    found: dict[str, Any] = reply.json()["rows"][0]
    return found


def at(world: World, now: datetime) -> TestClient:
    app = application(world.books, clock=lambda: now, local=True)
    return TestClient(app, base_url="http://127.0.0.1")


def test_a_link_leads_where_it_was_made_until_it_expires(world: World) -> None:
    made = shared(world.client(), days=7)
    token = made["share"]
    assert (made["url"], made["path"]) == (f"/s/{token}", PLACE)
    assert (made["expires"], made["actor"]) == ("2026-11-27", "local")
    assert len(token) == 16
    last = at(world, NOW + timedelta(days=6, hours=11)).get(f"{PATH}/{token}")
    assert last.json()["rows"] == [made]
    late = at(world, NOW + timedelta(days=7)).get(f"{PATH}/{token}")
    assert (late.status_code, late.json()["type"]) == (410, "urn:costper:problem:share-expired")
    assert "expired on 2026-11-27; 'local' made it on 2026-11-20" in late.json()["detail"]
    assert [one.action for one in entries(world.books.control)] == ["link shared"]


def test_an_unknown_link_is_not_found(world: World) -> None:
    for token in ("nope", "x" * 500, "%3Cb%3E", "a/b"):
        assert world.client().get(f"{PATH}/{token}").status_code == 404


def test_a_month_is_the_life_of_a_link_nobody_says_more_of(world: World) -> None:
    assert shared(world.client())["expires"] == (NOW.date() + timedelta(days=30)).isoformat()


@pytest.mark.parametrize(
    "path",
    [
        *("", "explorer", "//evil.example", "/\\evil.example", "https://evil.example/x"),
        *("/x//y", "/api/v1/keys", "/s/abc", "/a b", "/a\r\nSet-Cookie: x", "/" + "x" * 4000),
        *(None, 7, ["/"]),
    ],
)
def test_a_link_never_leads_elsewhere(world: World, path: object) -> None:
    reply = world.client().post(PATH, json={"path": path})
    assert (reply.status_code, reply.json()["parameter"]) == (400, "path")


@pytest.mark.parametrize("days", [0, -1, 366, 1.5, "7", True, 10**30])
def test_days_are_one_to_a_year(world: World, days: object) -> None:
    reply = world.client().post(PATH, json={"path": PLACE, "days": days})
    assert (reply.status_code, reply.json()["parameter"]) == (400, "days")


def test_a_link_gives_nobody_any_right(world: World) -> None:
    world.ledger.every_day(date(2026, 9, 1), 80, "1")
    writes = world.client(secret=world.key("write", "read", name="w"))
    token = shared(writes)["share"]
    assert world.client().get(f"{PATH}/{token}").status_code == 401
    own = world.client(secret=world.key("customer:acme", name="c"))
    assert own.get(f"{PATH}/{token}").status_code == 403
    assert own.post(PATH, json={"path": PLACE}).status_code == 403
    reads = world.client(secret=world.key("read", name="r"))
    assert reads.get(f"{PATH}/{token}").json()["rows"][0]["path"] == PLACE
    assert reads.post(PATH, json={"path": PLACE}).status_code == 403


def test_what_expired_long_ago_is_forgotten_when_the_next_is_made(world: World) -> None:
    token = shared(world.client(), days=1)["share"]
    later = at(world, NOW + timedelta(days=500))
    assert later.get(f"{PATH}/{token}").status_code == 410
    shared(later)
    assert later.get(f"{PATH}/{token}").status_code == 404
