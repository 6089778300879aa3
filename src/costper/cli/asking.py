"""Asks the running server to run this command line, when it holds the books."""

from __future__ import annotations

import codecs
import json
import socket
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO, TextIO

from costper.cli.context import Context

DOOR = "serve.sock"
PAUSE_SECONDS = 0.1
PATIENCE_SECONDS = 15.0
"""How long a server that is about to read costper.yaml again may be away."""


def is_served(books: Path) -> bool:
    """Say whether a server beside `books` answers."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as peer:
        try:
            peer.connect(str(books.parent / DOOR))
        except OSError:
            return False
    return True


@dataclass(frozen=True, slots=True)
class Again:
    """The server is to read costper.yaml before it answers; `why` says what that waits for."""

    why: str


def ask_server(words: Sequence[str], books: Path, context: Context) -> int | Again | None:
    """Let the server beside `books` run the words; give its exit code, None when none answers."""
    peer = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        peer.connect(str(books.parent / DOOR))
    except OSError:
        peer.close()
        return None
    request = {"argv": list(words), "cwd": str(context.cwd)}
    code = None
    with peer, peer.makefile("rb") as answer:
        if _sent(peer, json.dumps(request).encode() + b"\n"):
            code = _copy(answer, context)
    if code is None:
        context.tell("the server stopped before it was done")
    return 1 if code is None else code


def ask_until(words: Sequence[str], books: Path, context: Context, seconds: float) -> int | None:
    """Ask the server as long as it says to come again; None when none answers for so long."""
    until, told = time.monotonic() + seconds, ""
    while True:
        code = ask_server(words, books, context)
        if isinstance(code, int):
            return code
        if isinstance(code, Again):
            until = time.monotonic() + PATIENCE_SECONDS
            if code.why and code.why != told:
                told = code.why
                context.tell(f"waiting: {told}")
        elif time.monotonic() >= until:
            return None
        time.sleep(PAUSE_SECONDS)


def _sent(peer: socket.socket, request: bytes) -> bool:
    try:
        peer.sendall(request)
    except OSError:  # a server that was killed
        return False
    return True


def _copy(answer: BinaryIO, context: Context) -> int | Again | None:
    """Write what comes back; None where the server stops in mid-answer."""
    streams: dict[str, TextIO] = {"out": context.stdout, "err": context.stderr}
    decoders = {kind: codecs.getincrementaldecoder("utf-8")("replace") for kind in streams}
    while header := _heard(answer.readline):
        if not header.endswith(b"\n"):
            break
        kind, _, number = header.decode().partition(" ")
        if kind == "exit":
            return int(number)
        body = _heard(partial(answer.read, int(number)))
        if kind == "again":
            return Again(body.decode(errors="replace"))
        streams[kind].write(decoders[kind].decode(body))
        streams[kind].flush()
    return None


def _heard(read: Callable[[], bytes]) -> bytes:
    """Read some more, nothing from a server that was killed."""
    try:
        return read()
    except OSError:
        return b""
