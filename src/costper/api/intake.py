"""Takes bodies that tell of LLM calls, and answers once every call in them is durable.

These few paths are answered before the application: a program sends them with every call it
makes, so nothing is done for them that need not be.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

from costper.api.callers import Recognised, check_ingests
from costper.api.counters import Counters
from costper.api.problems import Problem
from costper.errors import CostperError
from costper.events.batch import Batch
from costper.events.event import Event
from costper.events.payload import PayloadError, TooManyError
from costper.events.unpack import CodingError, TooLongError, UnpackError, unpacked
from costper.pipeline.calls.accept import Desk, accept
from costper.pipeline.calls.accept_many import accept_many
from costper.pipeline.calls.intake import FullError
from costper.pipeline.calls.told import Written

LONGEST_BODY = 20 * 2**20
"""Bytes of a body, packed or not; OpenTelemetry recommends this much."""

AT_ONCE = 32 * 2**10
"""A body up to so many bytes is read where it comes in; a longer one beside, in a thread."""

MOST_IN_FLIGHT = 256 * 2**20
"""Bytes of bodies that are being read at one time; more are asked to come again."""

RETRY_SECONDS = 1
MICROS = 1_000_000

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = Mapping[bytes, bytes]
Waiter = asyncio.Future[None]


class Taking(Protocol):
    """Makes events durable: the bell rings with the token once they are, or why they are not."""

    def pass_on(
        self,
        events: Sequence[Event] | Written,
        received_at_us: int,
        bell: Callable[[Sequence[object], CostperError | None], None],
        token: object,
    ) -> None:
        """Take events, or raise FullError."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What is answered: a status, the kind of body, the body, and further headers."""

    status: int
    media_type: str
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True, kw_only=True)
class Inlet:
    """A path that takes calls. `read` makes events of a body in one of its `kinds`.

    `own` says that bodies are in our own payload. `kinds` gives the encoding each media type stands
    for. `reply` answers what became of them,
    `refuse` says in the words of the protocol why nothing was taken.
    """

    path: str
    name: str
    summary: str
    kinds: Mapping[str, str]
    read: Callable[[bytes, str], Batch]
    reply: Callable[[Batch, str, str], Answered]
    refuse: Callable[[Problem, str, str], Answered]
    own: bool = False


