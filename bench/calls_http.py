"""Serves and posts LLM calls in processes of their own, for benchmarks over HTTP."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

WAITING = 64
SECONDS = 8


@contextmanager
def served(work: Path, kind: str) -> Generator[tuple[int, subprocess.Popen[str]]]:
    """Serve calls, kept or not; give the port and the server."""
    command = [sys.executable, "-m", "bench.calls_server", str(work), kind]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        yield int(_out(server).readline()), server
        settled(server)


def settled(server: subprocess.Popen[str]) -> dict[str, Any]:
    """Wait until all it took is in the books."""
    assert server.stdin is not None
    server.stdin.write("\n")
    server.stdin.flush()
    found: dict[str, Any] = json.loads(_out(server).readline())
    return found


def load(port: int, each: int, *, first: int) -> dict[str, Any]:
    """Post for SECONDS, `each` events a time, numbered from `first`; give what came of it."""
    words = [str(word) for word in (port, SECONDS, WAITING, each, first)]
    done = subprocess.run(
        [sys.executable, "-m", "bench.calls_load", *words],
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found | {"rate": found["taken"] / found["seconds"]}


def _out(server: subprocess.Popen[str]) -> TextIO:
    assert server.stdout is not None
    return server.stdout  # type: ignore[return-value]
