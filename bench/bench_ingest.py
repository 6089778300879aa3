"""How fast are calls acknowledged over HTTP, and how soon are they in the books?

A server of its own, as `costper serve` makes it, beside the same server that keeps nothing; the
client sends requests made before over raw sockets, and takes little of the two cores.

    .venv/bin/python -m bench.bench_ingest                  a minute
    .venv/bin/python -m bench.bench_ingest --events 10_000_000   whether memory stays flat
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import cast

import httpx2
import uvicorn
import uvloop

from bench.calls import settings_of
from bench.calls_server import Nothing
from bench.measure import MILLISECONDS, Figure, report
from costper.api.app import fronted
from costper.cli.priority import switch_often
from costper.pipeline.calls.intake import Intake
from costper.pipeline.calls.road import Calls, open_calls
from costper.store.books import open_books

MANY = 64
A_BATCH = 1_000
USERS, MODELS = 5_000, ("gpt-4o", "gpt-4o-mini", "gpt-5", "o3-mini")
FEATURES = ("search", "summariser", "code assistant", "e-mail drafter")
MICROS = 1_000_000
PATIENCE_S = 120


def serve(folder: Path, port: int, *, nothing: bool) -> None:
    """Serve as `costper serve` does."""
    switch_often()
    books = open_books(settings_of(folder), now=datetime.now(UTC))
    with open_calls(books) as real:
        none = cast("Intake", Nothing(real.intake))
        calls = Calls(desk=real.desk, intake=none) if nothing else real
        app = fronted(books, calls, clock=lambda: datetime.now(UTC), local=True)
        config = uvicorn.Config(
            app, port=port, log_level="warning", access_log=False, lifespan="off"
        )
        uvicorn.Server(config).run()
    books.close()


@dataclass(frozen=True, slots=True)
class Server:
    """A server of our own: its port, and what it takes of the machine."""

    port: int
    pid: int

    def cpu(self) -> float:
        """Give the CPU seconds of all its threads."""
        fields = Path(f"/proc/{self.pid}/stat").read_text(encoding="utf-8").rpartition(")")[2]
        user, system = fields.split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def memory(self) -> int:
        """Give the MiB it has in memory."""
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="utf-8")
        return int(status.partition("VmRSS:")[2].split()[0]) // 1024

    def wait(self) -> None:
        """Wait until every call is in the books."""
        with httpx2.Client() as client:
            while "\ncostper_calls_spooled 0\n" not in client.get(f"{self.url}/metrics").text:
                time.sleep(0.05)

    @property
    def url(self) -> str:
        """Give its address."""
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def server(*, nothing: bool = False) -> Generator[Server]:
    with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        free.close()
        words = [sys.executable, "-m", "bench.bench_ingest", "--serve", folder, str(port)]
        with subprocess.Popen([*words, *(["--nothing"] if nothing else [])]) as process:
            try:
                _await(port)
                yield Server(port, process.pid)
            finally:
                process.terminate()


def _await(port: int) -> None:
    until = time.monotonic() + PATIENCE_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)
        else:
            return


def event(number: int) -> dict[str, object]:
    """Give an event as a program sends it; users, features and models as in a small company."""
    at = datetime.fromtimestamp(time.time() - number % 3600, UTC)
    return {
        "externalRequestId": f"req-{number:012d}",
        "provider": "openai",
        "model": MODELS[number % len(MODELS)],
        "endpointTag": FEATURES[number % len(FEATURES)],
        "promptVersion": f"v{number % 3}",
        "userId": f"user-{number * 7919 % USERS}",
        "tenantId": f"tenant-{number % 97}",
        "inputTokens": 1020 + number % 977,
        "outputTokens": 129 + number % 89,
        "cacheReadTokens": 512,
        "latencyMs": 812,
        "status": "ok",
        "dataMode": "real",
        "environment": "production",
        "timestamp": at.isoformat(timespec="milliseconds"),
    }


def requests(first: int, count: int, size: int) -> list[bytes]:
    """Make requests of `size` events each."""
    found: list[bytes] = []
    for start in range(first, first + count * size, size):
        events = [event(number) for number in range(start, start + size)]
        body = json.dumps(events if size > 1 else events[0]).encode()
        head = (
            "POST /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        found.append(head.encode() + body)
    return found


@dataclass(slots=True)
class Load:
    """What is sent over all connections, and how long each answer took."""

    bodies: Iterator[bytes]
    open: int
    done: asyncio.Event = field(default_factory=asyncio.Event)
    took: list[float] = field(default_factory=list[float])


class Sender(asyncio.Protocol):
    """One connection: the next request goes out once the last one is answered."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._began = 0.0
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first request."""
        self._transport = cast("asyncio.Transport", transport)
        self._next(self._transport)

    def data_received(self, data: bytes) -> None:
        """Note an answer, which comes in one piece, and send the next request."""
        self._load.took.append(time.perf_counter() - self._began)
        if not data.startswith(b"HTTP/1.1 202"):
            raise SystemExit(data.decode())
        if self._transport is not None:
            self._next(self._transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Be done once all connections are."""
        if exc is not None:
            raise SystemExit(str(exc))
        self._load.open -= 1
        if not self._load.open:
            self._load.done.set()

    def _next(self, transport: asyncio.Transport) -> None:
        body = next(self._load.bodies, None)
        if body is None:
            transport.close()
            return
        self._began = time.perf_counter()
        transport.write(body)


