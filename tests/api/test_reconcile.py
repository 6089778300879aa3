"""The gap between price and bill over HTTP: in its described shape, as decimal strings."""

from pathlib import Path

import jsonschema
from starlette.testclient import TestClient
from tests.pipeline.calls.billed_world import BILLED, DAY, NOW, Calls, desk

from costper.api.app import application

PATH = "/api/v1/llm/reconcile"
DAYS = {"from": "2026-11-01", "to": "2026-11-10"}


def test_the_reply_has_the_shape_that_is_described(tmp_path: Path) -> None:
    with desk(tmp_path, llm=BILLED) as it:
        it.fold(Calls(cost="6"), Calls(cost="2", provider="mistral", model="small"))
        it.invoice((DAY, "8"), tags='{"model": "gpt-5"}')
        it.land()
        it.allocate()
        app = application(it.books, clock=lambda: NOW, local=True)
        client = TestClient(app, base_url="http://127.0.0.1")
        document = client.get("/openapi.json").json()
        for by in ("model", "provider", "day"):
            answer = client.get(PATH, params={**DAYS, "by": by}).json()
            operation = document["paths"][PATH]["get"]
            schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
            jsonschema.validate(answer, {**schema, "components": document["components"]})
            first, second = answer["rows"]
            assert (first["provider"], first["gap"]) == ("openai", "-2.00")
            assert second["gap"] == {"value": None, "reason": "no_invoice"}
        refused = client.get(PATH, params={"by": "hour"})
        assert refused.status_code == 400
