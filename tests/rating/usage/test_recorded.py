"""Recorded responses of real providers read as their wire says, whatever the table beside them."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import yaml

from costper.model.call import Line, Reading
from costper.rating.usage import Tap, read_body, read_chunks, read_response, wire_of

LLM = "data/llm"
pytestmark = pytest.mark.shared(LLM)

STEMS = (
    *("anthropic_advisor_stream.0", "anthropic_cache_stream.0"),
    *("anthropic_cache_write_then_read.0", "anthropic_opus5.0", "anthropic_pause_turn_stream.0"),
    *("anthropic_thinking_stream.0", "azure_openai_chat.0", "bedrock_converse_cache.0"),
    *("bedrock_converse_stream.0", "cohere_chat_billed_units.0", "deepseek_reasoner.0"),
    *("gemini_basic_thoughts.0", "gemini_cached_content.0", "gemini_cached_content.1"),
    *("gemini_stream_cancelled.0", "gemini_stream_live_usage.0", "groq_chat.0", "ollama_chat.0"),
    *("openai_chat_basic.0", "openai_chat_cache_e2e.0", "openai_chat_reasoning.0"),
    *("openai_chat_reasoning.1", "openai_chat_service_tier.0"),
    *("openai_chat_stream_include_usage.0", "openai_chat_stream_no_usage.0"),
    *("openai_embeddings.0", "openai_responses_cache_e2e.1", "openai_responses_service_tier.0"),
    *("openai_responses_stream_usage.0", "openrouter_cache_stream_cost.0"),
    *("xai_grpc_thinking_cost_ticks", "openai_realtime_ws_audio"),
)
"""All that are recorded; a table with more or fewer fails a test."""

NAMES = {
    "input_total": "input_tokens",
    "output_total": "output_tokens",
    "cache_read": "cache_read_tokens",
    "cache_write": "cache_write_tokens",
    "cache_write_5m": "cache_write_tokens",
    "reasoning": "reasoning_tokens",
    "web_search": "web_searches",
    "audio_out": "audio_output_tokens",
    "iteration": "part",
}

# Where the table says less, or other, than the bytes do: what the bytes say.
MENDED: dict[str, list[dict[str, Any]]] = {
    # message_delta: output_tokens_details.thinking_tokens 47, told for the whole response.
    "anthropic_advisor_stream.0": [{"reasoning": 47}, {}, {}],
    # session.created: session.model is gpt-realtime, and each response is billed at it.
    "openai_realtime_ws_audio": [{"model": "gpt-realtime", "iteration": "response"}],
    # Neither body names a model; the URL, or the request, does (below).
    "bedrock_converse_cache.0": [{"model": ""}],
    "bedrock_converse_stream.0": [{"model": ""}],
    "cohere_chat_billed_units.0": [{"model": ""}],
}


def table(shared: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((shared / LLM / "expected.json").read_text("utf-8"))
    return found


def exchange(shared: Path, stem: str) -> dict[str, Any]:
    path = shared / LLM / "wire" / f"{stem}.exchange.json"
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found


def body(shared: Path, stem: str) -> bytes:
    file: str = table(shared)[stem]["file"]
    return (shared / LLM / file).read_bytes()


def read(shared: Path, stem: str) -> Reading:
    raw = body(shared, stem)
    if stem.startswith("xai_grpc"):
        told = yaml.safe_load(raw)["interactions"][0]["response_sample"]["json"]
        return read_response("xai", told).items[0]
    if stem.startswith("openai_realtime"):
        events = [one["data"] for one in session(raw) if one["direction"] == "received"]
        return read_chunks("openai_realtime", events).items[0]
    met = exchange(shared, stem)
    where = wire_of(met["uri"])
    wire = where[1] if where else "openai_chat"
    outcome = read_body(wire, met["content_type"], raw)
    # Creating a cached content bills storage only, which no token count holds.
    assert [issue.code for issue in outcome.issues] == (
        ["uncounted"] if stem == "gemini_cached_content.0" else []
    )
    return outcome.items[0]


def session(raw: bytes) -> list[dict[str, Any]]:
    said: Any = yaml.safe_load(raw)
    found: list[dict[str, Any]] = said["interactions"]
    return found


def in_words(line: Line) -> dict[str, object]:
    """Give a line in the table's words, what is 0 left out."""
    said: dict[str, object] = {"model": line.model}
    for word, name in NAMES.items():
        if word != "cache_write" and getattr(line, name):
            said[word] = getattr(line, name)
    if line.provider_cost is not None:
        said["provider_cost_usd"] = line.provider_cost.normalize()
    return said


