"""Keeps reading and committing apart, so that a statement sees all of a transaction or none of it.

DuckDB (1.5.6 and 2.0.0, measured) stamps the rows of a transaction one after another while it
commits, and a statement that runs meanwhile may see those stamped so far, whether it began before
the commit or during it. See docs/decisions/2026-11-21-snapshots.md.
"""

from __future__ import annotations

import threading
from collections.abc import Generator
from contextlib import contextmanager
from time import monotonic

PATIENCE_SECONDS = 0.1
"""How long a commit waits for a moment without readers before it keeps new ones out."""


class Snapshots:
    """The gate: any number of readers, or one commit.

    A commit waits for the readers inside. Short readers pass it until its patience ends, so that
    none of them waits for a long one; long readers let it go first.
    """

    def __init__(self) -> None:
        """Begin with nobody inside."""
        self._gate = threading.Condition(threading.Lock())
        self._short = 0
        self._long = 0
        self._wanted = False
        self._closed = False

    @property
    def waited_for(self) -> bool:
        """Say whether a commit waits or goes on."""
        return self._wanted

    @contextmanager
    def reading(self, *, long: bool = False) -> Generator[None]:
        """Hold commits back during the block, which reads; `long` where seconds are likely."""
        with self._gate:
            while self._closed or (long and self._wanted):
                self._gate.wait()
            self._short += not long
            self._long += long
        try:
            yield
        finally:
            with self._gate:
                self._short -= not long
                self._long -= long
                if self._wanted and not self._long:
                    self._gate.notify_all()

    @contextmanager
    def committing(self) -> Generator[None]:
        """Be alone during the block, which commits; one thread at a time may ask for this."""
        with self._gate:
            self._wanted = True
            self._wait_for_long()
            self._wait_for_short()
            self._closed = True
        try:
            yield
        finally:
            with self._gate:
                self._wanted = self._closed = False
                self._gate.notify_all()

    def _wait_for_long(self) -> None:
        while self._long:
            self._gate.wait()

    def _wait_for_short(self) -> None:
        until = monotonic() + PATIENCE_SECONDS
        while self._short:
            self._closed = monotonic() >= until
            self._gate.wait(None if self._closed else until - monotonic())
