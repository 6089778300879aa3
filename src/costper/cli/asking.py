"""Asks the running server to run this command line, when it holds the books."""

from __future__ import annotations

import codecs
import json
import socket
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import BinaryIO, TextIO

from costper.cli.context import Context

DOOR = "serve.sock"


def is_served(books: Path) -> bool:
    """Say whether a server beside `books` answers."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as peer:
        try:
            peer.connect(str(books.parent / DOOR))
        except OSError:
            return False
    return True


def ask_server(words: Sequence[str], books: Path, context: Context) -> int | None:
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


def _sent(peer: socket.socket, request: bytes) -> bool:
    try:
        peer.sendall(request)
    except OSError:  # a server that was killed
        return False
    return True


def _copy(answer: BinaryIO, context: Context) -> int | None:
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
        streams[kind].write(decoders[kind].decode(body))
        streams[kind].flush()
    return None


def _heard(read: Callable[[], bytes]) -> bytes:
    """Read some more, nothing from a server that was killed."""
    try:
        return read()
    except OSError:
        return b""
