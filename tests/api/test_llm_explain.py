"""Over HTTP: from what calls cost back to each call, and only to one's own."""

from collections.abc import Generator
from decimal import Decimal
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from tests.api.calls_world import EVENTS, GOOD, CallsWorld, calls_world

PATH = "/api/v1/llm/explain"
DAYS = {"from": "2026-11-20", "to": "2026-11-21"}


@pytest.fixture
def world(tmp_path: Path) -> Generator[CallsWorld]:
    with calls_world(tmp_path, "llm: {tenants: {t1: acme, t2: beta}}") as it:
        told = [
            {**GOOD, "externalRequestId": f"r-{n}", "tenantId": f"t{1 + n % 2}", "inputTokens": n}
            for n in range(1, 9)
        ]
        reply = it.client().post(EVENTS, json=told)
        assert reply.status_code == 202, reply.text
        it.told()
        yield it


def asked(world: CallsWorld, *, secret: str = "", **said: Any) -> dict[str, Any]:  # noqa: ANN401
    reply = world.client(secret=secret).get(PATH, params={**DAYS, **said})
    assert reply.status_code == 200, reply.text
    found: dict[str, Any] = reply.json()
    return found


def test_the_reply_keeps_to_its_described_shape_and_adds_up(world: CallsWorld) -> None:
    client = world.client()
    answer = asked(world, model="gpt-4o", rows=3)
    document = client.get("/openapi.json").json()
    operation = document["paths"][PATH]["get"]
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    jsonschema.validate(answer, {**schema, "components": document["components"]})
    assert [row["kind"] for row in answer["rows"]] == ["line"] * 3 + ["others"]
    (shown,) = client.get("/api/v1/llm/models", params=DAYS).json()["rows"]
    assert sum(Decimal(row["cost"]) for row in answer["rows"]) == Decimal(shown["cost"])
    assert answer["total"]["cost"] == shown["cost"]


def test_a_user_is_found_by_the_id_the_application_sent(world: CallsWorld) -> None:
    (listed,) = world.client().get("/api/v1/llm/users", params=DAYS).json()["rows"]
    sent, kept = asked(world, user="u-1"), asked(world, user=listed["user"])
    assert sent == kept
    assert sent["total"]["cost"] == listed["cost"]


def test_a_customers_key_sees_its_own_calls_and_nobody_elses(world: CallsWorld) -> None:
    secret = world.key("customer:acme")
    client = world.client(secret=secret)
    assert client.get(PATH, params=DAYS).status_code == 403
    assert client.get(PATH, params={**DAYS, "customer": "beta"}).status_code == 403
    rows = asked(world, secret=secret, customer="acme")["rows"]
    assert {row["tenant"] for row in rows} == {"t1"}
    assert len(rows) == 4


def test_what_no_call_is_of_is_refused(world: CallsWorld) -> None:
    reply = world.client().get(PATH, params={**DAYS, "feature": "nothing"})
    assert reply.status_code == 400
    assert "nothing" in reply.json()["detail"]
