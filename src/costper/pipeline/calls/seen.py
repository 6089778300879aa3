"""Counts how many of some events were told before: their calls are counted once, by their id."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass, field

from costper.errors import CostperError
from costper.events.event import Event
from costper.pipeline.calls.fold import folded_seq
from costper.pipeline.calls.intake import Intake
from costper.store.books import Books

NEW = "FROM calls WHERE seq > $after AND line_no = 0"


@dataclass(slots=True)
class Seen:
    """Events that are told from now on; `known` says of how many the id was known already.

    Eight bytes of each id are kept: what the books got since is looked up among them.
    """

    books: Books
    intake: Intake
    _after: int = 0
    _aside: int = 0
    _told: array[int] = field(default_factory=lambda: array("q"))

    def __post_init__(self) -> None:
        """Bring what waits into the books, so that it counts as known."""
        self._fold()
        self._after = folded_seq(self.books)
        self._aside = self.intake.standing().aside

    def add(self, events: Sequence[Event]) -> None:
        """Note events that are told."""
        self._told.extend(hash(one.external_request_id) for one in events)

    def known(self) -> int | None:
        """Bring what waits into the books, and count; None where not all of it got there.

        An id that somebody else tells at the same time is new to both.
        """
        if not self._fold() or self.intake.standing().aside != self._aside:
            return None
        after = {"after": self._after}
        (row,) = self.books.marts.query(f"SELECT COUNT(*) AS many {NEW}", after).to_pylist()
        if row["many"] == 0:
            return len(self._told)
        ids = self.books.marts.query(f"SELECT call_id {NEW}", after)["call_id"].to_pylist()
        new = set(map(hash, ids))
        return len(self._told) - len({one for one in self._told if one in new})

    def _fold(self) -> bool:
        try:
            self.intake.fold_now()
        except CostperError:
            return False
        return True
