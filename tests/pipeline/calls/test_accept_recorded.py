"""Every recorded response of a real provider comes in as an event with what it used."""

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.pipeline.calls.desks import NOW_US, desk

from costper.events.event import Event
from costper.events.payload import read_payload
from costper.model.call import COUNTS
from costper.pipeline.calls.accept import accept
from costper.pipeline.calls.road import READERS
from costper.rating.prices import canonical
from costper.rating.usage import read_chunks, read_response, wire_of

LLM = "data/llm"
pytestmark = pytest.mark.shared(LLM)


def recorded(shared: Path) -> dict[str, dict[str, Any]]:
    """Give the event for each recorded JSON or SSE response that has a URL."""
    found: dict[str, dict[str, Any]] = {}
    for path in sorted((shared / LLM / "wire").glob("*.exchange.json")):
        stem = path.name.removesuffix(".exchange.json")
        exchange = json.loads(path.read_text("utf-8"))
        address = wire_of(exchange["uri"])
        provider, wire, model = address or ("openai", "openai_chat", "")
        asked: dict[str, Any] = exchange.get("request_body") or {}
        event = {"provider": provider, "wire": wire, "model": model or asked.get("model", "none")}
        whole = path.with_name(f"{stem}.response.json")
        stream = path.with_name(f"{stem}.response.sse")
        if whole.exists():
            found[stem] = {**event, "response": json.loads(whole.read_text("utf-8"))}
        elif stream.exists():
            lines = stream.read_text("utf-8").splitlines()
            told = [line.removeprefix("data: ") for line in lines if line.startswith("data: {")]
            found[stem] = {**event, "responseChunks": [json.loads(line) for line in told]}
    return found


def counts(parts: Iterable[object]) -> list[list[int]]:
    return [[getattr(part, name) for name in COUNTS] for part in parts]


def test_recorded_responses_come_in_as_they_are_read(shared: Path) -> None:
    events = recorded(shared)
    assert len(events) > 25
    doors = replace(desk(), readers=READERS, canonical=canonical)
    batch = accept(read_payload(json.dumps(list(events.values())).encode()), doors, now_us=NOW_US)
    assert [(remark.index, remark.reason) for remark in batch.rejected] == []
    for said, event in zip(events.values(), batch.events, strict=True):
        assert isinstance(event, Event)
        reading = (
            read_response(said["wire"], said["response"])
            if "response" in said
            else read_chunks(said["wire"], said["responseChunks"])
        ).items[0]
        assert counts(event.lines or [event]) == (counts(reading.lines) or counts([Event()]))
        assert event.model not in {"", "none"} or event.lines
        assert (event.response, event.response_chunks) == (None, None)
        assert reading.response_id in event.external_request_id


def test_what_a_provider_charged_comes_in_exactly(shared: Path) -> None:
    said = recorded(shared)["openrouter_cache_stream_cost.0"]
    doors = replace(desk(), readers=READERS, canonical=canonical)
    (event,) = accept(read_payload(json.dumps(said).encode()), doors, now_us=NOW_US).events
    assert event.provider_cost == "0.000837"
