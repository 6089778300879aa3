"""Bad input, sentence by sentence: rejected by index with the reason, and the rest is kept."""

import json
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.pipeline.calls import desks
from tests.pipeline.calls.desks import NOW_US, desk

from costper.errors import UserError
from costper.events.batch import Batch
from costper.events.payload import MOST_EVENTS, read_payload
from costper.pipeline.calls.accept import accept

GOOD = {**desks.GOOD, "timestamp": "2026-11-20T10:00:00Z"}


def taken(*events: object, closed: frozenset[date] = frozenset()) -> Batch:
    body = json.dumps(list(events)).encode()
    return accept(read_payload(body), desk(closed=closed), now_us=NOW_US)


def refused(event: object) -> tuple[str, str, str]:
    """Send an event between two good ones; give its code, reason and hint."""
    batch = taken(GOOD, event, GOOD)
    assert (batch.numbers, batch.total) == ([0, 2], 3)
    (remark,) = batch.rejected
    assert remark.index == 1
    return remark.code, remark.reason, remark.hint


def warned(event: object, closed: frozenset[date] = frozenset()) -> str:
    """Send one event that is kept and flagged; give the flag's code."""
    batch = taken(event, closed=closed)
    assert len(batch.events) == 1
    (remark,) = batch.warnings.values()
    return remark.code


def test_an_event_is_kept_with_its_words_settled() -> None:
    said = {**GOOD, "provider": " OpenAI ", "environment": "Prod", "status": "429", "dataMode": ""}
    (event,) = taken({**said, "team": " Core "}).events
    assert event.timestamp == 1_795_168_800_000_000
    assert (event.provider, event.environment, event.team) == ("openai", "production", "core")
    assert (event.status, event.data_mode, event.service_tier) == (
        "rate_limited",
        "real",
        "standard",
    )


def test_an_event_without_a_time_came_now_and_one_without_an_id_gets_one() -> None:
    (event,) = taken({"provider": "openai", "model": "gpt-4o"}).events
    assert (event.timestamp, event.external_request_id) == (NOW_US, "id-0")


def test_negative_tokens_are_refused() -> None:
    assert refused({**GOOD, "inputTokens": -1})[:2] == ("negative", "inputTokens is less than 0")


def test_more_tokens_than_any_call_has_are_refused() -> None:
    assert refused({**GOOD, "inputTokens": 10**10 + 1})[0] == "too_large"
    assert taken({**GOOD, "inputTokens": 10**10}).events[0].input_tokens == 10**10


def test_a_response_that_bills_more_than_a_thousand_lines_is_refused() -> None:
    lines = [{"model": "m", "input_tokens": 1}] * 1_001
    assert refused({**GOOD, "response": {"lines": lines}})[0] == "too_many"


@pytest.mark.parametrize("parts", [{"cacheReadTokens": 101}, {"cacheWriteTokens": 101}])
def test_more_cached_tokens_than_input_are_refused(parts: dict[str, int]) -> None:
    code, reason, hint = refused({**GOOD, **parts})
    assert (code, "more than inputTokens" in reason) == ("counts", True)
    assert "add it in" in hint


def test_more_reasoning_than_output_is_refused() -> None:
    assert refused({**GOOD, "reasoningTokens": 11})[0] == "counts"


def test_more_spoken_and_drawn_than_output_is_refused() -> None:
    assert not taken({**GOOD, "audioOutputTokens": 4, "imageOutputTokens": 6}).warnings
    assert refused({**GOOD, "audioOutputTokens": 5, "imageOutputTokens": 6})[0] == "counts"


@pytest.mark.parametrize("said", [0, "1970-01-01T00:00:00Z", 1_000_000, "2014-12-31T23:59:59Z"])
def test_a_timestamp_of_1970_is_refused(said: object) -> None:
    code, _, hint = refused({**GOOD, "timestamp": said})
    assert (code, "clock" in hint) == ("too_old", True)


