"""What LLM calls would have cost otherwise, over HTTP: for those who see all calls only."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from starlette.testclient import TestClient
from tests.api.calls_world import CallsWorld
from tests.pipeline.llm.observed_world import observed

from costper.api.endpoints_llm_instead import LLM_INSTEAD

SAVINGS, LIMITS = "/api/v1/llm/savings", "/api/v1/llm/limits"
NOVEMBER = {"from": "2026-11-01", "to": "2026-12-01"}
LLM = """
llm:
  prices: [prices.yaml]
  service_accounts: {nightly: {team: growth}}
  tenants: {t1: acme}
"""
PRICES = "prices: []\n"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[CallsWorld]:
    (tmp_path / "prices.yaml").write_text(PRICES, encoding="utf-8")
    with observed(tmp_path, LLM) as made:
        made.send(
            {
                "inputTokens": 4_000,
                "outputTokens": 100,
                "userId": f"u-{number % 3}",
                "tenantId": "t1",
                "serviceAccount": "nightly" if number > 7 else "",
            }
            for number in range(10)
        )
        yield made.world


def asked(client: TestClient, path: str, **said: str) -> dict[str, Any]:
    reply = client.get(path, params={**NOVEMBER, **said})
    assert reply.status_code == 200, reply.text
    found: dict[str, Any] = reply.json()
    return found


@pytest.mark.parametrize("endpoint", LLM_INSTEAD, ids=lambda one: one.name)
def test_every_reply_keeps_to_its_described_shape(world: CallsWorld, endpoint: Any) -> None:  # noqa: ANN401
    client = world.client()
    answer = asked(client, endpoint.path)
    document = client.get("/openapi.json").json()
    operation = document["paths"][endpoint.path]["get"]
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    jsonschema.validate(answer, {**schema, "components": document["components"]})
    assert answer["rows"]
    assert answer["currency"] == "USD"


def test_what_is_compared_is_said_in_the_query(world: CallsWorld) -> None:
    said = {
        "with_model": "openai/gpt-5-mini, anthropic/claude-haiku-4-5",
        "batch": "search",
        "route": "tenant=t1:openai/gpt-5-nano",
        "tokens_differ": "10",
    }
    rows = asked(world.client(), SAVINGS, **said)["rows"]
    assert {row["lever"] for row in rows} == {"model", "batch", "caching", "routing"}
    told = {row["to"] for row in rows if row["lever"] == "model"}
    assert told == {"openai/gpt-5-mini", "anthropic/claude-haiku-4-5"}
    assert all(isinstance(row["would_low"], str) for row in rows)
    found = asked(world.client(), LIMITS, limits="0.001,0.02", of="tenant", grain="day")
    assert [row["limit"] for row in found["rows"]] == ["0.001", "0.02"]


@pytest.mark.parametrize(
    ("path", "said"),
    [
        (SAVINGS, {"with_model": "gpt-5-mini"}),
        (SAVINGS, {"route": "starter"}),
        (SAVINGS, {"tokens_differ": "100"}),
        (LIMITS, {"limits": "five"}),
        (LIMITS, {"limits": "-5"}),
        (LIMITS, {"of": "planet"}),
    ],
)
def test_what_is_not_written_as_it_should_be_is_refused(
    world: CallsWorld, path: str, said: dict[str, str]
) -> None:
    reply = world.client().get(path, params=said)
    assert reply.status_code in {400, 422}, reply.text
    assert reply.json()["detail"]


@pytest.mark.parametrize("path", [SAVINGS, LIMITS])
def test_a_customers_key_is_refused_and_one_that_may_read_is_not(
    world: CallsWorld, path: str
) -> None:
    own = world.client(secret=world.key("customer:acme"))
    for said in ({}, {"customer": "acme"}, {"customer": "beta"}):
        assert own.get(path, params=said).status_code == 403
    assert world.client(secret=world.key("read")).get(path).status_code == 200


def test_an_edited_price_is_another_answer(world: CallsWorld) -> None:
    client = world.client()
    first = client.get(SAVINGS, params=NOVEMBER)
    again = {"If-None-Match": first.headers["etag"]}
    assert client.get(SAVINGS, params=NOVEMBER, headers=again).status_code == 304
    own = "prices:\n  - {provider: openai, models: gpt-5, discount_percent: 50}\n"
    (world.books.settings.root / "prices.yaml").write_text(own, encoding="utf-8")
    second = client.get(SAVINGS, params=NOVEMBER, headers=again)
    assert second.status_code == 200
    before, after = (it.json()["total"]["now"] for it in (first, second))
    assert float(after) * 2 == pytest.approx(float(before))
