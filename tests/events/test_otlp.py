"""Spans and log records as calls: OpenTelemetry GenAI, OpenInference, and their older forms."""

import json
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Status

from costper.errors import UserError
from costper.events.batch import Batch
from costper.events.event import Event
from costper.events.otlp import Encoding, message_of, read_otlp, reply_otlp, status_otlp
from costper.events.told import Signal

START = 1_795_168_800_000_000_000
CHAT = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "gpt-4o",
    "gen_ai.response.model": "gpt-4o-2024-08-06",
    "gen_ai.usage.input_tokens": 100,
    "gen_ai.usage.output_tokens": 10,
}
Said = Mapping[str, object]


def value(said: object) -> AnyValue:
    if isinstance(said, bool):
        return AnyValue(bool_value=said)
    if isinstance(said, int):
        return AnyValue(int_value=said)
    if isinstance(said, float):
        return AnyValue(double_value=said)
    return AnyValue(string_value=str(said))


def spans(*said: Said, failed: bool = False, **resource: object) -> bytes:
    """Write spans of one resource as protobuf; `service_name` stands for service.name."""
    request = ExportTraceServiceRequest()
    group = request.resource_spans.add()
    group.resource.attributes.extend(
        KeyValue(key=name.replace("_", "."), value=value(one)) for name, one in resource.items()
    )
    scope = group.scope_spans.add()
    for number, one in enumerate(said):
        span = scope.spans.add()
        span.trace_id, span.span_id = b"\x01" * 16, bytes([number % 255 + 1] * 8)
        span.start_time_unix_nano, span.end_time_unix_nano = START, START + 250_000_000
        span.status.code = Status.STATUS_CODE_ERROR if failed else Status.STATUS_CODE_OK
        span.attributes.extend(KeyValue(key=name, value=value(v)) for name, v in one.items())
    return request.SerializeToString()


def json_spans(*said: Said) -> bytes:
    """Write the same spans as JSON: ids in hex, 64-bit numbers as text."""
    names: dict[type, str] = {
        bool: "boolValue",
        int: "intValue",
        float: "doubleValue",
        str: "stringValue",
    }
    told = [
        {
            "traceId": "01" * 16,
            "spanId": f"{number + 1:02x}" * 8,
            "startTimeUnixNano": str(START),
            "endTimeUnixNano": str(START + 250_000_000),
            "status": {"code": 1},
            "kind": 3,
            "attributes": [
                {
                    "key": name,
                    "value": {names[type(one)]: str(one) if type(one) is int else one},
                }
                for name, one in attributes.items()
            ],
        }
        for number, attributes in enumerate(said)
    ]
    return json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": told}]}]}).encode()


def read(body: bytes) -> Batch:
    return read_otlp(body, "traces", "protobuf")


def event(**said: object) -> Event:
    """Read one chat span, with these attributes more: `a__b` stands for `a.b`."""
    more = {name.replace("__", "."): one for name, one in said.items()}
    (found,) = read(spans({**CHAT, **more})).events
    return found


