"""Prices and the unpriced queue over HTTP: in their described shape, fresh after every change."""

from pathlib import Path

import jsonschema
import pytest
from starlette.testclient import TestClient
from tests.api.calls_world import EVENTS, GOOD, calls_world


def shaped(client: TestClient, path: str, **params: str) -> list[dict[str, object]]:
    """Ask, and hold the reply to the shape that is described."""
    reply = client.get(path, params=params)
    assert reply.status_code == 200, reply.text
    document = client.get("/openapi.json").json()
    operation = document["paths"][path]["get"]
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    jsonschema.validate(reply.json(), {**schema, "components": document["components"]})
    rows: list[dict[str, object]] = reply.json()["rows"]
    return rows


def test_prices_are_listed_by_day(tmp_path: Path) -> None:
    with calls_world(tmp_path) as world:
        client = world.client()
        asked = {"provider": "openai", "like": "o3", "limit": "1"}
        (then,) = shaped(client, "/api/v1/llm/prices", **asked, day="2025-06-01")
        (now,) = shaped(client, "/api/v1/llm/prices", **asked)
        assert (then["output_per_mtok"], now["output_per_mtok"]) == ("40.00", "8.00")
        refused = client.get("/api/v1/llm/prices", params={"provider": "opnai"})
        assert refused.status_code == 422
        assert "openai" in refused.text


@pytest.mark.parametrize("model", ["gpt-4o-mni", "gpt-4o-mini-2"])
def test_the_queue_of_unpriced_calls_follows_the_calls(tmp_path: Path, model: str) -> None:
    with calls_world(tmp_path) as world:
        client = world.client()
        first = client.get("/api/v1/llm/unpriced")
        assert first.json()["rows"] == []
        client.post(EVENTS, json={**GOOD, "model": model})
        world.told()
        again = {"If-None-Match": first.headers["etag"]}
        assert client.get("/api/v1/llm/unpriced", headers=again).status_code == 200
        (row,) = shaped(client, "/api/v1/llm/unpriced")
        assert (row["model"], row["calls"], row["tokens"]) == (model, 1, 110)
        assert row["suggested"] == "openai/gpt-4o-mini"


def test_calls_without_a_price_raise_the_alarm_on_the_page_and_in_the_metrics(
    tmp_path: Path,
) -> None:
    with calls_world(tmp_path) as world:
        client = world.client()
        assert "costper_unpriced_calls 0\n" in client.get("/metrics").text
        assert "costper unpriced" not in client.get("/").text
        client.post(EVENTS, json={**GOOD, "model": "our-tune"})
        world.told()
        assert "costper_unpriced_calls 1\n" in client.get("/metrics").text
        assert "costper_unpriced_models 1\n" in client.get("/metrics").text
        assert "1 call of 1 model without a price" in client.get("/").text
