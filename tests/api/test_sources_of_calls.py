"""The door LLM calls come in by, among the sources."""

from pathlib import Path

from tests.api.calls_world import EVENTS, GOOD, calls_world


def test_the_door_of_calls_stands_among_the_sources_once_calls_came(tmp_path: Path) -> None:
    with calls_world(tmp_path) as world:
        client = world.client()
        before = [row["source"] for row in client.get("/api/v1/sources").json()["rows"]]
        assert client.post(EVENTS, json=GOOD).status_code == 202
        world.calls.intake.fold_now()
        told = client.get("/api/v1/sources")
        assert told.status_code == 200
        after = {row["source"]: row["status"] for row in told.json()["rows"]}
    assert "calls" not in before
    assert after["calls"] == "active"
