"""Lets the bytes of a response pass to the caller, and a copy of the references to its tape."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping
from typing import Protocol, TypeVar, cast

from costper.track import quiet
from costper.track.tape import Tape
from costper.track.usage_chunk import Hiding

R = TypeVar("R", bound="Response")
CONTENT = "_content"
BASES = ("SyncByteStream", "AsyncByteStream")


class Response(Protocol):
    """A response as httpx holds it, before it is read."""

    status_code: int
    headers: Mapping[str, str]
    stream: object
    is_closed: bool

    @property
    def content(self) -> bytes:
        """Give the body, where it was read."""
        ...


class Bytes(Protocol):
    """The body of a response, as a transport gives it."""

    def __iter__(self) -> Iterator[bytes]: ...

    def __aiter__(self) -> AsyncIterator[bytes]: ...

    def close(self) -> None:
        """Give the connection back."""
        ...

    async def aclose(self) -> None:
        """Give the connection back."""
        ...


class Passing:
    """The body of a response on its way; what is raised within is raised."""

    def __init__(self, within: Bytes, tape: Tape, hiding: Hiding | None) -> None:
        self._within = within
        self._tape = tape
        self._hiding = hiding

    def __iter__(self) -> Iterator[bytes]:
        see = self._seen if self._hiding is None else self._hidden
        try:
            for chunk in self._within:
                if seen := see(chunk):
                    yield seen
            if held := self._rest():
                yield held
        except BaseException as error:
            self._end(ending_of(error))
            raise
        self._end("read")

    async def __aiter__(self) -> AsyncIterator[bytes]:
        see = self._seen if self._hiding is None else self._hidden
        chunks = self._within.__aiter__()
        try:
            async for chunk in chunks:
                if seen := see(chunk):
                    yield seen
            if held := self._rest():
                yield held
        except BaseException as error:
            self._end(ending_of(error))
            raise
        finally:
            # Left to the loop, a generator would give its connection back later.
            if isinstance(chunks, AsyncGenerator):
                await chunks.aclose()
        self._end("read")

    def close(self) -> None:
        """Close the body; what was not read is not read any more."""
        self._end("closed")
        self._within.close()

    async def aclose(self) -> None:
        """Close the body; what was not read is not read any more."""
        self._end("closed")
        await self._within.aclose()

    def __del__(self) -> None:
        self._end("closed")

    def _seen(self, chunk: bytes) -> bytes:
        try:
            self._tape.feed(chunk)
        except Exception as error:  # noqa: BLE001 - our failure is never the caller's
            quiet.failed("recording a stream", error)
        return chunk

    def _hidden(self, chunk: bytes) -> bytes:
        try:
            self._tape.feed(chunk)
            if self._hiding is not None:
                return self._hiding.feed(chunk)
        except Exception as error:  # noqa: BLE001 - our failure is never the caller's
            quiet.failed("recording a stream", error)
        return chunk

    def _rest(self) -> bytes:
        return b"" if self._hiding is None else self._hiding.rest()

    def _end(self, ending: str) -> None:
        try:
            self._tape.end(ending)
        except Exception as error:  # noqa: BLE001 - our failure is never the caller's
            quiet.failed("ending a record", error)


def ending_of(error: BaseException) -> str:
    """Say how a call ended that raised."""
    if not isinstance(error, Exception):
        return "closed"
    return "timeout" if "Timeout" in type(error).__name__ else "failed"


_kinds: dict[type, type[Passing]] = {}


def _kind(stream: type) -> type[Passing]:
    """Make our stream one of httpx's kinds: it asks for its own classes, of whichever httpx."""
    if stream not in _kinds:
        bases = tuple(base for base in stream.__mro__ if base.__name__ in BASES)
        _kinds[stream] = cast("type[Passing]", type("Passing", (Passing, *bases), {}))
    return _kinds[stream]


def _hide(response: Response) -> None:
    """Take the chunk of usage out of a body that was read already."""
    hiding, whole = Hiding(), response.content
    shown = hiding.feed(whole) + hiding.rest()
    if len(shown) != len(whole):
        setattr(response, CONTENT, shown)


def heard(tape: Tape, response: R) -> R:
    """Record a response's body while the caller reads it."""
    try:
        tape.kind = type(response)
        tape.status = response.status_code
        tape.headers = response.headers
        if response.is_closed:
            # Read already, as the responses of tests are.
            tape.headers = {"content-type": response.headers.get("content-type", "")}
            tape.feed(response.content)
            if tape.added:
                _hide(response)
            tape.end("read")
            return response
        if response.headers.get("content-encoding"):
            tape.pack()
        hiding = Hiding() if tape.added and not tape.is_packed else None
        stream = response.stream
        response.stream = _kind(type(stream))(cast("Bytes", stream), tape, hiding)
    except Exception as error:  # noqa: BLE001 - our failure is never the caller's
        quiet.failed("recording a response", error)
    return response
