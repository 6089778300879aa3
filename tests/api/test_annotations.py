"""Annotations over HTTP: told once, listed by time, taken back, and what is refused."""

import json
from datetime import date
from typing import Any

import jsonschema
import pytest
from starlette.testclient import TestClient
from tests.api.conftest import World

from costper.api.endpoints_annotations import EXAMPLES
from costper.store.audit import entries, verify

PATH = "/api/v1/annotations"
DEPLOY: dict[str, Any] = {
    "id": "deploy-1",
    "at": "2026-11-19T14:30:00+02:00",
    "title": "checkout 4.7.1 <b>ünï</b>",
    "category": "deploy",
    "url": "https://ci.example/runs/1?a=b",
    "scope": {"service": "checkout"},
}


@pytest.fixture
def client(world: World) -> TestClient:
    return world.client()


def told(client: TestClient, body: object) -> dict[str, Any]:
    reply = client.post(PATH, json=body)
    assert reply.status_code == 200, reply.text
    found: dict[str, Any] = reply.json()["rows"][0]
    return found


def listed(client: TestClient, **query: str) -> list[str]:
    reply = client.get(PATH, params=query)
    assert reply.status_code == 200, reply.text
    return [row["title"] for row in reply.json()["rows"]]


def test_what_happened_is_told_listed_and_taken_back(client: TestClient, world: World) -> None:
    row = told(client, DEPLOY)
    assert row == {
        "id": "deploy-1",
        "at": "2026-11-19T12:30:00Z",
        "until": None,
        "title": DEPLOY["title"],
        "category": "deploy",
        "url": DEPLOY["url"],
        "scope": [{"dimension": "service", "value": "checkout"}],
        "actor": "local",
        "made": "2026-11-20T12:00:00Z",
    }
    assert client.get(PATH).json()["rows"] == [row]
    gone = client.delete(f"{PATH}/deploy-1")
    assert (gone.status_code, gone.json()["rows"]) == (200, [row])
    assert listed(client) == []
    assert client.delete(f"{PATH}/deploy-1").status_code == 404
    actions = [one.action for one in entries(world.books.control)]
    assert actions == ["annotation added", "annotation deleted"]
    assert verify(world.books.control) == 2


def test_told_twice_under_one_id_it_is_kept_once(client: TestClient, world: World) -> None:
    assert told(client, DEPLOY) == told(client, DEPLOY)
    sent_back = {name: DEPLOY[name] for name in DEPLOY} | {"scope": told(client, DEPLOY)["scope"]}
    told(client, sent_back)
    assert len(listed(client)) == 1
    assert len(entries(world.books.control)) == 1
    other = client.post(PATH, json={**DEPLOY, "title": "another"})
    assert (other.status_code, other.json()["type"]) == (409, "urn:costper:problem:taken")
    unnamed = {name: DEPLOY[name] for name in DEPLOY if name != "id"}
    assert told(client, unnamed)["id"] != told(client, unnamed)["id"]


def test_days_and_a_category_choose_and_the_newest_comes_first(client: TestClient) -> None:
    for title, at, until in (
        ("before", "2026-10-31", ""),
        ("reaches in", "2026-10-30", "2026-11-02"),
        ("in", "2026-11-05", ""),
        ("after", "2026-12-01", ""),
    ):
        body = {"title": title, "at": at, "category": "other"}
        told(client, {**body, **({"until": until} if until else {})})
    told(client, {"title": "price", "at": "2026-11-03", "category": "price_change"})
    november = {"from": "2026-11", "to": "2026-12"}
    assert listed(client, **november) == ["in", "price", "reaches in"]
    assert listed(client, **november, category="price_change") == ["price"]
    assert listed(client) == ["after", "in", "price", "before", "reaches in"]
    assert listed(client, **{"from": "2026-11-20"}) == ["after"]
    assert client.get(PATH, params={"category": "party"}).status_code == 400


