"""Posts calls over many connections, each waiting for its answer before the next.

python -m bench.calls_load PORT SECONDS CONNECTIONS EVENTS_A_POST FIRST

Prints as JSON how many posts were answered 202, how many were asked to come again, and how long
answers took in milliseconds. `FIRST` numbers the posts, so that no two runs tell of one call.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import sys
import time
from collections.abc import Iterator
from typing import cast

import uvloop

from bench.calls import RUN, body

SINGLES, BODIES = 2_000, 16
TAKEN, BUSY = b"202", b"503"


class Poster(asyncio.Protocol):
    """One connection."""

    def __init__(self, load: Load) -> None:
        """Post what the load gives."""
        self._load = load
        self._sent = 0.0
        self._heard = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.Transport", transport)
        self._post()

    def data_received(self, data: bytes) -> None:
        """Take an answer, and post the next."""
        self._heard += data
        head, found, rest = self._heard.partition(b"\r\n\r\n")
        if not found or len(rest) < _length(head):
            return
        self._heard = b""
        now = time.perf_counter()
        self._load.answered(head[9:12], now - self._sent)
        if now < self._load.until:
            self._post()
        else:
            self._transport.close()

    def connection_lost(self, exc: Exception | None) -> None:
        """Be done."""
        if exc is not None:
            raise SystemExit(f"a connection was lost: {exc}")
        self._load.left()

    def _post(self) -> None:
        self._sent = time.perf_counter()
        self._transport.write(next(self._load.posts))


class Load:
    """What all connections share."""

    def __init__(self, posts: Iterator[bytes], seconds: float, connections: int) -> None:
        """Run for so long."""
        self.posts, self.until = posts, time.perf_counter() + seconds
        self.taken = self.busy = 0
        self.took: list[float] = []
        self._open = connections
        self.done = asyncio.get_running_loop().create_future()

    def answered(self, status: bytes, took: float) -> None:
        """Count an answer."""
        if status == TAKEN:
            self.taken += 1
            self.took.append(took)
        elif status == BUSY:
            self.busy += 1
        else:
            raise SystemExit(f"answered {status!r}")

    def left(self) -> None:
        """Count a connection that is closed."""
        self._open -= 1
        if not self._open and not self.done.done():
            self.done.set_result(None)


def posts(each: int, first: int) -> Iterator[bytes]:
    """Give posts of so many calls, all different."""
    made = [_post(body(seed, each)).split(RUN) for seed in range(SINGLES if each == 1 else BODIES)]
    for number in itertools.count(first):
        yield (b"%08d" % number).join(made[number % len(made)])


def _post(content: bytes) -> bytes:
    head = (
        f"POST /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"Content-Type: application/x-ndjson\r\nContent-Length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


def _length(head: bytes) -> int:
    _, _, after = head.lower().partition(b"content-length:")
    return int(after.split(b"\r\n", 1)[0])


async def main(port: int, seconds: float, connections: int, each: int, first: int) -> None:
    """Post, and say how it went."""
    source = posts(each, first)
    next(source)
    loop = asyncio.get_running_loop()
    load = Load(source, seconds, connections)
    began = time.perf_counter()
    for _ in range(connections):
        await loop.create_connection(lambda: Poster(load), "127.0.0.1", port)
    await load.done
    elapsed = time.perf_counter() - began
    took = sorted(load.took)
    print(
        json.dumps(
            {
                "taken": load.taken,
                "busy": load.busy,
                "seconds": elapsed,
                "p50": took[len(took) // 2] * 1000,
                "p99": took[int(len(took) * 0.99)] * 1000,
            }
        )
    )


if __name__ == "__main__":
    port, seconds, connections, each, first = sys.argv[1:]
    uvloop.run(main(int(port), float(seconds), int(connections), int(each), int(first)))
