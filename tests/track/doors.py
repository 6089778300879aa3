"""Two servers for the tests of track: a provider that replays, and a costper that remembers."""

import gzip
import json
import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

JSON = "application/json"
SSE = "text/event-stream; charset=utf-8"


@dataclass(frozen=True)
class Answer:
    """What a server answers; `pieces` are sent one by one, `gate` is waited for before the last."""

    pieces: tuple[bytes, ...] = ()
    status: int = 200
    kind: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    gate: threading.Event | None = None
    breaks: bool = False


def said(body: object, status: int = 200, **headers: str) -> Answer:
    """Answer with JSON."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer((json.dumps(body).encode(),), status, JSON, named)


def stream(*events: object, gate: threading.Event | None = None, breaks: bool = False) -> Answer:
    """Answer with server-sent events, as OpenAI and Anthropic send them."""
    return Answer(tuple(_event(event) for event in events), 200, SSE, {}, gate, breaks)


def _event(event: object) -> bytes:
    if isinstance(event, str):
        return f"data: {event}\n\n".encode()
    name = cast("dict[str, object]", event).get("type")
    head = f"event: {name}\n" if name else ""
    return f"{head}data: {json.dumps(event)}\n\n".encode()


@dataclass
class Door:
    """A server on this machine: its address, what it was asked, and what it answers next."""

    url: str = ""
    answers: list[Answer] = field(default_factory=list[Answer])
    asked: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    headers: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    events: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    usual: Answer = field(default_factory=lambda: Answer(status=500))

    def next(self) -> Answer:
        return self.answers.pop(0) if self.answers else self.usual


@contextmanager
def door(usual: Answer, *, port: int = 0) -> Generator[Door]:
    """Serve until the block ends."""
    found = Door(usual=usual)
    server = ThreadingHTTPServer(("127.0.0.1", port), _handler(found))
    server.daemon_threads = True
    found.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _handler(found: Door) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            """Say nothing."""

        def do_GET(self) -> None:
            self._answer(b"")

        def do_POST(self) -> None:
            self._answer(self.rfile.read(int(self.headers["Content-Length"])))

        def _answer(self, body: bytes) -> None:
            _note(found, body, dict(self.headers))
            answer = found.next()
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.kind)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Connection", "close")
            if not answer.breaks and answer.gate is None:
                self.send_header("Content-Length", str(sum(map(len, answer.pieces))))
            else:
                self.send_header(
                    "Content-Length", str(sum(map(len, answer.pieces)) + answer.breaks)
                )
            self.end_headers()
            self.close_connection = True
            _send(self.wfile.write, answer)

    return Handler


def _send(write: Callable[[bytes], object], answer: Answer) -> None:
    for at, piece in enumerate(answer.pieces):
        if answer.gate is not None and at == len(answer.pieces) - 1:
            answer.gate.wait(20)
        try:
            write(piece)
        except OSError:
            return


def _note(found: Door, body: bytes, headers: dict[str, str]) -> None:
    found.headers.append(headers)
    if headers.get("Content-Encoding") == "gzip":
        body = gzip.decompress(body)
    if headers.get("Content-Type") == "application/x-ndjson":
        found.events.extend(json.loads(line) for line in body.splitlines())
    elif body.startswith(b"{"):
        found.asked.append(json.loads(body))


ACCEPTED = said({"accepted": 1}, 202)


def texts(value: object) -> Sequence[str]:
    """Give every text within a value, keys aside."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for each in cast("dict[str, object]", value).values() for text in texts(each)]
    if isinstance(value, list):
        return [text for each in cast("list[object]", value) for text in texts(each)]
    return []
