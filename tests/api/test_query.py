import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from starlette.testclient import TestClient
from tests.ledger import NOW
from tests.pipeline.query.world import DAU, FIRST, OCTOBER, Lettered, lettered

from costper.api.app import application
from costper.api.posts_query import EXAMPLES, UNUSUAL
from costper.pipeline.query import ask as asking
from costper.store.books import Books
from costper.store.keys import add_key

PATH = "/api/v1/query"
QUESTION: dict[str, Any] = {
    "letters": {"a": f"metric {DAU}", "b": "cost"},
    "formula": "b / (a / 1000)",
    "by": ["team"],
    **OCTOBER,
}


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Lettered]:
    made = lettered(tmp_path)
    made.every_day(FIRST, 31, "300", team="search")
    made.every_day(FIRST, 31, "10", team="data")
    made.metric_days(DAU, FIRST, 31, 10_000, team="search")
    made.payer("acme", "3100", plan="pro")
    made.keep()
    yield made
    made.close()


@pytest.fixture
def books(ledger: Lettered) -> Books:
    return ledger.books()


@pytest.fixture
def client(books: Books) -> TestClient:
    app = application(books, clock=lambda: NOW, local=True)
    return TestClient(app, base_url="http://127.0.0.1:8321", raise_server_exceptions=False)


def post(client: TestClient, **question: object) -> dict[str, Any]:
    reply = client.post(PATH, json=question)
    assert reply.status_code == 200, reply.text
    found: dict[str, Any] = reply.json()
    return found


def test_each_column_says_how_it_is_read(client: TestClient) -> None:
    answer = post(client, **QUESTION | {"formulas": ["b / a", "x = b / b * 100"], "formula": None})
    measures = {it["name"]: it["measure"] for it in answer["question"]["results"]}
    assert measures == {"a": "number", "b": "money", "result": "rate", "x": "percent"}


def refused(client: TestClient, **question: object) -> dict[str, Any]:
    reply = client.post(PATH, json=question)
    assert reply.status_code == 400, reply.text
    assert reply.headers["content-type"].startswith("application/problem+json")
    found: dict[str, Any] = reply.json()
    return found


def test_a_formula_by_group_with_its_label_and_a_total_made_anew(client: TestClient) -> None:
    found = post(client, **QUESTION)
    assert [row["team"] for row in found["rows"]] == ["search", "data"]
    assert found["rows"][0]["result"] == "930.00"
    assert found["rows"][0]["a"] == "10000"
    assert found["rows"][1]["result"] == {"value": None, "reason": "no_units"}
    assert found["total"]["result"] == "961.00"
    assert found["total"]["b_matched_percent"] == "96.8"
    results = {one["name"]: one["label"] for one in found["question"]["results"]}
    assert results["result"] == f"$ per 1k average {DAU}"


def test_what_is_echoed_can_be_asked_again_word_for_word(client: TestClient) -> None:
    for more in ({}, {"compare": "previous", "grain": "week", "scale": 1000, "unit": "user"}):
        first = post(client, **{**QUESTION, "formula": "b / a", **more})
        assert post(client, **first["question"]) == first


def test_members_may_be_in_camel_case(client: TestClient) -> None:
    snake = post(client, letters={"b": "cost"}, group_by="team", compare="month_to_date", **OCTOBER)
    camel = post(client, letters={"b": "cost"}, groupBy="team", compare="monthToDate", **OCTOBER)
    assert snake == camel


@pytest.mark.parametrize(
    ("question", "parameter", "position", "hint"),
    [
        ({"formula": "b / zz"}, "formula", 5, "known: a, b"),
        ({"formula": "(" * 400 + "b" + ")" * 99}, "formula", 21, ""),
        ({"formula": "result / a"}, "formula", 1, ""),
        ({"formulas": {"x": "y", "y": "x"}}, "formula y", 1, ""),
        ({"formula": "b * b"}, "formula", 3, ""),
        ({"letters": {"b": "cost where tem = a"}}, "b", 12, "did you mean 'team'?"),
        ({"letters": {"b": "cost where team = (a"}}, "b", 21, ""),
        ({"letters": {"b": "costs"}}, "b", 1, "did you mean 'cost'?"),
        ({"letters": {"b": "cost billed"}}, "b", 6, "did you mean 'billed_cost'?"),
        ({"letters": {"b": "cost as averag"}}, "b", 9, "did you mean 'average'?"),
        ({"letters": {"a": "metric order"}}, "a", 8, "did you mean 'orders'?"),
        ({"letters": {"a": f"metric {DAU} where service = x"}}, "a", 33, "it is by team"),
        ({"letters": {"r": "revenue as last"}}, "r", 8, ""),
        ({"by": ["tem"]}, "by", None, "did you mean 'team'?"),
        ({"grain": "hour"}, "grain", None, ""),
        ({"scale": 7}, "scale", None, ""),
        ({"days": 3}, "days", None, ""),
        ({"from": "2026-13"}, "from", None, ""),
        ({"letterz": {}}, "letterz", None, "did you mean 'letters'?"),
        ({"letters": {}}, "letters", None, ""),
        ({"letters": {"team": "cost"}}, "team", None, ""),
        ({"letters": {"2": "cost"}}, "letter", None, ""),
        ({"letters": {"b": 7}}, "letters.b", None, ""),
        ({"compare": "month_to_date", "from": "2026-10-02"}, "compare", None, ""),
    ],
)
def test_what_is_wrong_is_named_with_its_column_and_the_nearest_word(
    client: TestClient, question: dict[str, Any], parameter: str, position: int | None, hint: str
) -> None:
    if "formulas" in question or "letters" in question:
        base = {key: value for key, value in QUESTION.items() if key != "formula"}
    else:
        base = QUESTION
    found = refused(client, **{**base, **question})
    assert (found["parameter"], found.get("position")) == (parameter, position), found
    assert hint in found.get("hint", "")


