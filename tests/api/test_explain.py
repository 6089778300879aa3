from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import jsonschema
import pytest
from starlette.testclient import TestClient
from tests.allocation.world import DIMENSIONS, MONTH, World, money
from tests.pipeline.bill import BillLine, land
from tests.pipeline.shop import OVERHEAD, SHARED, WORLD, Shop, shop

from costper.api.app import application
from costper.model.dimension import Dimension
from costper.store.keys import add_key

EXPLAIN = "/api/v1/costs/explain"
AUGUST = {"from": "2026-08-01", "to": "2026-09-01"}
NOW = datetime(2026, 11, 20, tzinfo=UTC)
LINES = (
    BillLine(tags={"customer": "acme", "region": "eu"}, service_name="api", costs=money("36.1")),
    BillLine(service_name="db", costs=money("60.000000000000000000007")),
)


@pytest.fixture
def books(tmp_path: Path) -> Iterator[Shop]:
    assert MONTH.isoformat() == AUGUST["from"]
    region = Dimension(name="region", fields=("tags.region",))
    with shop(tmp_path, SHARED, OVERHEAD, dimensions=(*DIMENSIONS, region)) as made:
        made.fill(World(used=WORLD.used, people=WORLD.people))
        land(made.books, LINES)
        made.apply()
        yield made


def client(books: Shop, secret: str = "") -> TestClient:
    app = application(books.books, clock=lambda: NOW, local=True)
    headers = {"Authorization": f"Bearer {secret}"} if secret else {}
    return TestClient(app, base_url="http://127.0.0.1", headers=headers)


def test_a_customers_lines_add_up_to_its_number_and_lead_on_to_bill_rows(books: Shop) -> None:
    calls = client(books)
    number = calls.get("/api/v1/costs/customers/acme", params=AUGUST).json()["rows"][0]["cost"]
    answer = calls.get(EXPLAIN, params={"customer": "acme", "rows": "1", **AUGUST}).json()
    document = calls.get("/openapi.json").json()
    row = document["components"]["schemas"]["ExplainRow"]
    for line in answer["rows"]:
        jsonschema.validate(line, {**row, "components": document["components"]})
    assert answer["total"]["cost"] == number
    assert sum(Decimal(line["cost"]) for line in answer["rows"]) == Decimal(number)
    charge = next(line["charge"] for line in answer["rows"] if line["charge"])
    found = calls.get(EXPLAIN, params={"charge": charge}).json()
    assert found["question"]["charge"] == charge
    assert sum(Decimal(part["cost"]) for part in found["rows"]) == Decimal(found["total"]["cost"])


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ({}, "customer"),
        ({"customer": "acme", "charge": "x"}, "charge"),
        ({"customer": "acme", "rows": "-1"}, "rows"),
    ],
)
def test_one_thing_is_explained_at_a_time(
    books: Shop, query: dict[str, str], parameter: str
) -> None:
    reply = client(books).get(EXPLAIN, params=query)
    assert (reply.status_code, reply.json()["parameter"]) == (400, parameter)


@pytest.mark.parametrize(
    "charge", ["bill/1/0:\uff12", "bill/1/0:", "x", "bill/1/0:99999999999999999999", "bill/9e9/0:1"]
)
def test_what_is_no_charges_id_is_a_bad_parameter(books: Shop, charge: str) -> None:
    reply = client(books).get(EXPLAIN, params={"charge": charge})
    assert (reply.status_code, reply.json()["parameter"]) == (400, "charge")


def test_what_nobody_knows_cannot_be_explained(books: Shop) -> None:
    for noun in ("customer", "team", "service", "environment"):
        reply = client(books).get(EXPLAIN, params={noun: "nobody", **AUGUST})
        assert (reply.status_code, reply.json()["parameter"]) == (404, noun)
    quiet = {"customer": "acme", "from": "2020-01-01", "to": "2020-02-01"}
    reply = client(books).get(EXPLAIN, params=quiet)
    assert (reply.status_code, reply.json()["rows"]) == (200, [])


def test_any_declared_dimension_is_explained_by_its_name(books: Shop) -> None:
    calls = client(books)
    named = calls.get(EXPLAIN, params={"customer": "acme", **AUGUST}).json()
    params = {"dimension": "customer", "value": "acme", **AUGUST}
    assert calls.get(EXPLAIN, params=params).json() == named
    region = calls.get(EXPLAIN, params={"dimension": "region", "value": "eu", **AUGUST}).json()
    assert region["total"]["cost"] == "36.10"
    assert [row["service"] for row in region["rows"]] == ["api"]


@pytest.mark.parametrize(
    ("query", "status", "parameter"),
    [
        ({"dimension": "customer"}, 400, "value"),
        ({"value": "acme"}, 400, "dimension"),
        ({"dimension": "customer", "value": "acme", "team": "x"}, 400, "team"),
        ({"dimension": "regio", "value": "eu"}, 404, "dimension"),
        ({"dimension": "region", "value": "nowhere"}, 404, "value"),
    ],
)
def test_a_dimension_and_its_value_belong_together(
    books: Shop, query: dict[str, str], status: int, parameter: str
) -> None:
    reply = client(books).get(EXPLAIN, params={**query, **AUGUST})
    assert (reply.status_code, reply.json()["parameter"]) == (status, parameter)


def test_a_value_is_named_whatever_signs_are_in_it(books: Shop) -> None:
    for params in ({"team": "a\x00\nb"}, {"dimension": "region", "value": "a\u2028b"}):
        reply = client(books).get(EXPLAIN, params={**params, **AUGUST})
        assert (reply.status_code, reply.json()["type"]) == (
            404,
            "urn:costper:problem:unknown-name",
        )


def test_pages_of_lines_hold_every_part_once_and_each_adds_up(books: Shop) -> None:
    calls = client(books)
    asked = {"customer": "acme", "rows": "2", **AUGUST}
    first = calls.get(EXPLAIN, params={**asked, "after": "0"}).json()
    number, parts = first["total"]["cost"], first["question"]["parts"]
    seen: list[tuple[str, str]] = []
    for after in range(0, parts, 2):
        page = calls.get(EXPLAIN, params={**asked, "after": str(after)}).json()
        assert sum(Decimal(line["cost"]) for line in page["rows"]) == Decimal(number)
        listed = [line for line in page["rows"] if line["charge"]]
        assert len(listed) <= 2
        seen += [(line["charge"], line["day"]) for line in listed]
    assert len(seen) == len(set(seen)) == parts
    beyond = calls.get(EXPLAIN, params={**asked, "after": "1000"}).json()
    assert not [line for line in beyond["rows"] if line["charge"]]


def test_a_charge_nobody_knows_cannot_be_explained(books: Shop) -> None:
    reply = client(books).get(EXPLAIN, params={"charge": "bill/99/0:1"})
    assert reply.status_code == 422
    assert reply.json()["hint"]


def test_a_customers_key_explains_nothing_because_pools_show_the_others(books: Shop) -> None:
    secret = add_key(books.books.control, "acme", ("customer:acme",), now=NOW)
    reply = client(books, secret).get(EXPLAIN, params={"customer": "acme", **AUGUST})
    assert reply.status_code == 403


def test_all_rows_at_once_is_refused_with_the_way_to_turn_pages(books: Shop) -> None:
    asked = {**AUGUST, "customer": "acme", "rows": "all"}
    reply = client(books).get(EXPLAIN, params=asked)
    assert (reply.status_code, reply.json()["parameter"]) == (400, "rows")
    assert "turn the pages of more with `after`" in reply.json()["hint"]
