"""Views over HTTP: who may save, what comes back, and what is refused."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from httpx2 import Response
from starlette.testclient import TestClient
from tests.ledger import NOW
from tests.pipeline.query.world import Lettered
from tests.pipeline.views.world import AS_YAML, PER_USER, declared, view_books

from costper.api.app import application
from costper.api.endpoints_views import EXAMPLES
from costper.store.audit import entries
from costper.store.books import Books
from costper.store.keys import add_key

PATH = "/api/v1/views"
ONE = f"{PATH}/per_user"


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Lettered]:
    made = view_books(tmp_path)
    yield made
    made.close()


@pytest.fixture
def books(ledger: Lettered) -> Books:
    return ledger.books()


@pytest.fixture
def client(books: Books) -> TestClient:
    return client_of(books)


def client_of(books: Books, secret: str = "") -> TestClient:
    app = application(books, clock=lambda: NOW, local=True)
    headers = {"Authorization": f"Bearer {secret}"} if secret else {}
    return TestClient(
        app, base_url="http://127.0.0.1:8321", headers=headers, raise_server_exceptions=False
    )


def got(client: TestClient, path: str, **query: str) -> dict[str, Any]:
    reply = client.get(path, params=query)
    assert reply.status_code == 200, reply.text
    found: dict[str, Any] = reply.json()
    return found


def put(client: TestClient, body: object, path: str = ONE) -> dict[str, Any]:
    reply = client.put(path, json=body)
    assert reply.status_code == 200, reply.text
    found: dict[str, Any] = reply.json()
    return found


def test_a_view_is_saved_shown_asked_and_deleted(client: TestClient, books: Books) -> None:
    assert put(client, PER_USER)["rows"][0]["version"] == 1
    (row,) = got(client, ONE)["rows"]
    assert row["title"] == PER_USER["title"]
    asked = got(client, f"{ONE}/answer")
    direct = client.post("/api/v1/query", json={k: row[k] for k in row if k in QUESTION}).json()
    assert asked["rows"] == direct["rows"]
    assert asked["question"]["view"] == "per_user"
    assert client.post("/api/v1/query", json=asked["question"]).json()["rows"] == asked["rows"]
    assert got(client, PATH)["rows"][0]["actor"] == "local"
    reply = client.delete(ONE)
    assert (reply.status_code, reply.json()["rows"]) == (200, [])
    assert client.get(ONE).status_code == 404
    assert client.get(f"{ONE}/answer").status_code == 404
    assert client.delete(ONE).status_code == 404
    assert [one.action for one in entries(books.control)] == ["view saved", "view deleted"]


QUESTION = ("letters", "formulas", "grain", "by", "compare", "range")


def test_a_shown_row_can_be_sent_back_and_is_the_next_version(client: TestClient) -> None:
    put(client, PER_USER)
    (row,) = got(client, ONE)["rows"]
    (again,) = put(client, row)["rows"]
    assert (again["version"], again["letters"]) == (2, row["letters"])
    late = client.put(ONE, json=row)
    assert (late.status_code, late.json()["type"]) == (409, "urn:costper:problem:changed-meanwhile")
    new = client.put(ONE, json={**PER_USER, "version": 0})
    assert new.status_code == 409


def test_a_view_can_be_asked_on_other_days(client: TestClient) -> None:
    put(client, PER_USER)
    found = got(client, f"{ONE}/answer", **{"from": "2026-10-05", "to": "2026-10-12"})
    assert found["question"]["from"] == "2026-10-05"
    found = got(client, f"{ONE}/answer", range="last week")
    assert (found["question"]["from"], found["question"]["to"]) == ("2026-10-19", "2026-10-26")
    assert client.get(f"{ONE}/answer", params={"range": "never"}).status_code == 422


def test_entity_tags_change_with_what_is_saved(client: TestClient) -> None:
    put(client, PER_USER)
    for path in (PATH, ONE, f"{ONE}/answer"):
        tag = client.get(path).headers["etag"]
        assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
        put(client, {**PER_USER, "title": path, "formulas": {"x": f"b * {len(path)} / a"}})
        assert client.get(path, headers={"If-None-Match": tag}).status_code == 200


def test_scopes_say_who_may_read_and_who_may_save(books: Books) -> None:
    def key(name: str, scope: str) -> TestClient:
        return client_of(books, add_key(books.control, name, (scope,), now=NOW))

    reads, writes = key("reads", "read"), key("writes", "write")
    own = key("own", "customer:acme")
    assert client_of(books).get(PATH).status_code == 401
    assert reads.put(ONE, json=PER_USER).status_code == 403
    assert writes.put(ONE, json=PER_USER).status_code == 200
    assert reads.get(f"{ONE}/answer").status_code == 200
    assert reads.delete(ONE).status_code == 403
    for path in (PATH, ONE, f"{ONE}/answer", f"{PATH}/ghost"):
        assert own.get(path).status_code == 403
    assert own.put(ONE, json=PER_USER).status_code == 403
    assert own.delete(ONE).status_code == 403
    assert got(reads, PATH)["rows"][0]["actor"] == "writes"


@pytest.mark.parametrize(
    "name", ["A", "..", "a%2Fb", "a%20b", "a" * 64, "%3Cscript%3E", "a%00", "caf%C3%A9"]
)
def test_hostile_names_are_refused(client: TestClient, name: str) -> None:
    for reply in (
        client.put(f"{PATH}/{name}", json=PER_USER),
        client.get(f"{PATH}/{name}"),
        client.get(f"{PATH}/{name}/answer"),
        client.delete(f"{PATH}/{name}"),
    ):
        assert 400 <= reply.status_code < 500, reply.text
    assert got(client, PATH)["rows"] == []


@pytest.mark.parametrize(
    ("body", "parameter", "position"),
    [
        ({"letters": {"a": "metric nope"}}, "a", 8),
        ({"letters": {"b": "cost where tem = a"}}, "b", 12),
        ({"letters": {"b": "cost"}, "formula": "b / zz"}, "formula", 5),
        ({"letters": {"b": "cost"}, "range": "soon"}, "range", None),
        ({"letters": {"b": "cost"}, "surprise": 1}, "surprise", None),
        ({"letters": {"b": "cost"}, "title": ["x"]}, "title", None),
        ({"letters": {"b": "cost"}, "version": -1}, "version", None),
        ({}, "letters", None),
    ],
)
def test_what_is_wrong_in_a_view_is_named(
    client: TestClient, body: object, parameter: str, position: int | None
) -> None:
    reply = client.put(ONE, json=body)
    assert reply.status_code == 400, reply.text
    found = reply.json()
    assert (found["parameter"], found.get("position")) == (parameter, position)


def test_only_json_that_says_it_is_can_be_saved(client: TestClient) -> None:
    assert client.put(ONE, content="{}", headers={"Content-Type": "text/plain"}).status_code == 415
    assert client.put(ONE, json={"title": "x" * 70_000}).status_code == 413


def test_a_declared_view_cannot_be_saved_over_or_deleted(tmp_path: Path) -> None:
    made = view_books(tmp_path, declared(tmp_path, AS_YAML))
    client = client_of(made.books())
    assert got(client, PATH)["rows"][0]["declared"] == "costper.yaml:3"
    assert client.put(ONE, json=PER_USER).json()["type"] == "urn:costper:problem:declared"
    assert client.delete(ONE).status_code == 409
    assert got(client, f"{ONE}/answer")["rows"]
    made.close()


def test_a_metric_that_vanished_is_named_and_not_taken_for_a_missing_view(books: Books) -> None:
    put(client_of(books), PER_USER)
    left = tuple(one for one in books.settings.metrics if one.name != "daily_active_users")
    poorer = replace(books, settings=replace(books.settings, metrics=left))
    reply = client_of(poorer).get(f"{ONE}/answer")
    assert reply.status_code == 422
    assert "unknown metric 'daily_active_users'" in reply.json()["detail"]


def test_the_described_examples_are_taken(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    schema = document["paths"][f"{PATH}/{{name}}"]["put"]["requestBody"]["content"]
    for name, example in EXAMPLES.items():
        jsonschema.validate(example["value"], schema["application/json"]["schema"])
        put(client, example["value"], f"{PATH}/{name}")
        assert got(client, f"{PATH}/{name}/answer")["question"]["grain"] == "month"


@pytest.mark.parametrize("how", ["query", "header"])
def test_a_view_somebody_saved_meanwhile_is_not_deleted(client: TestClient, how: str) -> None:
    put(client, PER_USER)
    put(client, {**PER_USER, "title": "Somebody else's"})

    def delete(version: str) -> Response:
        if how == "query":
            return client.delete(ONE, params={"version": version})
        return client.delete(ONE, headers={"If-Match": f'"{version}"'})

    late = delete("1")
    assert (late.status_code, late.json()["type"]) == (409, "urn:costper:problem:changed-meanwhile")
    assert got(client, ONE)["rows"][0]["title"] == "Somebody else's"
    assert delete("x").status_code == 400
    assert delete("2").status_code == 200
    assert client.get(ONE).status_code == 404
