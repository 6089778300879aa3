"""Does the memory of a server stay flat, however many calls are posted to it?

python -m bench.bench_ingest [EVENTS]   10 million unless told

The engine keeps what it wrote in memory, up to `store.memory_limit_gib` (1 here): the events are
counted once that is full. How quickly they are taken and are in the books, `bench_events` measures.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from bench.calls_http import load, served, settled
from bench.measure import Figure, report

EVENTS, EACH = 10_000_000, 1_000
WARM = 20_000_000
"""Events after which the engine's gibibyte is full: each leaves about 55 bytes in it."""

APART = 100_000
"""Posts of one load have numbers below this beyond the first."""


def main(events: int) -> int:
    """Post until so many more are in the books, and look at the memory after each load."""
    loads, folded, held, first, warm = 0, 0, 0.0, 0, 0.0
    with tempfile.TemporaryDirectory() as work, served(Path(work), "kept") as (port, server):
        while folded < WARM + events:
            load(port, EACH, first=loads * APART)
            loads += 1
            found = settled(server)
            folded, held = found["folded"], found["mib"]
            cached = f"{found['cached']:,.0f} of them what the engine keeps of the books"
            print(f"{folded:,} events in the books, {held:,.0f} MiB, {cached}", flush=True)
            if folded >= WARM and not warm:
                warm, first = held, folded
    name = f"memory after {(folded - first) / 10**6:.0f} million more events"
    return report(Figure(name=name, value=held / warm, bound=1.1, unit="x"))


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else EVENTS))
