"""A running server's door for the command line: verbs run in the process that has the books.

A client sends one line of JSON, `{"argv": […], "cwd": "…"}`, and gets frames back: a line
`out N`, `err N`, `exit N` or `again N`; all but `exit` are followed by N bytes. `again` is the
whole answer: the server is to read costper.yaml first, the bytes say what that waits for. The
socket belongs to its owner alone (0600), and only the same user is answered.
"""

from __future__ import annotations

import io
import json
import os
import socket
import struct
import threading
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, TextIO, cast

from costper.api.replies import Replies
from costper.cli.context import Context
from costper.cli.gate import Gate
from costper.cli.main import main
from costper.errors import CostperError, UserError
from costper.ledger.direct import Direct
from costper.ledger.door import Body
from costper.pipeline.answer.state import States
from costper.pipeline.calls.road import Calls
from costper.pipeline.data_sources.job import interrupting
from costper.pipeline.stand_back import stand_back
from costper.store.books import Books

OWNER_ONLY = 0o600
LONGEST_REQUEST = 1 << 20
PATIENCE_SECONDS = 30
GRACE_SECONDS = 1.0
"""How long verbs may still run when the server stops, before their statements are cut short."""

END_SECONDS = 6.0
STEP_SECONDS = 0.1
NOT_UNDERSTOOD = "the server does not understand this costper; are they the same version?"
BULK = frozenset(("sync", "allocate", "events"))
"""Verbs that work for minutes: whoever asks meanwhile goes first."""

CREDENTIALS = struct.Struct("3i")


@dataclass(frozen=True, slots=True)
class _Lender:
    """What verbs run with, and who says whether they may."""

    books: Books
    calls: Calls | None
    gate: Gate


@contextmanager
def lent(
    books: Books, path: Path, calls: Calls | None = None, gate: Gate | None = None
) -> Generator[None]:
    """Answer command lines at a socket until the block is left; `calls` take LLM calls there.

    `gate` lets each of them in; everybody where there is none.
    """
    with suppress(FileNotFoundError):
        path.unlink()  # of a server that died: we hold the books, so none is running
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    before = os.umask(0o177)
    try:
        listener.bind(str(path))
    finally:
        os.umask(before)
    path.chmod(OWNER_ONLY)
    listener.listen()
    verbs = _Verbs()
    lender = _Lender(books, calls, gate or Gate())
    waiting = threading.Thread(
        target=_listen, args=(listener, lender, verbs), daemon=True, name="lending"
    )
    waiting.start()
    try:
        yield
    finally:
        path.unlink(missing_ok=True)
        listener.shutdown(socket.SHUT_RDWR)  # wakes the thread, which close() would not
        waiting.join()
        listener.close()
        verbs.end(interrupting(books))


@dataclass(frozen=True, slots=True)
class _Verbs:
    """The threads that run verbs, and whom each of them answers; only the listener adds to it."""

    running: dict[threading.Thread, socket.socket] = field(
        default_factory=dict[threading.Thread, socket.socket]
    )

    def start(self, thread: threading.Thread, peer: socket.socket) -> None:
        for ended in [one for one in self.running if not one.is_alive()]:
            del self.running[ended]
        thread.start()
        self.running[thread] = peer

    def end(self, interrupt: Callable[[threading.Thread], object]) -> None:
        """Let them finish what is short, then cut them short; the books refuse who stays longer."""
        for peer in self.running.values():
            with suppress(OSError):
                peer.shutdown(socket.SHUT_RD)  # whose request has not come yet is told nothing
        began = time.monotonic()
        for thread, peer in self.running.items():
            while thread.is_alive() and (spent := time.monotonic() - began) < END_SECONDS:
                if spent > GRACE_SECONDS:
                    interrupt(thread)
                thread.join(STEP_SECONDS)
            with suppress(OSError):
                peer.shutdown(socket.SHUT_RDWR)  # one that waits for its reader waits no more


def _listen(listener: socket.socket, lender: _Lender, verbs: _Verbs) -> None:
    while True:
        try:
            peer, _ = listener.accept()
        except OSError:  # the listener was closed: the server stops
            return
        verbs.start(threading.Thread(target=_serve, args=(peer, lender), daemon=True), peer)


