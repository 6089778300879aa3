"""The inlets of OpenTelemetry: traces and logs over HTTP, answered in the sender's encoding."""

from __future__ import annotations

from functools import partial

from costper.api.intake import Answered, Inlet
from costper.api.problems import Problem
from costper.events.batch import Batch
from costper.events.otlp import (
    Encoding,
    message_of,
    read_otlp,
    reply_otlp,
    status_otlp,
)
from costper.events.told import Signal

PROTOBUF, JSON = "application/x-protobuf", "application/json"
KINDS = {PROTOBUF: "protobuf", JSON: "json"}


def _read(signal: Signal, body: bytes, encoding: str) -> Batch:
    return read_otlp(body, signal, _encoding(encoding))


def _reply(signal: Signal, batch: Batch, _path: str, encoding: str) -> Answered:
    kind = _encoding(encoding)
    body = reply_otlp(signal, kind, rejected=len(batch.rejected), message=message_of(batch))
    return Answered(status=200, media_type=_media_type(kind), body=body)


def _refuse(problem: Problem, _path: str, encoding: str) -> Answered:
    kind = _encoding(encoding)
    told = ". ".join(text for text in (problem.detail, problem.hint) if text)
    return Answered(
        status=problem.status,
        media_type=_media_type(kind),
        body=status_otlp(kind, told),
        headers=problem.headers,
    )


def _encoding(said: str) -> Encoding:
    return "protobuf" if said == "protobuf" else "json"


def _media_type(encoding: Encoding) -> str:
    return PROTOBUF if encoding == "protobuf" else JSON


def _inlet(signal: Signal) -> Inlet:
    return Inlet(
        path=f"/v1/{signal}",
        name=f"otlp_{signal}",
        summary=f"Tell of LLM calls by OpenTelemetry {signal} (OTLP/HTTP).",
        kinds=KINDS,
        read=partial(_read, signal),
        reply=partial(_reply, signal),
        refuse=_refuse,
    )


TRACES, LOGS = _inlet("traces"), _inlet("logs")
