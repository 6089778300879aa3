"""Times what a benchmark runs, and prints each figure beside its limit or its peer."""

from __future__ import annotations

import resource
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

MILLISECONDS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One measured figure beside the bound it must keep; `at_most` says which side is good."""

    name: str
    value: float
    bound: float
    unit: str
    at_most: bool = True

    @property
    def kept(self) -> bool:
        """Say whether the bound is kept."""
        return self.value <= self.bound if self.at_most else self.value >= self.bound

    def text(self) -> str:
        """Write one line: the figure, its bound, and whether it is kept."""
        side = "<=" if self.at_most else ">="
        verdict = "ok" if self.kept else "MISSED"
        return f"{self.name:<58} {self.value:>9.2f} {self.unit:<6} {side} {self.bound:g}  {verdict}"


def report(*figures: Figure) -> int:
    """Print the figures; 1 when a bound is missed, so that a script can tell."""
    for figure in figures:
        print(figure.text(), flush=True)
    return 0 if all(figure.kept for figure in figures) else 1


def seconds(run: Callable[[], object]) -> float:
    """Time one run."""
    start = time.perf_counter()
    run()
    return time.perf_counter() - start


def cpu_seconds(run: Callable[[], object]) -> float:
    """Time one run by the processor, all threads of it: others may use the machine meanwhile."""
    started = time.process_time()
    run()
    return time.process_time() - started


def median_ms(run: Callable[[], object], times: int = 30, warm: int = 3) -> float:
    """Give the median of many runs in milliseconds, after a few that do not count."""
    for _ in range(warm):
        run()
    return statistics.median(seconds(run) for _ in range(times)) * MILLISECONDS


def peak_gib() -> float:
    """Give the most memory this process has held, in GiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