class Front:
    """Answers the inlets, and hands everything else to the application behind."""

    def __init__(
        self,
        app: App,
        inlets: Sequence[Inlet],
        *,
        recognised: Recognised,
        desk: Desk,
        taking: Taking,
        counters: Counters,
    ) -> None:
        """Stand before `app`. `taking` is where events go that `desk` let through."""
        self._app = app
        self._inlets = {inlet.path: inlet for inlet in inlets}
        self._recognised, self._desk, self._taking = recognised, desk, taking
        self._counters = counters
        self._in_flight = 0
        self._beside = ThreadPoolExecutor(1, "calls")
        self._bell = self._ring  # one object, so that it rings once for a transaction

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        inlet = self._inlets.get(scope["path"]) if scope["type"] == "http" else None
        if inlet is None:
            await self._app(scope, receive, send)
            return
        answered = await self._answered(inlet, scope, receive)
        self._counters.count(inlet.name, answered.status)
        await send(
            {
                "type": "http.response.start",
                "status": answered.status,
                "headers": [
                    (b"content-type", answered.media_type.encode()),
                    (b"content-length", str(len(answered.body)).encode()),
                    *(
                        (name.lower().encode(), value.encode())
                        for name, value in answered.headers.items()
                    ),
                ],
            }
        )
        await send({"type": "http.response.body", "body": answered.body})

    async def _answered(self, inlet: Inlet, scope: Scope, receive: Receive) -> Answered:
        headers: Headers = dict(scope["headers"])
        kind = _text(headers, b"content-type").partition(";")[0].strip().lower()
        encoding = inlet.kinds.get(kind, "")
        try:
            _check_method(str(scope["method"]))
            check_ingests(
                self._recognised.caller(_text(headers, b"authorization"), _text(headers, b"host"))
            )
            _check_kind(inlet, kind)
            batch = await self._taken(inlet, encoding, headers, receive)
            return inlet.reply(batch, inlet.path, encoding)
        except Problem as problem:
            return inlet.refuse(problem, inlet.path, encoding)
        except FullError as error:
            return inlet.refuse(_busy(error.message, error.retry_after_s), inlet.path, encoding)
        except CostperError as error:
            return inlet.refuse(_problem(error), inlet.path, encoding)

    async def _taken(
        self, inlet: Inlet, encoding: str, headers: Headers, receive: Receive
    ) -> Batch:
        """Read a body, check its events, and wait until the good ones are durable."""
        held = 0
        try:
            _check_announced(headers)
            body = bytearray()
            more = True
            while more:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise Problem(400, "cut", "the body ended before it was whole")
                body += message.get("body", b"")
                more = message.get("more_body", False)
                held += self._hold(len(body) - held)
                if len(body) > LONGEST_BODY:
                    raise _too_long()
            batch = await self._read(
                inlet, encoding, bytes(body), _text(headers, b"content-encoding")
            )
        finally:
            self._in_flight -= held
        await self._kept(cast("Written", batch.columns) if batch.columns else batch.events)
        return batch

    def _hold(self, size: int) -> int:
        """Count bytes that are about to be in memory."""
        if self._in_flight + size > MOST_IN_FLIGHT:
            raise _busy("too many bodies are being read", RETRY_SECONDS)
        self._in_flight += size
        return size

    async def _read(self, inlet: Inlet, encoding: str, body: bytes, coding: str) -> Batch:
        if len(body) <= AT_ONCE and coding in {"", "identity"}:
            return self._checked(inlet, encoding, body, coding)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(
            self._beside, self._checked, inlet, encoding, body, coding
        )

    def _checked(self, inlet: Inlet, encoding: str, body: bytes, coding: str) -> Batch:
        plain = unpacked(body, coding, limit=LONGEST_BODY)
        many = accept_many(plain, self._desk, now_us=_now_us()) if inlet.own else None
        return many or accept(inlet.read(plain, encoding), self._desk, now_us=_now_us())

    async def _kept(self, events: Sequence[Event] | Written) -> None:
        """Wait until events are durable.

        Raises:
            FullError: too many wait already.
            CostperError: they could not be written; nothing says that they are kept.
        """
        if not events:
            return
        waiter: Waiter = asyncio.get_running_loop().create_future()
        self._taking.pass_on(events, _now_us(), self._bell, waiter)
        await waiter

    def _ring(self, waiters: Sequence[object], failed: CostperError | None) -> None:
        """Hear of a transaction, in the thread that wrote it: one call into each loop."""
        loops: dict[asyncio.AbstractEventLoop, list[Waiter]] = {}
        for waiter in cast("Sequence[Waiter]", waiters):
            loops.setdefault(waiter.get_loop(), []).append(waiter)
        for loop, own in loops.items():
            with suppress(RuntimeError):  # the loop has ended, and nobody waits there
                loop.call_soon_threadsafe(_settle, own, failed)


def _settle(waiters: Sequence[Waiter], failed: CostperError | None) -> None:
    for waiter in waiters:
        if waiter.done():
            continue
        if failed is None:
            waiter.set_result(None)
        else:
            waiter.set_exception(failed)


def _check_method(method: str) -> None:
    if method != "POST":
        headers = {"Allow": "POST"}
        raise Problem(405, "method-not-allowed", "only POST is taken here", headers=headers)


def _now_us() -> int:
    return time.time_ns() // 1_000


def _text(headers: Headers, name: bytes) -> str:
    return headers.get(name, b"").decode("latin-1")


def _check_announced(headers: Headers) -> None:
    said = _text(headers, b"content-length")
    if said.isascii() and said.isdecimal() and int(said[:20]) > LONGEST_BODY:
        raise _too_long()


def _too_long() -> Problem:
    return Problem(413, "too-long", f"a body has at most {LONGEST_BODY} bytes", "send it in parts")


def _busy(detail: str, seconds: int) -> Problem:
    return Problem(
        503,
        "busy",
        detail,
        f"nothing was taken; send it again in {seconds} s",
        headers={"Retry-After": str(seconds)},
    )


def _check_kind(inlet: Inlet, kind: str) -> None:
    if kind not in inlet.kinds:
        said = f"Content-Type {kind!r} is not understood" if kind else "a Content-Type is needed"
        raise Problem(415, "media-type", said, f"send {' or '.join(inlet.kinds)}")


def _problem(error: CostperError) -> Problem:
    """Give the problem that an error of a body is, or of the disk."""
    if isinstance(error, TooManyError | TooLongError):
        return Problem(413, "too-long", error.message, error.hint)
    if isinstance(error, CodingError):
        return Problem(415, "coding", error.message, error.hint)
    if isinstance(error, PayloadError | UnpackError):
        return Problem(400, "bad-body", error.message, error.hint)
    return Problem(
        503,
        "not-kept",
        "the calls could not be made durable",
        "nothing says that they are kept: send them again",
        headers={"Retry-After": str(RETRY_SECONDS)},
    )
