"""A running server's books through the socket beside them, for the user who started it."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from costper.errors import BooksError
from costper.ledger.direct import refusal
from costper.ledger.door import Body, Given

SOCKET = "serve.sock"
AGAIN = b"again "
PAUSE_SECONDS = 0.1
PATIENCE_SECONDS = 15.0
NO_SERVER = "open them with Ledger.open, or start `costper serve`"


@dataclass(frozen=True, slots=True)
class Lent:
    """Books that a server on this machine holds."""

    path: Path

    def call(self, name: str, given: Given, body: Body | None) -> bytes:
        """Ask the server; it answers in frames, as it does to the command line."""
        until = 0.0  # one that says to come again may be away for a moment, as it begins again
        while True:
            try:
                answered = self._asked({"call": name, "given": dict(given), "body": body})
            except OSError as error:
                if time.monotonic() >= until:
                    message = f"no server lends these books: {error.strerror or error}"
                    raise BooksError(message, where=str(self.path), hint=NO_SERVER) from error
            else:
                if not answered.startswith(AGAIN):
                    return _read(answered)
                until = time.monotonic() + PATIENCE_SECONDS
            time.sleep(PAUSE_SECONDS)

    def _asked(self, request: Mapping[str, object]) -> bytes:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as peer:
            peer.connect(str(self.path))
            peer.sendall(json.dumps(request).encode() + b"\n")
            with peer.makefile("rb") as answer:
                return answer.read()

    def close(self) -> None:
        """Hold nothing."""


def _read(frames: bytes) -> bytes:
    """Put the frames of an answer together; what came as `err` is a problem document."""
    parts: dict[str, bytes] = {"out": b"", "err": b""}
    rest, code = frames, ""
    while rest:
        header, _, rest = rest.partition(b"\n")
        kind, _, number = header.decode().partition(" ")
        if kind == "exit":
            code = number
            break
        parts[kind] += rest[: int(number)]
        rest = rest[int(number) :]
    if code == "0":
        return parts["out"]
    told = parts["err"].decode(errors="replace").strip()
    try:
        raise refusal(json.loads(told))
    except ValueError:
        hint = "are the server and this costper the same version?"
        raise BooksError(told or "the server stopped in mid-answer", hint=hint) from None
