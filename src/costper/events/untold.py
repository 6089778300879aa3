"""Finds calls that went well and count nothing: what they cost is not known, and is no $0.

A call that says neither what it used nor that it cost nothing is told at the door, and is kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from costper.events.batch import Remark
from costper.events.columns import WORDS, Columns
from costper.events.event import Event, Line
from costper.events.quick import Said
from costper.model.call import COUNTS

STATUS = WORDS.index("status")
OK = "ok"


def is_untold(event: Event) -> bool:
    """Say whether a settled event counts nothing, in itself or in one of its lines."""
    if event.status != OK or event.provider_cost is not None:
        return False
    if event.lines:
        return any(line.provider_cost is None and _is_empty(line) for line in event.lines)
    return _is_empty(event)


def untold_places(said: Columns, kinds: Sequence[int], words: Sequence[Said]) -> Iterator[int]:
    """Give the places of settled columns whose call counts nothing; none says what it cost."""
    counted: Sequence[int] = said.get(COUNTS[0]) or [0] * len(kinds)
    for name in COUNTS[1:]:
        if name in said and not all(counted):
            counted = [one or more for one, more in zip(counted, said[name], strict=True)]
    if all(counted):
        return
    for place, one in enumerate(counted):
        if not one and words[kinds[place]][STATUS] == OK:
            yield place


def untold(index: int) -> Remark:
    """Warn of one."""
    return Remark(
        index=index,
        code="no_usage",
        reason="the call says nothing of its usage: it is unpriced, never $0",
        hint="send its counts or the provider's response; providerCost: 0 where it cost nothing",
        field="inputTokens",
    )


def _is_empty(said: Event | Line) -> bool:
    if said.input_tokens or said.output_tokens:
        return False
    return not any(getattr(said, name) for name in COUNTS)
