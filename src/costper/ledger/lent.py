"""A running server's books through the socket beside them, for the user who started it."""

from __future__ import annotations

import json
import socket
from dataclasses import dataclass
from pathlib import Path

from costper.errors import BooksError
from costper.ledger.direct import refusal
from costper.ledger.door import Body, Given

SOCKET = "serve.sock"
NO_SERVER = "open them with Ledger.open, or start `costper serve`"


@dataclass(frozen=True, slots=True)
class Lent:
    """Books that a server on this machine holds."""

    path: Path

    def call(self, name: str, given: Given, body: Body | None) -> bytes:
        """Ask the server; it answers in frames, as it does to the command line."""
        peer = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            with peer:
                peer.connect(str(self.path))
                request = {"call": name, "given": dict(given), "body": body}
                peer.sendall(json.dumps(request).encode() + b"\n")
                with peer.makefile("rb") as answer:
                    return _read(answer.read())
        except OSError as error:
            message = f"no server lends these books: {error.strerror or error}"
            raise BooksError(message, where=str(self.path), hint=NO_SERVER) from error

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
