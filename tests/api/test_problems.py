from datetime import date

import pytest
from tests.api.conftest import World

COSTS = "/api/v1/costs"


@pytest.fixture
def filled(world: World) -> World:
    world.ledger.every_day(date(2026, 9, 1), 80, "1").payer("acme", "10")
    return world


@pytest.mark.parametrize(
    ("path", "status", "parameter", "word"),
    [
        ("/nowhere", 404, None, "no-such-path"),
        (f"{COSTS}/customers/acm", 404, None, "unknown-name"),
        (f"{COSTS}/teams/cor", 404, None, "unknown-name"),
        (f"{COSTS}/customers?days=x", 400, "days", "bad-parameter"),
        (f"{COSTS}/customers?days=0", 400, "days", "bad-parameter"),
        (f"{COSTS}/customers?days=99999999999", 400, "days", "bad-parameter"),
        (f"{COSTS}/customers?from=2026-13-01", 400, "from", "bad-parameter"),
        (f"{COSTS}/customers?from=20260101", 400, "from", "bad-parameter"),
        (f"{COSTS}/customers?from=0001-01-01&days=2", 400, "from", "bad-parameter"),
        (f"{COSTS}/customers?to=0001-01-01", 400, "to", "bad-parameter"),
        (f"{COSTS}/customers?from=9999-12-01&days=300", 400, "from", "bad-parameter"),
        (f"{COSTS}/customers?from=\uff12026-10-01", 400, "from", "bad-parameter"),
        (f"{COSTS}/customers?day=3", 400, "day", "bad-parameter"),
        (f"{COSTS}/customers?days=3&days=4", 400, "days", "bad-parameter"),
        (f"{COSTS}/customers?limit=0", 400, "limit", "bad-parameter"),
        (f"{COSTS}/customers?cursor=zzz", 400, "cursor", "bad-parameter"),
        (f"{COSTS}/trend?by=teem", 400, "by", "unknown-name"),
        (f"{COSTS}/anomalies?scope=user", 400, "scope", "unknown-name"),
        (f"{COSTS}/anomalies?min=-1", 400, "min", "bad-parameter"),
        (f"{COSTS}/trend?by=%00", 400, "by", "bad-parameter"),
        (f"{COSTS}/customers?from=2026-10-01&to=2026-10-01", 422, "from", "cannot-be-answered"),
    ],
)
def test_every_refusal_is_a_problem_that_says_what_is_wrong(
    filled: World, path: str, status: int, parameter: str | None, word: str
) -> None:
    reply = filled.client().get(path)
    assert reply.status_code == status, reply.text
    assert reply.headers["content-type"] == "application/problem+json"
    problem = reply.json()
    assert problem["status"] == status
    assert problem["type"] == f"urn:costper:problem:{word}"
    assert problem.get("parameter") == parameter
    assert problem["instance"] == path.partition("?")[0]


def test_an_unknown_name_comes_with_the_nearest(filled: World) -> None:
    problem = filled.client().get(f"{COSTS}/customers/acm").json()
    assert problem["hint"] == "did you mean 'acme'?"
    assert filled.client().get(f"{COSTS}/trend?by=teem").json()["hint"] == "did you mean 'team'?"


def test_the_first_and_last_days_can_be_asked_for(filled: World) -> None:
    for query in ("from=1970-01-01&days=3660", "to=1970-01-01&days=3660", "from=2200-01-01&days=9"):
        assert filled.client().get(f"{COSTS}/customers?{query}").status_code == 200


def test_writing_is_not_allowed(filled: World) -> None:
    reply = filled.client().post(f"{COSTS}/customers")
    assert (reply.status_code, reply.json()["type"]) == (
        405,
        "urn:costper:problem:method-not-allowed",
    )
    assert "GET" in reply.headers["allow"]


def test_a_fault_inside_tells_nothing_of_the_inside(filled: World) -> None:
    client = filled.client()
    filled.ledger.marts.close()
    reply = client.get(f"{COSTS}/customers")
    assert reply.status_code in {500, 503}
    assert reply.headers["content-type"] == "application/problem+json"
    assert "duckdb" not in reply.text.lower()
    assert str(filled.books.settings.root) not in reply.text
