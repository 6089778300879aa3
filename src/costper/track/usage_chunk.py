"""Asks OpenAI for the usage of a stream, and hides the chunk the caller did not ask for."""

from __future__ import annotations

import re

import msgspec

OFFICIAL = "api.openai.com"
"""Where asking is the default. Other servers may refuse `stream_options`: there it is opted in."""

ASKS = b',"stream_options":{"include_usage":true}}'
STREAMS = b'"stream":true'
LONGEST_EVENT = 1024 * 1024
MARKS = (b"\n\n", b"\r\n\r\n", b"\r\r")
EMPTY = re.compile(rb'"choices"\s*:\s*\[\s*\]')
END = re.compile(rb"\r\n\r\n|\n\n|\r\r")


class _Asked(msgspec.Struct):
    """What a request says of streaming; its text is skipped, not read."""

    stream: bool = False
    stream_options: msgspec.Raw = msgspec.Raw()


_asked = msgspec.json.Decoder(_Asked)


class _Chunk(msgspec.Struct):
    """What tells a chunk of usage from one of text or of filter results."""

    choices: list[msgspec.Raw] | None = None
    usage: dict[str, object] | None = None
    prompt_filter_results: msgspec.Raw = msgspec.Raw()


_chunk = msgspec.json.Decoder(_Chunk)


def asking(body: bytes) -> bytes | None:
    """Give a request's body so that its stream ends with usage; None where nothing is to be added.

    What the caller says of `stream_options` stays as it is.

    >>> asking(b'{"model":"m","stream":true}')
    b'{"model":"m","stream":true,"stream_options":{"include_usage":true}}'
    """
    if STREAMS not in body or not body.endswith(b"}"):
        return None
    said = _asked.decode(body)
    if not said.stream or bytes(said.stream_options):
        return None
    return body[:-1] + ASKS


class Hiding:
    """Takes the chunk of usage out of a stream, as bytes; events go on whole, and unchanged."""

    __slots__ = ("_held",)

    def __init__(self) -> None:
        self._held: bytes = b""

    def feed(self, data: bytes) -> bytes:
        """Give what may go on now; the beginning of an event waits for its end."""
        if not self._held and data.endswith(b"\n\n"):
            return data if EMPTY.search(data) is None else _without_usage(data)
        data = self._held + data
        cut = _last_end(data)
        if not cut:
            if len(data) > LONGEST_EVENT:
                self._held = b""
                return data
            self._held = data
            return b""
        self._held = data[cut:]
        return _without_usage(data[:cut])

    def rest(self) -> bytes:
        """Give what never came to its end."""
        held, self._held = self._held, b""
        return held


def _last_end(data: bytes) -> int:
    """Say where the last whole event ends; 0 where none does."""
    ends = ((data.rfind(mark), len(mark)) for mark in MARKS)
    return max((at + size for at, size in ends if at >= 0), default=0)


def _without_usage(events: bytes) -> bytes:
    if EMPTY.search(events) is None:
        return events
    kept: list[bytes] = []
    start = 0
    for end in END.finditer(events):
        event = events[start : end.end()]
        start = end.end()
        if not _is_usage(event):
            kept.append(event)
    return b"".join((*kept, events[start:]))


def _is_usage(event: bytes) -> bool:
    """Tell the chunk that says usage and nothing else."""
    if not event.startswith(b"data:") or b'"usage"' not in event:
        return False
    try:
        chunk = _chunk.decode(event[len(b"data:") :].strip())
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return False
    told = chunk.usage is not None and not bytes(chunk.prompt_filter_results)
    return told and chunk.choices == []
