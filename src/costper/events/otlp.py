"""Reads what OpenTelemetry exporters send over HTTP: traces and logs, as protobuf or as JSON."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Literal

import msgspec
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import (
    ExportLogsServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceResponse,
)

from costper.events.attributes import RESPONSE_ID, members_of, status_in
from costper.events.batch import Batch, Remark
from costper.events.event import Event
from costper.events.faults import remark_of
from costper.events.otlp_json import told_in_json
from costper.events.otlp_protobuf import told_in_protobuf
from costper.events.payload import MOST_EVENTS, PayloadError, TooManyError
from costper.events.protobuf_walk import WalkError
from costper.events.told import Signal, Told, Unread

Encoding = Literal["protobuf", "json"]
DETAILS = "gen_ai.client.inference.operation.details"
"""The log event that belongs to one GenAI span, and repeats it."""

STATUS_MESSAGE = b"\x12"
"""Field 2 of google.rpc.Status, as protobuf writes it before a text."""

SEVEN_BITS = 128
MOST_TOLD = 250_000
"""Spans or records of one request, of whatever they tell."""

SHOWN = 5
NANOS = 1_000
NANOS_A_MS = 1_000_000


def read_otlp(body: bytes, signal: Signal, encoding: Encoding, *, most: int = MOST_EVENTS) -> Batch:
    """Give the calls an export tells of; spans and records of other things are passed over.

    Indexes count the spans or records of the request.

    Raises:
        TooManyError: it tells of more than `most` calls.
        PayloadError: it is no such request.
    """
    try:
        told = told_in_json(body, signal) if encoding == "json" else told_in_protobuf(body, signal)
        return _batch(told, most)
    except (msgspec.MsgspecError, UnicodeError, RecursionError, WalkError) as error:
        raise PayloadError(
            f"the body is no OTLP request for {signal}: {error}", hint=f"is it {encoding}?"
        ) from error


def reply_otlp(signal: Signal, encoding: Encoding, *, rejected: int, message: str) -> bytes:
    """Write what an exporter is answered: nothing, or how many were refused and why."""
    if encoding == "json":
        name = "rejectedSpans" if signal == "traces" else "rejectedLogRecords"
        if not (rejected or message):
            return b"{}"
        partial = {name: str(rejected), "errorMessage": message}
        return msgspec.json.encode({"partialSuccess": partial})
    if signal == "traces":
        spans = ExportTraceServiceResponse()
        if rejected or message:
            spans.partial_success.rejected_spans = rejected
            spans.partial_success.error_message = message
        return spans.SerializeToString()
    records = ExportLogsServiceResponse()
    if rejected or message:
        records.partial_success.rejected_log_records = rejected
        records.partial_success.error_message = message
    return records.SerializeToString()


def message_of(batch: Batch) -> str:
    """Say in a line what was refused or flagged; '' for nothing."""
    found = [*batch.rejected, *batch.warnings.values()]
    told = [f"{remark.index}: {remark.reason}" for remark in found[:SHOWN]]
    more = [f"and {len(found) - SHOWN} more"] if len(found) > SHOWN else []
    return "; ".join((*told, *more))


def status_otlp(encoding: Encoding, message: str) -> bytes:
    """Write a google.rpc.Status that holds only a message: field 2, text."""
    if encoding == "json":
        return msgspec.json.encode({"message": message})
    text = message.encode()
    size, rest = bytearray(), len(text)
    while rest >= SEVEN_BITS:
        size.append(rest % SEVEN_BITS + SEVEN_BITS)
        rest //= SEVEN_BITS
    return STATUS_MESSAGE + bytes((*size, rest)) + text


def _batch(told: Iterable[Told | Unread | None], most: int) -> Batch:
    batch = Batch(lenient=True)
    numbers: list[int] = []
    for seen, one in enumerate(told):
        if seen >= MOST_TOLD:
            raise TooManyError(f"a body has at most {MOST_TOLD} spans", hint="send them in parts")
        if one is None:
            continue
        index = batch.total
        batch.total += 1
        found = _event(one, batch, index)
        if isinstance(found, Remark):
            batch.refuse(found)
        elif found is not None:
            batch.events.append(found)
            numbers.append(index)
            if len(numbers) > most:
                raise TooManyError(f"a body has at most {most} calls", hint="send them in parts")
    batch.numbers = numbers
    return batch


def _event(told: Told | Unread, batch: Batch, index: int) -> Event | Remark | None:
    if isinstance(told, Unread):
        return Remark(index=index, code="invalid", reason=f"the span cannot be read: {told.why}")
    members = members_of(told.said, batch, index)
    if members is None:
        return None
    if not told.spans and not ("inputTokens" in members or "outputTokens" in members):
        return None
    if told.start:
        members["timestamp"] = told.start // NANOS
    if told.end > told.start > 0:
        members["latencyMs"] = (told.end - told.start) / NANOS_A_MS
    members["status"] = status_in(told.said, failed=told.failed)
    members["externalRequestId"] = _request_id(told, members)
    try:
        return msgspec.convert(members, Event)
    except msgspec.ValidationError as error:
        return remark_of(index, str(error))


def _request_id(told: Told, members: dict[str, object]) -> str:
    """Name a call so that telling of it again changes nothing.

    Its response names it best: two libraries may watch one call. A log record without one may
    stand in a span beside others; what it says names it then.
    """
    response = told.said.get(RESPONSE_ID)
    if response:
        return f"{members['provider']}:{response}"
    if told.span.strip("0") and (told.spans or told.name == DETAILS):
        return f"{told.trace}-{told.span}"
    said = msgspec.json.encode(members, order="sorted")
    return f"log-{hashlib.sha256(told.trace.encode() + said).hexdigest()[:32]}"
