"""Calls that come in leave the answers about bills kept, and make those about calls new."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.api.calls_world import EVENTS, GOOD, CallsWorld, calls_world

FEATURES = "/api/v1/llm/features?from=2026-11-01&to=2026-12-01"
COSTS = "/api/v1/costs/teams"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[CallsWorld]:
    with calls_world(tmp_path) as found:
        yield found


def test_a_fold_is_counted_apart_and_a_bill_is_not(world: CallsWorld) -> None:
    marts, client = world.books.marts, world.client()
    before = (marts.changes, marts.writes)
    assert client.post(EVENTS, json=GOOD).status_code == 202
    world.calls.intake.fold_now()
    assert marts.changes == before[0]
    assert marts.writes > before[1]
    marts.replace([])
    assert marts.changes == before[0] + 1


def test_what_is_said_of_bills_stays_good_while_calls_come_in(world: CallsWorld) -> None:
    client = world.client()
    tag = client.get(COSTS).headers["etag"]
    calls_tag = client.get(FEATURES).headers["etag"]
    client.post(EVENTS, json=GOOD)
    world.calls.intake.fold_now()
    assert client.get(COSTS, headers={"If-None-Match": tag}).status_code == 304
    reply = client.get(FEATURES, headers={"If-None-Match": calls_tag})
    assert reply.status_code == 200
    assert [row["calls"] for row in reply.json()["rows"]] == [1]
