import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from starlette.testclient import TestClient
from tests.ledger import NOW
from tests.pipeline.query.world import OCTOBER, Lettered, lettered

from costper.api.app import application
from costper.api.endpoints_verdict import EXAMPLES
from costper.store.keys import add_key

PATH = "/api/v1/verdict"
LETTERS = {"a": "metric orders", "b": "cost"}
QUESTION: dict[str, Any] = {"letters": LETTERS, "formula": "b / a", "by": ["team"], **OCTOBER}


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Lettered]:
    made = lettered(tmp_path)
    for first, cost in ((date(2026, 8, 31), "20"), (date(2026, 10, 1), "26")):
        made.every_day(first, 31, cost, team="search").every_day(first, 31, "70", team="data")
        made.metric_days("orders", first, 31, 100, team="search")
        made.metric_days("orders", first, 31, 900, team="data")
    made.payer("acme", "2000").keep()
    yield made
    made.close()


@pytest.fixture
def client(ledger: Lettered) -> TestClient:
    app = application(ledger.books(), clock=lambda: NOW, local=True)
    return TestClient(app, base_url="http://127.0.0.1:8321", raise_server_exceptions=False)


def test_a_question_that_is_sent_is_judged_in_all_and_by_segment(client: TestClient) -> None:
    reply = client.post(PATH, json=QUESTION)
    assert reply.status_code == 200, reply.text
    found = reply.json()
    assert found["total"]["growth_percent"] == "6.67"
    assert (found["total"]["verdict"], found["total"]["severity"]) == ("drifting", "minor")
    assert [(row["team"], row["growth_percent"]) for row in found["rows"]] == [
        ("search", "30.0"),
        ("data", "0.0"),
    ]
    assert found["total"]["sentence"] == "cost per order rose 6.67 %; search got dearer"


def test_the_least_money_of_a_hidden_drift_is_sent_with_it(client: TestClient) -> None:
    flat = {**QUESTION, "letters": {**LETTERS, "b": "cost where team in (search, data)"}}
    assert client.post(PATH, json={**flat, "min": "10.5"}).status_code == 200
    for least in ("many", "-1", 5):
        reply = client.post(PATH, json={**QUESTION, "min": least})
        assert (reply.status_code, reply.json()["parameter"]) == (400, "min")


def test_what_no_verdict_can_be_of_is_refused_by_name_and_column(client: TestClient) -> None:
    reply = client.post(PATH, json={**QUESTION, "formula": "b / x"})
    problem = reply.json()
    assert (reply.status_code, problem["parameter"], problem["position"]) == (400, "formula", 5)
    reply = client.post(PATH, json={**QUESTION, "formula": "b + 1"})
    assert reply.json()["detail"] == "a verdict needs a cost ÷ something"


def test_the_overview_is_got_and_described(client: TestClient) -> None:
    reply = client.get(PATH, params={"from": "2026-10", "to": "2026-11", "by": "team"})
    row, *_ = reply.json()["rows"]
    assert (row["metric"], row["verdict"], row["hidden"]) == ("orders", "drifting", "")
    document = client.get("/openapi.json").json()
    assert set(document["paths"][PATH]) == {"get", "post"}
    schema = document["paths"][PATH]["get"]["responses"]["200"]["content"]["application/json"]
    jsonschema.validate(reply.json(), {**schema["schema"], "components": document["components"]})
    body = document["paths"][PATH]["post"]["requestBody"]["content"]["application/json"]
    for example in body["examples"].values():
        jsonschema.validate(example["value"], body["schema"])
    assert set(EXAMPLES) <= set(body["examples"])


def test_a_customers_own_key_gets_no_verdict(ledger: Lettered) -> None:
    books = ledger.books()
    secret = add_key(books.control, "acme", ("customer:acme",), now=NOW)
    app = application(books, clock=lambda: NOW, local=False)
    headers = {"Authorization": f"Bearer {secret}"}
    caller = TestClient(app, base_url="http://127.0.0.1:8321", headers=headers)
    assert caller.post(PATH, json=QUESTION).status_code == 403
    for path in (PATH, "/api/v1/margins", "/api/v1/concentration"):
        assert caller.get(path).status_code == 403


def test_margins_and_what_if_are_got(client: TestClient) -> None:
    query = {"months": "1", "what_if": "price +10%; plan x price 9", "by": "customer"}
    reply = client.get("/api/v1/margins", params=query)
    assert (reply.status_code, reply.json()["detail"]) == (400, "unknown plan 'x'")
    query["what_if"] = "price +10%"
    reply = client.get("/api/v1/margins", params=query)
    (row,) = reply.json()["rows"]
    assert (row["margin"], row["new_margin"]) == ("-976.00", "-776.00")
    assert json.dumps(reply.json()).count("NaN") == 0
    reply = client.get("/api/v1/margins", params={"months": "2", "days": "3"})
    assert reply.status_code == 422


def test_a_page_of_margins_ends_with_a_cursor(client: TestClient) -> None:
    reply = client.get("/api/v1/concentration", params={"of": "team", "limit": "1", **OCTOBER})
    found = reply.json()
    assert (len(found["rows"]), found["total"]["members"]) == (1, 2)
    assert found["next_cursor"] is not None
