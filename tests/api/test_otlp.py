"""OTLP over HTTP: answers exporters understand, and a real SDK that exports to a real server."""

import gzip
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Span, Status, StatusCode
from tests.api.calls_world import CallsWorld, calls_world
from tests.events.test_otlp import CHAT, json_spans, logs, spans
from tests.pipeline.calls.people_world import NOW

from costper.config.load import load_settings
from costper.store.books import open_books

PROTOBUF = {"Content-Type": "application/x-protobuf"}
JSON = {"Content-Type": "application/json"}
TRACES, LOGS = "/v1/traces", "/v1/logs"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[CallsWorld]:
    with calls_world(tmp_path) as world:
        yield world


def test_spans_and_records_are_taken_and_answered_in_their_encoding(world: CallsWorld) -> None:
    client = world.client()
    packed = {**PROTOBUF, "Content-Encoding": "gzip"}
    replies = [
        client.post(TRACES, content=spans(CHAT), headers=PROTOBUF),
        client.post(TRACES, content=gzip.compress(spans(CHAT), mtime=0), headers=packed),
        client.post(TRACES, content=json_spans(CHAT), headers=JSON),
        client.post(LOGS, content=logs(CHAT), headers=PROTOBUF),
    ]
    assert [(one.status_code, one.content) for one in replies] == [
        (200, b""),
        (200, b""),
        (200, b"{}"),
        (200, b""),
    ]
    assert [one.headers["content-type"] for one in replies[:3]] == [
        "application/x-protobuf",
        "application/x-protobuf",
        "application/json",
    ]
    assert len(world.told()) == 2  # one span, told three times, and a log record


def test_what_is_refused_is_a_partial_success(world: CallsWorld) -> None:
    bad = {**CHAT, "user.id": "jane@acme.com"}
    reply = world.client().post(TRACES, content=spans(CHAT, bad), headers=PROTOBUF)
    told = ExportTraceServiceResponse.FromString(reply.content).partial_success
    assert (reply.status_code, told.rejected_spans) == (200, 1)
    assert "e-mail" in told.error_message
    assert "jane" not in told.error_message
    assert len(world.told()) == 1


@pytest.mark.parametrize(
    ("content", "headers", "status"),
    [(b"\xff", PROTOBUF, 400), (b"[]", JSON, 400), (b"", {"Content-Type": "text/plain"}, 415)],
)
def test_a_request_that_is_none_is_answered_with_a_status(
    world: CallsWorld, content: bytes, headers: dict[str, str], status: int
) -> None:
    reply = world.client().post(TRACES, content=content, headers=headers)
    assert reply.status_code == status
    assert reply.headers["content-type"] in {"application/x-protobuf", "application/json"}
    assert b"OTLP" in reply.content or b"Content-Type" in reply.content


def test_an_exporter_needs_a_key_that_may_tell(world: CallsWorld) -> None:
    reading, telling = world.key("read"), world.key("ingest")
    statuses = [
        world.client(secret=key).post(TRACES, content=spans(CHAT), headers=PROTOBUF).status_code
        for key in (reading, telling)
    ]
    assert statuses == [403, 200]


def tell(span: Span, **said: object) -> None:
    """Set attributes that are words or counts."""
    for name, value in said.items():
        assert isinstance(value, str | int)
        span.set_attribute(name, value)


def export(endpoint: str) -> None:
    """Instrument a made-up program as its authors would, and let the SDK export it."""
    exporter = OTLPSpanExporter(endpoint, compression=Compression.Gzip)
    provider = TracerProvider(resource=Resource({"service.name": "shop"}))
    provider.add_span_processor(BatchSpanProcessor(exporter))
    tracer = provider.get_tracer("instrumentation")
    with tracer.start_as_current_span("invoke_agent helper") as agent:
        agent.set_attribute("gen_ai.operation.name", "invoke_agent")
        agent.set_attributes(WHOLE)
        for number in range(3):
            with tracer.start_as_current_span("chat gpt-4o") as span:
                tell(span, **CHAT, **{"user.id": f"u-{number}", "session.id": "s"})
        with tracer.start_as_current_span("chat gpt-4o") as span:
            tell(span, **CHAT, **{"error.type": "timeout"})
            span.set_status(Status(StatusCode.ERROR))
        with tracer.start_as_current_span("GET /shop"):
            pass
    assert provider.force_flush()
    provider.shutdown()


WHOLE = {"gen_ai.usage.input_tokens": 400, "gen_ai.usage.output_tokens": 40}


def test_a_real_sdk_exports_to_a_real_server(tmp_path: Path) -> None:
    config = tmp_path / "costper.yaml"
    config.write_text("organisation: Shop\ncurrency: USD\n", encoding="utf-8")
    words = [sys.executable, "-m", "costper", "serve", "--port", "0"]
    with subprocess.Popen(words, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        url = server.stdout.readline().split()[-1]
        export(f"{url}v1/traces")
        server.send_signal(signal.SIGTERM)
        assert server.wait(60) == 0
    settings = load_settings(config, catalogue={}, drivers=("even",), environment={})
    books = open_books(settings, now=NOW)
    rows = books.marts.query(
        "SELECT status, feature, price_status, COUNT(*) AS calls, SUM(input_tokens) AS input, "
        "COUNT(DISTINCT user_id) AS users FROM calls GROUP BY ALL ORDER BY status"
    ).to_pylist()
    books.close()
    assert [(row["status"], row["calls"], int(row["input"])) for row in rows] == [
        ("ok", 3, 300),
        ("timeout", 1, 100),
    ]
    assert {(row["feature"], row["price_status"]) for row in rows} == {("shop", "priced")}
    assert rows[0]["users"] == 3
