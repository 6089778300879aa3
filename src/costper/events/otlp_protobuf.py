"""Reads OTLP requests written as protobuf."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from costper.events.attributes import READ
from costper.events.told import FAILED, Signal, Told


def told_in_protobuf(body: bytes, signal: Signal) -> Iterator[Told]:
    """Give the spans or records of a request, with the attributes that are read.

    Raises:
        DecodeError: it is no such request.
    """
    if signal == "traces":
        traces = ExportTraceServiceRequest.FromString(body)
        for group in traces.resource_spans:
            shared = _said(group.resource.attributes)
            for scope in group.scope_spans:
                for span in scope.spans:
                    yield Told(
                        said={**shared, **_said(span.attributes)},
                        trace=span.trace_id.hex(),
                        span=span.span_id.hex(),
                        start=span.start_time_unix_nano,
                        end=span.end_time_unix_nano,
                        failed=span.status.code == FAILED,
                    )
        return
    logs = ExportLogsServiceRequest.FromString(body)
    for sender in logs.resource_logs:
        shared = _said(sender.resource.attributes)
        for library in sender.scope_logs:
            for record in library.log_records:
                yield Told(
                    said={**shared, **_said(record.attributes)},
                    trace=record.trace_id.hex(),
                    span=record.span_id.hex(),
                    start=record.time_unix_nano or record.observed_time_unix_nano,
                    end=0,
                    failed=False,
                    spans=False,
                    name=record.event_name,
                )


def _said(attributes: Iterable[KeyValue]) -> dict[str, object]:
    return {one.key: _value(one.value) for one in attributes if one.key in READ}


def _value(value: AnyValue) -> object:
    kind = value.WhichOneof("value")
    if kind in {"string_value", "int_value", "double_value", "bool_value"}:
        return getattr(value, kind)
    return None
