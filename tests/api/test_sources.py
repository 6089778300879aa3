"""Data sources over HTTP: how each stands, in depth, and by row."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from starlette.testclient import TestClient
from tests.pipeline.data_sources.company import LATER, NOW, Company

from costper.api.app import application
from costper.api.endpoints_sources import SOURCES
from costper.store.keys import add_key

PATH = "/api/v1/sources"
SNAPSHOTS = Path(__file__).parent / "snapshots"
READ = ("bill", "old", "broken", "requests", "users", "customers")


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Company]:
    made = Company.at(tmp_path)
    yield made
    made.books.close()


@pytest.fixture
def synced(company: Company) -> Company:
    company.sync(*READ)
    return company


def client_of(company: Company, secret: str = "") -> TestClient:
    app = application(company.books, clock=lambda: LATER, local=True)
    headers = {"Authorization": f"Bearer {secret}"} if secret else {}
    return TestClient(
        app, base_url="http://127.0.0.1:8321", headers=headers, raise_server_exceptions=False
    )


def got(company: Company, path: str, **query: str) -> dict[str, Any]:
    reply = client_of(company).get(path, params=query)
    assert reply.status_code == 200, reply.text
    found: dict[str, Any] = reply.json()
    return found


PATHS = {
    "sources": PATH,
    "source": f"{PATH}/requests",
    "source_issues": f"{PATH}/requests/issues",
    "sync": "/api/v1/sync",
}


@pytest.mark.parametrize("name", list(PATHS))
def test_every_endpoint_keeps_to_its_described_shape_and_its_golden_reply(
    synced: Company, name: str
) -> None:
    document = client_of(synced).get("/openapi.json").json()
    answer = got(synced, PATHS[name])
    if name == "sync":
        answer["total"]["ended_at"] = "2026-11-20T12:00:01Z"  # as long as it took
    endpoint = next(one for one in SOURCES if one.name == name)
    operation = document["paths"][endpoint.path]["get"]
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    jsonschema.validate(answer, {**schema, "components": document["components"]})
    text = json.dumps(answer, indent=1, ensure_ascii=False) + "\n"
    golden = SNAPSHOTS / f"{name}.json"
    if not golden.exists():  # delete a snapshot to take it anew, then read the difference
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


def test_a_customers_key_sees_none_of_it_and_a_reader_all(synced: Company) -> None:
    def key(scope: str) -> TestClient:
        secret = add_key(synced.books.control, scope.replace(":", " "), (scope,), now=NOW)
        return client_of(synced, secret)

    own, reads, sends = key("customer:acme"), key("read"), key("ingest")
    for path in (*PATHS.values(), f"{PATH}/ghost"):
        assert own.get(path).status_code == 403
        assert sends.get(path).status_code == 403
        assert client_of(synced).get(path).status_code == 401
        assert reads.get(path).status_code == (404 if "ghost" in path else 200)


def test_issues_come_in_pages_in_the_order_of_their_rows(company: Company) -> None:
    rows = "".join(f"day {n},1,acme\n" for n in range(30))
    (company.root / "usage.csv").write_text(f"day,n,who\n2026-11-17,5,acme\n{rows}")
    company.sync("requests")
    found, cursor = list[int](), ""
    while cursor is not None:
        more = {"cursor": cursor} if cursor else {}
        page = got(company, f"{PATH}/requests/issues", limit="7", **more)
        found += [row["row"] for row in page["rows"]]
        cursor = page["next_cursor"]
    assert found == list(range(3, 33))
    (row,) = got(company, f"{PATH}/requests")["rows"]
    assert (len(row["issues"]), row["issues_more"]) == (24, 6)
    assert row["reason"].endswith("(and 29 more errors)")


def test_entity_tags_change_with_syncs_and_with_files(synced: Company) -> None:
    client = client_of(synced)
    for path in (PATH, f"{PATH}/bill"):
        tag = client.get(path).headers["etag"]
        assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
        with (synced.root / "bills" / "november.csv").open("a") as file:
            file.write(" \n")
        changed = client.get(path, headers={"If-None-Match": tag})
        assert changed.status_code == 200
        tag = changed.headers["etag"]
        synced.sync("customers", now=LATER)
        assert client.get(path, headers={"If-None-Match": tag}).status_code == 200


def test_what_nobody_declared_is_told_with_the_nearest(company: Company) -> None:
    reply = client_of(company).get(f"{PATH}/bil")
    assert (reply.status_code, reply.json()["hint"]) == (404, "did you mean 'bill'?")


def test_no_path_of_this_machine_is_told(synced: Company) -> None:
    for path in (PATH, *(f"{PATH}/{name}" for name in READ)):
        assert str(synced.root) not in client_of(synced).get(path).text
