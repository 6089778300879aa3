"""Joins the chunks of one response, and reads what they come to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import cast

from costper.errors import suggestion
from costper.model.call import Line, Reading
from costper.model.outcome import Outcome
from costper.rating.usage.base import Joined, Node, Wire
from costper.rating.usage.doubts import Doubts, shown
from costper.rating.usage.values import label, node
from costper.rating.usage.wires import USUAL, WIRES

BYTES_PER_TOKEN = 4
"""Rough for English, low for most else; used only for output no usage told of."""

BY_OBJECT = {
    "response": "openai_responses",
    "realtime.response": "openai_realtime",
    "list": "openai_embeddings",
}
"""Bodies of OpenAI name themselves: a provider's usual wire may not be the one at hand."""


class Joining:
    """One response being read: a whole body, or chunks in their order."""

    def __init__(self, wire: str) -> None:
        self.doubts = Doubts(wire)
        self._wire = WIRES.get(wire)
        self._joined = Joined()
        self._told_error = False
        if self._wire is None:
            self.doubts.add(
                "unknown_wire",
                f"unknown wire {shown(wire)}",
                severity="error",
                hint=suggestion(wire[:64], WIRES),
            )

    def take_body(self, body: Node) -> None:
        """Take a body that was not streamed."""
        self._wire = wire_at_hand(self._wire, body)
        self._joined.body = dict(body)
        self._joined.finished = True

    def take(self, chunk: object) -> None:
        """Take the next chunk of a stream."""
        if not isinstance(chunk, Mapping):
            self.doubts.add("bad_chunk", "a chunk is no JSON object", severity="error")
            return
        said = cast("Node", chunk)
        self._wire = wire_at_hand(self._wire, said)
        if self._wire is not None:
            self._wire.join(self._joined, said, self.doubts)
        self._note_error(said)

    def end(self) -> None:
        """Note that the stream said it is over."""
        self._joined.finished = True

    def outcome(self) -> Outcome[Reading]:
        """Read what was taken: always one reading, with lines or without."""
        if self._wire is None:
            return Outcome((Reading(finished=False),), self.doubts.issues())
        reading = self._wire.read(self._joined.body, self.doubts)
        if not self._joined.finished:
            reading = cut(reading, self._joined.emitted, by_turns=self._wire.by_turns)
        if self.doubts.has("bad_count"):
            lines = tuple(replace(line, estimated=True) for line in reading.lines)
            reading = replace(reading, lines=lines)
        self._note_error(self._joined.body)
        self._note_silence(reading)
        return Outcome((reading,), self.doubts.issues())

    def _note_error(self, said: Node) -> None:
        """Note that the provider says it failed."""
        error = said.get("error") or next(
            (said[key] for key in said if label(key).endswith("Exception")), None
        )
        if error and not self._told_error:
            self._told_error = True
            words = node(error).get("message", error)
            message = f"the provider says: {shown(words)}"
            self.doubts.add("provider_error", message, severity="info")

    def _note_silence(self, reading: Reading) -> None:
        """Note a response that ended (its text, at least), and said nothing of its usage."""
        ended = reading.finished or self._joined.ending
        if ended and not reading.lines and not self.doubts.issues():
            asked = self._wire is WIRES[USUAL]
            hint = 'ask for it: "stream_options": {"include_usage": true}' if asked else ""
            self.doubts.add("no_usage", "the response says nothing of its usage", hint=hint)


def wire_at_hand(wire: Wire | None, said: Node) -> Wire | None:
    """Take another wire of OpenAI where a body under its usual one names itself as that."""
    if wire is not WIRES[USUAL]:
        return wire
    kind, itself = said.get("type"), said.get("object")
    if isinstance(kind, str) and kind.startswith("response."):
        itself = "response"
    return WIRES[BY_OBJECT.get(itself, USUAL)] if isinstance(itself, str) else wire


def cut(reading: Reading, emitted: int, *, by_turns: bool) -> Reading:
    """Mark what was read from a stream that was cut; output no usage told of is estimated."""
    lines = reading.lines
    if not by_turns:
        lines = tuple(replace(line, estimated=True) for line in lines)
    if emitted and lines:
        lines = (with_output(lines[0], -(-emitted // BYTES_PER_TOKEN)), *lines[1:])
    return replace(reading, lines=lines, finished=False)


def with_output(line: Line, tokens: int) -> Line:
    """Give a line at least so much output."""
    return replace(line, output_tokens=max(line.output_tokens, tokens))