@dataclass(frozen=True, slots=True)
class Ran:
    """What a load came to: seconds until all was acknowledged, and milliseconds of an answer."""

    seconds: float
    p50: float
    p99: float
    cpu: float


def drive(to: Server, bodies: Iterable[bytes], connections: int) -> Ran:
    """Send bodies over so many connections."""

    async def sent() -> tuple[float, Load]:
        loop, load = asyncio.get_running_loop(), Load(iter(bodies), connections)
        began = time.perf_counter()
        for _ in range(connections):
            await loop.create_connection(lambda: Sender(load), "127.0.0.1", to.port)
        await load.done.wait()
        return time.perf_counter() - began, load

    before = to.cpu()
    seconds, load = uvloop.run(sent())
    ordered = sorted(load.took)
    return Ran(
        seconds,
        ordered[len(ordered) // 2] * MILLISECONDS,
        ordered[len(ordered) * 99 // 100] * MILLISECONDS,
        to.cpu() - before,
    )


def singles(to: Server, count: int) -> Ran:
    drive(to, requests(0, count // 10, 1), MANY)
    return drive(to, requests(count, count, 1), MANY)


def told(name: str, ran: Ran, events: int) -> None:
    print(
        f"{name}: {events / ran.seconds:,.0f} events/s, p50 {ran.p50:.2f} ms, "
        f"p99 {ran.p99:.2f} ms, {ran.cpu / events * MICROS:.1f} us of the server's CPU an event"
    )


def measured(count: int, batches: int) -> tuple[Figure, ...]:
    with server(nothing=True) as bare:
        nothing = singles(bare, count)
        told("single events, not kept", nothing, count)
        told(
            "batches, not kept",
            drive(bare, requests(10**6, batches, A_BATCH), 4),
            batches * A_BATCH,
        )
    with server() as durable:
        kept = singles(durable, count)
        told("single events, durable", kept, count)
        bodies = requests(10**6, batches, A_BATCH)
        began = time.perf_counter()
        ran = drive(durable, bodies, 4)
        durable.wait()
        visible = time.perf_counter() - began
        told("batches, durable", ran, batches * A_BATCH)
        print(f"memory of the server: {durable.memory()} MiB")
    rate = batches * A_BATCH / MICROS
    return (
        Figure(
            name="single events: durable as part of not kept",
            value=nothing.seconds / kept.seconds,
            bound=0.5,
            unit="x",
            at_most=False,
        ),
        Figure(
            name="p99 of an acknowledgement, 64 connections", value=kept.p99, bound=50, unit="ms"
        ),
        Figure(
            name="batches of 1,000 acknowledged, million events/s",
            value=rate / ran.seconds,
            bound=0.25,
            unit="M/s",
            at_most=False,
        ),
        Figure(
            name="batches of 1,000 in the books, million events/s",
            value=rate / visible,
            bound=0.15,
            unit="M/s",
            at_most=False,
        ),
    )


def flat(events: int) -> Figure:
    """Send so many events in ten parts; memory after the last beside that after the third."""
    part = events // 10 // A_BATCH
    seen: list[int] = []
    with server() as durable:
        for number in range(10):
            bodies = requests(number * part * A_BATCH, part, A_BATCH)
            ran = drive(durable, bodies, 4)
            durable.wait()
            seen.append(durable.memory())
            told(f"part {number}, {seen[-1]} MiB", ran, part * A_BATCH)
    return Figure(name="memory after all events", value=seen[-1] / seen[2], bound=1.1, unit="x")


def main() -> int:
    """Measure, or serve for the measuring process."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--serve", nargs=2, metavar=("FOLDER", "PORT"))
    parser.add_argument("--nothing", action="store_true")
    parser.add_argument("--singles", type=int, default=30_000)
    parser.add_argument("--batches", type=int, default=2_000)
    parser.add_argument("--events", type=int, default=0)
    args = parser.parse_args()
    if args.serve:
        serve(Path(args.serve[0]), int(args.serve[1]), nothing=args.nothing)
        return 0
    if args.events:
        return report(flat(args.events))
    return report(*measured(args.singles, args.batches))


if __name__ == "__main__":
    sys.exit(main())
