"""Asks the running server to run this command line, when it holds the books."""

from __future__ import annotations

import codecs
import json
import socket
from collections.abc import Sequence
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
    with peer, peer.makefile("rb") as answer:
        request = {"argv": list(words), "cwd": str(context.cwd)}
        peer.sendall(json.dumps(request).encode() + b"\n")
        return _copy(answer, context)


def _copy(answer: BinaryIO, context: Context) -> int:
    """Write what comes back; a server that stops in mid-answer is a problem, not a success."""
    streams: dict[str, TextIO] = {"out": context.stdout, "err": context.stderr}
    decoders = {kind: codecs.getincrementaldecoder("utf-8")("replace") for kind in streams}
    while header := answer.readline():
        kind, _, number = header.decode().partition(" ")
        if kind == "exit":
            return int(number)
        streams[kind].write(decoders[kind].decode(answer.read(int(number))))
        streams[kind].flush()
    context.tell("the server stopped before it was done")
    return 1