def test_a_clock_ahead_is_flagged_up_to_a_day_and_refused_beyond() -> None:
    assert warned({**GOOD, "timestamp": "2026-11-22T05:00:00Z"}) == "clock_skew"
    assert refused({**GOOD, "timestamp": "2026-11-22T07:00:00Z"})[0] == "clock_skew"
    assert not taken({**GOOD, "timestamp": NOW_US + 59_000_000}).warnings


@pytest.mark.parametrize("said", ["soon", "", 1e20, "1e9", -5])
def test_what_is_no_instant_is_refused(said: object) -> None:
    assert refused({**GOOD, "timestamp": said})[0] in {"invalid", "clock_skew"}


def test_a_prompt_version_of_5_megabytes_is_refused() -> None:
    code, reason, _ = refused({**GOOD, "promptVersion": "v" * 5_000_000})
    assert (code, reason) == ("too_long", "promptVersion is longer than 1024 characters")


@pytest.mark.parametrize(
    ("field", "said", "meant"),
    [
        ("dataMode", "prod", "known: demo, real, test"),
        ("dataMode", "tests", "did you mean 'test'?"),
        ("status", "okay", "did you mean 'ok'?"),
        ("serviceTier", "prority", "did you mean 'priority'?"),
    ],
)
def test_an_unknown_enum_is_refused_with_what_may_be_meant(
    field: str, said: str, meant: str
) -> None:
    code, reason, hint = refused({**GOOD, field: said})
    assert (code, reason, hint) == ("unknown_word", f"unknown {field} {said!r}", meant)


def test_invalid_utf_8_is_the_fault_of_one_event() -> None:
    good = json.dumps(GOOD).encode()
    for bad in (good.replace(b"gpt", b"\xff\xfe"), good.replace(b"gpt", b"\\ud800")):
        for body in (b"[%b,%b,%b]" % (good, bad, good), b"\n".join((good, bad, good))):
            batch = accept(read_payload(body), desk(), now_us=NOW_US)
            assert (batch.numbers, batch.total) == ([0, 2], 3)
            assert [remark.index for remark in batch.rejected] == [1]
            assert batch.rejected[0].code == "bad_encoding"


def test_nan_is_the_fault_of_one_event() -> None:
    good = json.dumps(GOOD)
    bad = json.dumps({**GOOD, "latencyMs": float("nan")})
    batch = accept(read_payload(f"[{good},{bad},{good}]".encode()), desk(), now_us=NOW_US)
    assert batch.numbers == [0, 2]


def test_an_event_of_a_closed_month_is_kept_and_flagged() -> None:
    closed = frozenset((date(2026, 10, 1),))
    assert warned({**GOOD, "timestamp": "2026-10-31T23:59:59Z"}, closed=closed) == "closed_month"
    assert not taken(GOOD, closed=closed).warnings


def test_snake_case_and_null_are_taken() -> None:
    (event,) = taken(
        {
            "external_request_id": "r-1",
            "provider": "openai",
            "model": "gpt-4o",
            "input_tokens": 5,
            "cache_write_1h_tokens": 1,
            "cache_write_tokens": 1,
            "tenant_id": None,
            "lines": None,
        }
    ).events
    assert (event.external_request_id, event.input_tokens, event.cache_write_1h_tokens) == (
        "r-1",
        5,
        1,
    )


def test_ids_and_a_status_may_be_numbers() -> None:
    (event,) = taken({**GOOD, "userId": 42, "tenant_id": 7, "status": 429}).events
    assert (event.user_id, event.tenant_id, event.status) == ("42", "7", "rate_limited")
    assert refused({**GOOD, "userId": True})[0] == "invalid"


def test_a_misspelt_field_is_refused_for_its_number_would_be_lost() -> None:
    assert refused({**GOOD, "inputTokenz": 5})[2] == "did you mean 'inputTokens'?"
    assert refused({**GOOD, "promptTokens": 5})[2] == "did you mean 'inputTokens'?"
    assert refused({**GOOD, "input_tokens": 5})[0] == "twice"


