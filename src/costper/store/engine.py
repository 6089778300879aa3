"""The wall: what any engine must do so that no stage asks which one it is.

Two verbs carry the books. `query` reads; `replace` is the only way to write, all or nothing.
SQL is written once, in DuckDB's dialect with `$name` parameters; another engine transpiles it.
Forbidden in that SQL, because engines disagree: dividing decimals, and `arg_max` without a
tie-break.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

import pyarrow as pa

from costper.model.delivery import Part

Parameter = str | int | bool | Decimal | date | datetime | None
Parameters = Mapping[str, Parameter]


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A table of the books: its columns as (name, DuckDB type), in order.

    `select` makes it a view of other tables, which only the marts hold. `formerly` is the name
    the table had before: its rows are kept under the new one. `later` are columns that came after
    the first books were written, with what the rows of before have there (SQL), else NULL.
    """

    name: str
    columns: tuple[tuple[str, str], ...]
    select: str = ""
    formerly: str = ""
    later: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def names(self) -> tuple[str, ...]:
        """The column names, in order."""
        return tuple(name for name, _ in self.columns)


@dataclass(frozen=True, slots=True, kw_only=True)
class Write:
    """Delete the rows of `table` that match `where`, then add the rows of `select`.

    `where` "" deletes nothing, "TRUE" everything. `select` "" adds nothing. Columns go by name.
    """

    table: str
    where: str = ""
    select: str = ""


Ask = Callable[[str, Parameters | None], pa.Table]
"""Runs one SELECT with its parameters and gives the rows."""
Check = Callable[[Ask], object]
"""Looks at what is about to be kept, by asking; raising anything undoes it."""


class Engine(Protocol):
    """The heavy side: land, normalise, allocate, roll up."""

    name: str

    @property
    def changes(self) -> int:
        """Count the writes so far: while it stays the same, so does all that can be read.

        Writes `apart` are not counted: who reads what they write knows them by another mark.
        """
        ...

    @property
    def writes(self) -> int:
        """Count all writes so far, those `apart` as well."""
        ...

    def query(self, sql: str, params: Parameters | None = None) -> pa.Table:
        """Run one SELECT and give its rows."""
        ...

    def replace(
        self,
        writes: Sequence[Write],
        params: Parameters | None = None,
        check: Check | None = None,
        *,
        apart: bool = False,
    ) -> None:
        """Make all writes in one transaction, in order; a failure changes nothing.

        `check` runs last, inside the transaction, and its errors undo the writes. Writes `apart`
        are told by a mark of their own, such as the number of the last calls that came in.
        """
        ...

    def define(self, table: Table) -> None:
        """Create the table if it is missing and add the columns it lacks."""
        ...

    def offer(self, name: str, rows: pa.Table) -> None:
        """Make small rows readable by name in later statements of this session."""
        ...

    def keep(self, name: str, select: str, params: Parameters | None = None) -> None:
        """Put the rows of a SELECT aside under a name, as a scratch table of this session.

        Only the thread that keeps them reads them. The name hides a table of that name; keeping
        it again replaces the rows. Never part of the books.
        """
        ...

    def hold(self, name: str, rows: pa.Table) -> None:
        """Make many rows readable by name, as they are, to the thread that holds them."""
        ...

    def forget(self, *names: str) -> None:
        """Let go of what this session kept or held; a name it never did is no error."""
        ...

    def raw(self, parts: Sequence[Part]) -> str:
        """Give a FROM-able SQL fragment over the parts' columns plus `_file` and `_row`.

        `_file` is the part's position (from 0), `_row` its row number in the origin.
        """
        ...

    def close(self) -> None:
        """Let go of files and servers."""
        ...
