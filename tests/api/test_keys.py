"""Keys and the log over HTTP: only for admins, never a secret twice, nobody shut out."""

from datetime import datetime
from typing import Any

import pytest
from starlette.testclient import TestClient
from tests.api.conftest import World

from costper.api import endpoints_keys
from costper.store.audit import entries
from costper.store.control import Control
from costper.store.keys import add_key, list_keys

KEYS = "/api/v1/keys"
AUDIT = "/api/v1/audit"
WHO = "/api/v1/whoami"


def made(client: TestClient, name: str, *scopes: str, **more: str) -> dict[str, Any]:
    body = {"name": name, **({"scopes": list(scopes)} if scopes else {}), **more}
    reply = client.post(KEYS, json=body)
    assert reply.status_code == 200, reply.text
    found: dict[str, Any] = reply.json()["rows"][0]
    return found


@pytest.fixture
def admin(world: World) -> TestClient:
    return world.client(secret=world.key("admin", name="boss"))


def test_a_key_is_made_shown_once_used_and_revoked(world: World, admin: TestClient) -> None:
    row = made(admin, "dash/board", "read", "write")
    secret = row["secret"]
    assert row["scopes"] == ["read", "write"]
    listed = admin.get(KEYS)
    assert secret not in listed.text
    assert {one["name"] for one in listed.json()["rows"]} == {"boss", "dash/board"}
    assert listed.json()["total"] == {"keys": 2, "in_force": 2}
    holder = world.client(secret=secret)
    assert holder.get("/api/v1/views").status_code == 200
    gone = admin.delete(f"{KEYS}/dash/board")
    assert gone.json()["rows"][0]["revoked"] == "2026-11-20T12:00:00Z"
    assert holder.get("/api/v1/views").status_code == 401
    assert admin.delete(f"{KEYS}/nobody").status_code == 404
    log = entries(world.books.control)
    assert [(one.action, one.actor) for one in log[1:]] == [
        ("key added", "boss"),
        ("key revoked", "boss"),
    ]
    assert secret not in admin.get(AUDIT).text


def test_only_admins_see_and_make_keys_and_read_the_log(world: World, admin: TestClient) -> None:
    for scope in ("read", "write", "ingest", "customer:acme"):
        client = world.client(secret=made_with(admin, scope))
        assert client.get(KEYS).status_code == 403
        assert client.get(AUDIT).status_code == 403
        for wanted in (["admin"], ["read"]):
            body = {"name": f"{scope} more", "scopes": wanted}
            assert client.post(KEYS, json=body).status_code == 403
        assert client.delete(f"{KEYS}/boss").status_code == 403
    assert len(list_keys(world.books.control)) == 5


def made_with(admin: TestClient, scope: str) -> str:
    if scope.startswith("customer:"):
        return str(made(admin, scope, customer=scope.partition(":")[2])["secret"])
    return str(made(admin, scope, scope)["secret"])


def test_an_entity_tag_of_an_admin_opens_nothing(world: World, admin: TestClient) -> None:
    reads = world.client(secret=world.key("read", name="r"))
    for path in (KEYS, AUDIT):
        tag = admin.get(path).headers["etag"]
        assert reads.get(path, headers={"If-None-Match": tag}).status_code == 403


def test_the_first_key_does_not_shut_its_maker_out(world: World) -> None:
    client = world.client()
    refused = client.post(KEYS, json={"name": "dashboard"})
    assert (refused.status_code, refused.json()["type"]) == (409, "urn:costper:problem:first-key")
    secret = made(client, "boss", "admin")["secret"]
    assert client.get(KEYS).status_code == 401
    assert world.client(secret=secret).get(KEYS).status_code == 200