def test_answers_are_kept_while_the_books_do_not_change(
    client: TestClient, ledger: Lettered, monkeypatch: pytest.MonkeyPatch
) -> None:
    reply = client.post(PATH, json=QUESTION)
    again = client.post(PATH, json=QUESTION, headers={"If-None-Match": reply.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")

    def no_facts(_books: object) -> None:
        raise AssertionError("facts are read once for each version of the books")

    monkeypatch.setattr(asking, "facts_of", no_facts)
    post(client, **{**QUESTION, "by": ""})
    ledger.payer("beta", "1").keep()
    changed = client.post(PATH, json=QUESTION, headers={"If-None-Match": reply.headers["etag"]})
    assert changed.status_code == 200
    assert changed.headers["etag"] != reply.headers["etag"]


def test_a_customers_own_key_asks_nothing(books: Books) -> None:
    secret = add_key(books.control, "portal", ("customer:acme",), now=NOW)
    app = application(books, clock=lambda: NOW, local=True)
    headers = {"Authorization": f"Bearer {secret}"}
    own = TestClient(app, base_url="http://127.0.0.1:8321", headers=headers)
    assert own.post(PATH, json=QUESTION).status_code == 403


def test_a_key_that_may_read_may_ask(books: Books) -> None:
    secret = add_key(books.control, "dashboard", ("read",), now=NOW)
    app = application(books, clock=lambda: NOW, local=True)
    headers = {"Authorization": f"Bearer {secret}"}
    reader = TestClient(app, base_url="http://127.0.0.1:8321", headers=headers)
    assert reader.post(PATH, json=QUESTION).status_code == 200


def test_bodies_are_small_json_objects(client: TestClient) -> None:
    long = client.post(PATH, json={**QUESTION, "unit": "x" * 70_000})
    plain = client.post(PATH, content=b"{}", headers={"content-type": "text/plain"})
    listed = client.post(PATH, content=b"[1]", headers={"content-type": "application/json"})
    bytes_ = client.post(
        PATH, content=b'{"a":"\xff"}', headers={"content-type": "application/json"}
    )
    assert [one.status_code for one in (long, plain, listed, bytes_)] == [413, 415, 400, 400]


@pytest.mark.parametrize("name", list(EXAMPLES))
def test_the_described_examples_fit_their_schema_and_are_answered(
    client: TestClient, name: str
) -> None:
    document = client.get("/openapi.json").json()
    operation = document["paths"][PATH]["post"]
    content = operation["requestBody"]["content"]["application/json"]
    example = content["examples"][name]["value"]
    jsonschema.validate(example, content["schema"])
    found = post(client, **example)
    answer = operation["responses"]["200"]["content"]["application/json"]["schema"]
    jsonschema.validate(found, {**answer, "components": document["components"]})
    echoed = {key: value for key, value in found["question"].items() if key != "results"}
    assert json.loads(json.dumps(echoed)) == echoed


def test_the_unusual_days_of_a_question_are_asked_with_the_same_body(client: TestClient) -> None:
    reply = client.post(f"{PATH}/anomalies", json=UNUSUAL["value"])
    assert reply.status_code == 200, reply.text
    assert reply.json()["total"]["anomalies"] == len(reply.json()["rows"])
    wrong = client.post(f"{PATH}/anomalies", json={**QUESTION, "formula": "b / nobody"})
    assert wrong.status_code == 400


def test_nothing_that_is_not_a_number_leaves(client: TestClient) -> None:
    text = client.post(
        PATH,
        json={
            "letters": {
                "a": "metric orders",
                "b": "cost",
                "c": "cost where team = (untagged)",
                "d": "cost where team = nobody",
            },
            "formulas": {
                "x": "b / a",
                "y": "b / c",
                "z": "default(b / c, 0)",
                "w": "c / b",
                "v": "b / d",
            },
            **OCTOBER,
        },
    ).text
    assert "NaN" not in text
    assert "Infinity" not in text
    found = json.loads(text)["total"]
    assert found["x"] == {"value": None, "reason": "no_data"}
    assert found["y"] == {"value": None, "reason": "zero_denominator"}
    assert found["v"] == {"value": None, "reason": "unknown_value"}
    assert (found["z"], found["w"]) == ("0", "0")


def test_days_of_a_question_are_told(client: TestClient) -> None:
    found = post(client, letters={"b": "cost"}, compare="previous", **OCTOBER)["question"]
    assert [found[name] for name in ("from", "to", "compared_from", "compared_to")] == [
        "2026-10-01",
        "2026-11-01",
        "2026-08-31",
        "2026-10-01",
    ]


def test_weeks_are_named_by_their_monday_even_where_the_period_cuts_them(
    client: TestClient,
) -> None:
    found = post(client, letters={"b": "cost"}, grain="week", by="team", **OCTOBER)
    weeks = [row["week"] for row in found["total"]["buckets"]]
    assert weeks == ["2026-09-28", "2026-10-05", "2026-10-12", "2026-10-19", "2026-10-26"]
    assert {row["week"] for row in found["rows"]} == set(weeks)
    assert [row["partial"] for row in found["total"]["buckets"]] == [
        True,
        False,
        False,
        False,
        True,
    ]
