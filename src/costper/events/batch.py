"""What a door made of one body: the events it understood, and what it says of each of them."""

from __future__ import annotations

from collections.abc import Sequence, Sized
from dataclasses import dataclass, field

from costper.events.event import Event

MOST_WARNINGS = 100
"""How many warnings a batch tells apart; alike ones are counted in the first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """What is wrong with one event, or doubtful: where, what, and what to do now.

    `index` counts the events of the body from 0. `field` is the name as it was sent, '' where it
    is none in particular. `count` is how many events of the body the remark holds for.
    """

    index: int
    code: str
    reason: str
    hint: str = ""
    field: str = ""
    count: int = 1


@dataclass(slots=True, kw_only=True)
class Batch:
    """The events of one body that are good so far; `numbers` are their indexes in the body.

    `total` is how many events the body holds, the refused ones included. `lenient` says that
    words nobody knows are flagged and not refused: an instrumentation cannot be told to change.
    `columns` stand instead of `events` where they were settled together.
    """

    events: list[Event] = field(default_factory=list[Event])
    numbers: Sequence[int] = ()
    total: int = 0
    rejected: list[Remark] = field(default_factory=list[Remark])
    warnings: dict[tuple[str, str], Remark] = field(default_factory=dict[tuple[str, str], Remark])
    lenient: bool = False
    columns: Sized | None = None

    @property
    def accepted(self) -> int:
        """How many events are good."""
        return len(self.events if self.columns is None else self.columns)

    def warn(self, remark: Remark) -> None:
        """Keep a warning; one like an earlier one is counted there."""
        key = (remark.code, remark.field)
        first = self.warnings.get(key)
        if first is not None:
            self.warnings[key] = Remark(
                index=first.index,
                code=first.code,
                reason=first.reason,
                hint=first.hint,
                field=first.field,
                count=first.count + 1,
            )
        elif len(self.warnings) < MOST_WARNINGS:
            self.warnings[key] = remark

    def refuse(self, remark: Remark) -> None:
        """Keep why an event is not taken."""
        self.rejected.append(remark)
