"""Reads the bytes of a response: unpacked, cut into the chunks of a stream, as JSON objects."""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, cast

import msgspec

from costper.track import quiet
from costper.track.tape import Tape

Node = Mapping[str, object]

EVENT_END = re.compile(rb"\r\n\r\n|\n\n|\r\r")
LINE_END = re.compile(rb"\r\n|\n|\r")
USAGE = re.compile(rb'"usage"\s*:\s*(?=\{)')
MODEL = re.compile(rb'"model"\s*:\s*"([ !#-\[\]-~]{1,200})"')
GZIP = {"gzip": 16 + zlib.MAX_WBITS, "x-gzip": 16 + zlib.MAX_WBITS, "deflate": zlib.MAX_WBITS}
MOST_PLAIN = 64 * 1024 * 1024
FIRST = 2
TELLS = re.compile(
    rb'"usage"\s*:\s*\{|"finish_reason"\s*:\s*"|"x_groq"|"error"|\[DONE\]'
    rb'|"type"\s*:\s*"(?:message_|content_block_start|response\.(?:created|completed))'
)
"""What the events of a stream hold that tell usage, or an end; the others are of text."""

LAST = frozenset({"[DONE]", "message_stop", "response.completed"})
PRELUDE = 12
CHECK = 4

_decoder = msgspec.json.Decoder(dict[str, object])


class Response(Protocol):
    """A response of httpx, which unpacks what it was made with."""

    @property
    def content(self) -> bytes:
        """Give the body, unpacked."""
        ...


@dataclass(frozen=True, slots=True)
class Body:
    """A response's objects: one, or those of a stream in order; `whole` where none is missing."""

    nodes: tuple[Node, ...]
    streamed: bool = False
    whole: bool = True


def body_of(tape: Tape) -> Body:
    """Read what a tape holds; what cannot be read is left out."""
    head, tail = b"".join(tape.head), b"".join(tape.tail)
    if not tape.is_cut:
        head, tail = head + tail, b""
    if tape.is_packed:
        head, tail = _unpacked(tape, head), b""
    kind = tape.headers.get("content-type", "")
    if "amazon.eventstream" in kind:
        return Body(tuple(_frames(head)), streamed=True, whole=not tape.is_cut)
    if "event-stream" in kind or head[:6] in {b"data: ", b"event:"}:
        return Body(_streamed(head, tail), streamed=True, whole=not tape.is_cut)
    if tape.is_cut:
        return Body(tuple(_around(head, tail)), whole=False)
    node = node_of(head)
    return Body(() if node is None else (node,))


def node_of(text: bytes) -> Node | None:
    """Read a JSON object; None for what is none."""
    try:
        return _decoder.decode(text)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return None


def _unpacked(tape: Tape, packed: bytes) -> bytes:
    """Unpack a body, also one that was left in the middle."""
    window = GZIP.get(tape.headers.get("content-encoding", "").strip().lower())
    if window is not None:
        try:
            return zlib.decompressobj(window).decompress(packed, MOST_PLAIN)
        except zlib.error:
            return b""
    # Of other encodings httpx knows those it asked for.
    try:
        unpack = cast("Callable[..., Response]", tape.kind)
        return unpack(200, headers=tape.headers, content=packed).content
    except Exception as error:  # noqa: BLE001 - a decoder's own error, or a cut body
        quiet.failed("unpacking a response", error)
        return b""


def _streamed(head: bytes, tail: bytes) -> tuple[Node, ...]:
    """Give the chunks of a stream: all of them only where those that tell usage are not enough."""
    events = [*EVENT_END.split(head), *EVENT_END.split(tail)]
    telling = [each for at, each in enumerate(events) if at < FIRST or TELLS.search(each)]
    nodes = tuple(_nodes(telling))
    if _has_usage(nodes) and nodes[-1].get("type") in LAST:
        return nodes
    nodes = tuple(_nodes(events))
    return nodes if _has_usage(nodes) or not tail else (*nodes, *_stray(tail))


def _nodes(events: Sequence[bytes]) -> Iterator[Node]:
    for event in events:
        lines = [line[5:].strip() for line in LINE_END.split(event) if line.startswith(b"data:")]
        if lines:
            node = node_of(b"\n".join(lines))
            if node is not None:
                yield node
            elif lines == [b"[DONE]"]:
                yield {"type": "[DONE]"}


def _has_usage(nodes: tuple[Node, ...]) -> bool:
    return any(isinstance(node.get("usage"), Mapping) for node in nodes)


def _stray(tail: bytes) -> Iterator[Node]:
    """Give the last usage of a tail whose event began before it."""
    for found in reversed(list(USAGE.finditer(tail))):
        usage = _object_at(tail, found.end())
        if usage is not None:
            yield {"type": "response.completed", "response": {"usage": usage}}
            return


def _around(head: bytes, tail: bytes) -> Iterator[Node]:
    """Give usage and model of a body whose middle is missing, such as many embeddings."""
    for part in (tail, head):
        for found in reversed(list(USAGE.finditer(part))):
            usage = _object_at(part, found.end())
            if usage is not None:
                model = MODEL.search(part, max(0, found.start() - 2_000)) or MODEL.search(head)
                yield {
                    "usage": usage,
                    "model": model[1].decode("utf-8", "replace") if model else "",
                }
                return


def _object_at(text: bytes, start: int) -> Node | None:
    try:
        found, _ = json.JSONDecoder().raw_decode(text[start:].decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None
    return cast("Node", found) if isinstance(found, dict) else None


def _frames(data: bytes) -> Iterator[Node]:
    """Read AWS's binary stream: each frame wraps one event of the model's own stream."""
    at = 0
    while at + PRELUDE <= len(data):
        total = int.from_bytes(data[at : at + 4], "big")
        headers = int.from_bytes(data[at + 4 : at + 8], "big")
        if total < PRELUDE + headers + CHECK or at + total > len(data):
            return
        node = node_of(data[at + PRELUDE + headers : at + total - CHECK])
        at += total
        inner = node.get("bytes") if node else None
        if isinstance(inner, str):
            try:
                node = node_of(base64.b64decode(inner))
            except ValueError:
                node = None
        if node is not None:
            yield node
