"""The inlets of our own payload and of LiteLLM's."""

from __future__ import annotations

import msgspec

from costper.api.intake import Answered, Inlet
from costper.api.problems import MEDIA_TYPE, Problem
from costper.events.batch import Batch, Remark
from costper.events.litellm import read_litellm
from costper.events.payload import read_payload

JSON = "application/json"
KINDS = {
    JSON: "json",
    "application/x-ndjson": "json",
    "application/ndjson": "json",
    "application/jsonl": "json",
    "application/gzip": "json",
}
"""Nothing here is sent by a page of elsewhere unasked: browsers ask first for such types."""

ALL_GOOD = b'{"accepted":%d,"rejected":[],"warnings":[]}'


def _read_payload(body: bytes, _encoding: str) -> Batch:
    return read_payload(body)


def _read_litellm(body: bytes, _encoding: str) -> Batch:
    return read_litellm(body)


def reply(batch: Batch, path: str, _encoding: str) -> Answered:
    """Say how many events are durable, and by index why others are not.

    202 where any is, or none was refused; 422 where all were.
    """
    if not (batch.rejected or batch.warnings):
        return Answered(status=202, media_type=JSON, body=ALL_GOOD % batch.accepted)
    told: dict[str, object] = {
        "accepted": batch.accepted,
        "rejected": [told_of(remark) for remark in batch.rejected],
        "warnings": [told_of(remark) for remark in batch.warnings.values()],
    }
    if batch.accepted or not batch.rejected:
        return Answered(status=202, media_type=JSON, body=msgspec.json.encode(told))
    first = batch.rejected[0]
    problem = Problem(422, "events-refused", f"every event is refused: {first.reason}", first.hint)
    body = msgspec.json.encode({**problem.document(path), **told})
    return Answered(status=422, media_type=MEDIA_TYPE, body=body)


def told_of(remark: Remark) -> dict[str, str | int]:
    """Give a remark as members of JSON; empty ones are left out."""
    members: dict[str, str | int] = {
        "index": remark.index,
        "code": remark.code,
        "reason": remark.reason,
        "hint": remark.hint,
        "field": remark.field,
    }
    many = {"count": remark.count} if remark.count > 1 else {}
    return {name: value for name, value in members.items() if value != ""} | many


def refuse(problem: Problem, path: str, _encoding: str) -> Answered:
    """Say why nothing was taken."""
    return Answered(
        status=problem.status,
        media_type=MEDIA_TYPE,
        body=msgspec.json.encode(problem.document(path)),
        headers={"Cache-Control": "no-store", **problem.headers},
    )


EVENTS = Inlet(
    path="/api/v1/events",
    name="events",
    summary="Tell of LLM calls: one event, an array, or one on each line.",
    kinds=KINDS,
    read=_read_payload,
    reply=reply,
    refuse=refuse,
    own=True,
)
LITELLM = Inlet(
    path="/api/v1/events/litellm",
    name="litellm",
    summary="Tell of LLM calls as LiteLLM's generic API callback does.",
    kinds=KINDS,
    read=_read_litellm,
    reply=reply,
    refuse=refuse,
)
