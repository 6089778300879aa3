"""An admin API on this machine that gives prepared answers and remembers how it was asked."""

from __future__ import annotations

import json
import threading
from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One answer: its status, its bytes and further headers."""

    body: bytes = b"{}"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(slots=True)
class Double:
    """A running server: where it is, and what it was asked, request by request."""

    url: str = ""
    paths: list[str] = field(default_factory=list[str])
    asked: list[Mapping[str, Sequence[str]]] = field(
        default_factory=list[Mapping[str, Sequence[str]]]
    )
    headers: list[Mapping[str, str]] = field(default_factory=list[Mapping[str, str]])


def page(*buckets: object, next_page: str | None = None) -> Reply:
    """Give a page as these APIs send it."""
    body = {"object": "page", "data": buckets, "has_more": bool(next_page), "next_page": next_page}
    return Reply(body=json.dumps(body).encode())


@contextmanager
def served(*replies: Reply) -> Generator[Double]:
    """Answer with one reply after another, and with the last one again and again."""
    double, left = Double(), list(replies)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            double.paths.append(parts.path)
            double.asked.append(parse_qs(parts.query))
            double.headers.append(dict(self.headers.items()))
            reply = left.pop(0) if len(left) > 1 else left[0]
            self.send_response(reply.status)
            for name, value in {"content-length": str(len(reply.body)), **reply.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Stay silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    double.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield double
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
