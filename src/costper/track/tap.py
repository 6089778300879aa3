"""Stands between a client and its connection, and lets every attempt pass by a tape."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Protocol

from costper.track import quiet
from costper.track.bodies import MODEL
from costper.track.context import current, new_id, operation_of
from costper.track.streams import Response, ending_of, heard
from costper.track.tape import Tape
from costper.track.usage_chunk import OFFICIAL, asking
from costper.track.wires import is_metered

MOST_REQUEST = 4 * 1024 * 1024
"""Longer requests are not looked at: they hold pictures."""

EDGE = 4096
RETRY = "x-stainless-retry-count"
CONTENT = "_content"
ADDED = "costper_added"


class Url(Protocol):
    """An address as httpx holds it."""

    @property
    def path(self) -> str:
        """Give the path, decoded."""
        ...

    @property
    def host(self) -> str:
        """Give the host, lowercase."""
        ...


class Request(Protocol):
    """A request as httpx holds it, before it is sent."""

    method: str
    url: Url
    headers: MutableMapping[str, str]
    extensions: MutableMapping[str, object]
    stream: object


class Transport(Protocol):
    """What sends requests: of httpx or httpx2, sync or async, or somebody's own."""

    def handle_request(self, request: Request) -> Response:
        """Send a request."""
        ...

    async def handle_async_request(self, request: Request) -> Response:
        """Send a request."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Ear:
    """What listens: whose client it is, what it may ask for, and where records go.

    `usual` are labels of every call, in the words of the event, where none is said.
    `include_usage` None asks OpenAI itself only. `own` is the address of costper itself, whose
    proxy meters what passes through it.
    """

    provider: str
    named: str
    usual: Mapping[str, str]
    include_usage: bool | None
    own: str
    done: Callable[[Tape], None]


class Tap:
    """A transport that does what the one within does, and records it."""

    def __init__(self, within: Transport, ear: Ear) -> None:
        self.within = within
        self.ear = ear

    def handle_request(self, request: Request) -> Response:
        """Send a request and record it; whatever is raised within is raised."""
        tape = _begun(request, self.ear)
        if tape is None:
            return self.within.handle_request(request)
        try:
            response = self.within.handle_request(request)
        except BaseException as error:
            _broken(tape, error)
            raise
        return heard(tape, response)

    async def handle_async_request(self, request: Request) -> Response:
        """Send a request and record it; whatever is raised within is raised."""
        tape = _begun(request, self.ear)
        if tape is None:
            return await self.within.handle_async_request(request)
        try:
            response = await self.within.handle_async_request(request)
        except BaseException as error:
            _broken(tape, error)
            raise
        return heard(tape, response)

    def __getattr__(self, name: str) -> object:
        """Give whatever else the transport within has: closing, entering, somebody's own."""
        if name == "within":
            raise AttributeError(name)
        return getattr(self.within, name)


def _begun(request: Request, ear: Ear) -> Tape | None:
    """Open a record; None where the request is none that is billed, or where we fail."""
    try:
        url = request.url
        if not is_metered(request.method, url.path):
            return None
        address = str(url)
        if ear.own and address.startswith(ear.own):
            return None
        tape = Tape(address, request.method, ear.done)
        tape.provider, tape.named = ear.provider, ear.named
        tape.usual, tape.labels = ear.usual, current()
        tape.attempt = int(request.headers.get(RETRY) or 0) + 1
        tape.id = new_id()
        tape.operation = operation_of(tape.attempt)
        _listen_to(request, tape)
        wanted = url.host == OFFICIAL if ear.include_usage is None else ear.include_usage
        if wanted:
            _try_asking(request, tape)
    except Exception as error:  # noqa: BLE001 - our failure is never the caller's
        quiet.failed("recording a request", error)
        return None
    return tape


def _listen_to(request: Request, tape: Tape) -> None:
    """Keep the body for what it says of the model; of a form, or a long one, only that."""
    body = getattr(request, CONTENT, None) or getattr(request.stream, "_stream", None)
    if isinstance(body, bytes):
        if len(body) <= MOST_REQUEST:
            tape.request = body
        elif found := MODEL.search(body[-EDGE:]) or MODEL.search(body[:EDGE]):
            tape.model = found[1].decode("utf-8", "replace")
        return
    for field in getattr(request.stream, "fields", ()):
        if getattr(field, "name", "") == "model":
            tape.model = str(field.value)


def _try_asking(request: Request, tape: Tape) -> None:
    try:
        _ask(request, tape)
    except Exception as error:  # noqa: BLE001 - the stream is estimated then
        quiet.failed("asking for usage", error)


def _ask(request: Request, tape: Tape) -> None:
    """Ask for the usage of a chat stream, once; a redirected request was asked before."""
    if request.extensions.get(ADDED):
        tape.added = True
        return
    if not request.url.path.endswith("/completions"):
        return
    body = asking(tape.request)
    if body is None:
        return
    stream = type(request.stream)(body)  # type: ignore[call-arg]
    request.headers["Content-Length"] = str(len(body))
    # What is compressed could not be hidden without being unpacked and packed again.
    request.headers["Accept-Encoding"] = "identity"
    request.extensions = {**request.extensions, ADDED: True}
    request.stream = stream
    # httpx keeps the body in two places.
    setattr(request, CONTENT, body)
    tape.added = True


def _broken(tape: Tape, error: BaseException) -> None:
    """Close a record whose request never had a response."""
    try:
        if isinstance(error, asyncio.CancelledError | GeneratorExit | KeyboardInterrupt):
            tape.end("closed")
        else:
            tape.end(ending_of(error))
    except Exception as fault:  # noqa: BLE001 - our failure is never the caller's
        quiet.failed("recording an error", fault)
