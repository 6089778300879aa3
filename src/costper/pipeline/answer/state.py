"""The state the books are in, read once after every write and shared by all answers until then."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import datetime

from costper.pipeline.answer.frame import Asked, Frame, Standing, frame_of
from costper.pipeline.answer.ground import Ground, read_ground
from costper.pipeline.answer.reach import bill_ends
from costper.pipeline.answer.standing import standing, version
from costper.store.books import Books
from costper.store.dismissals import dismissals_mark
from costper.store.feedback import feedback_mark


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What is true of the books after so many `changes` of the marts and the control store.

    `version` is the same after a restart, when the books are.
    """

    changes: tuple[int, int]
    version: str
    standing: Standing
    ground: Ground
    books: Books

    def frame(self, asked: Asked, now: datetime) -> Frame:
        """Give the frame of a question asked now."""
        return frame_of(self.books, asked, now, self.standing, self.ground)


@dataclass(slots=True)
class States:
    """Gives the newest state. Whoever wrote sees what was written: each write is counted."""

    books: Books
    _newest: State | None = None
    _reading: threading.Lock = field(default_factory=threading.Lock)

    def newest(self) -> State:
        """Give the state of now; one caller reads it and the others wait."""
        found = self._newest
        if found is not None and found.changes == self._changes():
            return found
        with self._reading:
            found = self._newest
            if found is None or found.changes != self._changes():
                found = self._newest = self._read()
            return found

    def _changes(self) -> tuple[int, int]:
        return self.books.marts.changes, self.books.control.changes

    def _read(self) -> State:
        """Count first: what is written while this reads makes the next caller read again."""
        changes = self._changes()
        stands = standing(self.books)
        return State(
            books=self.books,
            changes=changes,
            version=f"{version(self.books)} {_said(self.books)} {stands!r}",
            standing=stands,
            ground=read_ground(self.books.marts, self.books.settings, bill_ends(self.books)),
        )


def _said(books: Books) -> str:
    """Name the state of what people said: of incidents and of savings."""
    return feedback_mark(books.control) + dismissals_mark(books.control)
