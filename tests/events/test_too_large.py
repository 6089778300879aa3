"""Numbers and texts of absurd length: the fault of one event, never of its batch, nor ours."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from costper.events.event import MOST_TOKENS, Event
from costper.events.faults import remark_of
from costper.events.litellm import read_litellm
from costper.events.otlp import read_otlp
from costper.events.payload import read_payload
from costper.events.words import UnknownWord, status_of

GOOD = b'{"provider":"openai","model":"gpt-4o"}'
LOGGED: dict[str, Any] = {
    "id": "chat-1",
    "custom_llm_provider": "openai",
    "model": "gpt-4o",
    "prompt_tokens": 5,
    "startTime": 1_795_168_800,
    "endTime": 1_795_168_801,
}
DIGITS = (19, 40, 309, 310, 4_299, 4_300, 4_301, 4_302, 10_000)
NUMBERS = st.builds(
    "".join,
    st.tuples(
        st.sampled_from(("", "-")),
        st.sampled_from(DIGITS).map("7".__mul__),
        st.sampled_from(("", ".5", "e9", "e400", "e-400", "e" + "9" * 5_000)),
    ),
)


def with_number(name: str, number: str) -> bytes:
    said = {"provider": "p", "model": "m", name: "@"}
    return json.dumps(said).replace('"@"', number).encode()


@pytest.mark.parametrize("body", [b"[%b,%b]", b"%b\n%b"])
@pytest.mark.parametrize("digits", DIGITS)
def test_a_count_of_thousands_of_digits_is_refused_by_index(digits: int, body: bytes) -> None:
    batch = read_payload(body % (GOOD, with_number("inputTokens", "7" * digits)))
    assert (len(batch.events), batch.total) == (1, 2)
    (remark,) = batch.rejected
    assert (remark.index, remark.code, remark.field) == (1, "too_large", "inputTokens")
    assert remark.reason == f"inputTokens is more than {MOST_TOKENS}"


def test_a_lone_event_is_refused_by_itself_too() -> None:
    (remark,) = read_payload(with_number("inputTokens", "7" * 5_000)).rejected
    assert remark.code == "too_large"


@pytest.mark.parametrize("number", ["7" * 400, "7" * 5_000, "1e400"])
def test_a_latency_no_machine_holds_is_too_large(number: str) -> None:
    (remark,) = read_payload(b"[%b,%b]" % (GOOD, with_number("latencyMs", number))).rejected
    assert (remark.index, remark.code, remark.field) == (1, "too_large", "latencyMs")


@pytest.mark.parametrize("digits", [4_300, 4_301])
def test_an_id_of_thousands_of_digits_is_too_long(digits: int) -> None:
    (remark,) = read_payload(b"[%b,%b]" % (GOOD, with_number("userId", "7" * digits))).rejected
    assert (remark.code, remark.field) == ("too_long", "userId")


@given(st.sampled_from((*Event.__struct_encode_fields__, "foo")), NUMBERS)
@settings(max_examples=300, deadline=None)
def test_no_number_in_any_field_loses_the_others(name: str, number: str) -> None:
    odd = with_number(name, number)
    for body in (b"[%b,%b]" % (GOOD, odd), b"%b\n%b" % (GOOD, odd)):
        batch = read_payload(body)
        assert batch.total == 2
        assert len(batch.events) + len(batch.rejected) == 2
        assert 0 in batch.numbers


@given(st.sampled_from(tuple(LOGGED)), NUMBERS)
@settings(max_examples=200, deadline=None)
def test_no_number_litellm_logs_loses_the_others(name: str, number: str) -> None:
    odd = json.dumps({**LOGGED, name: "@"}).replace('"@"', number)
    for body in (f"[{json.dumps(LOGGED)},{odd}]", f"{json.dumps(LOGGED)}\n{odd}"):
        batch = read_litellm(body.encode())
        assert len(batch.events) + len(batch.rejected) == 2
        assert 0 in batch.numbers


def test_an_end_of_hundreds_of_digits_is_too_late_for_litellm() -> None:
    (remark,) = read_litellm(json.dumps({**LOGGED, "endTime": 10**400}).encode()).rejected
    assert (remark.code, remark.field) == ("too_large", "latencyMs")


def span(**others: object) -> bytes:
    attributes = [{"key": "gen_ai.request.model", "value": {"stringValue": "m"}}]
    told = {"traceId": "a", "spanId": "b", "startTimeUnixNano": 1, "attributes": attributes}
    extra = others.pop("attribute", None)
    if extra is not None:
        attributes.append({"key": "http.response.status_code", "value": extra})  # type: ignore[dict-item]
    scope = {"spans": [{"traceId": "a", "attributes": attributes[:1]}, {**told, **others}]}
    return json.dumps({"resourceSpans": [{"scopeSpans": [scope]}]}).encode()


def test_an_end_of_hundreds_of_digits_is_none_for_opentelemetry() -> None:
    batch = read_otlp(span(endTimeUnixNano=10**400), "traces", "json")
    assert [one.latency_ms for one in batch.events] == [None, None]


@pytest.mark.parametrize("value", [{"intValue": [1]}, {"doubleValue": {"a": 1}}])
def test_a_status_that_is_a_list_or_an_object_is_no_fault_of_ours(value: object) -> None:
    assert len(read_otlp(span(attribute=value), "traces", "json").events) == 2


def test_a_status_of_thousands_of_digits_is_unknown() -> None:
    assert isinstance(status_of("000000429" + "1" * 5_000), UnknownWord)
    said = {"stringValue": "000000429" + "1" * 5_000}
    assert [one.status for one in read_otlp(span(attribute=said), "traces", "json").events] == [
        "ok",
        "ok",
    ]


@pytest.mark.parametrize(
    ("message", "reason", "hint"),
    [
        (
            "Expected `int`, got `float` - at `$.inputTokens`",
            "inputTokens must be a whole number, not one with a decimal point",
            "send 12, not 12.0 nor 12.5",
        ),
        (
            "Expected `int`, got `str` - at `$.inputTokens`",
            "inputTokens must be a whole number, not text",
            "send it without quotation marks",
        ),
        (
            "Expected `str` of length <= 1024 - at `$.promptVersion`",
            "promptVersion is longer than 1024 characters",
            "name the version, such as v3 or a hash of the prompt, not its text",
        ),
        (
            "Expected `str` of length <= 256 - at `$.userId`",
            "userId is longer than 256 characters",
            "send an id or a short name, not a text",
        ),
    ],
)
def test_what_is_wrong_is_told_with_what_to_send(message: str, reason: str, hint: str) -> None:
    remark = remark_of(0, message)
    assert (remark.reason, remark.hint) == (reason, hint)


@pytest.mark.parametrize("status", ["429", "429.0", '"429"'])
def test_a_status_of_http_may_be_a_number(status: str) -> None:
    (event,) = read_payload(with_number("status", status)).events
    assert event.status == "429"