def test_a_field_of_others_is_flagged_and_not_kept() -> None:
    assert warned({**GOOD, "metadata": {"a": [1]}}) == "unknown_field"


@pytest.mark.parametrize("event", [1, "text", None, [], [GOOD], True])
def test_what_is_no_object_is_refused(event: object) -> None:
    assert refused(event)[1] == "an event is a JSON object"


@pytest.mark.parametrize("missing", ["provider", "model"])
def test_an_event_says_who_served_it_and_with_what(missing: str) -> None:
    assert refused({**GOOD, missing: ""})[1] == f"{missing} is missing"


@pytest.mark.parametrize(
    "cost",
    [
        "-0.1",
        "NaN",
        "Infinity",
        "free",
        -1,
        1e10,
        "1e-19",
        "1e-999999999",
        "9" * 99,
        "1." + "0" * 20 + "1",
    ],
)
def test_what_is_no_cost_is_refused(cost: object) -> None:
    assert refused({**GOOD, "providerCost": cost})[0] == "invalid"


def test_a_cost_is_kept_to_the_last_digit() -> None:
    said = [
        "0.000837",
        8.37e-05,
        "1e-18",
        "1.100000000000000000000",
        "0e99",
        "1e2",
        0.00014159999999999997,
    ]
    events = taken(*({**GOOD, "providerCost": cost} for cost in said)).events
    assert [event.provider_cost for event in events] == [
        "0.000837",
        "0.0000837",
        "0.000000000000000001",
        "1.1",
        "0",
        "100",
        "0.0001416",
    ]


def test_who_is_refused_at_the_door_is_refused_by_index() -> None:
    doors = desk(admit=lambda event: "an address" if event.user_id == "j@acme.com" else "")
    body = json.dumps([GOOD, {**GOOD, "userId": "j@acme.com"}]).encode()
    batch = accept(read_payload(body), doors, now_us=NOW_US)
    assert [(one.index, one.code, one.reason) for one in batch.rejected] == [
        (1, "identity", "an address")
    ]


def test_a_response_is_read_and_never_kept() -> None:
    body = {"id": "chat-1", "lines": [{"model": "gpt-4o-2024", "input_tokens": 7}]}
    said = {"provider": "OpenAI", "model": "gpt-4o", "inputTokens": 999, "response": body}
    (event,) = taken(said).events
    assert (event.input_tokens, event.model) == (7, "gpt-4o-2024")
    assert event.external_request_id == "openai:chat-1"
    assert (event.response, event.response_chunks, event.wire) == (None, None, "")


def test_a_response_that_bills_two_models_becomes_lines() -> None:
    lines = [
        {"model": "opus", "input_tokens": 7, "part": "message"},
        {"model": "haiku", "input_tokens": 2, "cache_read_tokens": 5, "part": "advisor_message"},
    ]
    batch = taken({"provider": "openai", "model": "opus", "response": {"lines": lines}})
    (event,) = batch.events
    assert [(line.model, line.input_tokens) for line in event.lines] == [("opus", 7), ("haiku", 2)]
    assert event.input_tokens == 0
    assert [one.code for one in batch.warnings.values()] == ["counts"]


def test_a_line_whose_largest_request_chooses_the_price_stays_a_line() -> None:
    lines = [{"model": "opus", "input_tokens": 400_000, "context_tokens": 2_479}]
    (event,) = taken({"provider": "openai", "model": "opus", "response": {"lines": lines}}).events
    assert event.lines[0].context_tokens == 2_479


def test_a_stream_that_was_cut_is_an_estimate() -> None:
    chunk = {"cut": True, "lines": [{"model": "gpt-4o", "input_tokens": 7}]}
    (event,) = taken({"provider": "openai", "model": "a", "responseChunks": [{}, chunk]}).events
    assert event.estimated


