"""Data sources over HTTP: how each stands, in depth, and by row."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from starlette.testclient import TestClient
from tests.pipeline.data_sources.company import LATER, Company

from costper.api.app import application
from costper.api.endpoints_sources import SOURCES

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
