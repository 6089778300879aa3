"""Reads OTLP requests written as JSON: ids in hex, 64-bit numbers as text or numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from costper.events.attributes import READ
from costper.events.told import FAILED, Signal, Told


class JsonKeyValue(msgspec.Struct, rename="camel"):
    """An attribute; its value is {"stringValue": …} and the like."""

    key: str = ""
    value: dict[str, object] | None = None


class JsonStatus(msgspec.Struct):
    """How a span ended; 2 is an error."""

    code: int | str | None = 0


class JsonSpan(msgspec.Struct, rename="camel"):
    """What is read of a span."""

    trace_id: str | None = ""
    span_id: str | None = ""
    start_time_unix_nano: int | str | None = 0
    end_time_unix_nano: int | str | None = 0
    attributes: list[JsonKeyValue] | None = None
    status: JsonStatus | None = None


class JsonRecord(msgspec.Struct, rename="camel"):
    """What is read of a log record."""

    trace_id: str | None = ""
    span_id: str | None = ""
    time_unix_nano: int | str | None = 0
    observed_time_unix_nano: int | str | None = 0
    attributes: list[JsonKeyValue] | None = None
    event_name: str | None = ""


class JsonScope(msgspec.Struct, rename="camel"):
    """The spans or records of one library."""

    spans: list[JsonSpan] | None = None
    log_records: list[JsonRecord] | None = None


class JsonSource(msgspec.Struct):
    """Who tells."""

    attributes: list[JsonKeyValue] | None = None


class JsonGroup(msgspec.Struct, rename="camel"):
    """What one resource tells."""

    resource: JsonSource | None = None
    scope_spans: list[JsonScope] | None = None
    scope_logs: list[JsonScope] | None = None


class JsonRequest(msgspec.Struct, rename="camel"):
    """A whole request, of either signal."""

    resource_spans: list[JsonGroup] | None = None
    resource_logs: list[JsonGroup] | None = None


REQUEST = msgspec.json.Decoder(JsonRequest)
LONGEST_NUMBER = 20
"""Digits of a 64-bit number, with its sign."""

MOST_NANOS = 2**64


def told_in_json(body: bytes, signal: Signal) -> Iterator[Told]:
    """Give the spans or records of a request, with the attributes that are read.

    Raises:
        msgspec.MsgspecError: it is no such request.
    """
    request = REQUEST.decode(body)
    groups = request.resource_spans if signal == "traces" else request.resource_logs
    for group in groups or ():
        shared = _json_said(group.resource.attributes if group.resource else None)
        for scope in (group.scope_spans if signal == "traces" else group.scope_logs) or ():
            for span in scope.spans or ():
                yield _json_span(span, shared)
            for record in scope.log_records or ():
                yield _json_record(record, shared)


def _json_span(span: JsonSpan, shared: dict[str, object]) -> Told:
    code = span.status.code if span.status else 0
    return Told(
        said={**shared, **_json_said(span.attributes)},
        trace=span.trace_id or "",
        span=span.span_id or "",
        start=_nanos(span.start_time_unix_nano),
        end=_nanos(span.end_time_unix_nano),
        failed=code in {FAILED, str(FAILED), "STATUS_CODE_ERROR"},
    )


def _json_record(record: JsonRecord, shared: dict[str, object]) -> Told:
    return Told(
        said={**shared, **_json_said(record.attributes)},
        trace=record.trace_id or "",
        span=record.span_id or "",
        start=_nanos(record.time_unix_nano) or _nanos(record.observed_time_unix_nano),
        end=0,
        failed=False,
        spans=False,
        name=record.event_name or "",
    )


def _json_said(attributes: list[JsonKeyValue] | None) -> dict[str, object]:
    return {
        one.key: _json_value(one.value)
        for one in attributes or ()
        if one.key in READ and one.value is not None
    }


def _json_value(value: dict[str, object]) -> object:
    for name, read in JSON_VALUES.items():
        if name in value:
            return read(value[name])
    return None


def _json_int(said: object) -> object:
    """Read a 64-bit number, which JSON writes as text."""
    text = str(said)
    return int(text) if text.lstrip("-").isdecimal() and len(text) <= LONGEST_NUMBER else said


JSON_VALUES: dict[str, Callable[[object], object]] = {
    "stringValue": str,
    "intValue": _json_int,
    "doubleValue": lambda said: said,
    "boolValue": lambda said: said,
}


def _nanos(said: int | str | None) -> int:
    if isinstance(said, int):
        return said if 0 <= said < MOST_NANOS else 0
    text = said or ""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= LONGEST_NUMBER else 0
