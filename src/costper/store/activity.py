"""The one sync that may be at work on the books, and how far it is."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from costper.errors import BusyError, StoppedError
from costper.model.outcome import Issue

StepState = Literal["waiting", "running", "ok", "failed"]
WorkState = Literal["running", "ok", "failed", "stopped"]
PATIENCE_SECONDS = 0.5
"""How long a stop waits for the next word of progress before it cuts a statement short."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One source of a sync; `rows` are those read so far."""

    source: str
    state: StepState = "waiting"
    rows: int = 0
    changed: bool = False
    errors: int = 0
    warnings: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One sync: what it does now, or what came of it. `stage` is the last word of progress.

    `issues` are those of the whole: what ended it, and months that could not be allocated.
    """

    actor: str
    started: datetime
    steps: tuple[Step, ...]
    state: WorkState = "running"
    source: str = ""
    stage: str = ""
    ended: datetime | None = None
    issues: tuple[Issue, ...] = ()

    @property
    def rows(self) -> int:
        """How many rows were read so far."""
        return sum(step.rows for step in self.steps)


Run = Callable[[], tuple[WorkState, Sequence[Issue]]]


class Activity:
    """Lets one sync work at a time and tells every thread how far it is.

    What `tell` hears raises StoppedError once `stop` was called, so that a sync ends where it
    reports progress: between two changes of the books.
    """

    def __init__(self) -> None:
        """Begin with nobody at work."""
        self._lock = threading.Lock()
        self._work: Work | None = None
        self._owner: threading.Thread | None = None
        self._changing = threading.RLock()
        self._stopping = threading.Event()
        self._began = 0
        self._mark = 0

    @property
    def work(self) -> Work | None:
        """The sync that runs, else the last one of this process; None before the first."""
        return self._work

    @property
    def running(self) -> bool:
        """Whether a sync is at work."""
        return self._owner is not None

    @property
    def stopping(self) -> bool:
        """Whether the process is about to end."""
        return self._stopping.is_set()

    @property
    def mark(self) -> str:
        """Name the state: it changes with every word of progress."""
        return str(self._mark)

    @contextmanager
    def working(self, sources: Sequence[str], *, actor: str, now: datetime) -> Generator[str]:
        """Be the sync at work, or a part of the one this thread does already; gives who asked.

        Raises:
            BusyError: another sync is at work.
            StoppedError: the process is about to end.
        """
        if self._mine() and self._work is not None:
            yield self._work.actor
            return
        self._begin(sources, threading.current_thread(), actor, now)
        state: WorkState = "failed"
        try:
            yield actor
            state = "failed" if any(step.state == "failed" for step in self._steps()) else "ok"
        except StoppedError:
            state = "stopped"
            raise
        finally:
            self._end(state)

    @contextmanager
    def alone(self, told: Callable[[str], object] = str.strip) -> Generator[None]:
        """Be the one who changes charges or divides them during the block; others wait.

        It may be entered again inside. `told` hears once that there is somebody to wait for.

        Raises:
            StoppedError: the process is about to end.
        """
        if not self._changing.acquire(blocking=False):
            told("waiting: a sync or an allocation is at work")
            while not self._changing.acquire(timeout=PATIENCE_SECONDS):
                if self._stopping.is_set():
                    raise StoppedError("costper is about to stop", hint="once it runs again")
        try:
            yield
        finally:
            self._changing.release()

    def start(self, sources: Sequence[str], run: Run, *, actor: str, now: datetime) -> Work:
        """Work in a thread of its own; `run` gives what came of it. Raises as `working`."""

        def work_on() -> None:
            state: WorkState = "failed"
            issues: Sequence[Issue] = ()
            try:
                state, issues = run()
            finally:
                self._end(state, issues)

        thread = threading.Thread(target=work_on, name="sync", daemon=True)
        work = self._begin(sources, thread, actor, now)
        thread.start()
        return work

    def at(self, source: str) -> None:
        """Say which source is being read now."""
        self._step(source, state="running")
        self._change(source=source, stage="")

    def tell(self, text: str) -> None:
        """Hear a word of progress, such as `bill: landing 1,000 rows`.

        Raises:
            StoppedError: the process is about to end.
        """
        if self._stopping.is_set():
            raise StoppedError("the sync was stopped", hint="the next one does what is left")
        work = self._work
        if work is not None and self._mine():
            self._change(stage=text.removeprefix(f"{work.source}: "))

    def read(self, source: str, rows: int) -> None:
        """Count rows that were read."""
        self._step(source, rows=rows)

    def done(self, step: Step) -> None:
        """Say what came of a source."""
        self._step(**{name: getattr(step, name) for name in Step.__dataclass_fields__})
        self._change(source="", stage="")

    def _end(self, state: WorkState, issues: Sequence[Issue] = ()) -> None:
        with self._lock:
            if self._work is not None:
                spent = timedelta(microseconds=(time.monotonic_ns() - self._began) // 1000)
                ended = self._work.started + spent
                self._work = replace(
                    self._work,
                    state=state,
                    source="",
                    stage="",
                    ended=ended,
                    steps=tuple(
                        replace(step, state="waiting") if step.state == "running" else step
                        for step in self._steps()
                    ),
                    issues=tuple(issues),
                )
            self._owner = None
            self._mark += 1

    def wait(self) -> None:
        """Wait until the sync of a thread of its own is over."""
        owner = self._owner
        if owner is not None and owner is not threading.current_thread():
            owner.join()

    def stop(self, interrupt: Callable[[threading.Thread], object]) -> None:
        """End the sync that runs, and let no other begin. `interrupt` cuts a statement short."""
        self._stopping.set()
        owner = self._owner
        while owner is not None and owner.is_alive() and self._owner is owner:
            owner.join(PATIENCE_SECONDS)
            if self._owner is owner:
                interrupt(owner)

    def _mine(self) -> bool:
        return self._owner is threading.current_thread()

    def _steps(self) -> tuple[Step, ...]:
        return self._work.steps if self._work else ()

    def _begin(
        self, sources: Sequence[str], owner: threading.Thread, actor: str, now: datetime
    ) -> Work:
        with self._lock:
            if self._stopping.is_set():
                raise StoppedError("costper is about to stop", hint="sync once it runs again")
            if self._owner is not None and self._work is not None:
                raise BusyError(f"another sync is running: {told(self._work)}", hint=WAIT)
            self._owner = owner
            self._began = time.monotonic_ns()
            self._mark += 1
            steps = tuple(Step(source=source) for source in sources)
            work = self._work = Work(actor=actor, started=now, steps=steps)
            return work

    def _step(self, source: str, **changes: object) -> None:
        self._change(
            steps=tuple(
                replace(step, **changes) if step.source == source else step  # type: ignore[arg-type]
                for step in self._steps()
            )
        )

    def _change(self, **changes: object) -> None:
        with self._lock:
            if self._work is not None:
                self._work = replace(self._work, **changes)  # type: ignore[arg-type]
                self._mark += 1


WAIT = "wait until it is done; `GET /api/v1/sync` says how far it is"


def told(work: Work) -> str:
    """Say in words what a sync does."""
    done = sum(step.state not in {"waiting", "running"} for step in work.steps)
    stage = ": ".join(part for part in (work.source, work.stage) if part) or "at work"
    return f"{stage} ({done} of {len(work.steps)} sources done)"