def expected(shared: Path, stem: str) -> list[dict[str, object]]:
    rows: list[dict[str, Any]] = table(shared)[stem]["expected"]
    mended = MENDED.get(stem, [{}] * len(rows))
    found: list[dict[str, object]] = []
    for row, better in zip(rows, mended, strict=True):
        said: dict[str, Any] = {**row, **better}
        said.pop("tier", None)
        if "cache_write" in said:
            said["cache_write_5m"] = said.pop("cache_write")
        if "provider_cost_usd" in said:
            said["provider_cost_usd"] = Decimal(str(said["provider_cost_usd"])).normalize()
        found.append(said)
    return found


def test_the_table_holds_what_is_read_here(shared: Path) -> None:
    assert sorted(table(shared)) == sorted(STEMS)
    assert len(STEMS) == 32


@pytest.mark.parametrize("stem", STEMS)
def test_a_recorded_response_reads_as_its_wire_says(shared: Path, stem: str) -> None:
    reading = read(shared, stem)
    assert [in_words(line) for line in reading.lines] == expected(shared, stem)
    assert reading.finished
    assert not any(line.estimated for line in reading.lines)


@pytest.mark.parametrize("stem", STEMS)
def test_the_tier_is_what_was_served(shared: Path, stem: str) -> None:
    for row, line in zip(table(shared)[stem]["expected"], read(shared, stem).lines, strict=True):
        said = row.get("tier", "standard")
        assert line.tier == ("standard" if said == "default" else said)


@pytest.mark.parametrize("stem", [stem for stem in STEMS if "stream" in stem])
def test_a_recorded_stream_reads_alike_in_pieces_of_any_size(shared: Path, stem: str) -> None:
    raw, met = body(shared, stem), exchange(shared, stem)
    where = wire_of(met["uri"])
    for size in (1, 2, 7, 1000):
        tap = Tap(where[1] if where else "openai_chat", met["content_type"])
        for at in range(0, len(raw), size):
            tap.feed(raw[at : at + size])
        assert tap.finish().items == (read(shared, stem),)


@pytest.mark.parametrize("stem", [stem for stem in STEMS if "stream" in stem])
def test_a_recorded_stream_cut_anywhere_says_so_or_is_whole(shared: Path, stem: str) -> None:
    raw, met = body(shared, stem), exchange(shared, stem)
    where = wire_of(met["uri"])
    wire, whole = where[1] if where else "openai_chat", read(shared, stem)
    for at in range(0, len(raw), max(len(raw) // 150, 1)):
        (cut,) = read_body(wire, met["content_type"], raw[:at]).items
        if cut.finished:
            assert cut == whole
        else:
            assert all(line.estimated for line in cut.lines)


def test_where_the_body_names_no_model_its_url_does(shared: Path) -> None:
    found = {stem: wire_of(exchange(shared, stem)["uri"]) for stem in STEMS[7:9]}
    assert found == {
        "bedrock_converse_cache.0": (
            *("aws", "bedrock_converse"),
            "us.anthropic.claude-sonnet-4-5-20250929-v1:0",
        ),
        "bedrock_converse_stream.0": ("aws", "bedrock_converse", "us.amazon.nova-micro-v1:0"),
    }


def test_a_recorded_tool_loop_is_not_priced_as_one_long_request(shared: Path) -> None:
    (line,) = read(shared, "anthropic_pause_turn_stream.0").lines
    # 404,500 tokens over the 11 requests that 10 searches take.
    assert (line.input_tokens, line.context_tokens) == (404_500, 36_773)
