from datetime import date
from typing import Any

import pytest
from openapi_spec_validator import validate
from starlette.testclient import TestClient
from tests.api.conftest import World

from costper.store.feedback import LONGEST_NOTE

INCIDENTS = "/api/v1/incidents"
START = date(2026, 8, 1)


@pytest.fixture
def filled(world: World) -> World:
    world.ledger.every_day(START, 111, "100", service="db", team="data")
    world.ledger.leg(date(2026, 11, 10), "4000", service="db", team="data")
    return world


def only(client: TestClient, **query: str) -> dict[str, Any]:
    reply = client.get(INCIDENTS, params=query)
    assert reply.status_code == 200, reply.text
    (row,) = reply.json()["rows"]
    found: dict[str, Any] = row
    return found


def test_what_was_expected_is_gone_from_the_list_and_stays_known(filled: World) -> None:
    client = filled.client()
    name = only(client)["incident"]
    tag = client.get(INCIDENTS).headers["etag"]
    said = client.post(
        f"{INCIDENTS}/{name}/feedback", json={"verdict": "expected", "note": "load test"}
    )
    assert said.status_code == 200, said.text
    assert said.json()["total"]["verdict"] == "expected"
    after = client.get(INCIDENTS, headers={"If-None-Match": tag})
    assert after.status_code == 200
    assert after.json()["rows"] == []
    assert after.json()["total"]["called_expected"] == 3
    row = only(client, all="true")
    assert (row["note"], row["by"], row["said_at"]) == (
        "load test",
        "local",
        "2026-11-20T12:00:00+00:00",
    )
    assert client.get("/api/v1/costs/anomalies").json()["rows"] == []
    one = client.get(f"{INCIDENTS}/{name}").json()
    assert [row["day"] for row in one["rows"]] == ["2026-11-10"]


def test_only_those_of_one_severity_are_listed(filled: World) -> None:
    client = filled.client()
    critical = client.get(INCIDENTS, params={"severity": "critical"}).json()
    assert [row["severity"] for row in critical["rows"]] == ["critical"]
    warnings = client.get(INCIDENTS, params={"severity": "warning"}).json()
    assert (warnings["rows"], warnings["total"]["incidents"]) == ([], 0)
    assert client.get(INCIDENTS, params={"severity": "odd"}).status_code == 400


def test_an_incident_tells_of_the_days_around_it_and_what_each_was_expected_to_cost(
    filled: World,
) -> None:
    client = filled.client()
    name = only(client)["incident"]
    near = client.get(f"{INCIDENTS}/{name}").json()["total"]["around"]
    assert (near[0]["day"], near[-1]["day"]) == ("2026-10-13", "2026-11-18")
    (odd,) = [row for row in near if row["unusual"]]
    assert (odd["day"], odd["cost"], odd["expected"]) == ("2026-11-10", "4100.00", "100.00")
    usual = next(row for row in near if row["day"] == "2026-11-09")
    assert (usual["cost"], usual["expected_low"]) == ("100.00", odd["expected_low"])


def test_an_incident_names_the_same_echoes_as_the_list(filled: World) -> None:
    client = filled.client()
    row = only(client)
    assert row["echoes"]
    assert client.get(f"{INCIDENTS}/{row['incident']}").json()["total"]["echoes"] == row["echoes"]


def test_days_with_too_few_before_them_have_no_range(world: World) -> None:
    world.ledger.every_day(date(2026, 9, 20), 60, "100", service="db", team="data")
    world.ledger.leg(date(2026, 11, 10), "4000", service="db", team="data")
    client = world.client()
    near = client.get(f"{INCIDENTS}/{only(client)['incident']}").json()["total"]["around"]
    assert near[0]["expected"] == {"value": None, "reason": "too_few_days"}
    assert near[-1]["expected_low"] is not None


def test_a_key_that_only_reads_may_say_nothing(filled: World) -> None:
    name = only(filled.client())["incident"]
    path, body = f"{INCIDENTS}/{name}/feedback", {"verdict": "real"}
    reading = filled.client(secret=filled.key("read"))
    assert reading.post(path, json=body).status_code == 403
    own = filled.client(secret=filled.key("customer:acme", name="acme"))
    assert own.post(path, json=body).status_code == 403
    assert filled.client().post(path, json=body).status_code == 401
    writing = filled.client(secret=filled.key("read", "write", name="writer"))
    assert writing.post(path, json=body).status_code == 200
    assert only(writing)["by"] == "writer"


@pytest.mark.parametrize(
    ("name", "sent", "status"),
    [
        ("", {"json": {"verdict": "maybe"}}, 400),
        ("", {"json": {"verdict": "real", "why": "x"}}, 400),
        ("", {"json": {"verdict": "real", "note": 3}}, 400),
        ("", {"json": {"verdict": "real", "note": "x" * (LONGEST_NOTE + 1)}}, 422),
        ("", {"json": {"verdict": "real", "note": "x\n"}}, 200),
        ("", {"json": {"verdict": "real", "note": "x\u0007y"}}, 422),
        ("", {"json": ["real"]}, 400),
        ("", {"content": b"{", "headers": {"Content-Type": "application/json"}}, 400),
        ("", {"content": b'{"verdict": "real"}'}, 415),
        ("", {"json": {"verdict": "real", "note": "x" * 70_000}}, 413),
        ("20261110-0000000000", {"json": {"verdict": "real"}}, 404),
        ("no-such", {"json": {"verdict": "real"}}, 404),
    ],
)
def test_what_is_sent_is_read_strictly(
    filled: World, name: str, sent: dict[str, Any], status: int
) -> None:
    client = filled.client()
    path = f"{INCIDENTS}/{name or only(client)['incident']}/feedback"
    reply = client.post(path, **sent)
    assert reply.status_code == status, reply.text
    if status != 200:
        assert reply.headers["content-type"] == "application/problem+json"


def test_an_incident_nobody_knows_is_not_found(filled: World) -> None:
    for name in ("20261110-0000000000", "20991110-0000000000", "x"):
        assert filled.client().get(f"{INCIDENTS}/{name}").status_code == 404


def test_what_may_be_sent_is_described(filled: World) -> None:
    document = filled.client().get("/openapi.json").json()
    validate(document)
    sent = document["paths"][f"{INCIDENTS}/{{id}}/feedback"]["post"]
    assert sent["requestBody"]["content"]["application/json"]["schema"]["required"] == ["verdict"]
