"""Takes what a provider's own response says of usage into the event it came with."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from costper.errors import suggestion
from costper.events.batch import Batch, Remark
from costper.events.event import Event, Line
from costper.model.call import COUNTS, Reading
from costper.model.call import Line as Billed
from costper.model.outcome import Outcome

MAIN_PART = "message"
"""The part of a response that is the response itself."""

PROVIDER_ERROR = "provider_error"
"""The issue of a response that is an error's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Readers:
    """How responses are read: the formats, which one a provider speaks, and the reading."""

    wires: Mapping[str, object]
    wire_for: Callable[[str], str]
    read: Callable[[str, Mapping[str, object]], Outcome[Reading]]
    read_chunks: Callable[[str, Sequence[Mapping[str, object]]], Outcome[Reading]]


def usage_fault(event: Event, batch: Batch, index: int, readers: Readers) -> Remark | None:
    """Put a response's usage in the event's counts, or its lines, and forget the response.

    Counts are kept as the provider said them; parts that are more than their whole are flagged.
    """
    wire = event.wire or readers.wire_for(event.provider)
    if wire not in readers.wires:
        said = event.wire or event.provider
        reason = f"nobody knows the format of this response: {said[:64]!r}"
        hint = suggestion(said, readers.wires)
        return Remark(index=index, code="unknown_word", reason=reason, hint=hint, field="wire")
    field = "responseChunks" if event.response is None else "response"
    found = (
        readers.read_chunks(wire, event.response_chunks or ())
        if event.response is None
        else readers.read(wire, event.response)
    )
    reading = found.items[0] if found.items else Reading()
    for issue in found.issues:
        remark = Remark(
            index=index, code=issue.code, reason=issue.message, hint=issue.hint, field=field
        )
        if issue.severity == "error" and not reading.lines:
            return remark
        if issue.code == PROVIDER_ERROR and event.status == "ok":
            event.status = "error"
        batch.warn(remark)
    _take(event, reading)
    return None


def _take(event: Event, reading: Reading) -> None:
    if not reading.finished:
        event.estimated = True
    if not event.external_request_id and reading.response_id:
        event.external_request_id = f"{event.provider}:{reading.response_id}"[:256]
    event.wire = ""
    event.response = event.response_chunks = None
    if len(reading.lines) == 1 and _plain(reading.lines[0]):
        _take_line(event, reading.lines[0], reading.tier_said)
    elif reading.lines:
        event.lines = tuple(_line(event, line, reading.tier_said) for line in reading.lines)
        event.model = event.model or reading.lines[0].model
        for name in COUNTS:
            setattr(event, name, 0)


def _plain(line: Billed) -> bool:
    """Say whether an event alone can hold a line."""
    return line.context_tokens is None and line.part in {"", MAIN_PART}


def _take_line(event: Event, line: Billed, tier_said: str) -> None:
    for name in COUNTS:
        setattr(event, name, getattr(line, name))
    event.lines = ()
    event.model = line.model or event.model
    event.estimated = event.estimated or line.estimated
    event.service_tier = _tier(event, line, tier_said)
    cost = _cost(line)
    if cost is not None and (event.provider_cost is None or line.provider_cost is not None):
        event.provider_cost = cost


def _tier(event: Event, line: Billed, tier_said: str) -> str:
    """Give the tier the response says; where it says none, the one that was asked for."""
    return line.tier if tier_said or line.tier != "standard" else event.service_tier


def _cost(line: Billed) -> str | None:
    """Give what the provider says a line cost; one whose usage is said to be 0 cost nothing."""
    if line.provider_cost is not None:
        return str(line.provider_cost)
    return None if line.estimated or any(getattr(line, name) for name in COUNTS) else "0"


def _line(event: Event, line: Billed, tier_said: str) -> Line:
    counts = {name: getattr(line, name) for name in COUNTS}
    return Line(
        model=line.model,
        service_tier=_tier(event, line, tier_said),
        context_tokens=line.context_tokens,
        provider_cost=_cost(line),
        part=line.part,
        estimated=line.estimated,
        **counts,
    )