def test_a_chat_span_is_a_call() -> None:
    found = event(user__id="u-1", session__id="s-1", costper__feature="search")
    assert (found.provider, found.model) == ("openai", "gpt-4o-2024-08-06")
    assert (found.input_tokens, found.output_tokens, found.latency_ms) == (100, 10, 250.0)
    assert (found.user_id, found.session_id, found.endpoint_tag) == ("u-1", "s-1", "search")
    assert (found.timestamp, found.status) == (START // 1000, "ok")
    assert found.external_request_id == f"{'01' * 16}-{'01' * 8}"


def test_json_says_the_same_as_protobuf() -> None:
    said: list[Said] = [
        dict(CHAT),
        {**CHAT, "gen_ai.usage.output_tokens": 7.0},
        {"http.route": "/"},
    ]
    assert read_otlp(json_spans(*said), "traces", "json").events == read(spans(*said)).events


def test_cached_tokens_are_part_of_the_input() -> None:
    found = event(gen_ai__usage__cache_read__input_tokens=60)
    assert (found.input_tokens, found.cache_read_tokens) == (100, 60)


def test_cached_tokens_beyond_the_input_were_counted_apart_and_are_added() -> None:
    said = {**CHAT, "gen_ai.usage.cache_read.input_tokens": 900}
    batch = read(spans(said, said))
    assert [one.input_tokens for one in batch.events] == [1000, 1000]
    assert [(one.code, one.count) for one in batch.warnings.values()] == [("cache_apart", 2)]


@pytest.mark.parametrize(
    "said",
    [
        {"gen_ai.operation.name": "invoke_agent"},
        {"gen_ai.operation.name": "execute_tool"},
        {"gen_ai.operation.name": "", "openinference.span.kind": "CHAIN"},
        {"gen_ai.operation.name": "", "openinference.span.kind": "AGENT"},
        {"gen_ai.operation.name": "", "traceloop.span.kind": "workflow"},
    ],
)
def test_what_holds_calls_and_repeats_their_usage_is_no_call(said: Said) -> None:
    batch = read(spans({**CHAT, **said}, CHAT))
    assert (batch.numbers, batch.total, batch.rejected) == ([1], 2, [])


def test_other_spans_are_passed_over_without_a_word() -> None:
    batch = read(spans({"http.request.method": "GET"}, {"db.system": "mysql"}))
    assert (batch.events, batch.rejected, batch.total) == ([], [], 2)


def test_openinference_is_understood() -> None:
    said: Said = {
        "openinference.span.kind": "LLM",
        "llm.provider": "anthropic",
        "llm.model_name": "claude-sonnet-4-5",
        "llm.token_count.prompt": 1114,
        "llm.token_count.completion": 406,
        "llm.token_count.prompt_details.cache_read": 1111,
        "llm.token_count.completion_details.reasoning": 33,
        "llm.prompt_template.version": "v7",
        "llm.cost.total": 12.5,
    }
    (found,) = read(spans(said)).events
    assert (found.provider, found.model) == ("anthropic", "claude-sonnet-4-5")
    assert (found.input_tokens, found.cache_read_tokens) == (1114, 1111)
    assert (found.output_tokens, found.reasoning_tokens, found.prompt_version) == (406, 33, "v7")
    assert found.provider_cost is None  # reckoned by an instrumentation, billed by nobody


def test_older_names_are_understood() -> None:
    said: Said = {
        "gen_ai.system": "az.ai.openai",
        "gen_ai.request.model": "gpt-4",
        "gen_ai.usage.prompt_tokens": "5",
        "llm.usage.completion_tokens": 6,
        "gen_ai.openai.response.service_tier": "flex",
    }
    (found,) = read(spans(said)).events
    assert (found.provider, found.service_tier) == ("azure", "flex")
    assert (found.input_tokens, found.output_tokens) == (5, 6)


def test_the_resource_says_what_the_span_does_not() -> None:
    body = spans(CHAT, service_name="api", deployment_environment="staging")
    (found,) = read(body).events
    assert (found.endpoint_tag, found.environment) == ("api", "staging")


def test_a_response_id_names_a_call_that_two_libraries_watch() -> None:
    said = {**CHAT, "gen_ai.response.id": "chatcmpl-1"}
    first, second = read(spans(said, said)).events
    assert first.external_request_id == second.external_request_id == "openai:chatcmpl-1"


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"error.type": "timeout"}, "timeout"),
        ({"error.type": "429"}, "rate_limited"),
        ({"error.type": "openai.BadRequestError"}, "error"),
        ({"http.response.status_code": 503}, "error"),
        ({}, "error"),
    ],
)
def test_a_call_that_failed_says_how(said: Said, status: str) -> None:
    (found,) = read(spans({**CHAT, **said}, failed=True)).events
    assert found.status == status


def test_a_bad_span_is_refused_by_index_and_the_rest_is_kept() -> None:
    body = spans(CHAT, {**CHAT, "gen_ai.usage.input_tokens": -5}, {**CHAT, "user.id": "u" * 300})
    batch = read(body)
    assert batch.numbers == [0]
    assert [(one.index, one.code) for one in batch.rejected] == [(1, "negative"), (2, "too_long")]
    reply = ExportTraceServiceResponse.FromString(
        reply_otlp("traces", "protobuf", rejected=2, message=message_of(batch))
    )
    assert reply.partial_success.rejected_spans == 2
    assert "1: inputTokens is less than 0" in reply.partial_success.error_message


def test_replies_are_empty_where_all_is_well() -> None:
    assert reply_otlp("traces", "protobuf", rejected=0, message="") == b""
    assert reply_otlp("logs", "json", rejected=0, message="") == b"{}"
    told = json.loads(reply_otlp("logs", "json", rejected=1, message="no"))
    assert told == {"partialSuccess": {"rejectedLogRecords": "1", "errorMessage": "no"}}


