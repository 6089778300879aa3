import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from openapi_spec_validator import validate
from tests.api.conftest import World

from costper.api.endpoints import ENDPOINTS
from costper.api.endpoints_llm import LLM
from costper.api.endpoints_llm_why import LLM_WHY
from costper.pipeline.metric_refresh import refresh_metrics

SNAPSHOTS = Path(__file__).parent / "snapshots"
OCTOBER = {"from": "2026-10-01", "to": "2026-11-01"}
COSTS = "/api/v1/costs"


@pytest.fixture
def filled(world: World) -> World:
    ledger = world.ledger
    ledger.every_day(date(2026, 7, 1), 142, "100", service="db", team="data")
    ledger.every_day(date(2026, 7, 1), 142, "20.5", customer="beta", team="web")
    ledger.every_day(date(2026, 7, 1), 142, "1", customer="(unallocated)", reason="no_usage")
    ledger.leg(date(2026, 10, 10), "4000", customer="beta", team="web")
    ledger.payer("acme", "9000", plan="pro").payer("beta", "310", plan="free")
    ledger.requests(date(2026, 10, 1), 1000).requests(date(2026, 10, 1), 500, "beta")
    ledger.measured(date(2026, 10, 1), 1000).measured(date(2026, 10, 3), 0)
    ledger.measured(date(2026, 10, 3), 20, "Gamma ").keep()
    refresh_metrics(world.books)
    ledger.hour(date(2026, 10, 3), 3, "12.25").hour(date(2026, 10, 5), 10, "7")
    return world


def get(world: World, path: str, **query: str) -> dict[str, Any]:
    reply = world.client().get(path, params=query)
    assert reply.status_code == 200, reply.text
    answer: dict[str, Any] = reply.json()
    return answer


def test_loss_makers_come_first(filled: World) -> None:
    found = get(filled, f"{COSTS}/customers", **OCTOBER)
    assert [row["customer"] for row in found["rows"]] == ["beta", "acme"]
    assert found["rows"][0]["margin_percent"] == "-1395.3"
    (nobody,) = found["total"]["not_customers"]
    assert (nobody["customer"], nobody["cost"]) == ("(unallocated)", "31.00")
    assert found["unallocated"] == {"no_usage": "31.00"}
    assert found["settled_through"] == "2026-11-18"


def test_a_missing_number_is_null_with_its_reason(filled: World) -> None:
    found = get(filled, f"{COSTS}/teams/data", **OCTOBER)
    assert found["rows"][0]["requests"] == {"value": None, "reason": "not_measured"}


PATHS = {
    "customers": f"{COSTS}/customers",
    "customer": f"{COSTS}/customers/beta",
    "teams": f"{COSTS}/teams",
    "team": f"{COSTS}/teams/web",
    "services": f"{COSTS}/services",
    "service": f"{COSTS}/services/db",
    "environments": f"{COSTS}/environments",
    "environment": f"{COSTS}/environments/production",
    "anomalies": f"{COSTS}/anomalies",
    "incidents": "/api/v1/incidents",
    "incident": "/api/v1/incidents/20261010-58172a0af2",
    "forecast": "/api/v1/forecast",
    "trend": f"{COSTS}/trend",
    "waste": f"{COSTS}/waste",
    "waste_hours": f"{COSTS}/waste/hours?environment=staging",
    "savings": "/api/v1/savings",
    "margins": "/api/v1/margins",
    "concentration": "/api/v1/concentration",
    "verdict": "/api/v1/verdict",
    "metric_list": "/api/v1/metrics",
    "metric": "/api/v1/metrics/requests",
}


WITHOUT_DAYS = {"forecast", "incident", "metric_list"}


ELSEWHERE = {"explain", "reconcile", "unknown", "views", "view", "view_answer"} | {
    *("prices", "unpriced", "llm_limits", "llm_savings", "llm_explain"),
    *("annotations", "share", "keys", "audit"),
    *("allocation", "allocation_runs", "untagged"),
    *("sources", "source", "source_issues", "sync", "source_types"),
}
"""Endpoints whose replies are held in a test file of their own."""


