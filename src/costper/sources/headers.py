"""Turn raw headers into column names no engine confuses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

LONGEST = 100
"""Longer headers are cut in SQL; `header` keeps them whole."""

OWN = ("_row", "_file", "file_row_number", "file_index", "filename")
"""What reading adds of its own; a raw column of that name gets another."""


@dataclass(frozen=True, slots=True)
class RawColumn:
    """A raw column: its name in SQL, its header as the vendor wrote it, its DuckDB type.

    `header` is stripped of stray spaces and the byte-order mark only. `name` equals it unless
    another header differs from it only by case, or repeats it: then it ends in `__2`, `__3` …
    What cannot be printed is `_` in it, and it is cut at 100 characters.
    """

    name: str
    header: str
    sql_type: str = "VARCHAR"


@dataclass(slots=True)
class Headers:
    """The names given so far to the headers of one group of files.

    The same header has the same name in every file of the group, and two headers never have
    names an engine would take for one: DuckDB and Spark compare names without case, so
    `com_REDHAT_rhel` beside `com_redhat_rhel` would silently become one column.
    """

    given: dict[tuple[str, int], str] = field(default_factory=dict[tuple[str, int], str])
    taken: set[str] = field(default_factory=lambda: set(OWN))

    def names(self, raw: Sequence[str]) -> list[RawColumn]:
        """Name the columns of one file, in its order."""
        seen: dict[str, int] = {}
        columns: list[RawColumn] = []
        for position, text in enumerate(raw, start=1):
            header = text.removeprefix("\ufeff").strip() or f"column_{position}"
            seen[header] = seen.get(header, 0) + 1
            columns.append(RawColumn(self._name(header, seen[header]), header))
        return columns

    def _name(self, header: str, occurrence: int) -> str:
        key = (header, occurrence)
        if key not in self.given:
            plain = "".join(c if c.isprintable() else "_" for c in header)[:LONGEST]
            name, number = plain, 1
            while name.casefold() in self.taken:
                number += 1
                name = f"{plain}__{number}"
            self.taken.add(name.casefold())
            self.given[key] = name
        return self.given[key]
