"""Serves the inlets of calls for a benchmark: kept durably, or let go at once.

python -m bench.calls_server FOLDER kept|nothing

Prints its port. For each line it then reads it waits until every call is in the books, and prints
what it used so far as JSON.
"""

from __future__ import annotations

import json
import os
import resource
import socket
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import uvicorn

from bench.calls import settings_of
from costper.api.app import fronted
from costper.cli.priority import switch_often
from costper.errors import CostperError
from costper.events.event import Event
from costper.pipeline.calls.intake import Intake
from costper.pipeline.calls.road import open_calls
from costper.store.books import Books, open_books


class Nothing:
    """Says at once that events are durable, and forgets them."""

    def __init__(self, intake: Intake) -> None:
        """Stand in for an intake."""
        self.standing = intake.standing

    def pass_on(
        self,
        _events: Sequence[Event],
        _received_at_us: int,
        bell: Callable[[Sequence[object], CostperError | None], None],
        token: object,
    ) -> None:
        """Ring the bell."""
        bell((token,), None)


def main(folder: Path, *, kept: bool) -> None:
    """Serve until the line that is read is empty."""
    switch_often()
    books = open_books(settings_of(folder), now=datetime.now(UTC))
    with open_calls(books) as calls:
        used = calls if kept else replace(calls, intake=cast("Any", Nothing(calls.intake)))
        app = fronted(books, used, clock=lambda: datetime.now(UTC), local=True)
        listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        config = uvicorn.Config(app, log_level="warning", access_log=False, lifespan="off")
        server = uvicorn.Server(config)
        print(listener.getsockname()[1], flush=True)
        threading.Thread(target=_tell, args=(server, calls.intake, books), daemon=True).start()
        server.run(sockets=[listener])
    books.close()


def _tell(server: uvicorn.Server, intake: Intake, books: Books) -> None:
    used = resource.getrusage(resource.RUSAGE_SELF)
    began = used.ru_utime + used.ru_stime
    for _ in sys.stdin:
        standing = intake.standing()
        while standing.queued or standing.spooled:
            time.sleep(0.01)
            standing = intake.standing()
        used = resource.getrusage(resource.RUSAGE_SELF)
        print(
            json.dumps(
                {
                    "cpu": used.ru_utime + used.ru_stime - began,
                    "mib": mib(),
                    "cached": _cached(books),
                    "folded": standing.folded,
                }
            ),
            flush=True,
        )
    server.should_exit = True


def mib() -> float:
    """Give the memory this process holds, in MiB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _cached(books: Books) -> float:
    """Give what the engine keeps of its file in memory, in MiB."""
    (row,) = books.marts.query(
        "SELECT SUM(memory_usage_bytes) / 1048576 AS mib FROM duckdb_memory()"
    ).to_pylist()
    return float(row["mib"])


if __name__ == "__main__":
    main(Path(sys.argv[1]), kept=sys.argv[2] == "kept")