def test_every_endpoint_has_a_golden_reply_or_tests_of_its_own() -> None:
    elsewhere = {*ELSEWHERE, *(endpoint.name for endpoint in (*LLM, *LLM_WHY))}
    assert {*PATHS, *elsewhere} == {endpoint.name for endpoint in ENDPOINTS}


@pytest.mark.parametrize("name", list(PATHS))
def test_every_endpoint_keeps_to_its_described_shape_and_its_golden_reply(
    filled: World, name: str
) -> None:
    document = filled.client().get("/openapi.json").json()
    answer = get(filled, PATHS[name], **({} if name in WITHOUT_DAYS else OCTOBER))
    endpoint = next(one for one in ENDPOINTS if one.name == name)
    operation = document["paths"][endpoint.path]["get"]
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    jsonschema.validate(answer, {**schema, "components": document["components"]})
    text = json.dumps(answer, indent=1, ensure_ascii=False) + "\n"
    golden = SNAPSHOTS / f"{name}.json"
    if not golden.exists():  # delete a snapshot to take it anew, then read the difference
        golden.parent.mkdir(exist_ok=True)
        golden.write_text(text, encoding="utf-8")
        pytest.fail(f"{golden.name} was missing and is written now; read it, then run again")
    assert text == golden.read_text(encoding="utf-8")


def test_the_description_is_valid_openapi(world: World) -> None:
    document = world.client().get("/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    validate(document)


def test_a_month_is_its_first_day(filled: World) -> None:
    path = f"{COSTS}/customers"
    by_month = get(filled, path, **{"from": "2026-10", "to": "2026-11"})
    assert by_month == get(filled, path, **{"from": "2026-10-01", "to": "2026-11-01"})


def test_pages_put_together_are_the_whole(filled: World) -> None:
    whole = get(filled, f"{COSTS}/customers", **OCTOBER)["rows"]
    rows: list[object] = []
    query = {**OCTOBER, "limit": "1"}
    while True:
        page = get(filled, f"{COSTS}/customers", **query)
        assert len(page["rows"]) == 1
        assert page["total"]["customers"] == 2
        rows += page["rows"]
        if page["next_cursor"] is None:
            break
        query["cursor"] = page["next_cursor"]
    assert rows == whole


def test_a_cursor_of_older_books_or_another_question_is_gone(filled: World) -> None:
    client = filled.client()
    cursor = client.get(f"{COSTS}/customers?limit=1").json()["next_cursor"]
    other = client.get(f"{COSTS}/customers", params={"cursor": cursor, "days": "7"})
    assert (other.status_code, other.json()["parameter"]) == (410, "cursor")
    filled.ledger.payer("new", "1").keep()
    late = client.get(f"{COSTS}/customers", params={"cursor": cursor, "limit": "1"})
    assert late.status_code == 410


def test_a_cursor_past_the_last_row_is_refused(filled: World) -> None:
    client = filled.client()
    cursor = client.get(f"{COSTS}/customers?limit=1").json()["next_cursor"]
    text = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
    forged = urlsafe_b64encode(text.replace(":1", ":99").encode()).decode().rstrip("=")
    reply = client.get(f"{COSTS}/customers", params={"cursor": forged})
    assert (reply.status_code, reply.json()["parameter"]) == (400, "cursor")


def test_an_unchanged_answer_is_304_until_the_books_change(filled: World) -> None:
    client = filled.client()
    first = client.get(f"{COSTS}/teams")
    etag = first.headers["etag"]
    again = client.get(f"{COSTS}/teams", headers={"If-None-Match": etag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    weak = client.get(f"{COSTS}/teams", headers={"If-None-Match": f'"x", W/{etag}'})
    assert weak.status_code == 304
    filled.ledger.payer("acme", "1", since=date(2026, 11, 1)).keep()
    assert client.get(f"{COSTS}/teams", headers={"If-None-Match": etag}).status_code == 200


def test_names_with_slashes_and_spaces_are_reached(filled: World) -> None:
    filled.ledger.leg(date(2026, 10, 10), "3", service="a/b c")
    found = get(filled, f"{COSTS}/services/a%2Fb%20c", **OCTOBER)
    assert found["rows"][0]["cost"] == "3.00"
    assert get(filled, f"{COSTS}/services/a/b%20c", **OCTOBER)["rows"][0]["service"] == "a/b c"
