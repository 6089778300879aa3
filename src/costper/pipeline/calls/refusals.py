"""Counts what the doorkeeper refused: which fields, how often and when, and nothing of what."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from time import monotonic
from typing import Any

from costper.events.columns import Columns
from costper.identity import Doorkeeper, Told
from costper.pipeline.calls.people import day_of

FILE = "refused.json"
"""Beside the control store and not in it: whatever changes there makes answers anew."""

PAUSE_SECONDS = 10.0
"""How long refusals gather before they are written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """So many calls were refused for one field, on the days from `first` to `last`."""

    count: int
    first: str
    last: str


class Refusals:
    """A doorkeeper whose refusals are counted; threads may share one."""

    def __init__(
        self, keeper: Doorkeeper, folder: Path, *, clock: Callable[[], float] = monotonic
    ) -> None:
        """Count on from what the books' folder holds."""
        self._keeper, self._path, self._clock = keeper, folder / FILE, clock
        self._lock = threading.Lock()
        self._counts = dict(refused(folder))
        self._written = clock()

    def admit(self, event: Told) -> str:
        """Admit an event, as the doorkeeper does."""
        reason = self._keeper.admit(event)
        if reason:
            self._note(reason.partition(" ")[0], event.timestamp)
        return reason

    def admit_known(self, events: Sequence[Told]) -> Mapping[int, str]:
        """Admit events whose words passed before, as the doorkeeper does."""
        refused = self._keeper.admit_known(events)
        for place, reason in refused.items():
            self._note(reason.partition(" ")[0], events[place].timestamp)
        return refused

    def admit_columns(self, said: Columns) -> dict[str, Sequence[Any]] | None:
        """Admit events by their columns, as the doorkeeper does, which refuses none so."""
        return self._keeper.admit_columns(said)

    def keep(self) -> None:
        """Write the counts; where that fails they are written with the next ones."""
        with self._lock:
            self._written = self._clock()
            text = json.dumps({name: asdict(one) for name, one in sorted(self._counts.items())})
            fresh = self._path.with_suffix(".new")
            with suppress(OSError):
                fresh.write_text(text, encoding="utf-8")
                fresh.replace(self._path)

    def _note(self, field: str, at: object) -> None:
        day = day_of(at) if isinstance(at, int) else ""
        with self._lock:
            one = self._counts.get(field) or Refused(count=0, first=day, last=day)
            self._counts[field] = replace(
                one, count=one.count + 1, first=min(one.first, day), last=max(one.last, day)
            )
            due = self._clock() - self._written >= PAUSE_SECONDS or one.count == 0
        if due:
            self.keep()


def refused(folder: Path) -> Mapping[str, Refused]:
    """Give what was refused so far, by field."""
    try:
        found = json.loads((folder / FILE).read_text(encoding="utf-8"))
        return {
            name: Refused(count=int(one["count"]), first=_day(one["first"]), last=_day(one["last"]))
            for name, one in found.items()
        }
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return {}  # no count is worth stopping for


def _day(said: object) -> str:
    return date.fromisoformat(str(said)).isoformat() if said else ""
