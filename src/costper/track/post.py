"""Sends events to costper over HTTP, and gives up in time whatever the server does."""

from __future__ import annotations

import gzip
import http.client
import io
import json
import socket
import ssl
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, cast
from urllib.parse import urlsplit

ACCEPTED = 202
ALL_REFUSED = 422
BROKEN = frozenset({400, 413, 422})
"""The body is at fault, or one event in it: it is sent again in halves."""

MOST_REPLY = 256 * 1024
LONGEST_WAIT_S = 600
PATH = "/api/v1/events"

Kind = Literal["taken", "broken", "away"]


@dataclass(frozen=True, slots=True)
class Reply:
    """What became of a batch: taken, broken (never send it so again), or the server is away.

    `retry_after_s` is what the server asks for, None where it does not. `refused` counts events
    of a batch taken that were not. `why` is for the log.
    """

    kind: Kind
    retry_after_s: int | None = None
    refused: int = 0
    why: str = ""


def post(url: str, key: str, lines: Sequence[bytes], *, within_s: int, path: str = PATH) -> Reply:
    """Send events, one on each line; no longer than `within_s` in all, and never raise.

    `path` is where the server takes lines of this kind.
    """
    try:
        return _posted(url.rstrip("/") + path, key, b"\n".join(lines), time.monotonic() + within_s)
    except (OSError, http.client.HTTPException, ValueError) as error:
        return Reply("away", why=f"{type(error).__name__}: {error}"[:200])


def _posted(url: str, key: str, body: bytes, until: float) -> Reply:
    parts = urlsplit(url)
    connection = _connection(parts.scheme, parts.hostname or "", parts.port, until)
    headers = {
        "Content-Type": "application/x-ndjson",
        "Content-Encoding": "gzip",
        "Connection": "close",
        "User-Agent": "costper-track",
    }
    if key:
        headers["Authorization"] = f"Bearer {key}"
    packed = gzip.compress(body, compresslevel=1, mtime=0)
    try:
        connection.request("POST", parts.path, packed, headers)
        return _understood(*_read(cast("socket.socket", connection.sock), until))
    finally:
        connection.close()


def _connection(
    scheme: str, host: str, port: int | None, until: float
) -> http.client.HTTPConnection:
    left = _left(until)
    if scheme == "https":
        context = ssl.create_default_context()
        return http.client.HTTPSConnection(host, port, timeout=left, context=context)
    if scheme != "http" or not host:
        raise ValueError(f"{scheme}://{host} is no address of a server")
    return http.client.HTTPConnection(host, port, timeout=left)


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError("the server took too long")
    return left


def _read(connection: socket.socket, until: float) -> tuple[int, Mapping[str, str], bytes]:
    """Read a reply by its deadline: http.client would wait for each byte anew."""
    data = b""
    while len(data) < MOST_REPLY and not _is_whole(data):
        connection.settimeout(_left(until))
        piece = connection.recv(65_536)
        if not piece:
            break
        data += piece
    reply = http.client.HTTPResponse(cast("socket.socket", _Read(data)))
    reply.begin()
    try:
        body = reply.read()
    except http.client.IncompleteRead as cut:
        body = cut.partial
    return reply.status, {name.lower(): said for name, said in reply.getheaders()}, body


class _Read:
    """Bytes that were read from a socket, where http.client expects the socket."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    def makefile(self, _mode: str) -> io.BytesIO:
        """Give the bytes as a file."""
        return io.BytesIO(self._data)


def _is_whole(data: bytes) -> bool:
    head, found, body = data.partition(b"\r\n\r\n")
    if not found:
        return False
    for line in head.lower().split(b"\r\n")[1:]:
        name, _, said = line.partition(b":")
        if name == b"content-length" and said.strip().isdigit():
            return len(body) >= int(said)
        if name == b"transfer-encoding":
            return body.endswith(b"0\r\n\r\n")
    return False


def _understood(status: int, headers: Mapping[str, str], body: bytes) -> Reply:
    if status == ACCEPTED:
        return Reply("taken", refused=_refused(body), why=_why(body))
    why = f"HTTP {status} {_why(body)}".strip()
    if status == ALL_REFUSED and (refused := _refused(body)):
        return Reply("taken", refused=refused, why=_why(body))
    if status in BROKEN:
        return Reply("broken", why=why)
    # Anything else says that this is no costper now: a proxy's page, a wrong key, a restart.
    said = headers.get("retry-after", "").strip()
    wait = min(int(said), LONGEST_WAIT_S) if said.isascii() and said.isdigit() else None
    return Reply("away", wait, why=why)


def _said(body: bytes) -> dict[str, object]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return cast("dict[str, object]", found) if isinstance(found, dict) else {}


def _refused(body: bytes) -> int:
    rejected = _said(body).get("rejected")
    if isinstance(rejected, list):
        return len(cast("list[object]", rejected))
    return rejected if isinstance(rejected, int) else 0


def _why(body: bytes) -> str:
    """Give the server's own words for what is wrong."""
    said = _said(body)
    rejected = said.get("rejected")
    if isinstance(rejected, list) and rejected and isinstance(rejected[0], dict):
        return str(cast("dict[str, object]", rejected[0]).get("reason", ""))[:200]
    return str(said.get("detail") or said.get("title") or "")[:200]
