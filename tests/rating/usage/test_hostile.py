"""Whatever a body holds, reading it gives one reading and issues, never an exception."""

import math
from decimal import Decimal
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.rating.usage.made import PLAIN, SAMPLES, chat, codes, lines_of

from costper.model.call import Reading
from costper.model.outcome import Outcome
from costper.rating.usage import WIRES, read_body, read_chunks, read_response

each_wire = pytest.mark.parametrize("wire", list(WIRES))

AMAZON = "application/vnd.amazon.eventstream"
WORDS = (
    *("usage", "usageMetadata", "message", "response", "type", "id", "model", "object", "error"),
    *("input_tokens", "output_tokens", "prompt_tokens", "completion_tokens", "total_tokens"),
    *("prompt_tokens_details", "cached_tokens", "iterations", "cache_creation", "meta", "data"),
    *("cache_creation_input_tokens", "promptTokenCount", "candidates", "choices", "delta"),
    *("server_tool_use", "metadata", "chunk", "bytes", "billed_units", "x_groq", "cost"),
    *("cost_in_usd_ticks", "usage_breakdown", "models", "prompt_eval_count", "session", "index"),
    *("input_token_details", "cached_tokens_details", "content_block", "output", "tool_usage"),
    *("promptTokensDetails", "groundingMetadata", "webSearchQueries", "service_tier", "part"),
)
KINDS = (
    *("message_start", "message_delta", "content_block_delta", "content_block_start", "response"),
    *("response.completed", "response.done", "response.created", "session.created", "message-end"),
    *("stream-end", "transcript.text.done", "realtime.response", "list", "message", "duration"),
    *("conversation.item.input_audio_transcription.completed", "web_search_call"),
)


def tens(places: int) -> int:
    return int(10**places)


scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(10**3), 10**3)
    | st.sampled_from([10**13, -(10**400), math.nan, math.inf, -0.5, 3.0, "12", "-1"])
    | st.just(5_000).map(tens)  # more digits than Python writes down
    | st.sampled_from(KINDS)
    | st.text(max_size=4)
    | st.binary(max_size=4)
    | st.decimals(allow_nan=True)
)
json = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=5)
    ),
    max_leaves=25,
)
objects = st.dictionaries(st.sampled_from(WORDS), json, max_size=6)


def held(outcome: Outcome[Reading]) -> None:
    (reading,) = outcome.items
    for line in reading.lines:
        for name in line.__slots__:
            value = getattr(line, name)
            if isinstance(value, int):
                assert 0 <= value <= 10**14
        if line.provider_cost is not None:
            assert line.provider_cost.is_finite()
            assert line.provider_cost >= 0
        assert len(line.model) <= 512
    assert len(outcome.issues) <= 50


@each_wire
@settings(max_examples=60)
@given(body=objects, chunks=st.lists(json, max_size=6))
def test_junk_never_raises(wire: str, body: dict[str, Any], chunks: list[Any]) -> None:
    held(read_response(wire, body))
    held(read_chunks(wire, chunks))


@each_wire
@settings(max_examples=40)
@given(data=st.data())
def test_a_good_body_with_one_bad_value_never_raises(wire: str, data: st.DataObject) -> None:
    sample = SAMPLES.get(wire) or SAMPLES["openai_chat"]
    held(read_response(wire, spoiled(sample.body, data)))
    held(read_chunks(wire, [spoiled(chunk, data) for chunk in sample.chunks]))


def spoiled(body: Any, data: st.DataObject) -> Any:  # noqa: ANN401 - any JSON
    """Put junk in one place of a body."""
    if isinstance(body, dict) and body and data.draw(st.integers(0, 4)):
        known = cast("dict[str, Any]", body)
        key = data.draw(st.sampled_from(sorted(known)))
        return {**known, key: spoiled(known[key], data)}
    if isinstance(body, list) and body and data.draw(st.integers(0, 4)):
        items = cast("list[Any]", cast("object", body))
        return [spoiled(items[0], data), *items[1:]]
    return data.draw(json)


@each_wire
@settings(max_examples=60)
@given(
    raw=st.binary(max_size=200),
    kind=st.sampled_from(
        ("", "application/json", "text/event-stream", "application/x-ndjson", AMAZON)
    ),
)
def test_junk_bytes_never_raise(wire: str, raw: bytes, kind: str) -> None:
    held(read_body(wire, kind, raw))


