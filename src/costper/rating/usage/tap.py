"""Reads a response's usage from its bytes as they pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import cast

import msgspec

from costper.model.call import Reading
from costper.model.outcome import Outcome
from costper.rating.usage.doubts import Doubts
from costper.rating.usage.event_stream import Frame, Frames
from costper.rating.usage.joining import Joining
from costper.rating.usage.sse import EventLines, Lines

DONE = b"[DONE]"
CUTTERS: dict[str, type[EventLines | Lines | Frames]] = {
    "text/event-stream": EventLines,
    "application/x-ndjson": Lines,
    "application/ndjson": Lines,
    "application/jsonl": Lines,
    "application/x-jsonlines": Lines,
    "application/vnd.amazon.eventstream": Frames,
}
SNIFFED = 64
"""Bytes at the front of an unnamed body that say what it is."""

decoder = msgspec.json.Decoder(float_hook=Decimal)


class Tap:
    """Reads one response while its bytes pass; they may be split anywhere.

    `wire` names the format, `content_type` is the response's header. A stream's size does not
    matter: of each chunk only its usage is kept. A body in one piece (JSON) is kept until the end.
    Nothing raises: what cannot be read becomes an issue.
    """

    def __init__(self, wire: str, content_type: str) -> None:
        self._joining = Joining(wire)
        cutter = CUTTERS.get(content_type.partition(";")[0].strip().lower())
        self._cutter = cutter() if cutter else None
        self._body: list[bytes] = []

    def feed(self, piece: bytes) -> None:
        """Take the next bytes."""
        if self._cutter is None:
            self._body.append(piece)
        else:
            for payload in self._cutter.feed(piece):
                self._take(payload)

    def finish(self) -> Outcome[Reading]:
        """Give the reading: the response has ended, or was cut here."""
        if self._cutter is None and not self._whole(b"".join(self._body)):
            return self._joining.outcome()
        if self._cutter is not None:
            for payload in self._cutter.close():
                self._take(payload)
            if isinstance(self._cutter, Frames) and self._cutter.fault:
                self._joining.doubts.add("bad_frame", self._cutter.fault, severity="error")
        return self._joining.outcome()

    def _whole(self, body: bytes) -> bool:
        """Read a body in one piece; True where it turned out to be a stream."""
        cutter = cutter_of(body)
        if cutter is not None:
            self._cutter = cutter
            self.feed(body)
            return True
        said = decoded(body, self._joining.doubts, "the body")
        if isinstance(said, Mapping):
            self._joining.take_body(cast("Mapping[str, object]", said))
        elif isinstance(said, list):
            for chunk in cast("Sequence[object]", said):
                self._joining.take(chunk)
        elif said is not None:
            self._joining.doubts.add("bad_body", "the body is no JSON object", severity="error")
        return False

    def _take(self, payload: bytes | Frame) -> None:
        """Join one chunk."""
        if isinstance(payload, Frame):
            said = decoded(payload.payload or b"{}", self._joining.doubts, "a frame's payload")
            self._joining.take({payload.kind: said})
        elif payload.strip() == DONE:
            self._joining.end()
        elif payload.strip():
            said = decoded(payload, self._joining.doubts, "a chunk")
            if said is not None:
                self._joining.take(said)


def cutter_of(body: bytes) -> EventLines | Lines | None:
    """Tell a stream by its first bytes, where the content type did not say so."""
    front = body[:SNIFFED].lstrip(b"\xef\xbb\xbf \t\r\n")
    if front.startswith((b"data:", b"event:", b"id:", b":")):
        return EventLines()
    if not front.startswith(b"{"):
        return None
    lines = body.strip().split(b"\n", 2)
    alone = len(lines) > 1 and lines[0].rstrip().endswith(b"}")
    return Lines() if alone and lines[1].lstrip().startswith(b"{") else None


def decoded(raw: bytes, doubts: Doubts, what: str) -> object:
    """Read JSON; None, with an issue, where it is none."""
    try:
        return cast("object", decoder.decode(raw))
    except (msgspec.DecodeError, RecursionError, ArithmeticError, ValueError):
        doubts.add("bad_json", f"{what} is no JSON: cut off, or broken", severity="error")
        return None