def test_lists_come_in_pages_and_their_tags_change_with_what_is_told(client: TestClient) -> None:
    for day in range(1, 6):
        told(client, {"title": str(day), "at": f"2026-11-0{day}", "category": "launch"})
    first = client.get(PATH, params={"limit": "2"})
    second = client.get(PATH, params={"limit": "2", "cursor": first.json()["next_cursor"]})
    assert [row["title"] for row in second.json()["rows"]] == ["3", "2"]
    tag = first.headers["etag"]
    same = client.get(PATH, params={"limit": "2"}, headers={"If-None-Match": tag})
    assert same.status_code == 304
    told(client, DEPLOY)
    other = client.get(PATH, params={"limit": "2"}, headers={"If-None-Match": tag})
    assert other.status_code == 200


@pytest.mark.parametrize(
    ("change", "parameter"),
    [
        ({"at": "yesterday"}, "at"),
        ({"at": None}, "at"),
        ({"at": 1_700_000_000}, "at"),
        ({"at": "0001-01-01"}, "at"),
        ({"at": "9999-12-31T23:59:59-12:00"}, "at"),
        ({"at": "2026-11-20" + "0" * 1000}, "at"),
        ({"until": "2026-11-18"}, "until"),
        ({"title": ""}, "title"),
        ({"title": "x" * 201}, "title"),
        ({"title": "two\nlines"}, "title"),
        ({"title": " spaced "}, "title"),
        ({"title": "\ud800"}, "title"),
        ({"category": "party"}, "category"),
        ({"category": None}, "category"),
        ({"url": "javascript:alert(1)"}, "url"),
        ({"url": "//evil.example"}, "url"),
        ({"url": "https://me:secret@ci.example"}, "url"),
        ({"url": "https://ci.example/" + "x" * 2000}, "url"),
        ({"url": "https:// ci.example"}, "url"),
        ({"id": "a b"}, "id"),
        ({"id": "x" * 129}, "id"),
        ({"scope": {"planet": "earth"}}, "scope"),
        ({"scope": {"service": 1}}, "scope"),
        ({"scope": {"service": ""}}, "scope"),
        ({"scope": "service"}, "scope"),
        ({"scope": [1]}, "scope"),
        ({"note": "x"}, "note"),
    ],
)
def test_what_is_wrong_is_named_and_nothing_is_kept(
    client: TestClient, change: dict[str, object], parameter: str
) -> None:
    body = {**DEPLOY, **change}
    content = json.dumps(body)
    reply = client.post(PATH, content=content, headers={"Content-Type": "application/json"})
    assert reply.status_code == 400, reply.text
    if "\\ud800" not in content:
        assert reply.json()["parameter"] == parameter
    assert listed(client) == []


def test_scopes_of_keys_hold_and_a_customers_key_sees_none_of_it(world: World) -> None:
    reads = world.client(secret=world.key("read", name="r"))
    writes = world.client(secret=world.key("write", name="pipeline"))
    own = world.client(secret=world.key("customer:acme", name="c"))
    assert told(writes, DEPLOY)["actor"] == "pipeline"
    assert listed(reads) == [DEPLOY["title"]]
    assert reads.post(PATH, json=DEPLOY).status_code == 403
    assert reads.delete(f"{PATH}/deploy-1").status_code == 403
    for reply in (own.get(PATH), own.post(PATH, json=DEPLOY), own.delete(f"{PATH}/deploy-1")):
        assert reply.status_code == 403
    assert writes.delete(f"{PATH}/deploy-1").status_code == 200


def test_an_id_with_a_slash_can_be_taken_back(client: TestClient) -> None:
    told(client, {**DEPLOY, "id": "github/acme/42"})
    assert client.delete(f"{PATH}/github/acme/42").status_code == 200


def test_replies_keep_to_their_description_and_its_examples_are_taken(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    paths = document["paths"][PATH]
    body = paths["post"]["requestBody"]["content"]["application/json"]["schema"]
    for example in EXAMPLES.values():
        jsonschema.validate(example["value"], body)
        told(client, example["value"])
    schema = paths["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    schema = {**schema, "components": document["components"]}
    jsonschema.validate(client.get(PATH).json(), schema)


def test_days_beyond_the_bills_can_be_asked_for(world: World) -> None:
    world.ledger.every_day(date(2026, 9, 1), 80, "1")
    client = world.client()
    told(client, {**DEPLOY, "at": "2026-11-20T11:00:00Z"})
    assert listed(client, **{"from": "2026-11-20"}) == [DEPLOY["title"]]