@each_wire
def test_deep_nesting_never_raises(wire: str) -> None:
    deep: Any = {}
    for _ in range(3_000):
        deep = {"usage": deep, "message": deep, "x": [deep]}
    held(read_response(wire, deep))
    held(read_chunks(wire, [deep, deep]))
    held(read_body(wire, "application/json", b'{"usage":' * 100_000))
    held(read_body(wire, "text/event-stream", b"data: " + b"[" * 100_000 + b"\n\n"))


@pytest.mark.parametrize(
    "bad",
    [-1, True, 0.5, math.nan, math.inf, 10**13, 10**5000, "many", [3], {"n": 3}, Decimal("NaN")],
    ids=lambda value: type(value).__name__,
)
def test_a_count_that_is_none_is_an_error_and_the_line_estimated(bad: object) -> None:
    outcome = read_response("openai_chat", chat({**PLAIN, "prompt_tokens": bad}))
    assert codes(outcome) == ["bad_count", "total_disagrees"]
    assert outcome.failed
    assert lines_of(outcome) == [{"model": "gpt-made", "output_tokens": 8, "estimated": True}]


def test_the_same_doubt_a_thousand_times_is_one_issue_with_a_count() -> None:
    listed = [{"type": "message", "input_tokens": -1}] * 900
    outcome = read_response("anthropic", {"usage": {"input_tokens": 1, "iterations": listed}})
    (issue,) = [issue for issue in outcome.issues if issue.code == "bad_count"]
    assert issue.count == 900


def test_more_iterations_than_anyone_makes_are_not_told_apart() -> None:
    listed = [{"type": "message", "input_tokens": 2, "output_tokens": 1}] * 5_000
    usage = {"input_tokens": 10_000, "output_tokens": 5_000, "iterations": listed}
    outcome = read_response("anthropic", {"usage": usage})
    lines = outcome.items[0].lines
    assert len(lines) == 1_001
    assert sum(line.input_tokens for line in lines) == 10_000
    assert codes(outcome) == ["too_many"]


def test_an_unknown_wire_is_an_issue_with_the_nearest_name() -> None:
    for outcome in (
        read_response("anthropc", {}),
        read_chunks("anthropc", [{}]),
        read_body("anthropc", "application/json", b"{}"),
    ):
        assert codes(outcome) == ["unknown_wire"]
        assert outcome.issues[0].hint == "did you mean 'anthropic'?"
        assert not outcome.items[0].finished


def test_a_word_of_megabytes_is_not_kept() -> None:
    outcome = read_response("openai_chat", chat(PLAIN, model="m" * 5_000_000))
    assert lines_of(outcome) == [{"input_tokens": 12, "output_tokens": 8}]
    assert codes(outcome) == ["bad_text"]
    assert len(outcome.issues[0].message) < 200


def test_half_a_surrogate_pair_is_no_word() -> None:
    assert codes(read_response("openai_chat", chat(PLAIN, model="gpt\ud800"))) == ["bad_text"]


@pytest.mark.parametrize(
    "bad",
    [
        "NaN",
        "-1",
        "1e999999999",
        True,
        [1],
        10**400,
        math.inf,
        "x",
        "1_0",
        "\u0661\u0662",
        "1e-30",
        1e-30,
    ],
)
def test_a_cost_that_is_none_is_an_error_and_no_cost(bad: object) -> None:
    outcome = read_response("openrouter", chat({**PLAIN, "cost": bad}))
    assert codes(outcome) == ["bad_cost"]
    assert outcome.items[0].lines[0].provider_cost is None


def test_a_broken_event_in_the_middle_is_an_error_and_the_rest_is_read() -> None:
    raw = SAMPLES["gemini"].write(SAMPLES["gemini"].chunks)
    outcome = read_body("gemini", "text/event-stream", b'data: {"usage\n\n' + raw)
    assert codes(outcome) == ["bad_json"]
    assert outcome.items[0].lines[0].output_tokens == 55


@pytest.mark.parametrize("raw", [b"", b"null", b"3", b'"text"', b"\xff\xfe", b"[3]", b"NaN"])
def test_a_body_that_is_no_object_is_an_error(raw: bytes) -> None:
    outcome = read_body("openai_chat", "application/json", raw)
    assert outcome.failed or raw == b"null"
    assert outcome.items[0].lines == ()