def test_a_response_nobody_can_read_is_refused() -> None:
    assert refused({**GOOD, "response": {}})[1:] == ("no usage in it", "ask for it")
    assert refused({**GOOD, "provider": "acme-ai", "response": {}})[0] == "unknown_word"
    assert refused({**GOOD, "wire": "openai_chatt", "response": {}})[2] == (
        "did you mean 'openai_chat'?"
    )
    lines = [{"model": "m", "input_tokens": -5}]
    assert refused({**GOOD, "response": {"lines": lines}})[0] == "counts"


def test_the_tier_is_the_one_the_response_says() -> None:
    line = {"model": "gpt-4o", "input_tokens": 7, "tier": "flex"}
    said = {"provider": "openai", "model": "gpt-4o", "serviceTier": "priority"}
    told, silent = taken(
        {**said, "response": {"lines": [line], "tier": "flex"}},
        {**said, "response": {"lines": [{**line, "tier": "standard"}]}},
    ).events
    assert (told.service_tier, silent.service_tier) == ("flex", "priority")


def test_a_body_of_too_many_events_is_refused_whole() -> None:
    for body in (b"[" + b"{}," * MOST_EVENTS + b"{}]", b"{}\n" * (MOST_EVENTS + 1)):
        with pytest.raises(UserError, match="at most 50000 events"):
            read_payload(body)


@pytest.mark.parametrize("body", [b"", b" \n", b"nope", b"[{}", b'{"a":', b"\xff", b"[1,]"])
def test_a_body_that_is_no_json_is_refused_whole(body: bytes) -> None:
    with pytest.raises(UserError):
        read_payload(body)


@given(
    st.binary(max_size=200) | st.text(alphabet='[]{},:"\\u\nd80"ein', max_size=80).map(str.encode)
)
@settings(max_examples=200)
def test_junk_is_refused_and_never_crashes(body: bytes) -> None:
    try:
        batch = read_payload(body)
    except UserError:
        return
    done = accept(batch, desk(), now_us=NOW_US)
    assert len(done.events) + len(done.rejected) == done.total
    assert len(json.dumps([remark.reason for remark in done.rejected]).encode()) > 0


JSONS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=3,
)
MEMBERS = st.dictionaries(
    st.sampled_from(["provider", "model", "inputTokens", "lines", "timestamp", "response", "wire"]),
    JSONS | st.just("openai") | st.integers(0, 9),
)


@given(st.lists(MEMBERS, max_size=4))
@settings(max_examples=200)
def test_every_event_is_kept_or_refused_and_none_is_lost(events: list[dict[str, object]]) -> None:
    done = accept(read_payload(json.dumps(events).encode()), desk(), now_us=NOW_US)
    numbers = sorted((*done.numbers, *(remark.index for remark in done.rejected)))
    assert numbers == list(range(len(events)))


KINDS = st.sampled_from(
    [
        GOOD,
        {**GOOD, "inputTokens": -1},
        {**GOOD, "userId": None},
        {**GOOD, "metadata": 1},
        {"provider": "openai", "model": "m", "input_tokens": 3, "externalRequestId": "s"},
        {**GOOD, "lines": [{"inputTokens": 5}, {"inputTokens": 6, "model": "other"}]},
        7,
    ]
)


@given(st.lists(KINDS, min_size=1, max_size=8), st.data())
@settings(max_examples=100)
def test_any_split_of_a_batch_gives_the_same_events(
    events: list[object], data: st.DataObject
) -> None:
    whole = taken(*events)
    cut = data.draw(st.integers(0, len(events)))
    parts = [taken(*part) for part in (events[:cut], events[cut:]) if part]
    lines = "\n".join(map(json.dumps, events)).encode()
    one_by_one = accept(read_payload(lines), desk(), now_us=NOW_US)
    assert [event for part in parts for event in part.events] == whole.events
    assert one_by_one.events == whole.events
    assert one_by_one.rejected == whole.rejected
