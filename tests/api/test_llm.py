"""What LLM calls cost, over HTTP: every reply as described, and nobody sees another's."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from tests.api.conftest import World
from tests.calls import Call, at, tell

from costper.api.endpoint import Endpoint
from costper.api.endpoints_llm import LLM
from costper.api.endpoints_llm_why import LLM_WHY
from costper.pipeline.calls.people import known_people

SNAPSHOTS = Path(__file__).parent / "snapshots"
OCTOBER = {"from": "2026-10-01", "to": "2026-11-01"}
NAMES = {
    "llm_feature": "search",
    "llm_tenant": "t1",
    "llm_model": "gpt-5-mini",
    "llm_customer": "acme",
    "llm_team": "core",
    "llm_provider": "openai",
    "llm_user": "u1",
}
OWN = "acme"
ALL = (*LLM, *LLM_WHY)


def calls() -> list[Call]:
    """Give a little of everything: two customers, three features, an unpriced model, a program."""
    found = [
        Call(at=at("2026-08-01"), team="core"),
        Call(at=at("2026-10-20"), model="unheard-of", cost=None, feature="mail", team="core"),
        Call(
            at=at("2026-10-21", 3),
            user_id="nightly",
            user_kind="service_account",
            customer="",
            tenant="",
            cost="0.5",
            team="core",
        ),
    ]
    found += [_call(day, user) for day in range(1, 31) for user in range(1, 1 + day % 4)]
    return [*found, *_chats(), *_burst()]


def _chats() -> list[Call]:
    """Give six chats a day, dearer by 22 % from the second version of the prompt on."""
    return [
        Call(
            at=at("2026-09-01", 8 + hour) + timedelta(days=day),
            feature="chat",
            prompt_version="v2" if day >= 41 else "v1",
            customer=OWN,
            cost=f"0.01{22 if day >= 41 else 0}{(day * 7 + hour) % 5}",
            team="core",
        )
        for day in range(61)
        for hour in range(6)
    ]


def _burst() -> list[Call]:
    """Give one user sixty calls in an hour."""
    dear = Call(at=at("2026-10-25", 3), feature="chat", customer=OWN, cost="0.05", team="core")
    return [dear] * 60


def _call(day: int, user: int) -> Call:
    return Call(
        at=at(f"2026-10-{day:02}", 8 + user),
        user_id=f"u{user}",
        feature=("search", "summary", "mail")[day % 3],
        prompt_version=f"v{1 + day // 16}",
        customer=OWN if user < 3 else "beta",
        tenant=f"t{user}",
        team="core",
        cost=f"0.0{day:02}",
        cache_read_tokens=40 * (day % 2),
        status="error" if day % 10 == 0 else "ok",
        attempt=1 + (day % 10 == 1),
        outcome=("resolved", "", "given_up")[day % 3],
    )


@pytest.fixture
def filled(world: World) -> World:
    ledger = world.ledger
    ledger.every_day(date(2026, 7, 1), 142, "100")
    ledger.payer(OWN, "900", plan="pro").payer("beta", "310", plan="free").keep()
    tell(ledger, calls())
    return world


def path_of(endpoint: Endpoint) -> str:
    return endpoint.path.replace("{name}", NAMES.get(endpoint.name, ""))


@pytest.mark.parametrize("endpoint", ALL, ids=lambda one: one.name)
def test_every_reply_keeps_to_its_described_shape_and_its_golden_reply(
    filled: World, endpoint: Endpoint
) -> None:
    client = filled.client()
    reply = client.get(path_of(endpoint), params=OCTOBER)
    assert reply.status_code == 200, reply.text
    answer: dict[str, Any] = reply.json()
    document = client.get("/openapi.json").json()
    operation = document["paths"][endpoint.path]["get"]
    schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
    jsonschema.validate(answer, {**schema, "components": document["components"]})
    text = json.dumps(answer, indent=1, ensure_ascii=False) + "\n"
    golden = SNAPSHOTS / f"{endpoint.name}.json"
    if not golden.exists():  # delete a snapshot to take it anew, then read the difference
        golden.write_text(text, encoding="utf-8")
        pytest.fail(f"{golden.name} was missing and is written now; read it, then run again")
    assert text == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("endpoint", ALL, ids=lambda one: one.name)
def test_a_customers_key_is_refused_all_but_its_own(filled: World, endpoint: Endpoint) -> None:
    secret = filled.key(f"customer:{OWN}")
    client = filled.client(secret=secret)
    for whose in ({}, {"customer": "beta"}, {"customer": ""}, {"customer": "all"}):
        if endpoint.name == "llm_customer":
            path = endpoint.path.replace("{name}", whose.get("customer", "") or "beta")
            assert client.get(path, params=OCTOBER).status_code == 403
        else:
            reply = client.get(path_of(endpoint), params={**OCTOBER, **whose})
            assert reply.status_code in {400, 403}, reply.text


@pytest.mark.parametrize("endpoint", ALL, ids=lambda one: one.name)
def test_what_a_customers_key_is_told_is_the_same_without_all_others(
    filled: World, endpoint: Endpoint
) -> None:
    if endpoint.own not in {"customer", "name"}:
        return
    whose = {"customer": OWN} if endpoint.own == "customer" else {}
    asked = {**OCTOBER, **whose}
    secret = filled.key(f"customer:{OWN}")
    before = filled.client(secret=secret).get(path_of(endpoint), params=asked).json()
    ledger = filled.ledger
    more = [
        Call(at=at("2026-10-05", hour), user_id=user, customer="beta", cost="900", team="core")
        for hour in range(24)
        for user in ("u1", "u8", "u9")
    ]
    tell(ledger, more)
    after = filled.client(secret=secret).get(path_of(endpoint), params=asked).json()
    assert before["rows"]
    assert after == before


def test_a_user_is_found_by_the_id_the_application_sent(filled: World) -> None:
    own = known_people(filled.books).user_id("jane")
    tell(filled.ledger, [Call(at=at("2026-10-02"), user_id=own)])
    reply = filled.client().get("/api/v1/llm/users/jane", params=OCTOBER)
    assert reply.json()["rows"][0]["user"] == own
    assert filled.client().get("/api/v1/llm/users/joe", params=OCTOBER).status_code == 404


def test_a_call_more_makes_an_entity_tag_of_its_own(filled: World) -> None:
    client = filled.client()
    first = client.get("/api/v1/llm/features", params=OCTOBER).headers["ETag"]
    assert client.get("/api/v1/llm/features", params=OCTOBER).headers["ETag"] == first
    tell(filled.ledger, [Call(at=at("2026-10-02"))])
    assert client.get("/api/v1/llm/features", params=OCTOBER).headers["ETag"] != first


@pytest.mark.parametrize("path", ["users", "rates"])
def test_limit_is_another_name_of_how_many_users_are_listed(filled: World, path: str) -> None:
    address, client = f"/api/v1/llm/{path}", filled.client()
    for name in ("top", "limit"):
        assert len(client.get(address, params={**OCTOBER, name: 2}).json()["rows"]) == 2
    twice = client.get(address, params={**OCTOBER, "top": 2, "limit": 2})
    assert (twice.status_code, twice.json()["parameter"]) == (400, "limit")


def test_an_unknown_parameter_is_told_every_one_there_is(filled: World) -> None:
    reply = filled.client().get("/api/v1/llm/users", params={"qqqq": 1})
    assert reply.status_code == 400
    hint = reply.json()["hint"]
    assert {"days", "limit", "top"} <= set(hint.removeprefix("known: ").split(", "))