def _serve(peer: socket.socket, lender: _Lender) -> None:
    with peer, suppress(OSError):  # a client that went away needs no answer
        peer.settimeout(PATIENCE_SECONDS)
        if not _same_user(peer):
            return
        with peer.makefile("rb") as asking:
            request = asking.readline(LONGEST_REQUEST)
        if not request:
            return
        peer.settimeout(None)
        answering = _Frames(peer, threading.Lock())
        code = _run(request, answering, lender)
        if code is not None:
            answering.exit(code)


def _same_user(peer: socket.socket) -> bool:
    option: int | None = getattr(socket, "SO_PEERCRED", None)
    if option is None:  # the socket's mode is the guard where the system has no such option
        return True
    found = peer.getsockopt(socket.SOL_SOCKET, option, CREDENTIALS.size)
    return bool(CREDENTIALS.unpack(found)[1] == os.getuid())


def _run(request: bytes, answering: _Frames, lender: _Lender) -> int | None:
    """Run a request and give its exit code, None where it was told to come again."""
    stdout, stderr = answering.stream("out"), answering.stream("err")
    try:
        try:
            called = _called(request)
            words, cwd = _read(request) if called is None else ([], Path())
        except (ValueError, KeyError, TypeError, RecursionError):
            stderr.write(f"{NOT_UNDERSTOOD}\n")
            return 2
        try:
            with lender.gate.entered(called[0] if called else " ".join(words[:2])) as again:
                if again is not None:
                    answering.send("again", again.encode())
                    return None
                if called is not None:
                    return _answer(called, answering, lender.books)
                return _verb(words, cwd, lender, stdout, stderr)
        except UserError as error:  # of the gate: a verb tells its own
            told = json.dumps(_problem(error)) if called else error.text()
            stderr.write(f"{told}\n")
            return 2
    finally:
        stdout.flush()
        stderr.flush()


def _verb(words: list[str], cwd: Path, lender: _Lender, stdout: TextIO, stderr: TextIO) -> int:
    if BULK.intersection(words):
        stand_back()
    world = Context(
        now=datetime.now(UTC),
        environment=os.environ,
        stdout=stdout,
        stderr=stderr,
        cwd=cwd,
        books=lender.books,
        calls=lender.calls,
    )
    return main(words, world)


def _called(request: bytes) -> tuple[str, dict[str, str], Body | None] | None:
    """Read a question of the Python door: {"call": name, "given": {…}, "body": {…} or null}."""
    asked = json.loads(request)
    if "call" not in asked:
        return None
    given = cast("Mapping[object, object]", asked["given"])
    texts = {str(name): str(value) for name, value in given.items()}
    return str(asked["call"]), texts, cast("Body | None", asked["body"])


def _answer(
    called: tuple[str, dict[str, str], Body | None], answering: _Frames, books: Books
) -> int:
    """Answer with an Arrow stream, or with a problem document."""
    direct = Direct(books, Replies(States(books)), lambda: datetime.now(UTC))
    try:
        answering.send("out", direct.call(*called))
    except CostperError as error:
        answering.send("err", json.dumps(_problem(error)).encode())
        return 2
    return 0


def _problem(error: CostperError) -> dict[str, str | None]:
    word, _, column = error.where.partition(", column ")
    told = {"detail": error.message, "hint": error.hint, "parameter": word}
    return {**told, "position": column or None}


def _read(request: bytes) -> tuple[list[str], Path]:
    asked = json.loads(request)
    words = [str(word) for word in cast("Sequence[object]", asked["argv"])]
    return words, Path(str(asked["cwd"]))


@dataclass(frozen=True, slots=True)
class _Frames:
    """Writes frames, one at a time."""

    peer: socket.socket
    lock: threading.Lock

    def send(self, kind: str, body: bytes) -> None:
        with self.lock:
            self.peer.sendall(f"{kind} {len(body)}\n".encode() + body)

    def exit(self, code: int) -> None:
        with self.lock:
            self.peer.sendall(f"exit {code}\n".encode())

    def stream(self, kind: str) -> io.TextIOWrapper:
        """Give a text stream whose bytes leave as frames of this kind."""
        raw = cast("BinaryIO", io.BufferedWriter(_Channel(self, kind), 1 << 16))
        return io.TextIOWrapper(raw, encoding="utf-8", line_buffering=kind == "err")


class _Channel(io.RawIOBase):
    """The raw end of a stream: every write is one frame."""

    def __init__(self, frames: _Frames, kind: str) -> None:
        self._frames, self._kind = frames, kind

    def writable(self) -> bool:
        return True

    def write(self, body: object, /) -> int:
        data = bytes(cast("bytes", body))
        self._frames.send(self._kind, data)
        return len(data)
