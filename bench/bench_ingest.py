"""Does the memory of a server stay flat, however many calls are posted to it?

python -m bench.bench_ingest [EVENTS]   10 million unless told

How quickly they are taken, and are in the books, `bench_events` measures.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from bench.calls_http import load, served, settled
from bench.measure import Figure, report

EVENTS, EACH = 10_000_000, 1_000
LEAST = 4
"""Loads at least: memory after the last is held against that after the third, once all is warm."""

APART = 100_000
"""Posts of one load have numbers below this beyond the first."""


def main(events: int) -> int:
    """Post until so many are in the books, and look at the memory after each load."""
    seen: list[float] = []
    folded = 0
    with tempfile.TemporaryDirectory() as work, served(Path(work), "kept") as (port, server):
        while folded < events or len(seen) < LEAST:
            load(port, EACH, first=len(seen) * APART)
            found = settled(server)
            folded = found["folded"]
            seen.append(found["mib"])
            print(f"{folded:,} events in the books, {seen[-1]:,.0f} MiB", flush=True)
    flat = seen[-1] / seen[LEAST - 2]
    return report(Figure(name="memory after all events", value=flat, bound=1.1, unit="x"))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS))
