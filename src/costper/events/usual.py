"""Reads large bodies into columns, of the fields bodies had so far: a third of those there are."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec.structs import astuple, fields

from costper.events.columns import NEEDS_CARE, Columns
from costper.events.event import Event
from costper.events.payload import BOM, READS, Reads, decoded

FIELDS = {one.name: one for one in fields(Event)}
UNSAID = dict(zip(FIELDS, astuple(Event()), strict=True))
AT_ONCE = 256
"""Events that are taken apart at once: from 700 tuples on Python looks for garbage."""

MOST_LEFT = 31
"""So many bodies at most are not tried, after some in a row that were not as usual."""


@dataclass(frozen=True, slots=True)
class _Shape:
    names: Sequence[str]
    reads: Reads[Any]


WHOLE = _Shape(tuple(FIELDS), READS)


class Usual:
    """Reads bodies by the fields that were said before, and notes those that were not.

    Threads may share one: what they lose to each other is a body that is tried in vain, or not.
    """

    def __init__(self) -> None:
        """Begin with no field."""
        self._shape = WHOLE
        self._said: frozenset[str] = frozenset()
        self._in_vain = self._left = 0

    def read(self, body: bytes) -> Columns | None:
        """Give what the events of a body say; None where they are to be read one by one."""
        if self._left:
            self._left -= 1
            return None
        body = body.removeprefix(BOM).strip()
        shape = self._shape
        events = decoded(body, shape.reads) if body else None
        if events is None and body and shape is not WHOLE:
            shape = WHOLE
            events = decoded(body, shape.reads)
        if not events:
            self.heard(good=False)
            return None
        said = spread(events, shape.names)
        if shape is WHOLE and NEEDS_CARE.isdisjoint(said):
            self._said |= said.keys()
            self._shape = _shape(self._said)
        return said

    def heard(self, *, good: bool) -> None:
        """Hear whether what was read could be settled at once; if not, try less often."""
        self._in_vain = 0 if good else min(2 * self._in_vain + 1, MOST_LEFT)
        self._left = self._in_vain


def spread(events: Sequence[msgspec.Struct], names: Sequence[str] = WHOLE.names) -> Columns:
    """Take events of so many fields apart."""
    columns: dict[str, list[Any]] = {name: [] for name in names}
    for start in range(0, len(events), AT_ONCE):
        some = zip(*map(astuple, events[start : start + AT_ONCE]), strict=True)
        for name, values in zip(names, some, strict=True):
            columns[name] += values
    return {name: values for name, values in columns.items() if _says(name, values)}


def _says(name: str, values: Sequence[object]) -> bool:
    """Say whether any event says anything in a field; 0 does where nothing would be None."""
    if UNSAID[name] is None:
        return values.count(None) < len(values)
    return any(values)


def _shape(said: Collection[str]) -> _Shape:
    names = [name for name in FIELDS if name in said]
    kind = msgspec.defstruct(
        "Usual",
        [
            (name, one.type, msgspec.field(default=UNSAID[name], name=one.encode_name))
            for name, one in FIELDS.items()
            if name in said
        ],
        gc=False,
        forbid_unknown_fields=True,
    )
    many: Any = list[kind]  # type: ignore[valid-type]
    return _Shape(names, Reads(msgspec.json.Decoder(kind), msgspec.json.Decoder(many)))