def test_of_two_first_keys_at_once_only_one_is_made(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def late(
        control: Control, name: str, scopes: tuple[str, ...], *, now: datetime, **said: bool
    ) -> str:
        add_key(control, "quicker", scopes, now=now)
        return add_key(control, name, scopes, now=now, only_first=said["only_first"])

    monkeypatch.setattr(endpoints_keys, "add_key", late)
    reply = world.client().post(KEYS, json={"name": "boss", "scopes": ["admin"]})
    assert (reply.status_code, reply.json()["type"]) == (409, "urn:costper:problem:first-key")
    assert [key.name for key in list_keys(world.books.control)] == ["quicker"]


def test_a_key_cannot_revoke_itself_so_one_that_makes_keys_is_left(admin: TestClient) -> None:
    reply = admin.delete(f"{KEYS}/boss")
    assert (reply.status_code, reply.json()["type"]) == (409, "urn:costper:problem:own-key")


@pytest.mark.parametrize(
    ("body", "status", "parameter"),
    [
        ({"name": ""}, 400, "name"),
        ({"name": "x" * 65}, 400, "name"),
        ({"name": "a\nb"}, 400, "name"),
        ({"name": "local"}, 400, "name"),
        ({"name": "boss"}, 409, "name"),
        ({"name": 7}, 400, "name"),
        ({"name": "a", "scopes": ["root"]}, 400, "scopes"),
        ({"name": "a", "scopes": "admin"}, 400, "scopes"),
        ({"name": "a", "scopes": [1]}, 400, "scopes"),
        ({"name": "a", "scopes": ["customer:acme"]}, 400, "scopes"),
        ({"name": "a", "scopes": ["read"], "customer": "acme"}, 400, "scopes"),
        ({"name": "a", "customer": "(unallocated)"}, 400, "customer"),
        ({"name": "a", "customer": ""}, 400, "customer"),
        ({"name": "a", "customer": "  "}, 400, "customer"),
        ({"name": "a", "secret": "cp_mine"}, 400, "secret"),
    ],
)
def test_what_is_wrong_with_a_key_is_named(
    admin: TestClient, body: object, status: int, parameter: str
) -> None:
    reply = admin.post(KEYS, json=body)
    assert (reply.status_code, reply.json()["parameter"]) == (status, parameter), reply.text
    assert len(admin.get(KEYS).json()["rows"]) == 1


def test_a_key_for_a_customer_nobody_knows_is_made_and_told_of(admin: TestClient) -> None:
    reply = admin.post(KEYS, json={"name": "ghost", "customer": "ghost"}).json()
    assert reply["rows"][0]["scopes"] == ["customer:ghost"]
    assert reply["issues"][0]["code"] == "unknown_customer"


def test_the_day_a_key_was_used_is_known_and_noting_it_changes_no_answer(world: World) -> None:
    secret = world.key("read", name="r")
    admin = world.client(secret=world.key("admin", name="boss"))
    before = world.books.control.changes
    rows = {one["name"]: one["last_used"] for one in admin.get(KEYS).json()["rows"]}
    assert rows == {"boss": "2026-11-20", "r": None}
    world.client(secret=secret).get("/api/v1/views")
    rows = {one["name"]: one["last_used"] for one in admin.get(KEYS).json()["rows"]}
    assert rows["r"] == "2026-11-20"
    assert world.books.control.changes == before


def test_the_log_comes_in_pages_that_later_entries_do_not_shift(admin: TestClient) -> None:
    for number in range(6):
        made(admin, f"key {number}")
    page = admin.get(AUDIT, params={"rows": "3"}).json()
    assert [one["subject"] for one in page["rows"]] == ["key 5", "key 4", "key 3"]
    assert page["total"] == {"entries": 7, "before": 5}
    made(admin, "key 6")
    following = admin.get(AUDIT, params={"rows": "10", "before": "5"}).json()
    assert [one["subject"] for one in following["rows"]] == ["key 2", "key 1", "key 0", "boss"]
    assert following["total"]["before"] is None
    assert admin.get(AUDIT, params={"before": "0"}).status_code == 400


@pytest.mark.parametrize(
    ("scope", "may"),
    [
        ("read", {"reads"}),
        ("write", {"writes"}),
        ("ingest", {"ingests"}),
        ("admin", {"reads", "writes", "ingests", "admin"}),
        ("customer:acme", {"reads"}),
    ],
)
def test_anybody_is_told_who_they_are_and_what_they_may_do(
    world: World, scope: str, may: set[str]
) -> None:
    client = world.client(secret=world.key(scope, name="me"))
    (row,) = client.get(WHO).json()["rows"]
    assert {name for name in ("reads", "writes", "ingests", "admin") if row[name]} == may
    assert row["customer"] == ("acme" if scope.startswith("customer") else None)
    assert row["key"] is True


def test_on_this_machine_whoever_needs_no_key_may_do_everything(world: World) -> None:
    (row,) = world.client().get(WHO).json()["rows"]
    assert (row["name"], row["key"], row["admin"], row["writes"]) == ("local", False, True, True)
