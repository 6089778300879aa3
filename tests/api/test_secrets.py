"""What a customer's key can reach names nobody else, however it is asked."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from starlette.testclient import TestClient
from tests.api.conftest import World
from tests.ledger import Ledger

from costper.api.endpoints import ENDPOINTS

COSTS = "/api/v1/costs"
OTHERS = ("beta-secret", "gamma-secret", "team-secret", "service-secret", "Beta Secret Ltd", "XTS")
ANSWERED = f"{COSTS}/customers/acme"


@pytest.fixture(scope="module")
def reached(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, TestClient]]:
    """Clients by whose key they have: a customer's in the books, and one nobody knows."""
    root: Path = tmp_path_factory.mktemp("secrets")
    ledger = Ledger.at(root)
    ledger.every_day(date(2026, 9, 1), 80, "1")
    ledger.every_day(
        date(2026, 9, 5), 60, "7", customer="beta-secret", team="team-secret", currency="XTS"
    )
    ledger.every_day(date(2026, 10, 1), 9, "7", customer="gamma-secret", service="service-secret")
    ledger.leg(date(2026, 11, 1), "5", customer="(unallocated)", reason="no_rule")
    ledger.payer("acme", "10").payer("beta-secret", "1", name="Beta Secret Ltd", currency="XTS")
    books = ledger.books()
    world = World(ledger, books)
    yield {
        name: world.client(secret=world.key(f"customer:{name}", name=name))
        for name in ("acme", "ghost", "beta-secre", "secret")
    }
    books.close()


def ghosts() -> st.SearchStrategy[str]:
    """Give names near others', words that stand for nobody, and anything at all."""
    known = ["ghost", "beta-secre", "secret", "(unallocated)", "(untagged)", "*", "%", "' OR 1=1"]
    return st.sampled_from(known) | st.text(min_size=1, max_size=20)


def queries() -> st.SearchStrategy[dict[str, str]]:
    values = st.sampled_from(
        ["beta", "2026-10-01", "2200-01-01", "1970-01-01", "0001-01-01", "9999-12-31", "7", "0"]
    ) | st.text(max_size=10)
    names = ["from", "to", "days", "limit", "cursor", "by", "scope", "min", "customer", "team"]
    return st.dictionaries(st.sampled_from([*names, "charge", "where"]), values, max_size=3)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    who=st.sampled_from(["acme", "ghost", "beta-secre", "secret"]), name=ghosts(), query=queries()
)
def test_no_endpoint_tells_a_customers_key_of_anyone_else(
    reached: dict[str, TestClient], who: str, name: str, query: dict[str, str]
) -> None:
    paths = ["/", "/metrics", "/openapi.json", "/nowhere"]
    for one in ENDPOINTS:
        for value in (name, who):
            path = one.path.replace("{id}", "{name}").replace("{name}", quote(value, safe=""))
            paths.append(path)
    for path in dict.fromkeys(paths):
        reply = reached[who].get(path, params=query)
        assert reply.status_code < 500, (path, query)
        told = reply.text + json.dumps(dict(reply.headers))
        for asked in (path, name, who, *query.values(), *query):
            told = told.replace(asked, "") if asked else told
        assert not [other for other in OTHERS if other in told], (path, query, reply.text)
        data = path.startswith(COSTS)
        assert not data or reply.status_code != 200 or path == ANSWERED, path
        if data and reply.status_code == 200:
            assert reply.json()["issues"] == []


def test_a_key_of_a_customer_nobody_knows_is_told_no_names(reached: dict[str, TestClient]) -> None:
    for who in ("ghost", "beta-secre", "secret"):
        reply = reached[who].get(f"{COSTS}/customers/{who}")
        assert reply.status_code == 404
        assert "hint" not in reply.json()
        assert reply.json()["detail"] == "the books do not know this customer"


def test_an_own_answer_has_no_field_about_others(reached: dict[str, TestClient]) -> None:
    found = reached["acme"].get(f"{COSTS}/customers/acme").json()
    assert (found["coverage"], found["unallocated"], found["issues"]) == (None, {}, [])
    assert set(found["total"]) == {"cost", "effective_cost", "billed_cost", "previous_cost"}
    period = reached["acme"].get(f"{COSTS}/customers/acme?from=2026-10-05&to=2026-10-01")
    assert (period.status_code, "hint" in period.json()) == (422, False)


def test_an_old_key_for_nobodys_cost_opens_nothing(world: World) -> None:
    secret = world.key("customer:acme")
    with world.books.control.begin() as connection:
        connection.execute(
            text("UPDATE api_keys SET scopes = :scopes"),
            {"scopes": '["customer:(unallocated)"]'},
        )
    reply = world.client(secret=secret).get(f"{COSTS}/customers/(unallocated)")
    assert reply.status_code == 403
