"""Reads OTLP requests written as protobuf, one span or record at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from google.protobuf.message import DecodeError
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from costper.events.attributes import READ
from costper.events.protobuf_walk import WalkError, inner_messages
from costper.events.told import FAILED, Signal, Told, Unread

GROUPS, RESOURCE, SCOPES, TOLD = 1, 1, 2, 2
"""Numbers of fields: both signals have the same."""

LONGEST = 4 * 2**20
"""Bytes of one span or record; all a program said and was answered is shorter."""


def told_in_protobuf(body: bytes, signal: Signal) -> Iterator[Told | Unread | None]:
    """Give the spans or records of a request, with the attributes that are read.

    None stands for each group of them, so that whoever counts can stop at too many.

    Raises:
        WalkError: it is no such request.
    """
    for start, end in inner_messages(body, GROUPS, 0, len(body)):
        yield None
        shared: dict[str, object] = {}
        for first, last in inner_messages(body, RESOURCE, start, end):
            shared |= _shared(body[first : min(last, first + LONGEST)])
        for scope, scope_end in inner_messages(body, SCOPES, start, end):
            yield None
            for first, last in inner_messages(body, TOLD, scope, scope_end):
                yield _told(body, first, last, signal, shared)


def _told(
    body: bytes, first: int, last: int, signal: Signal, shared: dict[str, object]
) -> Told | Unread:
    if last - first > LONGEST:
        return Unread(f"it has more than {LONGEST} bytes")
    try:
        if signal == "traces":
            return _span(Span.FromString(body[first:last]), shared)
        return _record(LogRecord.FromString(body[first:last]), shared)
    except DecodeError:
        return Unread("it is damaged")


def _shared(message: bytes) -> dict[str, object]:
    try:
        return _said(Resource.FromString(message).attributes)
    except DecodeError as error:
        raise WalkError("the resource cannot be read") from error


def _span(span: Span, shared: dict[str, object]) -> Told:
    return Told(
        said={**shared, **_said(span.attributes)},
        trace=span.trace_id.hex(),
        span=span.span_id.hex(),
        start=span.start_time_unix_nano,
        end=span.end_time_unix_nano,
        failed=span.status.code == FAILED,
    )


def _record(record: LogRecord, shared: dict[str, object]) -> Told:
    return Told(
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