def test_a_refusal_is_a_status_whose_message_any_length_reads() -> None:
    assert json.loads(status_otlp("json", "too long")) == {"message": "too long"}
    assert status_otlp("protobuf", "x") == b"\x12\x01x"
    assert status_otlp("protobuf", "x" * 300) == b"\x12\xac\x02" + b"x" * 300


def wrapped(tag: int, inner: bytes) -> bytes:
    """Write a message as a field of another."""
    size, rest = b"", len(inner)
    while rest > 127:
        size, rest = size + bytes([rest % 128 + 128]), rest // 128
    return bytes([tag << 3 | 2]) + size + bytes([rest]) + inner


def span_bytes(body: bytes) -> bytes:
    """Cut the one span out of a request."""
    (group,) = ExportTraceServiceRequest.FromString(body).resource_spans
    return group.scope_spans[0].spans[0].SerializeToString()


def test_a_damaged_span_is_refused_by_index_and_the_rest_is_kept() -> None:
    good = span_bytes(spans(CHAT))
    told = b"".join(wrapped(2, one) for one in (good, b"\xff\xff", good))
    batch = read(wrapped(1, wrapped(2, told)))
    assert (batch.numbers, batch.total) == ([0, 2], 3)
    assert [(one.index, one.reason) for one in batch.rejected] == [
        (1, "the span cannot be read: it is damaged")
    ]


@pytest.mark.parametrize("depth", [0, 1, 2])
def test_millions_of_empty_messages_are_never_made(depth: int) -> None:
    body = wrapped(2 if depth else 1, b"") * 300_000
    for tag in (2, 1)[2 - depth :]:
        body = wrapped(tag, body)
    with pytest.raises(UserError, match="at most 250000 spans"):
        read(body)


def logs(*said: Said, name: str = "") -> bytes:
    request = ExportLogsServiceRequest()
    scope = request.resource_logs.add().scope_logs.add()
    for one in said:
        record = scope.log_records.add()
        record.time_unix_nano, record.event_name = START, name
        record.trace_id, record.span_id = b"\x01" * 16, b"\x02" * 8
        record.attributes.extend(KeyValue(key=key, value=value(v)) for key, v in one.items())
    return request.SerializeToString()


def test_log_records_with_usage_are_calls_and_others_are_not() -> None:
    asked: Said = {"gen_ai.system": "openai", "gen_ai.request.model": "gpt-4o"}
    batch = read_otlp(logs(CHAT, asked, {}), "logs", "protobuf")
    assert batch.numbers == [0]


def test_records_of_one_span_are_each_a_call_and_sent_again_the_same() -> None:
    body = logs(CHAT, {**CHAT, "gen_ai.usage.output_tokens": 11})
    first, again = (
        [one.external_request_id for one in read_otlp(body, "logs", "protobuf").events]
        for _ in range(2)
    )
    assert (first, len(set(first))) == (again, 2)


def test_the_details_of_a_span_are_that_span() -> None:
    name = "gen_ai.client.inference.operation.details"
    (found,) = read_otlp(logs(CHAT, name=name), "logs", "protobuf").events
    assert found.external_request_id == f"{'01' * 16}-{'02' * 8}"


@given(
    st.binary(max_size=300),
    st.sampled_from(["protobuf", "json"]),
    st.sampled_from(["traces", "logs"]),
)
@settings(max_examples=300)
def test_junk_is_refused_and_never_crashes(body: bytes, encoding: Encoding, signal: Signal) -> None:
    try:
        batch = read_otlp(body, signal, encoding)
    except UserError:
        return
    assert len(batch.events) + len(batch.rejected) <= batch.total


@given(st.data())
@settings(max_examples=200)
def test_a_damaged_request_never_crashes(data: st.DataObject) -> None:
    body = bytearray(data.draw(st.sampled_from([spans(CHAT, CHAT), json_spans(CHAT)])))
    for _ in range(data.draw(st.integers(1, 5))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    encodings: tuple[Encoding, ...] = ("protobuf", "json")
    for encoding in encodings:
        try:
            batch = read_otlp(bytes(body), "traces", encoding)
        except UserError:
            continue
        assert len(batch.events) + len(batch.rejected) <= batch.total
